import csv
import json
from pathlib import Path

import numpy as np
import pytest

from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.examples import Shown, shown
from scanmon.lab.evaluate.figures import Figure, figures
from scanmon.lab.evaluate.plan import Plan
from scanmon.lab.evaluate.plots import agreeing_pairs
from scanmon.lab.evaluate.stability import Series, stability
from scanmon.lab.evaluate.tables import markdown, write_page, write_tables
from tests.doubles.oracle import CALIBRATION, Oracle, picture


def _rows() -> list[CaseRow]:
    rows = []
    for organ, offset in (("liver", 0.0), ("nerve", -4.0)):
        for number in range(3):
            name = f"{organ}/{number}"
            rows.append(CaseRow(name, organ, "map", "clean", 0, -1.0, 90 + offset, "adequate"))
            for family in ("gain_low", "h264", "local_artefact"):
                for s in (1, 2, 3, 4):
                    local = (1.0, 0.2, 1.0, 0.6, 0.1) if family == "local_artefact" else (None,) * 5
                    quality = 90 + offset - 15 * s
                    rows.append(
                        CaseRow(
                            name, organ, "map", family, s, -1.0 - s, quality, "marginal", 40.0 - s, *local
                        )
                    )
    rows.append(CaseRow("degenerate/black", "degenerate", "map", "degenerate", 0, -9.0, 0.0, "inadequate"))
    return rows


def _series() -> Series:
    times = np.arange(100) / 30
    return Series("clip_1", "map", times, 80 + 5 * np.sin(40 * times), np.full(100, 80.0), 0, 0, 0.0)


def _shown() -> Shown:
    clean = picture()
    return shown([clean], [Oracle(clean.pixels)], Plan(families=("gain_low", "h264")), 0)


def test_the_long_table_and_the_json_hold_every_figure(tmp_path: Path) -> None:
    found = figures(_rows())
    write_tables([*found, Figure("map", "odd", float("inf"), 1)], tmp_path, {"bundle": "b"})
    with (tmp_path / "table.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(found) + 1
    assert lines[-1]["value"] == ""
    document = json.loads((tmp_path / "table.json").read_text())
    assert document["about"] == {"bundle": "b"}
    assert document["figures"][-1]["value"] is None
    assert "h264" in document["held_out"]


def test_the_short_table_marks_held_out_families_and_states_the_spread() -> None:
    text = markdown(figures(_rows()))
    for row in ("h264 * | 1.00", "gain_low | 1.00", "spread over organs | 4 | 4 | 4 | 4 | 4", "black | 0"):
        assert f"| {row} |" in text
    assert "| liver | 90 | 75 | 60 | 45 | 30 |" in text


def test_the_page_names_every_plot_and_escapes_what_it_is_told(tmp_path: Path) -> None:
    path = write_page(
        figures(_rows()), [("a.png", "caption <1>")], [("m.jpg", "missed")], tmp_path, {"bundle": "<b>"}
    )
    text = path.read_text()
    for part in ("src='a.png'", "<summary>missed</summary>", "src='m.jpg'", "caption &lt;1&gt;"):
        assert part in text
    assert "<td>&lt;b&gt;</td>" in text
    assert "Research use only" in text


def test_the_plots_are_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    import cv2

    from scanmon.lab.evaluate.plots import write_plots

    series = _series()
    found = [*figures(_rows()), *stability([series])]
    written = write_plots(found, _rows(), [series], _shown(), tmp_path)
    assert [name for name, _ in written] == [
        *("ordering.png", "localisation.png", "artefact_oracle.png", "severity_map.png"),
        *("organs_map.png", "psnr_map.png", "confusion_map.png", "hopeless.png", "clips_map.png"),
        *("faults.png",),
    ]
    for name, _ in written:
        picture = cv2.imread(str(tmp_path / name))
        assert picture.std() > 5


def test_plots_without_the_extra_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from scanmon.core.errors import SettingsError
    from scanmon.lab.evaluate.plots import write_plots

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(SettingsError, match=r"scanmon\[evaluate\]"):
        write_plots([], [], [], Shown([], [], {}, ""), tmp_path)


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
