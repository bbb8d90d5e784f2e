from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.core.errors import SettingsError
from scanmon.core.values import Verdict
from scanmon.lab.calibrate import calibrate
from scanmon.scoring.calibration import Calibration

CLEAN = np.random.default_rng(0).normal(-5.0, 1.0, 400)


def test_nine_of_ten_clean_pictures_are_adequate_and_the_median_is_at_85() -> None:
    found = calibrate(CLEAN).calibration
    verdicts = [found.verdict(found.quality(score)) for score in CLEAN]
    assert verdicts.count(Verdict.ADEQUATE) / len(CLEAN) == pytest.approx(0.9, abs=0.005)
    assert verdicts.count(Verdict.INADEQUATE) / len(CLEAN) == pytest.approx(0.02, abs=0.005)
    assert found.quality(float(np.median(CLEAN))) == pytest.approx(85.0)


def adequate_score(found: Calibration) -> float:
    return found.scores[found.qualities.index(70.0)]


def test_below_adequate_the_shape_of_the_calibration_that_came_with_the_bundle_is_kept() -> None:
    bent = Calibration((-60.0, -20.0, -15.0, -10.0, 0.0), (0.0, 10.0, 40.0, 70.0, 100.0))
    found = calibrate(CLEAN, before=bent).calibration
    adequate = adequate_score(found)
    assert adequate == pytest.approx(float(np.percentile(CLEAN, 10)))
    for score in (-60.0, -40.0, -20.0, -17.0, -15.0, -12.0):
        assert found.quality(adequate + (score + 10.0)) == pytest.approx(bent.quality(score))


def test_it_is_stretched_where_clean_scores_reach_further_down() -> None:
    narrow = Calibration((-0.4, -0.2, -0.1, 0.0), (0.0, 40.0, 70.0, 100.0))
    found = calibrate(CLEAN, before=narrow).calibration
    assert found.quality(float(np.percentile(CLEAN, 2))) == pytest.approx(40.0)
    unit = adequate_score(found) - float(np.percentile(CLEAN, 2))
    assert found.quality(adequate_score(found) - 2 * unit) == pytest.approx(40.0 * 0.5)


def test_other_thresholds_of_the_bundle_become_70_and_40() -> None:
    other = Calibration((-30.0, -20.0, -10.0, 0.0), (0.0, 30.0, 60.0, 100.0), marginal=30.0, adequate=60.0)
    found = calibrate(CLEAN, before=other).calibration
    assert (found.marginal, found.adequate) == (40.0, 70.0)
    assert found.quality(adequate_score(found) - 10.0) == pytest.approx(40.0)


def test_a_calibration_that_never_calls_anything_adequate_is_as_good_as_none() -> None:
    capped = Calibration((-30.0, 0.0), (0.0, 69.0))
    assert calibrate(CLEAN, before=capped) == calibrate(CLEAN)


def test_a_picture_without_content_is_never_adequate_however_low_the_clean_scores_lie() -> None:
    plain = calibrate(CLEAN)
    nonsense = [-9.0, float(np.percentile(CLEAN, 40))]
    found = calibrate(CLEAN, hopeless=nonsense)
    assert plain.calibration.quality(nonsense[1]) > 70
    assert max(map(found.calibration.quality, nonsense)) < 40.0
    assert "without content" in found.note
    assert found.adequate_share < 0.6 < 0.89 < plain.adequate_share
    assert calibrate(CLEAN, hopeless=[-100.0]) == plain


@pytest.mark.parametrize("middle", [-0.9, -0.7, -0.4])
def test_on_an_organ_that_the_map_dislikes_what_shows_nothing_is_inadequate_and_black_has_no_quality(middle):
    clean = np.random.default_rng(2).normal(middle, 0.04, 20).clip(-1.0, 0.0)
    nothing = [-1.0, -1.0, -1.0, -0.99, -0.985]
    shipped = Calibration((-1.0, -0.65, -0.33, -0.16, -0.12), (0.0, 10.0, 70.0, 92.0, 100.0))
    found = calibrate(clean, clean, (), shipped, nothing)
    assert {found.calibration.verdict(found.calibration.quality(score)) for score in nothing} == {
        Verdict.INADEQUATE
    }
    assert found.calibration.quality(-1.0) == 0.0
    assert found.adequate_share >= 0.85


def test_what_people_judged_is_not_overruled_by_pictures_without_content_but_said() -> None:
    judged = calibrate(CLEAN, [-4.0] * 5, [-9.0] * 5)
    found = calibrate(CLEAN, [-4.0] * 5, [-9.0] * 5, hopeless=[50.0])
    assert found.calibration == judged.calibration
    assert "do not rely on the verdict alone" in found.note


def test_nonsense_above_every_clean_picture_leaves_none_adequate() -> None:
    found = calibrate(CLEAN, hopeless=[50.0])
    assert found.adequate_share == 0.0
    assert found.calibration.quality(50.0) < 70


def test_judged_pictures_set_the_threshold_where_they_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    accepted, rejected = rng.normal(-4.0, 0.5, 40), rng.normal(-9.0, 0.5, 40)
    found = calibrate(CLEAN, accepted, rejected)
    assert found.agreement == 1.0
    assert rejected.max() < adequate_score(found.calibration) < accepted.min()
    assert found.calibration.quality(float(np.median(rejected))) == pytest.approx(40.0)
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


SCORES = st.floats(-1e6, 1e6)


@given(
    st.lists(SCORES, min_size=20, max_size=60), st.lists(SCORES, max_size=12), st.lists(SCORES, max_size=3)
)
def test_any_scores_give_a_growing_curve(clean, judged, hopeless) -> None:
    half = len(judged) // 2
    bent = Calibration((-60.0, -20.0, -15.0, -10.0, 0.0), (0.0, 10.0, 40.0, 70.0, 100.0))
    found = calibrate(clean, judged[:half], judged[half:], bent, hopeless).calibration
    grid = np.linspace(min(clean) - 1, max(clean) + 1, 50)
    qualities = [found.quality(float(score)) for score in grid]
    assert all(a <= b for a, b in pairwise(qualities))
