from dataclasses import replace

import numpy as np
import pytest

from scanmon.core.values import Box
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.figures import COMMON, LIGHT, RARE, SEEN, UNSEEN, Figure, figures, ranks, spearman
from scanmon.lab.evaluate.run import covers, find

WORDS = ("adequate", "adequate", "marginal", None)


def _rows(scores: dict[str, list[float]], organ: str = "liver", picture: str = "a") -> list[CaseRow]:
    """Rows of one picture: for each family the scores of severities 1..4; the clean score is 10."""
    rows = [CaseRow(picture, organ, "m", "clean", 0, 10.0, 90.0, "adequate")]
    for number, (family, values) in enumerate(scores.items()):
        rows += [
            CaseRow(picture, organ, "m", family, s, v, 9 * v, "marginal", psnr_db=40.0 - 5 * s - number)
            for s, v in enumerate(values, 1)
        ]
    return rows


def _value(found: list[Figure], quantity: str, **scope: str) -> float:
    wanted = {"organ": "all", "family": "all", "severity": "all"} | scope
    values = [
        f.value
        for f in found
        if f.quantity == quantity and (f.organ, f.family, f.severity) == tuple(wanted.values())
    ]
    assert len(values) == 1, (quantity, scope, values)
    return values[0]


def test_ordering_counts_the_step_from_clean_and_ties_as_wrong() -> None:
    found = figures(_rows({"gain_low": [9, 8, 7, 6], "h264": [11, 9, 9, 5]}))
    assert _value(found, "ordering", family="gain_low") == 1.0
    assert _value(found, "ordering", family="h264") == 0.5
    assert _value(found, "ordering") == 0.75
    assert _value(found, "ordering", family=SEEN) == 1.0
    assert _value(found, "ordering", family=UNSEEN) == 0.5


def test_psnr_is_compared_within_a_family_and_across_all() -> None:
    found = figures(_rows({"gain_low": [9, 8, 7, 6], "haze": [9.5, 8.5, 5, 6.5]}))
    assert _value(found, "psnr_within", family="gain_low") == pytest.approx(1.0)
    assert _value(found, "psnr_within", family="haze") == pytest.approx(0.8)
    assert 0.5 < _value(found, "psnr_across") < 1.0


def test_an_unfinished_family_of_a_picture_counts_nowhere_in_the_ordering() -> None:
    found = figures(_rows({"gain_low": [9, 8]}))
    assert not [f for f in found if f.quantity == "ordering"]


def test_spread_is_the_distance_of_the_organs_medians() -> None:
    rows = [
        CaseRow(f"{o}{i}", o, "m", "clean", 0, 0.0, q + i, "adequate")
        for o, q in (("a", 80), ("b", 70))
        for i in range(3)
    ]
    found = figures(rows)
    assert _value(found, "median_quality", organ="a", severity="0") == 81
    assert _value(found, "spread_of_organs", severity="0") == 10


def test_hopeless_pictures_that_pass_are_counted() -> None:
    rows = [
        CaseRow("degenerate/black", "degenerate", "m", "degenerate", 0, 1.0, 90.0, "adequate"),
        CaseRow("degenerate/white", "degenerate", "m", "degenerate", 0, 1.0, 5.0, "inadequate"),
    ]
    found = figures(rows)
    assert _value(found, "hopeless_called_adequate") == 1
    assert _value(found, "quality_of_hopeless", family="white") == 5.0
    assert not [f for f in found if f.quantity == "ordering"]


def test_families_are_gathered_in_groups_and_the_first_step_counted_alone() -> None:
    found = figures(_rows({"gain_low": [9, 8, 7, 6], "h264": [11, 9, 9, 5], "ghost": [9, 9, 9, 9]}))
    assert _value(found, "ordering", family=COMMON) == _value(found, "ordering", family=LIGHT) == 1.0
    assert _value(found, "ordering", family=RARE) == pytest.approx((0.5 + 0.25) / 2)
    assert _value(found, "first_step") == pytest.approx(2 / 3)


def test_lungs_are_in_no_figure_of_all_and_have_their_own() -> None:
    rows = [*_rows({"haze": [9, 8, 7, 6]}), *_rows({"haze": [11, 12, 13, 14]}, "lung", "b")]
    found = figures(rows)
    assert _value(found, "ordering") == 1.0
    assert _value(found, "ordering", organ="lung") == 0.0
    assert _value(found, "clean_called_adequate", organ="lung") == 1.0


def test_what_must_never_be_adequate_is_counted() -> None:
    rows = _rows({"gain_factor": [9, 8, 7, 6], "lost_contact": [9, 8, 7, 6]})
    worst = [row for row in rows if row.severity == 4]
    rows = [replace(row, verdict="adequate") if row is worst[0] else row for row in rows]
    rows.append(CaseRow("degenerate/air", "degenerate", "m", "degenerate", 0, 1.0, 90.0, "adequate"))
    found = figures(rows)
    assert _value(found, "worst_adequate") == 0.5
    assert _value(found, "worst_adequate", family="gain_factor") == 1.0
    assert _value(found, "no_contact_adequate") == 0.5


