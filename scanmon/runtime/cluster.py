"""The same work on a Dask cluster: for archives that outgrow one machine. Needs the extra `cluster`.

Workers must have scanmon installed and see the files under the same paths. Dask sends functions and results
as pickles, so only a scheduler that is trusted may be named.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.runtime.workers import WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
IN_FLIGHT: Final = 3  # items a thread of the cluster
CONNECT_S: Final = 10.0


class ClusterWorkers:
    """A client of the scheduler at `address` (`tcp://host:port`). Raises `SettingsError`."""

    def __init__(self, address: str, connect_s: float = CONNECT_S) -> None:
        try:
            import distributed  # noqa: PLC0415 an extra
        except ImportError as error:
            raise SettingsError(
                "--cluster needs dask.distributed, which is not installed",
                address,
                'pip install "scanmon[cluster]"',
            ) from error
        try:
            self._library: Any = distributed
            self._client: Any = self._library.Client(address, timeout=connect_s, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise SettingsError(
                f"no Dask scheduler answers ({error})", address, "start one with `dask scheduler`"
            ) from error

    def run(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """See `workers.Workers`. What a lost worker had in hand goes to another one."""
        left = iter(items)
        running: dict[Any, Item] = {}
        for item in itertools.islice(left, self._most()):
            running[self._client.submit(work, item, pure=False)] = item
        completed = self._library.as_completed(list(running), loop=self._client.loop)
        for future in completed:
            item = running.pop(future)
            yield item, self._outcome(future)
            future.release()
            while len(running) < self._most() and (batch := list(itertools.islice(left, 1))):
                following = self._client.submit(work, batch[0], pure=False)
                running[following] = batch[0]
                completed.add(following)

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._client.close()

    def _most(self) -> int:
        """Items in hand; the cluster may grow while it works."""
        threads: int = sum(self._client.nthreads().values())
        return max(2, IN_FLIGHT * threads)

    def _outcome(self, future: Any) -> Any:
        """What came of an item; waits where the worker that had the result died before it was fetched.

        Such an item was completed, and is pending again: the cluster computes it anew.
        """
        try:
            return future.result()
        except ScanmonError as error:
            return error
        except Exception as error:  # noqa: BLE001 the item's own, or that the cluster gave it up
            return WorkerLost(f"the cluster gave it up ({error})")
