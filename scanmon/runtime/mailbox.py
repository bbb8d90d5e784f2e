"""The only way frames pass from one thread to another."""

import threading
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Keep = Literal["newest", "every"]


class Closed(Exception):
    """The mailbox was closed; nothing more will come."""


class Mailbox(Generic[T]):
    """Holds one item between a producer and a consumer.

    `keep="newest"`: `put` replaces an item that was not taken and counts it as dropped: for live capture,
    where an old frame is worth nothing. `keep="every"`: `put` waits until the item before was taken: for a
    headless replay, where every frame counts.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._item: T | None = None
        self._closed = False
        self._woken = False
        self._dropped = 0
        self._changed = threading.Condition()

    @property
    def dropped(self) -> int:
        """Items that were replaced before they were taken."""
        with self._changed:
            return self._dropped

    def put(self, item: T) -> None:
        """Hand over an item. Raises `Closed`."""
        with self._changed:
            if self._keep == "every":
                self._changed.wait_for(lambda: self._item is None or self._closed)
            if self._closed:
                raise Closed
            self._dropped += self._item is not None
            self._item = item
            self._changed.notify_all()

    def get(self, timeout_s: float | None = None) -> T | None:
        """Wait for the next item; None after `wake` or `timeout_s`.

        What was put before `close` is still delivered. Raises `Closed`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed or self._woken, timeout_s)
            self._woken = False
            item, self._item = self._item, None
            if item is None and self._closed:
                raise Closed
            self._changed.notify_all()
            return item

    def wake(self) -> None:
        """Let a waiting `get` return None, so that its thread can look at other work."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """No more items: waiting sides are released."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
