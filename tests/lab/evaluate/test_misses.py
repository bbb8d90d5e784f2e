"""The pictures in which a metric fails most, as sheets to be looked at."""

from pathlib import Path

import cv2

from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.examples import NUISANCE, worst_misses, write_misses
from scanmon.lab.evaluate.plan import Plan
from tests.doubles.oracle import Oracle, picture


def _rows(name: str, organ: str, qualities: list[float], family: str = "haze") -> list[CaseRow]:
    clean = CaseRow(name, organ, "oracle", "clean", 0, 0.0, 90.0, "adequate")
    words = ["adequate" if quality >= 70 else "inadequate" for quality in qualities]
    faulty = zip(range(1, 5), qualities, words, strict=True)
    return [clean, *(CaseRow(name, organ, "oracle", family, s, 0.0, q, w) for s, q, w in faulty)]


def test_the_worst_misses_come_first_and_from_different_organs() -> None:
    rows = [
        *_rows("good", "liver", [80, 60, 40, 20]),
        *_rows("rises", "liver", [60, 80, 40, 20]),
        *_rows("passes", "nerve", [89, 88, 87, 86]),
        *_rows("rises too", "liver", [60, 79, 40, 20]),
        *_rows("sound", "lung", [60, 99, 99, 99]),
    ]
    found = worst_misses(rows)["haze"]
    assert [name for name, _ in found] == ["passes", "rises"]
    assert found[0][1] == (("clean", 0), ("haze", 1), ("haze", 2), ("haze", 3), ("haze", 4))


def test_a_nuisance_that_moves_the_quality_is_a_miss() -> None:
    rows = _rows("a", "liver", [80, 60, 40, 20])
    rows += [
        CaseRow("a", "liver", "oracle", f"as {name}", 0, 0.0, q) for name, q in (("x", 89.0), ("y", 40.0))
    ]
    assert worst_misses(rows)[NUISANCE][0] == ("a", (("clean", 0), ("as y", 0)))


def test_every_sheet_shows_clean_and_four_severities_above_their_maps(tmp_path: Path) -> None:
    clean = picture()
    rows = _rows("liver/a", "liver", [60, 80, 40, 20])
    rows.append(CaseRow("liver/a", "liver", "oracle", "as size_0.75", 0, 0.0, 50.0))
    written = write_misses(
        rows, [Oracle(clean.pixels)], lambda names: [clean], Plan(families=("haze",)), 120, tmp_path
    )
    assert [name for name, _ in written] == ["misses_oracle_haze.jpg", "misses_oracle_what_no_eye_minds.jpg"]
    five, two = (cv2.imread(str(tmp_path / name)) for name, _ in written)
    assert five.shape[1] > 2 * two.shape[1]
    assert five.std() > 10
