"""A recording is scored whole, whatever is shown of it."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.core.values import Analysis, Frame, Provenance, Reason, Scored, Verdict, View
from scanmon.runtime.ahead import Ahead
from scanmon.runtime.analysis_loop import FAILED_IN_A_ROW
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.state import MonitorState
from tests.doubles.scenes import PATIENCE_S, Cine, MeanScorer, PatientMonitor, analyzer, frame, wait_until


def planned(ahead: Ahead, shown: int, count: int) -> list[int]:
    """The next frames that would be scored while one is shown."""
    scorer, chosen = analyzer(), []
    while len(chosen) < count and (index := ahead.choose(shown)) is not None:
        found = ahead.frame(index)
        chosen.append(found.index)
        ahead.keep(scorer.analyze(found))
    return chosen


def of(cine: Cine, **values: float) -> Ahead:
    return Ahead(lambda: cine, cine.times_s, **values)


def test_frames_come_from_the_shown_one_on_and_then_from_the_beginning() -> None:
    assert planned(of(Cine(10), run_up_s=0), shown=6, count=20) == [6, 7, 8, 9, 0, 1, 2, 3, 4, 5]


def test_what_a_jump_left_without_a_run_up_is_scored_again_in_its_order() -> None:
    """At 10 frames a second, 20 of them are the run-up."""
    ahead = of(Cine(100, rate_hz=10))
    assert planned(ahead, 0, 3) == [0, 1, 2]
    assert planned(ahead, 40, 500) == [*range(40, 100), *range(20, 60), *range(40)]
    assert ahead.share == 1.0


def test_a_recording_that_was_passed_at_speed_is_smoothed_as_one_that_was_not() -> None:
    """Teeth stood in the curve where pictures that had been passed were scored between those that had not."""
    cine = Cine(250, rate_hz=25)
    ahead, in_order, jumping = of(cine), analyzer(), analyzer()
    expected = [in_order.analyze(one).reading.steady for one in cine]
    found, last = {}, -1
    for shown in [*range(0, 250, 7), *[249] * 999]:
        index = ahead.choose(shown)
        if index is None:
            break
        if index <= last:
            jumping.reset()
        last = index
        ahead.keep(analysis := jumping.analyze(ahead.frame(index)))
        found[index] = analysis.reading.steady
    assert [found[index] for index in range(250)] == pytest.approx(expected, abs=0.5)


def test_a_frame_that_stands_is_scored_once_without_those_before_and_keeps_what_was_smoothed() -> None:
    ahead, one = of(Cine(5)), analyzer().analyze(frame(90, 3))

    def found(quality: float, steady: float, oldest_s: float) -> Analysis:
        return replace(
            one, readings=(replace(one.reading, quality=quality, steady=steady, oldest_s=oldest_s),)
        )

    def known() -> tuple[float | None, float | None]:
        reading = ahead.of(frame(90, 3)).reading
        return reading.quality, reading.steady

    assert not ahead.scores_alone(3)
    ahead.keep(found(90, 80, 1.5))
    assert ahead.scores_alone(3)
    ahead.keep(found(40, 40, 0.0), alone=True)
    assert known() == (40, 80)
    assert not ahead.scores_alone(3)
    ahead.keep(found(91, 81, 0.5))  # in its order again
    assert known() == (40, 81)
    assert not ahead.scores_alone(3)
    ahead.forget(scores=True)
    ahead.keep(found(90, 80, 1.5))
    assert ahead.scores_alone(3)


class Budgeted(MeanScorer):
    """As nrq without time for all windows: only a first view is scored from its own picture alone."""

    def score(self, view: View) -> Scored:
        before, self.resets = self.resets, 0
        return replace(super().score(view), oldest_s=0.0 if before else 0.5)


def test_the_frame_on_which_a_recording_ends_while_it_is_scored_is_scored_alone_too() -> None:
    ended = threading.Event()
    playback = Playback(Cine(3, rate_hz=20))
    ahead = Ahead(lambda: Cine(3, rate_hz=20), playback.recording.times_s)
    scorer = Budgeted(gate=lambda: ended.wait(PATIENCE_S) and None)
    monitor = PatientMonitor(playback, lambda: analyzer(scorer), ahead=ahead)
    monitor.start()
    try:
        wait_until(lambda: (state := playback.state).index == 2 and not state.playing)
        ended.set()
        wait_until(lambda: ahead.share == 1.0 and monitor.snapshot().analysis.reading.oldest_s == 0.0)
        assert monitor.snapshot().analysis.frame.index == 2
    finally:
        ended.set()
        monitor.stop()


def test_frames_that_were_scored_alone_are_no_run_up() -> None:
    ahead, scorer = of(Cine(100, rate_hz=10)), analyzer()
    for index in range(50, 90):
        ahead.keep(scorer.analyze(ahead.frame(index)), alone=True)
    assert ahead.share == 0.0


def test_a_picture_that_lost_its_score_keeps_no_word() -> None:
    ahead, one = of(Cine(5)), analyzer().analyze(frame(90, 3))
    before = replace(one.reading, steady=88.0, verdict=Verdict.ADEQUATE, oldest_s=0.5)
    now = replace(one.reading, score=None, quality=None, reason=Reason.TOO_SMALL, oldest_s=None)
    ahead.keep(replace(one, readings=(before,)))
    assert ahead.keep(replace(one, readings=(now,)), alone=True).reading == now


def test_after_a_seek_the_shown_frame_comes_first() -> None:
    ahead = of(Cine(400, rate_hz=100))
    assert planned(ahead, 0, 3) == [0, 1, 2]
    assert planned(ahead, 300, 2) == [300, 301]
    assert planned(ahead, 100, 2) == [100, 101]


def test_a_playhead_that_is_a_little_ahead_is_followed_in_order() -> None:
    """What is smoothed stays smooth; a slow engine scores what is shown, and the rest afterwards."""
    ahead = of(Cine(400, rate_hz=100))
    assert planned(ahead, 0, 2) == [0, 1]
    assert ahead.choose(11) == 2
    assert ahead.choose(14) == 14


def test_what_was_found_is_given_for_the_frame_that_is_shown() -> None:
    ahead = of(Cine(5))
    planned(ahead, 0, 5)
    shown = frame(3, 3, 0.03)
    known = ahead.of(shown)
    assert known.frame is shown
    assert known.reading.frame == 3
    assert ahead.share == 1.0
    ahead.forget(scores=True)
    assert (ahead.of(shown), ahead.share) == (None, 0.0)


def test_only_so_many_are_kept_and_a_shown_one_is_scored_again() -> None:
    ahead = of(Cine(10), kept=4, run_up_s=0)
    assert len(planned(ahead, 9, 10)) == 10
    assert ahead.of(frame(0, 2)) is None
    assert ahead.share == 1.0
    assert ahead.choose(2) == 2
    assert ahead.choose(8) is None  # kept


def test_frames_that_cannot_be_decoded_are_passed_over_and_counted(started) -> None:
    class Torn(Cine):
        def frames_from(self, index: int) -> Iterator[Frame]:
            for one in super().frames_from(index):
                if one.index in (3, 4):
                    raise SourceError("cannot be decoded", "torn.mp4")
                yield one

    played, again = Cine(10), Torn(10)
    monitor = started(Playback(played, playing=False), analyzer, ahead=of(again))
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    trace = monitor.snapshot().trace
    assert np.flatnonzero(np.isnan(trace.steady)).tolist() == [3, 4]
    assert monitor.snapshot().counts.failed == 2
    monitor.stop()
    assert again.closed.is_set()


def test_a_paused_recording_is_scored_whole_and_every_step_has_its_own_score_at_once(started) -> None:
    playback = Playback(Cine(60), playing=False)
    monitor = started(playback, analyzer, ahead=of(Cine(60)))
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    assert monitor.snapshot().counts.scored == 60
    for index in (59, 0, 30):
        playback.seek(index)
        wait_until(lambda index=index: _shown_and_scored(monitor) == (index, index))


def test_a_recording_that_is_passed_at_speed_has_no_gap_afterwards(started) -> None:
    """A score takes longer than a frame, so most frames are passed before they are scored."""
    pause = threading.Event()
    slow = MeanScorer(gate=lambda: pause.wait(0.01))
    playback = Playback(Cine(100, rate_hz=400), speed=4.0)
    monitor = started(playback, lambda: analyzer(slow), ahead=of(Cine(100, rate_hz=400)))
    wait_until(lambda: playback.state.ended)
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    trace = monitor.snapshot().trace
    assert np.isfinite(trace.steady).all()
    assert monitor.snapshot().counts.dropped == 0


def test_a_recording_begins_to_play_when_the_engine_is_ready(started) -> None:
    ready = threading.Event()

    def opened():  # type: ignore[no-untyped-def]
        assert ready.wait(PATIENCE_S)
        return analyzer()

    playback = Playback(Cine(30), begins=True)
    monitor = started(playback, opened, ahead=of(Cine(30)))
    wait_until(lambda: monitor.snapshot().frame is not None)
    assert not playback.state.playing
    ready.set()
    wait_until(lambda: playback.state.ended)


def test_a_recording_plays_without_scores_where_there_is_no_engine(started) -> None:
    def broken():  # type: ignore[no-untyped-def]
        raise RuntimeError("no driver")

    playback = Playback(Cine(10), begins=True)
    monitor = started(playback, broken, ahead=of(Cine(10)))
    wait_until(lambda: playback.state.ended)
    assert monitor.snapshot().scoring == "failed"


@pytest.mark.parametrize("does", [Playback.pause, lambda playback: playback.seek(2)])
def test_who_does_something_before_that_decides_whether_it_plays(does) -> None:
    playback = Playback(Cine(10), begins=True)
    does(playback)
    playback.begin()
    assert not playback.state.playing


def test_another_analyzer_scores_everything_anew_and_the_old_curve_is_told_apart(started) -> None:
    monitor = started(Playback(Cine(20), playing=False), analyzer, ahead=of(Cine(20)))
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    before = monitor.snapshot().trace
    release = threading.Event()
    held = MeanScorer(gate=lambda: release.wait(PATIENCE_S))
    monitor.use(lambda: analyzer(held))
    wait_until(lambda: monitor.snapshot().share_scored == 0.0)
    now = monitor.snapshot().trace
    assert before is not None
    assert np.isnan(now.steady).all()
    assert (now.verdict == -1).all()
    np.testing.assert_array_equal(now.former, before.steady)
    release.set()
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)


def test_nobody_sees_another_analyzer_with_the_share_of_the_one_before(monkeypatch, started) -> None:
    seen: list[float] = []
    ahead, opened = of(Cine(5)), MonitorState.opened

    def watched(state: MonitorState, provenance: Provenance) -> bool:
        seen.append(ahead.share)
        return opened(state, provenance)

    monkeypatch.setattr(MonitorState, "opened", watched)
    monitor = started(Playback(Cine(5), playing=False), analyzer, ahead=ahead)
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    monitor.use(analyzer)
    wait_until(lambda: len(seen) == 2)
    assert seen == [0.0, 0.0]


class Failing(MeanScorer):
    """Fails on some levels of gray."""

    def __init__(self, *levels: int) -> None:
        super().__init__()
        self.levels = levels

    def score(self, view: View) -> Scored:
        if int(view.image[0, 0]) in self.levels:
            raise RuntimeError("kernel launch failed")
        return super().score(view)


def test_a_failed_pass_costs_one_frame_and_is_counted(started) -> None:
    playback = Playback(Cine(20), playing=False)
    monitor = started(playback, lambda: analyzer(Failing(7)), ahead=of(Cine(20)))
    wait_until(lambda: monitor.snapshot().share_scored == 1.0)
    snapshot = monitor.snapshot()
    assert (snapshot.scoring, snapshot.counts.failed, snapshot.counts.scored) == ("ready", 1, 19)


def test_an_engine_that_always_fails_is_said_to_have_ended(started) -> None:
    monitor = started(Cine(20), lambda: analyzer(Failing(*range(20))), keep="every")
    assert monitor.join(PATIENCE_S)
    snapshot = monitor.snapshot()
    assert snapshot.scoring == "failed"
    assert isinstance(snapshot.error, RuntimeError)
    assert snapshot.counts.failed == FAILED_IN_A_ROW


def _shown_and_scored(monitor: Monitor) -> tuple[int | None, int | None]:
    snapshot = monitor.snapshot()
    return (
        snapshot.frame.index if snapshot.frame else None,
        snapshot.analysis.frame.index if snapshot.analysis else None,
    )
