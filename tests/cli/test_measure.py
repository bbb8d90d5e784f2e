import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.roi import MEASURES
from tests.doubles.commands import Command
from tests.doubles.oracle import speckled
from tests.doubles.recordings import write_dicom, write_images, write_report, write_video

ROI, OTHER = "10,10,40,30", "60,40,40,40"


def test_one_line_for_a_picture_with_every_measure(tmp_path: Path, command: Command) -> None:
    pixels = speckled(4)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    options = ["--roi", ROI, "--background", OTHER, "--mm-per-pixel", "0.2"]
    line = command("measure", tmp_path / "a.png", *options).row
    assert list(line) == [
        *("source", "frame", "time_s", "roi", "background", *MEASURES, "axial_mm", "lateral_mm")
    ]
    inside, outside = (
        pixels[y : y + h, x : x + w].astype(float) for x, y, w, h in ((10, 10, 40, 30), (60, 40, 40, 40))
    )
    assert line["mean"] == pytest.approx(inside.mean())
    assert line["cnr"] == pytest.approx(
        abs(inside.mean() - outside.mean()) / np.sqrt(inside.var() + outside.var())
    )
    assert line["axial_mm"] == pytest.approx(0.2 * line["axial_px"])


def test_without_a_background_there_is_no_contrast(tmp_path: Path, command: Command) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckled(4))
    line = command("measure", tmp_path / "a.png", "--roi", "60,50,20").row
    assert line["roi"] == [40, 30, 40, 40]
    assert (line["background"], line["contrast_db"], line["cnr"], line["gcnr"]) == (None, None, None, None)


def test_every_frame_of_a_cine_or_so_many_of_it(tmp_path: Path, command: Command) -> None:
    every = ["measure", write_video(tmp_path / "a.mp4", 12), "--roi", ROI]
    assert [line["frame"] for line in command(*every).rows] == list(range(12))
    assert [line["frame"] for line in command(*every, "--frames", "3").rows] == [2, 6, 10]


def test_a_folder_becomes_a_table_in_which_a_bad_file_has_its_error(tmp_path: Path, command: Command) -> None:
    folder = write_images(tmp_path / "pictures", 3)
    (folder / "broken.png").write_bytes(b"none")
    cv2.imwrite(str(folder / "small.png"), np.full((20, 20), 90, np.uint8))
    out = tmp_path / "table.csv"
    said = command("measure", folder, "--roi", ROI, "--background", OTHER, "--out", out, code=1)
    with out.open(newline="") as file:
        rows = {Path(row["source"]).name: row for row in csv.DictReader(file)}
    assert rows["frame_1.png"]["roi"] == ROI
    assert 0 < float(rows["frame_1.png"]["gcnr"]) <= 1
    assert rows["broken.png"]["error"]
    assert "reaches over the picture of 20x20" in rows["small.png"]["error"]
    assert "2 of 5 could not be measured" in said.err
    assert "measured: 5\n" in said.err  # how many rows the table has
    alone = command("measure", folder / "broken.png", "--roi", ROI, code=1)  # one line, which says why
    assert (alone.out, alone.err.count("\n")) == ("", 1)
    assert "is not a PNG" in alone.err


def test_a_report_among_the_pictures_is_passed_over(tmp_path: Path, command: Command) -> None:
    folder = write_images(tmp_path / "pictures", 1)
    write_report(folder / "report.dcm")
    said = command("measure", folder, "--roi", ROI)
    assert "passed over: 1 .dcm" in said.err
    assert len(said.rows) == 1
    said = command("measure", folder / "report.dcm", "--roi", ROI, code=1)
    assert "no file holds a picture" in said.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--roi", ROI, "--dynamic-range", "0"], "no number from 1 to 200"),
        (["--roi", ROI, "--bins", "1"], "no whole number from 2 to 256"),
        ([], "--roi"),
    ],
)
def test_wrong_usage_is_told(options: list[str], said: str, tmp_path: Path, command: Command) -> None:
    assert said in command("measure", tmp_path, *options, code=2).err


def test_what_is_no_region_is_told_before_anything_is_read(tmp_path: Path, command: Command) -> None:
    said = command("measure", tmp_path / "missing.png", "--roi", "1,2", code=1)
    assert "not a region of interest; use X,Y,WIDTH,HEIGHT" in said.err


def test_a_dicom_file_says_itself_how_large_a_pixel_is(tmp_path: Path, command: Command) -> None:
    write_dicom(tmp_path / "a.dcm", speckled(4)[None], PixelSpacing=[0.25, 0.25])
    line = command("measure", tmp_path / "a.dcm", "--roi", ROI).row
    assert line["lateral_mm"] == pytest.approx(0.25 * line["lateral_px"])
    cv2.imwrite(str(tmp_path / "b.png"), speckled(4))
    assert command("measure", tmp_path / "b.png", "--roi", ROI).row["lateral_mm"] is None
