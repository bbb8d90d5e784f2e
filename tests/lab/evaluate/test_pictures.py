"""Files of every kind in one data set: cines, colour, DICOM of a scanner, and some that cannot be read."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.demo import cine_path
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.values import Box
from scanmon.degradations import degrade
from scanmon.lab.loaded_bundle import Remembering
from scanmon.lab.pictures import CleanPictures, Regions, Sample, Skipped, frames_in, patterns, samples
from tests.doubles.commands import Command
from tests.doubles.oracle import speckled

HAZE_ON_MAP = ("--metric", "map", "--no-plots", "--families", "haze")


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


def test_what_cannot_be_read_is_counted_and_the_rest_is_there(mixed, caplog) -> None:
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


def test_an_evaluation_goes_on_over_damaged_files_and_says_so_at_the_end(
    mixed: Path, tiny_bundle: Path, tmp_path: Path, command: Command
) -> None:
    run = ["evaluate", mixed, "--bundle", tiny_bundle, "--out", tmp_path / "out", *HAZE_ON_MAP]
    said = command(*run, "--frames-per-cine", "2", code=1)
    assert said.err.splitlines()[-1] == "error: 2 files could not be read; see their lines"
    about = json.loads((tmp_path / "out" / "table.json").read_text())["about"]
    assert about["pictures"] == "heart 2, liver 3"
    assert about["not readable"] == "liver/cut.dcm, liver/empty.png"
    command(*run, "--leave-out", "liver/[ce][um]*")


def test_a_data_set_without_a_readable_file_is_an_error_of_one_line(tmp_path, tiny_bundle, command) -> None:
    (tmp_path / "data" / "liver").mkdir(parents=True)
    (tmp_path / "data" / "liver" / "a.png").write_bytes(b"")
    run = ["evaluate", tmp_path / "data", "--bundle", tiny_bundle, "--out", tmp_path / "out", *HAZE_ON_MAP]
    assert "none of 1 files can be read" in command(*run, code=1).err.splitlines()[-1]


class Counting:
    """An engine that says how often it was asked."""

    backend, precision = "test", "fp32"

    def __init__(self) -> None:
        self.calls = 0

    def run(self, pixels: np.ndarray) -> np.ndarray:
        self.calls += 1
        return pixels.astype(np.float32) + 1

    def close(self) -> None:
        self.calls = -1


def test_the_same_pixels_are_run_once_and_other_ones_again_even_in_the_same_array() -> None:
    engine = Counting()
    remembering = Remembering(engine)
    pixels = np.zeros((1, 4, 4), np.uint8)
    assert remembering.run(pixels).max() == 1
    remembering.run(pixels)[:] = 99
    assert remembering.run(pixels.copy()).max() == 1
    assert engine.calls == 1
    pixels[:] = 7
    assert remembering.run(pixels).max() == 8
    assert engine.calls == 2


def test_samples_are_sorted_by_organ_and_patterns_leave_some_out(tmp_path: Path) -> None:
    for name in ("nerve/b.png", "nerve/a.png", "liver/a.png", ".hidden/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), speckled())
    found = samples(tmp_path, ["nerve/b*"])
    assert {organ: [s.name for s in own] for organ, own in found.items()} == {
        "liver": ["liver/a.png"],
        "nerve": ["nerve/a.png"],
    }
    with pytest.raises(SourceError, match="every file is left out"):
        samples(tmp_path, ["*"])


def test_a_list_of_what_to_leave_out_has_comments_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("nerve/a.png  # near-duplicate\n\n# all of these\nliver/*\n")
    assert patterns(["x/*", f"@{tmp_path / 'list.txt'}"]) == ("x/*", "nerve/a.png", "liver/*")
    with pytest.raises(SettingsError, match=r"nowhere: .*cannot be read"):
        patterns(["@nowhere"])


def test_a_folder_without_organs_is_one_organ(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckled())
    assert list(samples(tmp_path)) == [tmp_path.name]


def test_frames_of_a_cine_are_spread_and_a_picture_gives_one(tmp_path: Path) -> None:
    for number in range(9):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((64, 64), 10 * number, np.uint8))

    def levels(path: Path, limit: int) -> list[int]:
        return [int(frame.pixels[0, 0]) for frame, _ in Regions("full").of_stills(path, limit)]

    assert levels(tmp_path, 3) == [10, 40, 70]
    assert levels(tmp_path, 1) == [40]
    assert levels(tmp_path / "3.png", 8) == [30]
    assert len(levels(tmp_path, 99)) == 9
