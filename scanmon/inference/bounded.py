"""Calls into a driver that may never return, each given a time: the caller goes on, the thread does not."""

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
        self._ended = False
        threading.Thread(target=self._work, name=f"scanmon-{name}", daemon=True).start()

    def call(
        self, work: Callable[[], Result], patience_s: float, late: Callable[[Result], None] | None = None
    ) -> Result:
        """What `work` returns, or raises. Raises `HangsError` once `patience_s` have passed.

        `late` gets what comes after that, on the thread.
        """
        if self._ended:
            raise EngineError("no engine is left", "GPU", "restart scanmon")
        future: Future[Result] = Future()
        self._calls.put((future, work))
        try:
            return future.result(patience_s)
        except TimeoutError as error:
            if future.done():  # in this very moment, or `work` raised it
                return future.result()
            if late is not None:
                future.add_done_callback(lambda done: None if done.exception() else late(done.result()))
            raise HangsError(
                f"no answer for {patience_s:g} s",
                "GPU",
                "restart scanmon to use it again, and the computer if it hangs once more",
            ) from error

    def end(self) -> None:
        """After the calls that wait; does not wait for them, and takes no more."""
        self._ended = True
        self._calls.put(None)

    def _work(self) -> None:
        while (entry := self._calls.get()) is not None:
            future, work = entry
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised again by `call`
                future.set_exception(error)
            del entry, future, work  # the last result does not stay until the next call
