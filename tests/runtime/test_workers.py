"""Worker processes: all items once, a crash costs the item that caused it and no other."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from scanmon.core.errors import SourceError
from scanmon.core.program import processors
from scanmon.runtime.background import Job
from scanmon.runtime.workers import LocalWorkers, PerThread, WorkerLost
from tests.doubles.scenes import PATIENCE_S, wait_until


def double(number: int) -> int:
    return 2 * number


def picky(number: int) -> int:
    if number % 3 == 0:
        raise ValueError(number)
    return number


def deadly(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def processor_count(_: int) -> int:
    return processors()


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalWorkers]:
    pool = LocalWorkers(2)
    yield pool
    pool.close()
    assert not multiprocessing.active_children()


def test_every_item_is_done_once(workers: LocalWorkers) -> None:
    results = dict(workers.run(double, range(40)))
    assert results == {number: 2 * number for number in range(40)}


def test_items_are_taken_as_workers_get_free(workers: LocalWorkers) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    run = workers.run(double, items())
    for _ in range(3):
        next(run)
    assert len(taken) <= 3 + 2 * 2
    run.close()


def test_an_exception_is_the_result_of_its_item(workers: LocalWorkers) -> None:
    results = dict(workers.run(picky, range(6)))
    assert isinstance(results[3], ValueError)
    assert results[4] == 4


def test_an_item_that_kills_its_process_is_named_and_all_others_are_done(workers: LocalWorkers) -> None:
    results = list(workers.run(deadly, range(20)))
    assert sorted(item for item, _ in results) == list(range(20))
    lost = [item for item, result in results if isinstance(result, WorkerLost)]
    assert lost == [5]
    assert all(result == item for item, result in results if item != 5)


def test_processors_are_shared_out(workers: LocalWorkers) -> None:
    shares = {result for _, result in workers.run(processor_count, range(8))}
    assert shares == {max(1, processors() // 2)}


def test_an_object_for_a_thread_is_made_once_for_each_argument() -> None:
    made: list[str] = []
    kept = PerThread(lambda name: made.append(name) or len(made))
    assert [kept.get("a"), kept.get("a"), kept.get("b"), kept.get("b")] == [1, 1, 2, 2]
    assert made == ["a", "b"]


def test_a_job_runs_beside_its_owner_and_hands_over_its_result():
    go = threading.Event()

    def work() -> str:
        go.wait(PATIENCE_S)
        return "opened"

    job = Job(work, "test")
    assert not job.done
    with pytest.raises(TimeoutError):
        job.result(0.01)
    go.set()
    assert job.result(PATIENCE_S) == "opened"
    wait_until(lambda: job.done)


def test_what_a_job_raises_reaches_whoever_asks_for_the_result():
    def work() -> None:
        raise SourceError("is empty", "a.mp4", "choose another")

    job = Job(work, "test")
    wait_until(lambda: job.done)
    with pytest.raises(SourceError, match="is empty"):
        job.result()
