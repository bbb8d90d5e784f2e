"""Work that a window must not wait for: opening a source, stopping a monitor, building an engine."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """Runs one function on a thread of its own; the owner asks `done` and takes `result`."""

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._result: list[T] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"scanmon-{name}", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether `result` returns at once."""
        return not self._thread.is_alive()

    def wait(self, timeout_s: float) -> bool:
        """Until it is done, or the time is over; whether it is done."""
        self._thread.join(max(0.0, timeout_s))
        return self.done

    def result(self, timeout_s: float | None = None) -> T:
        """What the function returned; raises what it raised, or `TimeoutError`."""
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(self._thread.name)
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            self._result.append(self._work())
        except Exception as error:  # noqa: BLE001 - raised again by `result`
            self._error = error
