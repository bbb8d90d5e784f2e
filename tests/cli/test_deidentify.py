"""Names in tags, file names, beside the sector and inside it: none in anything that is written."""

import json
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from scanmon.app.deidentify.run import Deidentifier
from scanmon.cli import main
from scanmon.session.video import Encoder, VideoFile
from scanmon.sources.video import VideoRecording
from tests.doubles.letters import cine, plant
from tests.doubles.memory import small_files
from tests.doubles.names import brightest_beside, named_dicom, secrets_in

SECTOR = (40, 60, 520, 400)  # x, y, width, height
SIZE = (520, 640)
FRAMES = 8
SMEAR = 40  # gray levels that H.264 may carry from an edge to where letters were
Planted = tuple[NDArray[np.uint8], NDArray[np.bool_]]


def pictures() -> Planted:
    """(n, H, W) screens with names beside the sector and inside it; where the ink inside is."""
    x, y, width, height = SECTOR
    stack = np.zeros((FRAMES, *SIZE), np.uint8)
    ink = np.zeros(SIZE, np.bool_)
    for picture, part in zip(stack, cine(FRAMES, height), strict=True):
        plant(picture, "MUSTERFRAU ERIKA", 20, place=(40, 40))
        plant(picture, "KH-4711-0815", 16, place=(60, 500))
        picture[y : y + height, x : x + width] = part[:, :width]
        inside = np.ascontiguousarray(picture[y : y + height, x : x + width])
        written = plant(inside, "Musterfrau", 30, place=(60, 150))
        written |= plant(inside, "19640812", 12, cv2.FONT_HERSHEY_DUPLEX, 235, "outline", (200, 320))
        picture[y : y + height, x : x + width] = inside
        ink[y : y + height, x : x + width] = written
    return stack, ink


@pytest.fixture(scope="module")
def planted() -> Planted:
    return pictures()


def run(path: Path, out: Path, *options: str) -> int:
    return main(
        ["deidentify", str(path), "--out", str(out), "--region", ",".join(map(str, SECTOR)), *options]
    )


def video(stack: NDArray[np.uint8], path: Path) -> Path:
    encoder, film = Encoder("h264", SIZE[1], SIZE[0]), VideoFile(path, "h264", SIZE[1], SIZE[0])
    film._container.metadata["title"] = "MUSTERFRAU ERIKA"
    for number, picture in enumerate(stack):
        film.add(encoder.encode(picture, number / 25))
    film.finish()
    return path


def test_no_name_is_left_of_a_dicom_cine(planted: Planted, tmp_path: Path) -> None:
    stack, ink = planted
    item = pydicom.Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.PhysicalDeltaX = 1, 1, 0.012
    item.RegionLocationMinX0, item.RegionLocationMinY0 = SECTOR[:2]
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = SECTOR[0] + SECTOR[2] - 1, SECTOR[1] + SECTOR[3] - 1
    item.add_new(0x00090010, "LO", "MUSTERFRAU")
    path = named_dicom(
        stack,
        tmp_path / "Musterfrau Erika" / "MUSTERFRAU_19640812.dcm",
        SequenceOfUltrasoundRegions=[item],
        MechanicalIndex="0.9",
        Manufacturer="Maker of scanners",
    )
    out = tmp_path / "out"
    assert run(path.parent, out) == 0
    assert {file.name for file in out.iterdir()} == {
        "0001.dcm",
        "report.json",
        "report.txt",
        "contact_01.png",
    }
    assert {file.name: found for file in out.iterdir() if (found := secrets_in(file))} == {}
    told, original = pydicom.dcmread(out / "0001.dcm"), pydicom.dcmread(path)
    assert (told.PatientIdentityRemoved, told.BurnedInAnnotation) == ("YES", "NO")
    assert told.DeidentificationMethod.startswith("scanmon")
    assert (str(told.PatientName), told.PatientID, told.PatientBirthDate) == ("", "P0001", "")
    assert told.SOPInstanceUID == told.file_meta.MediaStorageSOPInstanceUID != original.SOPInstanceUID
    assert (told.Manufacturer, float(told.MechanicalIndex), float(told.FrameTime)) == (
        "Maker of scanners",
        0.9,
        40,
    )
    assert told.SequenceOfUltrasoundRegions[0].PhysicalDeltaX == 0.012
    assert 0x00090010 not in told.SequenceOfUltrasoundRegions[0]
    assert not any(element.tag.is_private for element in told.iterall())
    shown = told.pixel_array
    assert shown.shape == stack.shape
    assert max(brightest_beside(picture, SECTOR, 3) for picture in shown) == 0
    assert (shown[:, ink] == 0).mean() > 0.97
    inside = np.s_[:, SECTOR[1] : SECTOR[1] + SECTOR[3], SECTOR[0] : SECTOR[0] + SECTOR[2]]
    assert (shown[inside] == stack[inside]).mean() > 0.85  # the image itself is as it was


