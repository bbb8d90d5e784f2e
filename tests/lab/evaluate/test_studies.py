from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SettingsError, SourceError
from scanmon.lab.opening import Remembering
from scanmon.lab.pictures import patterns, samples, stills
from tests.doubles.oracle import speckled


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
    with pytest.raises(SettingsError, match=r"cannot be read.*nowhere"):
        patterns(["@nowhere"])


def test_a_folder_without_organs_is_one_organ(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckled())
    assert list(samples(tmp_path)) == [tmp_path.name]


def test_frames_of_a_cine_are_spread_and_a_picture_gives_one(tmp_path: Path) -> None:
    for number in range(9):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((64, 64), 10 * number, np.uint8))
    assert [int(frame.pixels[0, 0]) for frame in stills(tmp_path, 3)] == [10, 40, 70]
    assert [int(frame.pixels[0, 0]) for frame in stills(tmp_path, 1)] == [40]
    assert [int(frame.pixels[0, 0]) for frame in stills(tmp_path / "3.png", 8)] == [30]
    assert len(list(stills(tmp_path, 99))) == 9
