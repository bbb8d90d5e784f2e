import csv
import shutil
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.cli import parser_with
from scanmon.cli.options import settings_from
from scanmon.lab.qa.store import CheckStore, Record
from tests.doubles import sessions
from tests.doubles.commands import Command
from tests.doubles.phantom_picture import phantom_frames
from tests.doubles.probe_in_air import ProbeInAir
from tests.doubles.recordings import ultrasound_region, write_dicom
from tests.doubles.sessions import record


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("qa")
    for seed in range(3):
        cv2.imwrite(str(folder / f"good{seed}.png"), ProbeInAir(seed=seed).picture())
    cv2.imwrite(str(folder / "dead.png"), ProbeInAir(gains={40: 0.0}, least=2.0, seed=9).picture())
    cv2.imwrite(str(folder / "phantom.png"), phantom_frames(seed=1, wires=((200.0, 150.0),))[0])
    return folder


def test_a_scheduled_run_has_a_baseline_limits_and_an_exit_code(pictures, tmp_path, command) -> None:
    store, page, points = tmp_path / "checks.db", tmp_path / "page.html", tmp_path / "points.csv"
    kept = ["--probe", "L12", "--scanner", "S1", "--store", store, "--baseline-size", "3"]
    for seed in range(3):
        assert command("qa", "air", pictures / f"good{seed}.png", *kept).row["within"] is None
    assert command("qa", "air", pictures / "good1.png", *kept).row["within"] is True
    options = ["--elements", "128", "--report", page, "--baseline", "no"]
    said = command("qa", "air", pictures / "dead.png", *kept, *options, code=1)
    assert said.row["within"] is False
    assert "dips" in said.row["outside"]
    assert said.row["dips"][0]["elements"] == [40]
    assert "dead.png: the check has failed: " in said.err
    assert "dips 1.0, allowed up to 0.5" in said.err
    assert said.err.count("\n") == 1
    assert "OUTSIDE" in page.read_text()
    assert "element 40" in page.read_text()
    rows = command("trends", "--store", store, "--probe", "L12", "--out", points).rows
    assert {row["trend"] for row in rows} == {"too few checks: 6 are needed"}
    assert len(list(csv.DictReader(points.open()))) == 5 * len(rows)


def test_a_probe_that_gets_worse_has_an_exit_code(tmp_path: Path, command: Command) -> None:
    with closing(CheckStore(tmp_path / "checks.db", make=True)) as store:
        for month in range(1, 9):
            depth = {"reverberation_depth_mm": 40.0 - month}
            store.add(Record(f"2026-{month:02d}-01T08:00:00+00:00", "air", "S1", "L12", "yes", depth, [], {}))
    said = command("trends", "--store", tmp_path / "checks.db", code=1)
    assert said.err == "error: getting worse: S1 L12 reverberation_depth_mm; look at the page of --report\n"
    assert (said.row["trend"], said.row["checks"]) == ("getting worse", 8)
    assert said.row["slope_30_days"] == pytest.approx(-1, abs=0.05)


def test_an_element_that_died_has_an_exit_code_and_a_word_of_its_own(tmp_path, command) -> None:
    with closing(CheckStore(tmp_path / "checks.db", make=True)) as store:
        for month in range(1, 13):
            measures = {"reverberation_depth_mm": 40.0 - month, "dips": float(month > 10)}
            store.add(
                Record(f"2026-{month:02d}-01T08:00:00+00:00", "air", "S1", "L12", "yes", measures, [], {})
            )
    said = command("trends", "--store", tmp_path / "checks.db", code=1)
    assert said.err == (
        "error: getting worse: S1 L12 reverberation_depth_mm; worse than its baseline: S1 L12 dips; "
        "look at the page of --report\n"
    )


def test_a_check_whose_page_cannot_be_written_is_not_kept(pictures, tmp_path, command) -> None:
    store = tmp_path / "checks.db"
    (tmp_path / "file").touch()
    kept = ["--probe", "L12", "--store", store, "--report", tmp_path / "file" / "page.html"]
    assert "page.html" in command("qa", "air", pictures / "good0.png", *kept, code=1).err
    with closing(CheckStore(store, make=False)) as checks:
        assert checks.records() == []


