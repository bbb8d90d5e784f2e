"""What a cluster gives back for an item, whatever happened to the worker that had it."""

from collections.abc import Callable

import pytest

pytest.importorskip("distributed")

from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.runtime.workers import ClusterWorkers, WorkerLost


class Future:
    """As the client holds it: completed once, but what it says now is another matter."""

    def __init__(self, status: str, result: Callable[[], object]) -> None:
        self.status, self.result = status, result


def fails(error: Exception) -> Callable[[], object]:
    def result() -> object:
        raise error

    return result


def outcome(future: Future) -> object:
    return ClusterWorkers.__new__(ClusterWorkers)._outcome(future)


def test_an_item_whose_worker_died_after_finishing_it_is_waited_for() -> None:
    assert outcome(Future("pending", lambda: 7)) == 7


def test_an_error_of_our_own_is_handed_on_and_any_other_names_the_cluster() -> None:
    own = SettingsError("no such bundle", "x", "choose another")
    found = outcome(Future("error", fails(own)))
    assert isinstance(found, ScanmonError)
    assert found is own
    lost = outcome(Future("error", fails(RuntimeError("killed four times"))))
    assert isinstance(lost, WorkerLost)
    assert "killed four times" in str(lost)
