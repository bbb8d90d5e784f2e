"""Python's cyclic garbage is collected on the thread of the window alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

LOOK_MS = 200


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
    timer = QTimer()
    timer.timeout.connect(_collect)
    gc.disable()
    gc.freeze()
    timer.start(LOOK_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        gc.enable()


def _collect() -> None:
    """What the interpreter would have collected by now: the oldest generation that is full."""
    full = [
        generation
        for generation, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > limit
    ]
    if full:
        gc.collect(full[-1])
