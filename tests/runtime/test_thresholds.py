"""Thresholds that are moved while the engine runs on."""

from __future__ import annotations

from dataclasses import replace

from scanmon.core.values import Verdict
from scanmon.runtime.monitor import Scoring
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.calibration import Steadiness
from tests.doubles.scenes import (
    LINEAR,
    PROVENANCE,
    Camera,
    MeanScorer,
    PatientMonitor,
    WholePicture,
    frame,
    wait_until,
)


def movable() -> tuple[Scoring, MeanScorer]:
    scorer = MeanScorer()
    analyzer = Analyzer(Judge(scorer, LINEAR), WholePicture(), steadiness=Steadiness(dwell_s=100.0))

    def whence():
        calibration = analyzer.judge.calibration
        return replace(PROVENANCE, thresholds=(calibration.marginal, calibration.adequate))

    return (
        Scoring(analyzer, whence, lambda: None, lambda by: analyzer.recalibrate(LINEAR.shifted(by), None)),
        scorer,
    )


def test_a_moved_threshold_holds_from_the_next_frame_on_and_nothing_else_changes():
    scoring, scorer = movable()
    analyze = scoring.analyzer.analyze
    first = analyze(frame(190, 0, 0.0)).reading  # quality 74.5
    scoring.shift(10.0)
    second = analyze(frame(190, 1, 0.1)).reading
    assert (first.verdict, second.verdict) == (Verdict.ADEQUATE, Verdict.MARGINAL)  # though dwell is 100 s
    assert second.steady == first.steady
    assert scorer.resets == 0
    scoring.shift(0.0)
    assert analyze(frame(190, 2, 0.2)).reading.verdict is Verdict.ADEQUATE


def test_a_monitor_moves_thresholds_without_making_a_new_scoring():
    camera, made = Camera(), []

    def make() -> Scoring:
        made.append(1)
        return movable()[0]

    monitor = PatientMonitor(camera, make)
    monitor.start()
    try:
        camera.send(frame(190, 0, 0.0))
        wait_until(lambda: monitor.snapshot().analysis is not None)
        monitor.shift_thresholds(10.0)
        wait_until(lambda: monitor.snapshot().provenance.thresholds == (50.0, 80.0))
        camera.send(frame(190, 1, 0.1))
        wait_until(lambda: monitor.snapshot().analysis.reading.verdict is Verdict.MARGINAL)
        assert made == [1]
        assert monitor.snapshot().scoring == "ready"
    finally:
        monitor.stop()


def test_thresholds_moved_while_the_engine_loads_are_not_lost():
    camera = Camera()
    monitor = PatientMonitor(camera, lambda: movable()[0])
    monitor.shift_thresholds(5.0)
    monitor.start()
    try:
        camera.send(frame(190, 0, 0.0))
        wait_until(
            lambda: (now := monitor.snapshot().provenance) is not None and now.thresholds == (45.0, 75.0)
        )
    finally:
        monitor.stop()
