"""Files of every kind in one data set: cines, colour, DICOM of a scanner, and some that cannot be read."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.demo import cine_path
from scanmon.cli import main
from scanmon.core.values import Box
from scanmon.degradations import degrade
from scanmon.lab.pictures import CleanPictures, Regions, Sample, Skipped, frames_in, samples
from tests.doubles.oracle import speckled


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A cardiac cine, and an organ with pictures of several sizes, one in colour, and damaged files."""
    heart, liver = tmp_path / "data" / "heart", tmp_path / "data" / "liver"
    heart.mkdir(parents=True)
    (liver / "deeper").mkdir(parents=True)
    shutil.copy(cine_path(), heart / "cine.dcm")
    cv2.imwrite(str(liver / "gray.png"), speckled(0, 160, 200))
    cv2.imwrite(str(liver / "deeper" / "gray.png"), speckled(1, 120, 260))
    colour = np.dstack([speckled(2, 180, 220)] * 3)
    cv2.imwrite(str(liver / "colour.jpg"), colour)
    (liver / "empty.png").write_bytes(b"")
    (liver / "cut.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"xx")
    return tmp_path / "data"


def test_the_frames_of_a_cardiac_cine_share_one_sector_and_faults_stay_inside_it() -> None:
    found = list(Regions("auto").of_stills(cine_path(), 3))
    assert [frame.index for frame, _ in found] == [5, 15, 25]
    assert len({id(region) for _, region in found}) == 1
    sample = Sample(cine_path(), "heart", "heart/cine.dcm")
    picture = next(iter(CleanPictures([sample], "auto", 1, Skipped())))
    assert picture.region.kind == "sector"
    assert 0.2 < picture.inside.mean() < 0.65  # the rest is black, text and buttons
    worse = degrade(picture.pixels, "haze", 4, np.random.default_rng(0), picture.inside).image
    assert (worse[~picture.inside] == picture.pixels[~picture.inside]).all()
    assert (worse[picture.inside] != picture.pixels[picture.inside]).mean() > 0.9


def test_a_region_that_was_given_is_not_looked_for_in_the_cine() -> None:
    (_, region), *_ = Regions("40,20,200,160").of_stills(cine_path(), 2)
    assert region.box == Box(40, 20, 200, 160)


def test_pictures_of_one_name_in_two_folders_are_two_pictures(mixed: Path) -> None:
    names = [sample.name for sample in samples(mixed)["liver"]]
    assert len(names) == len(set(names)) == 5
    assert "liver/deeper/gray.png" in names


def test_what_cannot_be_read_is_counted_and_the_rest_is_there(
    mixed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    skipped = Skipped()
    chosen = [sample for own in samples(mixed).values() for sample in own]
    pictures = CleanPictures(chosen, "full", 2, skipped)
    assert pictures.count() == 6  # an empty picture is found out when it is its turn
    found = list(pictures)
    assert [p.name for p in found] == [
        "heart/cine.dcm#7",
        "heart/cine.dcm#22",
        "liver/colour.jpg",
        "liver/gray.png",
        "liver/deeper/gray.png",
    ]
    assert all(p.pixels.ndim == 2 for p in found)
    assert skipped.names == ["liver/cut.dcm", "liver/empty.png"]
    assert "liver/empty.png is passed over: the file is empty" in caplog.text


def test_only_cines_are_opened_to_count_frames(tmp_path: Path) -> None:
    assert frames_in(tmp_path / "not there.png", 5) == 1
    assert frames_in(cine_path(), 5) == 5
    assert frames_in(cine_path(), 99) == 30


def _evaluate(data: Path, bundle: Path, out: Path, *more: str) -> int:
    command = ["evaluate", str(data), "--bundle", str(bundle), "--out", str(out), "--metric", "map"]
    return main([*command, "--no-plots", "--families", "haze", *more])


def test_an_evaluation_goes_on_over_damaged_files_and_says_so_at_the_end(
    mixed: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _evaluate(mixed, tiny_bundle, tmp_path / "out", "--frames-per-cine", "2") == 1
    assert capsys.readouterr().err.splitlines()[-1] == ("error: 2 files could not be read, see their lines")
    about = json.loads((tmp_path / "out" / "table.json").read_text())["about"]
    assert about["pictures"] == "heart 2, liver 3"
    assert about["not readable"] == "liver/cut.dcm, liver/empty.png"
    assert _evaluate(mixed, tiny_bundle, tmp_path / "out", "--leave-out", "liver/[ce][um]*") == 0


def test_a_data_set_without_a_readable_file_is_an_error_of_one_line(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "liver").mkdir(parents=True)
    (tmp_path / "data" / "liver" / "a.png").write_bytes(b"")
    assert _evaluate(tmp_path / "data", tiny_bundle, tmp_path / "out") == 1
    assert "none of 1 files can be read" in capsys.readouterr().err.splitlines()[-1]
