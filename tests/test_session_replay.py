"""A session in the monitor: the recorded trace from the first moment, and new scores beside it."""

import threading
from pathlib import Path

import numpy as np
import pytest

from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Analysis
from scanmon.runtime.monitor import Monitor
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.sessions import record


class Wait:
    """A sink that says when the first analyses have come."""

    def __init__(self, count: int) -> None:
        self.analyses: list[Analysis] = []
        self._count = count
        self.enough = threading.Event()

    def write(self, analysis: Analysis) -> None:
        self.analyses.append(analysis)
        if len(self.analyses) >= self._count:
            self.enough.set()

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("sessions"), 50, codec="ffv1")


def watched(monitor: Monitor) -> Wait:
    """Until there are three analyses."""
    wait = Wait(3)
    monitor.add_sink(wait)
    monitor.start()
    assert wait.enough.wait(PATIENCE_S)
    monitor.stop()
    return wait


def test_a_replayed_session_shows_its_whole_trace_and_its_own_scores(session: Path) -> None:
    monitor = open_monitor(Run(str(session)))
    trace = monitor.snapshot().trace
    assert np.isfinite(trace.steady).all()
    assert len(trace.steady) == 50
    wait = watched(monitor)
    provenance = monitor.snapshot().provenance
    assert provenance.bundle == "tiny-1"
    for analysis in wait.analyses:
        assert analysis.reading.quality == pytest.approx(trace.quality[analysis.frame.index])
        assert analysis.region.mask is not None


def test_a_session_that_is_scored_again_keeps_the_recorded_trace_beside_the_new_one(session, tiny_bundle):
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), metric="map"))
    monitor = open_monitor(Run(str(session), settings, score_again=True))
    trace = monitor.snapshot().trace
    assert np.isfinite(trace.second).all()
    assert not np.isfinite(trace.steady).any()
    wait = watched(monitor)
    after = monitor.snapshot().trace
    np.testing.assert_array_equal(after.second, trace.second)
    scored = [analysis.frame.index for analysis in wait.analyses]
    assert np.isfinite(after.steady[scored]).all()
    assert (after.steady[scored] != trace.second[scored]).any()
