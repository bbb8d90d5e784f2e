import numpy as np
import pytest

from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.examples import shown
from scanmon.lab.evaluate.plan import Plan
from scanmon.lab.evaluate.plots.curves import agreeing_pairs
from tests.doubles.oracle import CALIBRATION, Oracle, picture


def test_a_metric_that_knows_the_clean_picture_is_shown_to_find_the_artefact() -> None:
    clean = picture()
    found = shown([clean], [Oracle(clean.pixels)], Plan(families=("gain_low",)), 0)
    assert [(one.organ, one.metric, one.covers) for one in found.sought] == [("liver", "oracle", True)]
    one = found.sought[0]
    row, column = np.unravel_index(int(np.argmin(one.heat)), one.heat.shape)
    assert one.artefact.x <= column < one.artefact.right
    assert one.artefact.y <= row < one.artefact.bottom


def test_all_faults_of_one_picture_and_all_hopeless_pictures_are_shown_with_what_is_said_of_them() -> None:
    clean = picture()
    found = shown([clean], [Oracle(clean.pixels)], Plan(families=("gain_low", "haze")), 120)
    assert [one.name for one in found.hopeless] == list(NEGATIVES)
    assert {family: len(versions) for family, versions in found.faults.items()} == {"gain_low": 4, "haze": 4}
    qualities = [one.said["oracle"][0] for one in found.faults["gain_low"]]
    assert qualities == sorted(qualities, reverse=True)
    for one in found.hopeless:
        quality, verdict = one.said["oracle"]
        assert verdict == CALIBRATION.verdict(quality)


def test_a_baseline_has_no_quality_and_so_nothing_to_say() -> None:
    clean = picture()
    oracle = Oracle(clean.pixels, calibration=None)
    found = shown([clean], [oracle], Plan(families=("haze",)), 0)
    assert found.sought == []
    assert all(one.said == {} for one in found.hopeless)


def _row(family: str, severity: int, score: float, psnr_db: float) -> CaseRow:
    return CaseRow("a", "liver", "m", family, severity, score, psnr_db=psnr_db)


def test_a_family_that_is_judged_too_hard_is_confused_with_others_and_right_within_itself() -> None:
    rows = [_row("haze", s, -s, 30.0 - s) for s in (1, 2, 3, 4)]
    rows += [_row("jpeg", s, -10.0 - s, 40.0 - s) for s in (1, 2, 3, 4)]  # better PSNR, worse score
    table = agreeing_pairs(rows, ["haze", "jpeg", "shadow"])
    assert table[:2, :2] == pytest.approx(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert np.isnan(table[2]).all()


def test_equal_scores_are_half_right() -> None:
    rows = [_row("haze", 1, -1.0, 30.0), _row("haze", 2, -1.0, 25.0)]
    assert agreeing_pairs(rows, ["haze"]) == pytest.approx(np.array([[0.5]]))