def test_without_a_record_a_dead_element_decides(pictures: Path, command: Command) -> None:
    said = command("qa", "air", pictures / "dead.png", code=1)
    assert "the check has failed: dead or weak places: 1; " in said.err
    assert (said.row["within"], said.row["probe"], len(said.row["dips"])) == (None, "", 1)


def test_millimetres_come_from_two_points_or_from_dicom(pictures, tmp_path, command) -> None:
    phantom, file = pictures / "phantom.png", tmp_path / "phantom.dcm"
    given = command("qa", "phantom", phantom, "--scale", "10,10,10,110,20").row
    assert given["about"]["mm_per_pixel"] == pytest.approx(0.2)
    _write_dicom(file, cv2.imread(str(phantom), cv2.IMREAD_GRAYSCALE), delta_cm=0.02)
    stated = command("qa", "phantom", file).row
    assert (stated["about"]["mm_per_pixel"], stated["about"]["mm_from"]) == (pytest.approx(0.2), "DICOM")
    assert stated["measures"]["wire_axial_mm"] == pytest.approx(given["measures"]["wire_axial_mm"], abs=0.02)
    assert "penetration_px" in command("qa", "phantom", phantom).row["measures"]


def test_a_cine_is_measured_by_its_median(pictures: Path, tmp_path: Path, command: Command) -> None:
    for number in range(3):
        shutil.copy(pictures / "good0.png", tmp_path / f"{number}.png")
    assert command("qa", "air", tmp_path).row["about"]["frames"] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["air", "absent.png"], "absent.png"),
        (["air", "phantom.png"], "phantom.png"),
        (["air", "good0.png", "--noise", "phantom.png"], "a noise picture belongs to a phantom"),
        (["air", "good0.png", "--scale", "1,2,3"], "is no scale"),
        (["air", "good0.png", "--report", "page.txt"], "no ending of a page"),
        (["air", "good0.png", "--probe", " "], "is no name"),
        (["air", "good0.png", "--region", "nowhere"], "not a region"),
        (["air", "good0.png", "--region", "other"], "one view alone"),
        (["air", "good0.png", "--region", "0,0,20,20"], "too small to measure in"),
    ],
)
def test_what_makes_no_sense_is_one_line(pictures, arguments, says, monkeypatch, command) -> None:
    monkeypatch.chdir(pictures)
    said = command("qa", *arguments, code=1)
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert says in said.err


def test_examinations_are_part_of_the_trends(tmp_path: Path, command: Command) -> None:
    sessions, page = [tmp_path / "one", tmp_path / "two"], tmp_path / "page.pdf"
    for session in sessions:
        record(session, 12)
    rows = command("trends", "--store", tmp_path / "none.db", "--sessions", *sessions, "--report", page).rows
    assert {row["kind"] for row in rows} == {"examination"}
    assert [row["measure"] for row in rows] == ["quality", "adequate_percent"]
    assert rows[0]["checks"] == 2
    assert page.read_bytes().startswith(b"%PDF")


def test_examinations_are_told_apart_by_the_probe_that_they_name(tmp_path, monkeypatch, command) -> None:
    for probe in ("L12-5", "C5-1", ""):
        options = ["--scanner", "room 2", "--probe", probe, "--record", str(tmp_path)]
        asked = parser_with(["live"]).parse_args(["live", "phantom:", *options])
        about = replace(sessions.ABOUT, settings=asdict(settings_from(asked)))
        monkeypatch.setattr(sessions, "ABOUT", about)
        record(tmp_path / f"of {probe}", 12)
    every = ["trends", "--store", tmp_path / "none.db", "--sessions", *tmp_path.iterdir()]

    def told(*more: str) -> set[tuple[str, str, int]]:
        return {(row["scanner"], row["probe"], row["checks"]) for row in command(*every, *more).rows}

    assert told() == {("room 2", "L12-5", 1), ("room 2", "C5-1", 1), ("room 2", "", 1)}
    assert told("--probe", "L12-5") == {("room 2", "L12-5", 2)}
    with pytest.raises(SystemExit):
        parser_with(["live"]).parse_args(["live", "phantom:", "--probe", "a/path.png"])


def _write_dicom(path: Path, pixels: np.ndarray, delta_cm: float) -> None:
    region = ultrasound_region(128, 40, 511, 459)
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = delta_cm
    write_dicom(path, pixels[None], SequenceOfUltrasoundRegions=[region])
