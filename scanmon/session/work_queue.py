"""What waits for the recorder's thread, bounded by the memory that its pictures take."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any


class WorkQueue:
    """Calls, first in, first out. Any thread puts, one takes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._items: deque[tuple[Callable[[], Any], int]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, call: Callable[[], Any], size: int = 0, *, wait: bool = False) -> bool:
        """Append a call that holds `size` bytes of pictures; False where they are too many.

        `wait`: until there is room. After `close` nothing is appended.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or self._fits(size))
            if self._closed:
                return True
            if not self._fits(size):
                return False
            self._items.append((call, size))
            self._bytes += size
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> Callable[[], Any] | None:
        """The next call; None when nothing came in time, or the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if not self._items:
                return None
            call, size = self._items.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return call

    @property
    def ended(self) -> bool:
        with self._changed:
            return self._closed and not self._items

    def close(self) -> None:
        """Nothing more will be put; what waits is still given out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not size or not self._bytes or self._bytes + size <= self._limit