def test_no_name_is_left_of_a_video_and_a_picture(planted: Planted, tmp_path: Path) -> None:
    stack, ink = planted
    folder = tmp_path / "Musterfrau Erika"
    folder.mkdir()
    assert secrets_in(video(stack, folder / "b_ERIKA.mkv"))
    noted = cv2.imencode(".jpg", stack[0])[1].tobytes()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x0bMUSTERFRAU\0\0\0\0"
    noted = noted[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + noted[2:]
    (folder / "c_19640812.jpg").write_bytes(noted)
    out = tmp_path / "out"
    assert run(folder, out, "--mapping") == 0
    (out / "mapping.csv").rename(tmp_path / "mapping.csv")
    assert "b_ERIKA.mkv" in (tmp_path / "mapping.csv").read_text()
    assert {file.name: found for file in out.iterdir() if (found := secrets_in(file))} == {}
    with av.open(str(out / "0001.mkv")) as film:
        assert set(film.metadata) <= {"ENCODER"}
    shown = [frame.pixels for frame in VideoRecording(out / "0001.mkv")]
    assert len(shown) == FRAMES
    assert max(brightest_beside(picture, SECTOR, 16) for picture in shown) <= SMEAR
    assert np.mean([picture[ink] <= SMEAR for picture in shown]) > 0.97
    still = cv2.imread(str(out / "0002.png"), cv2.IMREAD_UNCHANGED)
    assert still.ndim == 2
    assert brightest_beside(still, SECTOR, 3) == 0
    assert (still[ink] == 0).mean() > 0.97


def test_what_belongs_together_stays_together(planted: Planted, tmp_path: Path) -> None:
    stack = planted[0][:1]
    shared = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.4"}
    for name, patient in (("a", "4711"), ("b", "4711"), ("c", "4712")):
        named_dicom(stack, tmp_path / "in" / f"{name}.dcm", PatientID=patient, **shared)
    assert run(tmp_path / "in", tmp_path / "out") == 0
    one, other, third = (pydicom.dcmread(tmp_path / "out" / f"000{number}.dcm") for number in (1, 2, 3))
    assert one.StudyInstanceUID == other.StudyInstanceUID != "1.2.3"
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert [file.PatientID for file in (one, other, third)] == ["P0001", "P0001", "P0002"]


def test_every_file_that_needs_an_eye_is_named_to_the_user_and_numbered_in_the_report(
    planted: Planted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a_ERIKA.dcm").write_bytes(b"this is no DICOM file")
    cv2.imwrite(str(folder / "b_ERIKA.png"), planted[0][0])
    cv2.imwrite(str(folder / "c_ERIKA.png"), np.zeros((100, 100), np.uint8))  # the region is not in it
    (folder / "d_ERIKA.txt").write_text("MUSTERFRAU")
    assert run(folder, out) == 1
    said = capsys.readouterr().err
    assert all(f"{letter}_ERIKA" in said for letter in "abcd")
    report = json.loads((out / "report.json").read_text())
    assert [file["outcome"] for file in report["files"]] == [
        "unreadable",
        "written",
        "unreadable",
        "passed over",
    ]
    assert report["complete"]
    assert all(file["eye"] for file in report["files"])  # of b, that letters were masked
    assert not any(secrets_in(file) for file in out.iterdir())
    assert [file.name for file in out.iterdir() if file.suffix in (".png", ".dcm")] != []
    assert not (out / "mapping.csv").exists()


def test_of_a_cine_that_was_cut_off_what_is_there_is_written_and_said(planted, tmp_path) -> None:
    path = named_dicom(planted[0], tmp_path / "in" / "a.dcm")
    path.write_bytes(path.read_bytes()[: -2 * SIZE[0] * SIZE[1] - 100])
    assert run(path, tmp_path / "out") == 1
    (file,) = json.loads((tmp_path / "out" / "report.json").read_text())["files"]
    assert (file["outcome"], file["frames"]) == ("in part", FRAMES - 3)
    assert pydicom.dcmread(tmp_path / "out" / "0001.dcm").pixel_array.shape == (FRAMES - 3, *SIZE)


def test_a_picture_whose_image_is_not_found_is_not_written(tmp_path: Path, command) -> None:
    blank, out = np.full((300, 400), 30, np.uint8), tmp_path / "out"
    plant(blank, "MUSTERFRAU", 20, place=(20, 100))
    cv2.imwrite(str(tmp_path / "page.png"), blank)
    said = command("deidentify", tmp_path / "page.png", "--out", out, code=1).err
    assert said.endswith("error: nothing was written; report.txt says why\n")
    (file,) = json.loads((out / "report.json").read_text())["files"]
    assert file["outcome"] == "withheld"
    assert {path.name for path in out.iterdir()} == {"report.json", "report.txt"}


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files has no limit")
def test_a_full_disk_is_told_with_the_folder(planted: Planted, tmp_path, capsys) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), planted[0][0])
    out = tmp_path / "out"
    with small_files(1000):
        assert run(tmp_path / "a.png", out) == 1
    *_, said = capsys.readouterr().err.splitlines()
    assert said == f"error: {out}: cannot be written (File too large); choose a folder with space"
    for file in out.iterdir():  # whole, and saying that the run was stopped
        assert file.name == "report.txt" or not json.loads(file.read_text())["complete"]


