"""Live thumbnails of sources that were not chosen, for the list on the set-up page."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from scanmon.app.demo import DEMO, cine_path
from scanmon.core.errors import ScanmonError
from scanmon.core.ports import LiveSource
from scanmon.core.values import Frame
from scanmon.runtime.background import Job
from scanmon.sources.opening import open_live, open_recording
from scanmon.sources.scheme import scheme_of

PATIENCE_S = 3.0  # a screen that gives no picture for so long is given up
EVERY_S = 0.3  # between two looks, once every source has a picture
ADVANCE_S = 0.5  # of a recording, from one look to the next
MOST_FRAMES = 12  # that are decoded for one look
MOST_OPEN = 6  # recordings that are kept open; further ones show their first picture


class Previews:
    """Looks at one source after the other, in turn, each look on a thread of its own.

    Files, the demo, the phantom and screens only: a grabber can be opened once, and a stream or a server
    would see somebody come and go. What cannot be opened keeps its empty place; choosing it tells why.
    """

    def __init__(
        self,
        found: Callable[[str, Frame], None],
        *,
        every_s: float = EVERY_S,
        patience_s: float = PATIENCE_S,
        most_open: int = MOST_OPEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._found = found
        self._every_s, self._patience_s, self._most_open, self._clock = every_s, patience_s, most_open, clock
        self._sources: list[str] = []
        self._fresh: set[str] = set()  # of those, the ones that were not looked at since `ask`
        self._still: set[str] = set()  # will never show anything else
        self._failed: set[str] = set()  # since `ask`
        self._reels: dict[str, _Reel] = {}  # touched by the job alone
        self._source = ""
        self._job: Job[Frame | None] | None = None
        self._live: LiveSource | None = None
        self._since_s = 0.0

    def ask(self, sources: Sequence[str]) -> None:
        """Show those of `sources` that are safe to open, from now on."""
        self._sources = [source for source in dict.fromkeys(sources) if _harmless(source)]
        self._fresh = {source for source in self._sources if source not in self._still}
        self._failed = set()  # a display may be there now, a file may have been copied again

    def tick(self, chosen: str = "") -> None:
        """Hand out what was found and begin the next look; called while the page is shown.

        `chosen` is open already, and shown from there.
        """
        if not self._free():
            return
        ended = self._still | self._failed | {chosen}
        waiting = [source for source in self._sources if source not in ended]
        fresh = [source for source in waiting if source in self._fresh]
        if not waiting or (not fresh and self._clock() - self._since_s < self._every_s):
            return
        self._source, self._since_s = (fresh or waiting)[0], self._clock()
        self._sources.remove(self._source)
        self._sources.append(self._source)
        self._fresh.discard(self._source)
        self._job = Job(partial(self._look, self._source), "preview")

    def rest(self) -> None:
        """Let go of everything; called while the page is not shown."""
        self._sources.clear()
        if self._free() and self._reels:
            self._job = Job(self._let_go, "preview")

    def shut_down(self, timeout_s: float = 20.0) -> None:
        self._give_up()
        if self._job is not None:
            self._job.result(timeout_s)
            self._job = None
        self._sources.clear()
        self._let_go()

    def _free(self) -> bool:
        """Whether nothing is being looked at; what was found is handed out."""
        if self._job is not None:
            if not self._job.done:
                if self._clock() - self._since_s > self._patience_s:
                    self._give_up()
                return False
            frame, self._job = self._job.result(), None
            if frame is not None and self._source in self._sources:
                self._found(self._source, frame)
        return True

    def _give_up(self) -> None:
        if self._live is not None:
            self._live.close()

    # ---------------------------- on the job's thread ----------------------------

    def _look(self, source: str) -> Frame | None:
        """The next picture; None where there is none."""
        try:
            frame = self._of_screen(source) if scheme_of(source) == "screen" else self._of_reel(source)
        except (ScanmonError, OSError):
            frame = None
        if frame is None:
            self._failed.add(source)
        return frame

    def _of_screen(self, source: str) -> Frame | None:
        """Opened for each look: a screen that is watched all the time costs as much as a chosen one."""
        try:
            self._live = open_live(source)
            with closing(self._live) as screen:
                return next(iter(screen), None)
        finally:
            self._live = None

    def _of_reel(self, source: str) -> Frame | None:
        reel = self._reels.get(source) or _Reel(source)
        if reel.moves and (source in self._reels or len(self._reels) < self._most_open):
            self._reels[source] = reel
            return reel.next()
        with closing(reel):
            self._still.add(source)
            return reel.next()

    def _let_go(self) -> None:
        for reel in self._reels.values():
            reel.close()
        self._reels.clear()


class _Reel:
    """A recording that is open for its thumbnail. For one thread at a time."""

    def __init__(self, source: str) -> None:
        # of the demo the cine loop as it is: what is done to it takes a while to prepare
        self._recording = open_recording(str(cine_path()) if source == DEMO else source)
        self._frames: Iterator[Frame] = iter(())
        self._shown_s = 0.0

    @property
    def moves(self) -> bool:
        return (self._recording.info.frames or 1) > 1

    def next(self) -> Frame | None:
        """A picture some time after the last one; after the end the first again."""
        latest = None
        for latest in islice(self._frames, MOST_FRAMES):
            if latest.time_s - self._shown_s >= ADVANCE_S:
                break
        if latest is None:
            self._frames = self._recording.frames_from(0)
            latest = next(self._frames, None)
        self._shown_s = latest.time_s if latest is not None else 0.0
        return latest

    def close(self) -> None:
        self._recording.close()


def _harmless(source: str) -> bool:
    return source == DEMO or scheme_of(source) in ("phantom", "screen") or Path(source).exists()
