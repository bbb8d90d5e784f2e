import pytest

from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.figures import SEEN, UNSEEN, Figure, figures


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
