from __future__ import annotations

import threading

import pytest

from scanmon.core.errors import SourceError
from scanmon.runtime.background import Job
from tests.doubles.scenes import PATIENCE_S, wait_until


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
