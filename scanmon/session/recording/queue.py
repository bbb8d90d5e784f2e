"""What waits for the recorder's thread, bounded by the memory that it takes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from scanmon.core.values import Analysis, Frame

Key: TypeAlias = tuple[int, float]  # index and capture time: tells frames apart, also after a seek


class Captured(NamedTuple):
    """A frame from the capture thread. `frame` None: its pixels were given up, as the queue was full."""

    key: Key
    time_s: float
    frame: Frame | None


class Analysed(NamedTuple):
    """A result without pixels. `frame` has them where nothing comes from the capture thread."""

    key: Key
    analysis: Analysis
    frame: Frame | None


Item: TypeAlias = Captured | Analysed | Callable[[], None]  # a callable runs on the recorder's thread


class WorkQueue:
    """First in, first out. `limit_bytes` bounds the pictures; the rest is small."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: Item, *, wait: bool) -> bool:
        """Append. A picture beyond the limit is held up (`wait`), or appended without its pixels: False.

        After `close` nothing is appended.
        """
        size = _size(item)
        with self._changed:
            if wait and size:
                self._changed.wait_for(lambda: self._closed or not self._bytes or self._fits(size))
            if self._closed:
                return False
            whole = not size or not self._bytes or self._fits(size)
            if not whole:
                item, size = item._replace(frame=None), 0  # type: ignore[union-attr]
            self._bytes += size
            self._items.append(item)
            self._changed.notify_all()
            return whole

    def take(self, timeout_s: float) -> Item | None:
        """The next item; None when nothing came in time, or the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            self._bytes -= _size(item)
            self._changed.notify_all()
            return item

    @property
    def ended(self) -> bool:
        """Closed, and everything was taken."""
        with self._changed:
            return self._closed and not self._items

    def close(self) -> None:
        """Nothing more will be put; what waits is still given out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return self._bytes + size <= self._limit


def _size(item: Item) -> int:
    if isinstance(item, Captured | Analysed) and item.frame is not None:
        return item.frame.pixels.nbytes
    return 0
