"""Python's cyclic garbage is collected on the thread of the window alone."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

LOOK_MS = 200
RARE = 200  # times as long as a full collection took lie between two of them


@contextmanager
def collected_here() -> Iterator[None]:
    """While an event loop of this thread turns, no other thread collects.

    The interpreter collects on whatever thread makes the object that is one too many. A widget that is part
    of a cycle would be destroyed there while this thread paints it, which ends the process. What there was
    before, modules above all, is not looked through: that would be most of the time of a collection.
    """
    if not gc.isenabled():  # somebody else decides, or a window stands around this one
        yield
        return
    timer, collector = QTimer(), _Collector()
    timer.timeout.connect(collector.look)
    gc.disable()
    gc.freeze()
    timer.start(LOOK_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        gc.enable()


class _Collector:
    """Collects what the interpreter would have by now, full collections so seldom that no picture waits."""

    def __init__(self) -> None:
        self._full_from_s = 0.0

    def look(self) -> None:
        begun_s = time.monotonic()
        full = [
            generation
            for generation, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if 0 < limit < count and (generation < 2 or begun_s >= self._full_from_s)
        ]
        if not full:
            return
        gc.collect(full[-1])
        if full[-1] == 2:
            ended_s = time.monotonic()
            self._full_from_s = ended_s + RARE * (ended_s - begun_s)
