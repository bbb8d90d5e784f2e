"""Thresholds that are moved while the engine runs on."""

from scanmon.core.values import Verdict
from scanmon.scoring.analyzer import Analyzer
from scanmon.scoring.calibration import Steadiness
from tests.doubles.scenes import Camera, MeanScorer, PatientMonitor, analyzer, frame, wait_until


def movable(scorer: MeanScorer | None = None) -> Analyzer:
    return analyzer(scorer, steadiness=Steadiness(dwell_s=100.0))


def test_a_moved_threshold_holds_from_the_next_frame_on_and_nothing_else_changes():
    scorer = MeanScorer()
    moved = movable(scorer)
    analyze = moved.analyze
    first = analyze(frame(190, 0, 0.0)).reading  # quality 74.5
    moved.shift_thresholds(10.0)
    second = analyze(frame(190, 1, 0.1)).reading
    assert (first.verdict, second.verdict) == (Verdict.ADEQUATE, Verdict.MARGINAL)  # though dwell is 100 s
    assert second.steady == first.steady
    assert scorer.resets == 0
    moved.shift_thresholds(0.0)
    assert analyze(frame(190, 2, 0.2)).reading.verdict is Verdict.ADEQUATE


def test_a_monitor_moves_thresholds_without_opening_a_new_analyzer(started):
    camera, made = Camera(), []

    def make() -> Analyzer:
        made.append(1)
        return movable()

    monitor = started(camera, make)
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
    monitor = PatientMonitor(camera, movable)
    monitor.shift_thresholds(5.0)
    monitor.start()
    try:
        camera.send(frame(190, 0, 0.0))
        wait_until(
            lambda: (now := monitor.snapshot().provenance) is not None and now.thresholds == (45.0, 75.0)
        )
    finally:
        monitor.stop()
