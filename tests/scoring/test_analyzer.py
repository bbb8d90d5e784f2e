from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scanmon.core.values import Box, Frame, Parts, Reason, Region, Scored, Signal, TooSlow, Verdict, View
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.calibration import Calibration, Steadiness
from tests.doubles.scenes import LINEAR, Fixed, MeanScorer, WholePicture, frame


class Switch:
    """A signal watch that the test sets."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self.resets = 0

    def update(self, frame: Frame, region: Region) -> Signal:
        return Signal(self.reason)

    def reset(self) -> None:
        self.resets += 1


class Recorder(MeanScorer):
    """Remembers the views that it was given."""

    def __init__(self, worst: Box | None = None) -> None:
        super().__init__()
        self.views: list[View] = []
        self._worst = worst

    def score(self, view: View) -> Scored:
        self.views.append(View(view.image.copy(), view.mask, view.time_s))
        scored = super().score(view)
        return Scored(scored.score, scored.heat, self._worst or scored.worst)


def test_a_frame_is_scored_calibrated_and_judged() -> None:
    analysis = Analyzer([Judge(MeanScorer(), LINEAR)], WholePicture()).analyze(frame(204, 3, 0.5))
    reading = analysis.reading
    assert (reading.frame, reading.time_s, reading.metric) == (3, 0.5, "map")
    assert reading.scored
    assert reading.score == 204
    assert reading.quality == pytest.approx(80)
    assert reading.verdict == Verdict.ADEQUATE
    assert reading.region == Box(0, 0, 80, 64)
    assert analysis.heatmap is not None
    assert analysis.heatmap == pytest.approx(80)


def test_what_lies_outside_the_sector_never_reaches_the_scorer() -> None:
    pixels = np.full((60, 80), 250, np.uint8)
    pixels[10:40, 20:60] = 100
    mask = np.zeros((30, 40), np.bool_)
    mask[:, 10:30] = True
    region = Region(Box(20, 10, 40, 30), mask)
    recorder = Recorder()
    Analyzer([Judge(recorder, LINEAR)], Fixed(region)).analyze(Frame(pixels, 0, 0.0, 0.0))
    # 30 px high is too small to be judged: nothing was scored at all
    assert recorder.views == []
    region = Region(Box(20, 5, 40, 40), np.pad(mask, ((5, 5), (0, 0))))
    Analyzer([Judge(recorder, LINEAR)], Fixed(region)).analyze(Frame(pixels, 0, 0.0, 0.0))
    (view,) = recorder.views
    assert set(np.unique(view.image)) == {0, 100}
    assert (view.image > 0).sum() == 30 * 20


@pytest.mark.parametrize("height", [32, 50, 64, 100])
def test_the_worst_region_is_given_in_frame_pixels_at_any_working_scale(height: int) -> None:
    region = Region(Box(100, 50, 160, 100))
    scale = height / 100
    worst = Box(round(40 * scale), round(20 * scale), round(80 * scale), round(50 * scale))
    analyzer = Analyzer([Judge(Recorder(worst), LINEAR)], Fixed(region), working_height_px=height)
    found = analyzer.analyze(frame(90, size=(300, 400))).reading.worst
    for got, wanted in zip(found.as_list(), (140, 70, 80, 50), strict=True):
        assert abs(got - wanted) <= 2


@pytest.mark.parametrize(("height", "shape"), [(32, (32, 40)), (128, (64, 80))])
def test_the_view_has_the_working_height_keeps_the_proportions_and_is_never_enlarged(height, shape) -> None:
    recorder = Recorder()
    analyzer = Analyzer([Judge(recorder, LINEAR)], WholePicture(), working_height_px=height)
    analyzer.analyze(frame(77, size=(64, 80)))
    assert recorder.views[0].image.shape == shape
    assert np.all(recorder.views[0].image == 77)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_picture_that_is_not_live_has_a_reason_and_no_score(reason: Reason) -> None:
    scorer, switch = MeanScorer(), Switch()
    analyzer = Analyzer([Judge(scorer, LINEAR)], WholePicture(), signal=switch)
    switch.reason = reason
    analysis = analyzer.analyze(frame(200))
    assert analysis.reading.reason == reason
    assert not analysis.reading.scored
    assert analysis.reading.score is analysis.reading.quality is analysis.reading.verdict is None
    assert analysis.heatmap is None


def test_the_first_score_after_an_interruption_owes_nothing_to_those_before() -> None:
    switch = Switch()
    slow = Steadiness(time_constant_s=5.0)
    analyzer = Analyzer([Judge(MeanScorer(), LINEAR)], WholePicture(), signal=switch, steadiness=slow)
    analyzer.analyze(frame(255, 0, 0.0))
    smoothed = analyzer.analyze(frame(0, 1, 0.1)).reading.steady
    assert smoothed > 90
    switch.reason = Reason.NO_SIGNAL
    analyzer.analyze(frame(0, 2, 0.2))
    switch.reason = None
    assert analyzer.analyze(frame(0, 3, 0.3)).reading.steady == 0


def test_reset_reaches_everything_that_remembers() -> None:
    scorer, second, switch = MeanScorer(), MeanScorer("nrq"), Switch()
    finder = Fixed(Region(Box(0, 0, 80, 64)))
    analyzer = Analyzer([Judge(scorer, LINEAR), Judge(second, None)], finder, signal=switch)
    analyzer.analyze(frame(10))
    analyzer.reset()
    assert (scorer.resets, second.resets, switch.resets, finder.resets) == (1, 1, 1, 1)


def test_two_metrics_give_two_readings_of_the_same_view() -> None:
    second = Judge(MeanScorer("nrq"), Calibration((0.0, 255.0), (100.0, 100.0)))
    analysis = Analyzer([Judge(MeanScorer(), LINEAR), second], WholePicture()).analyze(frame(51))
    assert (analysis.reading.metric, analysis.second.metric) == ("map", "nrq")
    assert analysis.reading.quality == pytest.approx(20)
    assert analysis.second.quality == 100


def test_without_a_calibration_there_is_a_score_but_no_verdict() -> None:
    analysis = Analyzer([Judge(MeanScorer(), None)], WholePicture()).analyze(frame(51))
    assert analysis.reading.score == 51
    assert analysis.reading.quality is analysis.reading.verdict is analysis.heatmap is None


class Strange(MeanScorer):
    """Says of every view how familiar it is, and that its contact is lost."""

    familiar: float | None = 0.1

    def score(self, view: View) -> Scored:
        kinds = (255.0, 0.0, 255.0, 255.0, 255.0, 255.0, 255.0)
        return replace(super().score(view), familiar=self.familiar, kinds=kinds)


def test_parts_are_on_the_scale_of_the_quality_and_an_unfamiliar_picture_gets_no_word() -> None:
    reading = Analyzer([Judge(Strange(), LINEAR, None, 0.25)], WholePicture()).analyze(frame(204)).reading
    assert reading.parts == Parts(100.0, 0.0, 100.0, 100.0, 100.0, 100.0, 100.0)
    assert reading.familiar == 0.1
    assert reading.quality == reading.steady == pytest.approx(80)
    assert reading.verdict is None


def test_what_hovers_around_the_bound_of_familiarity_keeps_its_word() -> None:
    scorer = Strange()
    analyzer = Analyzer([Judge(scorer, LINEAR, None, 0.25)], WholePicture())
    said = []
    for index, familiar in enumerate((0.26, 0.22, 0.19, 0.27, 0.31, None)):
        scorer.familiar = familiar
        said.append(analyzer.analyze(frame(204, index, 0.1 * index)).reading.verdict is not None)
    assert said == [True, True, False, False, True, True]
    analyzer.reset()
    scorer.familiar = 0.26
    assert analyzer.analyze(frame(204, 9, 0.9)).reading.verdict is Verdict.ADEQUATE


def test_a_scorer_without_kinds_gives_no_parts() -> None:
    reading = Analyzer([Judge(MeanScorer(), LINEAR)], WholePicture()).analyze(frame(204)).reading
    assert reading.parts is None
    assert reading.familiar is None


class _Looking(Fixed):
    def __init__(self, seen: list[str]) -> None:
        super().__init__(Region(Box(0, 0, 80, 64)))
        self._seen = seen

    def find(self, frame: Frame) -> Region:
        self._seen.append("look")
        return self.region


class _Device(MeanScorer):
    def __init__(self, seen: list[str]) -> None:
        super().__init__("nrq")
        self._seen = seen

    def start(self, view: View) -> Callable[[], Scored]:
        self._seen.append("begin")
        scored = self.score(view)
        return lambda: self._seen.append("end") or scored  # type: ignore[func-returns-value]


def test_a_device_works_while_it_is_seen_what_the_picture_is_and_the_score_is_that_of_its_region() -> None:
    seen: list[str] = []
    region, signal = _Looking(seen), Switch()
    analyzer = Analyzer([Judge(_Device(seen), LINEAR)], region, signal=signal)

    def order(level: int, index: int) -> list[str]:
        seen.clear()
        picture = frame(level, index, index / 60)
        picture.pixels.setflags(write=True)
        picture.pixels[:, 40:] = 0
        analysis = analyzer.analyze(picture)
        wide = analysis.region.box.width
        expected = None if signal.reason else level * min(1.0, 40 / wide)
        assert analysis.reading.score == expected
        return list(seen)

    after = ["look", "begin", "end"]
    assert order(200, 0) == order(190, 1) == after
    assert order(180, 2) == ["begin", "look", "end"]
    region.region = Region(Box(0, 0, 40, 64))  # seen only while the device is at it already
    assert order(170, 3) == ["begin", *after]
    assert order(160, 4) == after
    signal.reason = Reason.FROZEN
    assert order(150, 5) == ["begin", "look"]
    assert order(150, 6) == ["look"]  # not again for nothing


def test_stills_have_each_their_own_verdict_and_nothing_is_smoothed() -> None:
    analyzer = Analyzer([Judge(MeanScorer(), LINEAR)], WholePicture(), still=True)
    good, poor = (analyzer.analyze(frame(level, index, index / 25)) for index, level in enumerate((204, 51)))
    assert (good.reading.steady, poor.reading.steady) == (None, None)
    assert (good.reading.verdict, poor.reading.verdict) == (Verdict.ADEQUATE, Verdict.INADEQUATE)
    assert poor.reading.shown == poor.reading.quality == pytest.approx(20)
    analyzer.shift_thresholds(15.0)
    assert analyzer.analyze(frame(204, 2, 0.1)).reading.verdict == Verdict.MARGINAL


class Late(MeanScorer):
    """A metric whose oldest window that shows something else by now is `age_s` old."""

    metric = "nrq"

    def __init__(self, age_s: float) -> None:
        super().__init__()
        self.age_s = age_s
        self.more: dict[str, Any] = {}
        self.runs = 0

    def score(self, view: View) -> Scored:
        self.runs += 1
        return replace(super().score(view), oldest_s=9.0, outdated_s=self.age_s, **self.more)


class Closed:
    """An engine that tells when it is closed."""

    backend, precision = "test", "fp32"

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("paced", "age_s", "off"), [(True, 4.0, True), (True, 1.9, False), (False, 4.0, False)]
)
def test_a_metric_that_stays_behind_the_picture_is_switched_off(paced, age_s, off) -> None:
    late, engine = Late(age_s), Closed()
    late.more = {"windows": 9, "round_ms": 4000.0}
    judges = [Judge(MeanScorer(), LINEAR), Judge(late, LINEAR, engine)]
    analyzer = Analyzer(judges, WholePicture(), paced=paced)
    analyses = [analyzer.analyze(frame(100, index, index / 10)) for index in range(100)]
    assert (analyses[-1].second is None) is (age_s > 2.0)
    assert engine.closed is off
    slow = analyses[-1].provenance.slow
    assert slow == (TooSlow("nrq", 9, 4.0, off=True) if off else None)
    if off:
        assert 50 < late.runs < 70  # six seconds
        assert len(analyses[-1].provenance.engines) == 1


def test_a_second_number_of_pictures_long_past_is_none() -> None:
    late = Late(1.9)
    analyzer = Analyzer([Judge(MeanScorer(), LINEAR), Judge(late, LINEAR)], WholePicture(), paced=True)
    assert analyzer.analyze(frame(100, 0, 0.0)).second is not None
    late.age_s = 2.1
    assert analyzer.analyze(frame(100, 1, 0.1)).second is None
    late.age_s = 0.0  # it is older, and still what is shown
    assert analyzer.analyze(frame(100, 2, 0.2)).second is not None


def test_a_first_metric_that_stays_behind_tells_what_was_measured_until_it_keeps_up() -> None:
    late = Late(4.0)
    late.more = {"windows": 9, "round_ms": 4000.0, "fewer": (224, 4)}
    analyzer = Analyzer([Judge(late, LINEAR), Judge(MeanScorer(), LINEAR)], WholePicture(), paced=True)
    for index in range(70):
        slow = analyzer.analyze(frame(100, index, index / 10)).provenance.slow
    assert (slow.metric, slow.windows, slow.round_s, slow.off, slow.fewer) == ("nrq", 9, 4.0, False, (224, 4))
    assert slow.other_ms is not None and slow.other_ms > 0
    late.age_s = 0.5
    for index in range(70, 140):
        slow = analyzer.analyze(frame(100, index, index / 10)).provenance.slow
    assert slow is None


def test_passes_that_take_longer_than_a_number_is_shown_are_told_and_one_of_them_is_none() -> None:
    late = Late(0.0)
    analyzer = Analyzer([Judge(late, LINEAR)], WholePicture(), paced=True)
    told = []
    for index in range(8):  # a GPU gives way to the processor in the second one
        late.more = {"engine_ms": 2500.0 if index == 1 or index > 3 else 20.0}
        told.append(analyzer.analyze(frame(100, index, 2.5 * index)).provenance.slow)
    assert told[:5] == [None] * 5
    assert told[-1].round_s == 2.5


def test_stored_pictures_wait_for_a_slow_metric() -> None:
    late = Late(0.0)
    late.more = {"engine_ms": 2500.0}
    judges = [Judge(MeanScorer(), LINEAR), Judge(late, LINEAR)]
    analyzer = Analyzer(judges, WholePicture(), paced=True, still=True)
    analyses = [analyzer.analyze(frame(100, index, 10.0 * index)) for index in range(4)]
    assert all(analysis.second is not None and analysis.provenance.slow is None for analysis in analyses)


def test_a_metric_that_was_switched_off_is_told_again_after_the_other_was_slow_for_a_while() -> None:
    first, beside = Late(0.0), Late(4.0)
    first.metric = "map"
    analyzer = Analyzer([Judge(first, LINEAR), Judge(beside, LINEAR)], WholePicture(), paced=True)
    told = []
    for index in range(300):
        first.more = {"engine_ms": 2500.0 if 100 <= index < 200 else 20.0}
        told.append(analyzer.analyze(frame(100, index, index / 10)).provenance.slow)
    assert told[90] is not None and told[90].off
    assert told[190] is not None and not told[190].off
    assert told[-1] == told[90]


def test_a_jump_of_the_time_line_is_no_time_behind() -> None:
    late = Late(0.0)
    analyzer = Analyzer([Judge(MeanScorer(), LINEAR), Judge(late, LINEAR)], WholePicture(), paced=True)
    for time_s in (0.0, 0.1, 60.0, 60.1):
        late.more = {"complete": time_s in (0.0, 60.1)}
        if time_s == 60.0:
            analyzer.reset()
        slow = analyzer.analyze(frame(100, 0, time_s)).provenance.slow
    assert slow is None


def test_a_metric_that_catches_up_now_and_then_stays_on() -> None:
    late = Late(4.0)
    analyzer = Analyzer([Judge(MeanScorer(), LINEAR), Judge(late, LINEAR)], WholePicture(), paced=True)
    for index in range(200):
        late.age_s = 1.0 if index % 50 == 49 else 4.0
        analyses = analyzer.analyze(frame(100, index, index / 10))
    assert analyses.second is not None
