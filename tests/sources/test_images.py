"""Still pictures: depths, colours, pages, and the order of a folder."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.images import images_in, open_images
from tests.doubles.recordings import colored, moving_gray, write_images

GRAY = moving_gray(7)


def only_frame(path: Path) -> np.ndarray:
    frames = list(open_images(path))
    assert len(frames) == 1
    return frames[0].pixels


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_gray_is_kept_as_it_is(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    cv2.imwrite(str(path), GRAY)
    assert np.array_equal(only_frame(path), GRAY)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "jpg"])
def test_colour_becomes_the_gray_of_cv2(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    cv2.imwrite(str(path), colored(GRAY))
    want = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2GRAY)
    assert np.array_equal(only_frame(path), want)


def test_alpha_is_ignored(tmp_path: Path) -> None:
    alpha = np.random.default_rng(0).integers(0, 255, GRAY.shape, np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), np.dstack([colored(GRAY), alpha]))
    want = cv2.cvtColor(colored(GRAY), cv2.COLOR_BGR2GRAY)
    assert np.array_equal(only_frame(tmp_path / "a.png"), want)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_12_bits_in_16_are_scaled_and_not_clipped(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    values = np.linspace(0, 4095, GRAY.size).reshape(GRAY.shape).astype(np.uint16)
    cv2.imwrite(str(path), values)
    assert np.array_equal(only_frame(path), np.rint(values * (255 / 4095)))


def test_16_bit_colour_is_scaled_as_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), colored(GRAY).astype(np.uint16) * 257)
    want = cv2.cvtColor(colored(GRAY), cv2.COLOR_BGR2GRAY)
    assert np.abs(only_frame(tmp_path / "a.png").astype(int) - want).max() <= 1


def test_every_page_of_a_tiff_is_a_frame(tmp_path: Path) -> None:
    pages = [moving_gray(index) for index in range(5)]
    cv2.imwritemulti(str(tmp_path / "a.tif"), pages)
    frames = list(open_images(tmp_path / "a.tif"))
    assert len(frames) == 5
    assert all(np.array_equal(frame.pixels, page) for frame, page in zip(frames, pages, strict=True))


def test_a_folder_is_read_in_the_order_that_people_count_in(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", frames=12)
    (folder / ".hidden.png").write_bytes(b"junk")
    (folder / "notes.txt").write_text("junk")
    assert [path.name for path in images_in(folder)] == [f"frame_{index}.png" for index in range(12)]
    means = [frame.pixels.mean() for frame in open_images(folder)]
    assert means == sorted(means)


def test_pictures_have_no_rate_of_their_own(tmp_path: Path) -> None:
    recording = open_images(write_images(tmp_path / "images", frames=3))
    assert recording.info.rate_hz is None
    assert recording.times_s == pytest.approx([0.0, 0.04, 0.08])


def test_a_bad_file_in_a_folder_is_named(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", frames=3)
    (folder / "frame_1.png").write_bytes(b"junk" * 50)
    with pytest.raises(SourceError, match=r"frame_1\.png"):
        open_images(folder)


def test_a_path_with_letters_of_any_language_opens(tmp_path: Path) -> None:
    path = tmp_path / "Schädel_心.png"
    path.write_bytes(cv2.imencode(".png", GRAY)[1].tobytes())
    assert np.array_equal(only_frame(path), GRAY)
