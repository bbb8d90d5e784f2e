"""The same work on many items, in processes or on a cluster: in any order, and a crash costs one item."""

import itertools
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, Generic, Protocol, TypeVar

from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.core.program import processors

Item = TypeVar("Item")
Result = TypeVar("Result")
IN_FLIGHT: Final = 2  # items a worker: one that it works on, and one that waits
IN_FLIGHT_A_THREAD: Final = 3  # items of a cluster
CONNECT_S: Final = 10.0  # to a cluster


class WorkerLost(Exception):
    """The process that worked on an item died, twice or alone with it."""


class Workers(Protocol):
    """Gives (item, result) or (item, exception) as they are done. `work` must be a function of a module."""

    def run(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Items are taken as workers get free."""
        ...

    def close(self) -> None:
        """End them; what they work on is given up."""


def open_workers(jobs: int, cluster: str | None = None) -> Workers | None:
    """Processes of this machine, 0: one a processor; or of a Dask cluster; None: the work is done here.

    Raises `SettingsError` where no cluster answers.
    """
    if cluster is not None:
        return ClusterWorkers(cluster)
    jobs = jobs or processors()
    return LocalWorkers(jobs) if jobs > 1 else None


class LocalWorkers:
    """Worker processes of this machine, each on its own share of the processors."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def run(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        left = iter(items)
        while True:
            suspects: list[Item] = []
            yield from self._round(work, left, IN_FLIGHT * self._count, suspects)
            if not suspects:
                return
            # one of these killed its process: alone, each shows whether it was the one
            for item in suspects:
                lost: list[Item] = []
                yield from self._round(work, iter([item]), 1, lost)
                if lost:
                    yield item, WorkerLost("the worker process died")

    def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            # there is no public way to end what is in hand before Python 3.14
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)

    def _round(
        self, work: Callable[[Item], Result], left: Iterator[Item], most: int, suspects: list[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Until the items end, or a process dies: then `suspects` gets what was in hand."""
        running: dict[Future[Result], Item] = {}
        broken = False
        while True:
            while not broken and len(running) < most and (batch := list(itertools.islice(left, 1))):
                try:
                    running[self._started().submit(work, batch[0])] = batch[0]
                except BrokenProcessPool:
                    suspects.append(batch[0])
                    broken = True
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    suspects.append(item)
                    broken = True
                elif isinstance(error, Exception):
                    yield item, error
                else:
                    yield item, future.result()
        if broken:
            self.close()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # a fresh interpreter: a fork would copy threads of engines that are in the middle of something
            context = multiprocessing.get_context("spawn")
            counter = context.Value("i", 0)
            self._pool = ProcessPoolExecutor(
                self._count, mp_context=context, initializer=_settle, initargs=(counter, self._count)
            )
        return self._pool


def _settle(counter: Any, count: int) -> None:
    """In a new worker: Ctrl-C is for the parent, processors are shared out, no life without a parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with counter.get_lock():
        number = counter.value
        counter.value += 1
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        mine = allowed[number % count :: count] or [allowed[number % len(allowed)]]
        os.sched_setaffinity(0, mine)
    threading.Thread(target=_end_with_parent, name="scanmon-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


class ClusterWorkers:
    """A client of the Dask scheduler at `address` (`tcp://host:port`), for archives that outgrow one machine.

    Workers must have scanmon installed and see the files under the same paths. Dask sends functions and
    results as pickles, so only a scheduler that is trusted may be named. Raises `SettingsError`.
    """

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
        """See `Workers`. What a lost worker had in hand goes to another one."""
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
        return max(2, IN_FLIGHT_A_THREAD * threads)

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


class PerThread(Generic[Result]):
    """One object for each thread and argument, made when it is first asked for; the last one is kept."""

    def __init__(self, make: Callable[[Any], Result]) -> None:
        self._make = make
        self._local = threading.local()

    def get(self, argument: Any) -> Result:
        """The object of this thread for `argument` (compared with ==)."""
        held: tuple[Any, Result] | None = getattr(self._local, "held", None)
        if held is None or held[0] != argument:
            held = self._local.held = (argument, self._make(argument))
        return held[1]
