"""A first picture of sources that were not opened yet, for the list on the set-up page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from scanmon.compose import DEMO
from scanmon.core.errors import ScanmonError
from scanmon.core.ports import LiveSource
from scanmon.core.values import Frame
from scanmon.demo import cine_path
from scanmon.runtime.background import Job
from scanmon.sources.opening import open_live, open_recording, scheme_of

PATIENCE_S = 3.0  # a screen that gives no picture for so long is given up


class Previews:
    """Looks at one source after the other, each on a thread of its own and each once.

    Files, the demo, the phantom and screens only: a grabber can be opened once, and a stream or a server
    would see somebody come and go. What cannot be opened keeps its empty place; choosing it tells why.
    """

    def __init__(self, found: Callable[[str, Frame], None]) -> None:
        self._found = found
        self._waiting: list[str] = []
        self._seen: set[str] = set()
        self._source = ""
        self._job: Job[Frame | None] | None = None
        self._live: LiveSource | None = None
        self._since_s = 0.0

    def ask(self, sources: Sequence[str]) -> None:
        """Look at those of `sources` that are safe to open and were not seen yet."""
        fresh = [source for source in sources if source not in self._seen and _harmless(source)]
        self._seen.update(fresh)
        self._waiting += fresh

    def tick(self) -> None:
        """Hand out what was found and begin with the next; called while the page is shown."""
        if self._job is not None:
            if not self._job.done:
                if time.monotonic() - self._since_s > PATIENCE_S:
                    self._give_up()
                return
            frame = self._job.result()
            self._job = None
            if frame is not None:
                self._found(self._source, frame)
        if self._waiting:
            self._source, self._since_s = self._waiting.pop(0), time.monotonic()
            self._job = Job(partial(self._look, self._source), "preview")

    def shut_down(self, timeout_s: float = 20.0) -> None:
        """Stop, and wait for it."""
        self._waiting.clear()
        self._give_up()
        if self._job is not None:
            self._job.result(timeout_s)

    def _give_up(self) -> None:
        if self._live is not None:
            self._live.close()

    def _look(self, source: str) -> Frame | None:
        """The first picture; None where there is none. On the job's thread."""
        try:
            if scheme_of(source) == "screen":
                self._live = open_live(source)
                with closing(self._live) as screen:
                    return next(iter(screen), None)
            # of the demo the cine loop as it is: what is done to it takes a while to prepare
            path = str(cine_path()) if source == DEMO else source
            with closing(open_recording(path)) as recording:
                return next(iter(recording.frames_from(0)), None)
        except (ScanmonError, OSError):
            return None
        finally:
            self._live = None


def _harmless(source: str) -> bool:
    return source == DEMO or scheme_of(source) in ("phantom", "screen") or Path(source).exists()
