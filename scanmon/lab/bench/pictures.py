"""What is scored in a bench: pictures of the simulated scanner that were made before the clock starts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame, GrayImage
from scanmon.sources.phantom_scan import Phantom

_MEMORY_BYTES = 24_000_000  # of the pictures that take turns
_FEWEST, _MOST = 8, 48  # of them
_SEED = 0


def pictures(width: int, height: int, count: int = _FEWEST) -> list[GrayImage]:
    """Consecutive pictures (height, width) of a sector, read-only; the same for every run."""
    scanner = Phantom(_SEED, "sector", width, height, 30.0)
    made = [scanner.image(index) for index in range(count)]
    for one in made:
        one.setflags(write=False)
    return made


def moving(width: int, height: int, rate_hz: float = 30.0) -> Iterator[Frame]:
    """The pictures round and round, for ever, on a time line of `rate_hz`; nothing says where the sector is.

    As many as fit: a picture that comes again within half a second would be taken for one with text over it.
    """
    stored = pictures(width, height, min(_MOST, max(_FEWEST, _MEMORY_BYTES // (width * height))))
    index = 0
    while True:
        time_s = index / rate_hz
        yield Frame(stored[index % len(stored)], index, time_s, time_s)
        index += 1


class LivePictures:
    """A `LiveSource` of those pictures, each when it is due: a source whose own cost is next to nothing."""

    trouble: str | None = None
    gaps = 0

    def __init__(self, width: int, height: int, rate_hz: float) -> None:
        self._frames = moving(width, height, rate_hz)
        self._rate_hz = rate_hz
        self.info: SourceInfo | None = SourceInfo("bench", width, height, rate_hz, None, "stored pictures")
        self._closed = threading.Event()  # `close` comes from another thread, and ends the waiting
        self._started = False

    @property
    def state(self) -> str:
        """`connecting`, `live` or `ended`."""
        if self._closed.is_set():
            return "ended"
        return "live" if self._started else "connecting"

    def __iter__(self) -> Iterator[Frame]:
        start_s = time.monotonic()
        for frame in self._frames:
            if self._closed.wait(max(0.0, start_s + frame.time_s - time.monotonic())):
                return
            self._started = True
            yield Frame(frame.pixels, frame.index, frame.time_s, time.monotonic())

    def close(self) -> None:
        self._closed.set()
