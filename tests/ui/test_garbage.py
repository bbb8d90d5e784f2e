"""Cyclic garbage beside a window."""

import gc
import threading
from collections.abc import Iterator

import pytest

from scanmon.ui.garbage import collected_here


@pytest.fixture
def collectors() -> Iterator[list[int]]:
    """The threads that collected."""
    threads: list[int] = []

    def heard(phase: str, info: dict[str, int]) -> None:
        threads.append(threading.get_ident())

    gc.callbacks.append(heard)
    yield threads
    gc.callbacks.remove(heard)


def make_garbage() -> None:
    for _ in range(3 * gc.get_threshold()[0]):
        cycle: list[object] = []
        cycle.append(cycle)


def test_garbage_of_another_thread_is_collected_by_the_one_of_the_window(qtbot, collectors):
    with collected_here():
        other = threading.Thread(target=make_garbage)
        other.start()
        other.join()
        qtbot.waitUntil(lambda: bool(collectors))
    assert set(collectors) == {threading.get_ident()}


def test_afterwards_the_interpreter_collects_as_before():
    gc.enable()  # every test of the window is within one
    with collected_here():
        assert not gc.isenabled()
        with collected_here():  # of a window within a window: left to the outer one
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
