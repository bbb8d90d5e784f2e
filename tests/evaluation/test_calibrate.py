from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.core.calibration import Calibration
from scanmon.core.errors import SettingsError
from scanmon.core.values import Verdict
from scanmon.evaluation.calibrate import calibrate

CLEAN = np.random.default_rng(0).normal(-5.0, 1.0, 400)


def test_nine_of_ten_clean_pictures_are_adequate_and_the_median_is_at_85() -> None:
    found = calibrate(CLEAN).calibration
    verdicts = [found.verdict(found.quality(score)) for score in CLEAN]
    assert verdicts.count(Verdict.ADEQUATE) / len(CLEAN) == pytest.approx(0.9, abs=0.005)
    assert verdicts.count(Verdict.INADEQUATE) / len(CLEAN) == pytest.approx(0.02, abs=0.005)
    assert found.quality(float(np.median(CLEAN))) == pytest.approx(85.0)


def test_a_calibration_that_came_with_the_bundle_keeps_its_reach() -> None:
    wide = Calibration((-30.0, -10.0, 0.0), (0.0, 70.0, 100.0))
    found = calibrate(CLEAN, before=wide).calibration
    adequate = found.scores[2]
    assert found.quality(adequate) == pytest.approx(70.0)
    assert found.scores[0] == pytest.approx(adequate - 20.0)
    assert found.scores[1] == pytest.approx(adequate - 20.0 * 30 / 70)
    assert calibrate(CLEAN).calibration.scores[0] > found.scores[0]


def test_judged_pictures_set_the_threshold_where_they_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    accepted, rejected = rng.normal(-4.0, 0.5, 40), rng.normal(-9.0, 0.5, 40)
    found = calibrate(CLEAN, accepted, rejected)
    assert found.agreement == 1.0
    assert rejected.max() < found.calibration.scores[2] < accepted.min()
    assert "accepted and rejected" in found.note


def test_a_handful_of_judged_pictures_changes_nothing() -> None:
    assert calibrate(CLEAN, [-4.0], [-9.0]).calibration == calibrate(CLEAN).calibration


def test_too_few_clean_pictures_are_refused_with_the_number_needed() -> None:
    with pytest.raises(SettingsError, match=r"19 clean pictures.*give 20 or more"):
        calibrate([1.0] * 19)


def test_equal_scores_still_give_a_curve() -> None:
    found = calibrate([3.0] * 30).calibration
    assert found.quality(3.0) >= 70
    assert found.quality(2.9) == 0.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60), st.lists(st.floats(-1e6, 1e6), max_size=12))
def test_any_scores_give_a_growing_curve(clean: list[float], judged: list[float]) -> None:
    half = len(judged) // 2
    found = calibrate(clean, judged[:half], judged[half:]).calibration
    grid = np.linspace(min(clean) - 1, max(clean) + 1, 50)
    qualities = [found.quality(float(score)) for score in grid]
    assert all(a <= b for a, b in pairwise(qualities))