def test_a_nuisance_is_measured_in_points_of_quality() -> None:
    rows = _rows({})
    for name, quality in (("mirror", 90.0), ("pedestal_4", 60.0), ("crop_5", 96.0)):
        rows.append(CaseRow("a", "liver", "m", f"as {name}", 0, 9.0, quality, "adequate"))
    found = figures(rows)
    assert _value(found, "nuisance_median", family="as pedestal_4") == 30.0
    assert _value(found, "nuisance_median") == 6.0
    assert 6.0 < _value(found, "nuisance_p95") < 30.0


def test_a_picture_without_a_word_counts_as_that_and_not_as_inadequate() -> None:
    rows = [CaseRow(f"{i}", "liver", "m", "clean", 0, 9.0, 90.0, word) for i, word in enumerate(WORDS)]
    found = figures(rows)
    assert _value(found, "gets_word") == 0.75
    assert _value(found, "clean_called_adequate") == pytest.approx(2 / 3)


def test_the_kind_that_is_named_is_compared_with_that_of_the_fault() -> None:
    rows = [replace(row, kind="clutter") for row in _rows({"haze": [9, 8, 7, 6], "shadow": [9, 8, 7, 6]})]
    found = figures(rows)
    assert _value(found, "kind_named", family="haze") == 1.0
    assert _value(found, "kind_named", family="shadow") == 0.0


def test_a_metric_without_a_calibration_gets_one_in_its_favour() -> None:
    rows = [CaseRow(f"{i}", "liver", "m", "clean", 0, 50.0 + i) for i in range(20)]
    rows.append(CaseRow("0", "liver", "m", "gain_high", 4, 200.0, psnr_db=9.0))
    rows.append(CaseRow("0", "liver", "m", "gain_low", 4, 5.0, psnr_db=9.0))
    found = figures(rows)
    assert _value(found, "clean_called_adequate") == 0.9
    assert _value(found, "worst_adequate") == 0.5


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks([10.0, 30.0, 10.0, 20.0]).tolist() == [1.5, 4.0, 1.5, 3.0]


def test_a_growing_series_correlates_fully_whatever_its_shape() -> None:
    assert spearman([1, 2, 3, 4], [1, 10, 100, 1000]) == pytest.approx(1.0)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)


def test_one_swap_among_four_gives_four_fifths() -> None:
    assert spearman([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)


def test_a_constant_score_agrees_with_nothing() -> None:
    assert spearman([5, 5, 5], [1, 2, 3]) == 0.0
    assert spearman([5], [1]) is None


def test_infinite_psnr_of_the_clean_picture_ranks_first() -> None:
    assert spearman([4, 3, 2], [np.inf, 40, 30]) == pytest.approx(1.0)


def test_agrees_with_scipy_on_random_series_with_ties() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 6, 12).tolist(), rng.standard_normal(12).tolist()
        assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


def test_a_box_covers_what_it_holds_half_of_and_what_it_lies_half_on() -> None:
    artefact = Box(100, 100, 60, 40)
    assert covers(Box(0, 0, 224, 224), artefact)
    assert covers(Box(110, 110, 16, 16), artefact)
    assert covers(Box(130, 90, 100, 100), artefact)
    assert not covers(Box(131, 90, 100, 100), artefact)
    assert not covers(Box(0, 0, 50, 50), artefact)


def test_chance_grows_with_the_size_of_the_box_and_the_overlap_is_a_share_of_the_worst_tenth() -> None:
    inside = np.ones((200, 300), np.bool_)
    weight = np.zeros((200, 300), np.float32)
    weight[40:90, 60:130] = 1.0
    artefact = Box(60, 40, 70, 50)
    heat = -weight
    small = find(Box(70, 50, 20, 20), heat, artefact, weight, inside)
    large = find(Box(0, 0, 200, 150), heat, artefact, weight, inside)
    assert small.point
    assert small.overlap == pytest.approx(3500 / 6000)
    assert small.overlap_chance == pytest.approx(3500 / 60000)
    assert small.covers_chance < 0.15 < 0.4 < large.covers_chance


def test_what_lies_outside_the_sector_counts_nowhere() -> None:
    inside = np.zeros((100, 100), np.bool_)
    inside[:, :50] = True
    weight = np.zeros((100, 100), np.float32)
    weight[:, 40:60] = 1.0
    heat = np.zeros((100, 100), np.float32)
    heat[:, 60:] = -1.0
    found = find(Box(60, 0, 40, 100), heat, Box(40, 0, 20, 100), weight, inside)
    assert found.overlap_chance == pytest.approx(0.2)
    assert not found.covers
