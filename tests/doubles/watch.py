"""Watching a live source from a test."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Self

from scanmon.core.ports import LiveSource
from scanmon.core.values import Frame
from scanmon.sources.live_source import Patience
from tests.doubles.scenes import PATIENCE_S


class Watch:
    """Iterates a source on a thread of its own and remembers what came; ends with the `with` block."""

    def __init__(self, source: LiveSource, keep: int = 4000) -> None:
        self.source = source
        self.frames: list[Frame] = []
        self.error: BaseException | None = None
        self._keep = keep
        self.begun_s = time.monotonic()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="scanmon test watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        wait_for_readers()

    def until(self, fact: Callable[[], bool], timeout_s: float = PATIENCE_S) -> float:
        """Wait for a fact; seconds that it took."""
        start_s = time.monotonic()
        with self._changed:
            while not fact():
                left_s = start_s + timeout_s - time.monotonic()
                assert left_s > 0, (
                    f"did not happen in {timeout_s} s (state {self.source.state}, {len(self.frames)} frames)"
                )
                self._changed.wait(min(left_s, 0.02))  # states change without a frame
        return time.monotonic() - start_s

    def more(self, count: int, timeout_s: float = PATIENCE_S) -> list[Frame]:
        """The next `count` frames."""
        have = len(self.frames)
        self.until(lambda: len(self.frames) >= have + count, timeout_s)
        return self.frames[have : have + count]

    def silences(self) -> int:
        """How often no picture came for so long that it had to count as lost, as on a busy machine."""
        came_s = [frame.captured_s for frame in self.frames]
        return sum(after - before >= Patience().stall_s for before, after in itertools.pairwise(came_s))

    def _run(self) -> None:
        try:
            for frame in self.source:
                with self._changed:
                    self.frames.append(frame)
                    del self.frames[: -self._keep]
                    self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error


def wait_for_readers(timeout_s: float = PATIENCE_S) -> None:
    """A reading thread ends with the read that it is in."""
    for thread in threading.enumerate():
        if thread.name.startswith("scanmon source"):
            thread.join(timeout_s)
            assert not thread.is_alive(), thread.name