def test_nothing_is_overwritten(planted: Planted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), planted[0][0])
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.txt").write_text("mine")
    assert run(tmp_path / "a.png", out) == 1
    assert "is not empty" in capsys.readouterr().err
    assert (out / "report.txt").read_text() == "mine"
    assert len(list(out.iterdir())) == 1


def test_the_whole_picture_is_never_taken_for_the_image(tmp_path, command) -> None:
    said = command("deidentify", tmp_path, "--out", tmp_path / "out", "--region", "full", code=1)
    assert "name the image area" in said.err
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_stopped_says_so_in_its_report(planted: Planted, tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in "ab":
        cv2.imwrite(str(folder / f"{name}.png"), planted[0][0])
    stopped = Deidentifier(folder, out, ",".join(map(str, SECTOR))).run()
    next(stopped)
    stopped.close()
    assert not json.loads((out / "report.json").read_text())["complete"]
    assert (out / "contact_01.png").is_file()


@pytest.mark.parametrize("masked", [False, True])
def test_a_session_masks_letters_where_it_is_asked_to(planted, tmp_path, tiny_bundle, masked) -> None:
    stack, ink = planted
    source = video(stack, tmp_path / "loop.mkv")
    argv = ["replay", str(source), "--headless", "--region", ",".join(map(str, SECTOR)), "--lossless"]
    argv += ["--bundle", str(tiny_bundle), "--metric", "map", "--record", str(tmp_path / "sessions")]
    assert main([*argv, *(["--mask-text"] if masked else [])]) == 0
    (film,) = (tmp_path / "sessions").rglob("video.mkv")
    shown = np.stack([frame.pixels for frame in VideoRecording(film)])
    assert len(shown) == FRAMES
    if masked:
        assert (shown[:, ink] == 0).mean() > 0.97
    else:
        assert shown[:, ink].mean() > 180
