"""Calls into a driver that may never return, each given a time: the caller goes on, the thread does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from scanmon.core.errors import EngineError

Result = TypeVar("Result")


class HangsError(EngineError):
    """A driver did not answer in time. Its thread is stuck in it, and whatever it holds stays taken."""


class BoundedThread:
    """Runs one call after another on a daemon thread of its own, which inherits the caller's priority.

    A pool of the standard library would wait for a stuck thread when the program ends. After a `HangsError`
    nothing more can be called.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        threading.Thread(target=self._work, name=f"scanmon-{name}", daemon=True).start()

    def call(self, work: Callable[[], Result], patience_s: float) -> Result:
        """What `work` returns, or raises. Raises `HangsError` once `patience_s` have passed."""
        future: Future[Result] = Future()
        self._calls.put((future, work))
        try:
            return future.result(patience_s)
        except TimeoutError as error:
            if future.done():  # raised by `work`
                raise
            raise HangsError(
                f"no answer for {patience_s:g} s",
                "GPU",
                "restart scanmon to use it again, and the computer if it hangs once more",
            ) from error

    def end(self) -> None:
        """After the calls that wait; does not wait for them."""
        self._calls.put(None)

    def _work(self) -> None:
        while (entry := self._calls.get()) is not None:
            future, work = entry
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised again by `call`
                future.set_exception(error)
            del entry, future, work  # the last result does not stay until the next call
