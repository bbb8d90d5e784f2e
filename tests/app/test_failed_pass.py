"""One failure of the engine costs one row of an archive run; one that always fails costs the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanmon.app.archive import Analyzers
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Analysis, Frame
from scanmon.runtime.monitor import FAILED_IN_A_ROW
from scanmon.scoring.analyzer import Analyzer
from tests.doubles.commands import CINE


@pytest.fixture
def analyzers(tiny_bundle) -> Analyzers:
    return Analyzers(Settings(ScoringSettings(bundle=str(tiny_bundle))))


def fail_on(monkeypatch: pytest.MonkeyPatch, *frames: int) -> None:
    analyze = Analyzer.analyze

    def failing(self: Analyzer, frame: Frame) -> Analysis:
        if frame.index in frames:
            raise RuntimeError("kernel launch failed")
        return analyze(self, frame)

    monkeypatch.setattr(Analyzer, "analyze", failing)


def test_a_failed_pass_is_a_row_with_an_error_and_the_rest_is_scored(analyzers, monkeypatch) -> None:
    fail_on(monkeypatch, 3, 7)
    rows = list(analyzers.results(Path(CINE), "heart"))
    assert [row["frame"] for row in rows] == list(range(30))
    wrong = [row for row in rows if row.get("error")]
    assert [row["frame"] for row in wrong] == [3, 7]
    assert "kernel launch failed" in wrong[0]["error"]
    assert all(row["score"] is not None for row in rows if not row.get("error"))
    assert analyzers.scores(Path(CINE), "heart").failed
    analyzers.close()


def test_an_engine_that_always_fails_costs_the_file_and_not_the_run(analyzers, monkeypatch) -> None:
    fail_on(monkeypatch, *range(30))
    rows = list(analyzers.results(Path(CINE), "heart"))
    assert len(rows) == FAILED_IN_A_ROW
    assert all(row["error"] for row in rows)
    analyzers.close()
