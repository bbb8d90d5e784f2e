import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from scanmon.core.ports import RegionFinder
from scanmon.core.values import Frame
from scanmon.lab.evaluate.stability import jitter, stability, watch
from scanmon.scoring.analyzer import Analyzer, Judge
from tests.doubles.scenes import LINEAR, MeanScorer, WholePicture, frame


def _analyzer(region: RegionFinder | None) -> Analyzer:
    return Analyzer([Judge(MeanScorer(), LINEAR)], region or WholePicture())


def _clip(levels: list[int]) -> list[Frame]:
    return [frame(level, index, index / 30) for index, level in enumerate(levels)]


def _ignore(_: int) -> None:
    return


def test_a_steady_clip_has_no_jitter_and_no_verdict_changes() -> None:
    series = watch("still", "map", _clip([200] * 60), _analyzer, _ignore)
    found = {figure.quantity: figure.value for figure in stability([series])}
    assert found["jitter_raw"] == 0.0
    assert found["jitter_smoothed"] == 0.0
    assert found["verdict_changes"] == 0.0
    assert found["same_frame_difference"] == 0.0


def test_smoothing_calms_a_score_that_flickers_every_frame() -> None:
    series = watch("flicker", "map", _clip([150, 170] * 60), _analyzer, _ignore)
    found = {figure.quantity: figure.value for figure in stability([series])}
    assert found["jitter_raw"] == pytest.approx(10 / 2.55, rel=0.05)
    assert found["jitter_smoothed"] < 0.2 * found["jitter_raw"]


def test_a_slow_trend_is_no_jitter() -> None:
    times = np.arange(300) / 30
    assert jitter(times, 10 * times) < 0.6  # only the two ends, where the window is one-sided
    assert jitter(times, 10 * np.sin(40 * times)) == pytest.approx(7.07, rel=0.1)


def test_a_score_that_depends_on_earlier_frames_shows_as_a_difference() -> None:
    class Drifting(MeanScorer):
        count = 0

        def score(self, view):  # type: ignore[no-untyped-def]
            self.count += 1
            scored = super().score(view)
            return dataclasses.replace(scored, score=scored.score - self.count)

    def analyzer(region: RegionFinder | None) -> Analyzer:
        return Analyzer([Judge(Drifting(), LINEAR)], region or WholePicture())

    series = watch("drift", "map", _clip([100] * 51), analyzer, _ignore)
    assert series.repeat_difference == 50.0


def test_a_clip_without_two_scores_says_only_what_was_not_scored() -> None:
    seen: list[int] = []
    progress: Callable[[int], None] = seen.append
    found = {
        f.quantity: f.value for f in stability([watch("short", "map", _clip([10]), _analyzer, progress)])
    }
    assert found == {"frames_suspended": 0.0}
    assert seen == [1]
