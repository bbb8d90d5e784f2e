import csv
import json
import shutil
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from scanmon.cli import main, parser_with
from scanmon.cli.options import settings_from
from scanmon.lab.qa.store import CheckStore, Record
from tests.doubles.phantom_picture import phantom_frames
from tests.doubles.probe_in_air import ProbeInAir
from tests.doubles.sessions import record
from tests.session.recording import material


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("qa")
    for seed in range(3):
        cv2.imwrite(str(folder / f"good{seed}.png"), ProbeInAir(seed=seed).picture())
    cv2.imwrite(str(folder / "dead.png"), ProbeInAir(gains={40: 0.0}, least=2.0, seed=9).picture())
    cv2.imwrite(str(folder / "phantom.png"), phantom_frames(seed=1, wires=((200.0, 150.0),))[0])
    return folder


def test_a_scheduled_run_has_a_baseline_limits_and_an_exit_code(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, page = tmp_path / "checks.db", tmp_path / "page.html"
    kept = ["--probe", "L12", "--scanner", "S1", "--store", str(store), "--baseline-size", "3"]
    for seed in range(3):
        assert main(["qa", "air", str(pictures / f"good{seed}.png"), *kept]) == 0
        assert json.loads(capsys.readouterr().out)["within"] is None
    assert main(["qa", "air", str(pictures / "good1.png"), *kept]) == 0
    assert json.loads(capsys.readouterr().out)["within"] is True
    options = ["--elements", "128", "--report", str(page), "--baseline", "no"]
    assert main(["qa", "air", str(pictures / "dead.png"), *kept, *options]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["within"] is False
    assert "dips" in found["outside"]
    assert found["dips"][0]["elements"] == [40]
    assert said.err.startswith("error: the check has failed: ")
    assert "dips 1.0, allowed up to 0.5" in said.err
    assert said.err.count("\n") == 1
    assert "OUTSIDE" in page.read_text()
    assert "element 40" in page.read_text()

    points = tmp_path / "points.csv"
    assert main(["trends", "--store", str(store), "--probe", "L12", "--out", str(points)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["trend"] for row in rows} == {"too few checks: 6 are needed"}
    assert len(list(csv.DictReader(points.open()))) == 5 * len(rows)


def test_a_probe_that_gets_worse_has_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = CheckStore(tmp_path / "checks.db", make=True)
    for month in range(1, 9):
        depth = {"reverberation_depth_mm": 40.0 - month}
        store.add(Record(f"2026-{month:02d}-01T08:00:00+00:00", "air", "S1", "L12", "yes", depth, [], {}))
    store.close()
    assert main(["trends", "--store", str(tmp_path / "checks.db")]) == 1
    said = capsys.readouterr()
    assert said.err == "error: getting worse: reverberation_depth_mm, look at the page of --report\n"
    row = json.loads(said.out)
    assert (row["trend"], row["checks"]) == ("getting worse", 8)
    assert row["slope_30_days"] == pytest.approx(-1, abs=0.05)


def test_a_check_whose_page_cannot_be_written_is_not_kept(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "checks.db"
    (tmp_path / "file").touch()
    page = tmp_path / "file" / "page.html"
    kept = ["--probe", "L12", "--store", str(store), "--report", str(page)]
    assert main(["qa", "air", str(pictures / "good0.png"), *kept]) == 1
    assert "page.html" in capsys.readouterr().err
    with closing(CheckStore(store, make=False)) as checks:
        assert checks.records() == []


def test_without_a_record_a_dead_element_decides(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qa", "air", str(pictures / "dead.png")]) == 1
    said = capsys.readouterr()
    assert "the check has failed: dead or weak places: 1, " in said.err
    found = json.loads(said.out)
    assert (found["within"], found["probe"], len(found["dips"])) == (None, "", 1)


def test_millimetres_come_from_two_points_or_from_dicom(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phantom = str(pictures / "phantom.png")
    assert main(["qa", "phantom", phantom, "--scale", "10,10,10,110,20"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["about"]["mm_per_pixel"] == pytest.approx(0.2)
    file = tmp_path / "phantom.dcm"
    _write_dicom(file, cv2.imread(phantom, cv2.IMREAD_GRAYSCALE), delta_cm=0.02)
    assert main(["qa", "phantom", str(file)]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert (stated["about"]["mm_per_pixel"], stated["about"]["mm_from"]) == (pytest.approx(0.2), "DICOM")
    assert stated["measures"]["wire_axial_mm"] == pytest.approx(given["measures"]["wire_axial_mm"], abs=0.02)
    assert main(["qa", "phantom", phantom]) == 0
    assert "penetration_px" in json.loads(capsys.readouterr().out)["measures"]


def test_a_cine_is_measured_by_its_median(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        shutil.copy(pictures / "good0.png", tmp_path / f"{number}.png")
    assert main(["qa", "air", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["about"]["frames"] == 3


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
def test_what_makes_no_sense_is_one_line(
    pictures: Path,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(pictures)
    assert main(["qa", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert says in said.err


def test_examinations_are_part_of_the_trends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        record(tmp_path / name, 12)
    sessions = [str(tmp_path / "one"), str(tmp_path / "two")]
    page = tmp_path / "page.pdf"
    code = main(
        ["trends", "--store", str(tmp_path / "none.db"), "--sessions", *sessions, "--report", str(page)]
    )
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert {row["kind"] for row in rows} == {"examination"}
    assert [row["measure"] for row in rows] == ["quality", "adequate_percent"]
    assert rows[0]["checks"] == 2
    assert page.read_bytes().startswith(b"%PDF")


def test_examinations_are_told_apart_by_the_probe_that_they_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for probe in ("L12-5", "C5-1", ""):
        options = ["--scanner", "room 2", "--probe", probe, "--record", str(tmp_path)]
        asked = parser_with(["live"]).parse_args(["live", "phantom:", *options])
        about = replace(material.ABOUT, settings=asdict(settings_from(asked)))
        monkeypatch.setattr(material, "ABOUT", about)
        record(tmp_path / f"of {probe}", 12)
    sessions = [str(folder) for folder in tmp_path.iterdir()]
    command = ["trends", "--store", str(tmp_path / "none.db"), "--sessions", *sessions]

    def told(*more: str) -> set[tuple[str, str, int]]:
        assert main([*command, *more]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {(row["scanner"], row["probe"], row["checks"]) for row in rows}

    assert told() == {("room 2", "L12-5", 1), ("room 2", "C5-1", 1), ("room 2", "", 1)}
    assert told("--probe", "L12-5") == {("room 2", "L12-5", 2)}
    with pytest.raises(SystemExit):
        parser_with(["live"]).parse_args(["live", "phantom:", "--probe", "a/path.png"])


def _write_dicom(path: Path, pixels: np.ndarray, delta_cm: float) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = pydicom.FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    region = Dataset()
    region.RegionSpatialFormat = region.RegionDataType = 1
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 128, 40
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 511, 459
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = delta_cm
    data.SequenceOfUltrasoundRegions = [region]
    data.PixelData = pixels.tobytes()
    data.save_as(path, enforce_file_format=True)
