"""A second picture, woven lines and blocks: measured where they are, and nowhere else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.values import View
from scanmon.scoring.marks import Marks, blocks, doubled, lag_px, marks
from tests.doubles.oracle import speckled

Gray = NDArray[np.uint8]
TALL, WIDE = 400, 520


def _tissue(seed: int = 0) -> Gray:
    """Speckle with slanted fibres and bright and dark places, as wide as a view."""
    rows, columns = np.mgrid[:TALL, :WIDE]
    fibres = 30.0 * np.sin((rows + 0.4 * columns) / 9.0)
    places = 40.0 * np.sin(columns / 70.0) * np.cos(rows / 50.0)
    return np.clip(0.7 * speckled(seed, TALL, WIDE) + fibres + places, 0, 255).astype(np.uint8)


def _copied(gray: Gray, share: float, right: int, down: int) -> Gray:
    place = np.array([[1, 0, right], [0, 1, down]], np.float32)
    second = cv2.warpAffine(gray, place, gray.shape[::-1])
    return cv2.addWeighted(gray, 1.0, second, share, 0.0)


def _overlaid(gray: Gray) -> Gray:
    """With a ruler, a row of equal letters and a grid of wires, as screens and phantoms have them."""
    image = gray.copy()
    for row in range(10, TALL, 20):
        cv2.line(image, (WIDE - 20, row), (WIDE - 8, row), 255, 1)
    cv2.putText(image, "SSSSSSSSSSSSSSSS", (30, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 230, 1, cv2.LINE_AA)
    for row in range(80, TALL, 80):
        for column in range(60, WIDE, 60):
            cv2.circle(image, (column, row), 2, 255, -1)
    return image


@pytest.mark.parametrize("seed", range(4))
def test_tissue_has_none_whatever_is_drawn_over_it(seed: int) -> None:
    image = _tissue(seed)
    assert marks(View(image, None, 0.0)) == Marks(0.0, 0.0)
    assert marks(View(_overlaid(image), None, 0.0)) == Marks(0.0, 0.0)
    noisy = image + 20.0 * np.random.default_rng(seed).standard_normal(image.shape)
    assert marks(View(np.clip(noisy, 0, 255).astype(np.uint8), None, 0.0)) == Marks(0.0, 0.0)


@pytest.mark.parametrize(("right", "down"), [(40, 0), (-40, 0), (150, -9), (-60, 30)])
def test_a_second_picture_is_found_wherever_it_lies_and_the_more_the_stronger_it_is(
    right: int, down: int
) -> None:
    image = _tissue()
    found = [doubled(_copied(image, share, right, down), None) for share in (0.0, 0.2, 0.4, 0.8)]
    assert found == sorted(found)
    assert found[0] < 0.04
    assert found[1] > 0.08
    assert found[3] > 0.3


@pytest.mark.parametrize("axis", [150, 210])
def test_a_mirrored_picture_below_an_interface_is_found(axis: int) -> None:
    image = _tissue(1)
    mirrored = image.copy()
    deep = min(axis, TALL - axis)
    mirrored[axis : axis + deep] = cv2.addWeighted(
        image[axis : axis + deep], 0.8, image[axis - deep : axis][::-1], 0.6, 0.0
    )
    assert doubled(image, None) < 0.04
    assert doubled(mirrored, None) > 0.2


@pytest.mark.parametrize("width", [90, 160, 260])
def test_wide_speckle_in_a_narrow_picture_is_no_copy_of_itself(width: int) -> None:
    field = np.random.default_rng(width).standard_normal((2, 448, width)).astype(np.float32)
    waves = [cv2.GaussianBlur(wave, (0, 0), sigmaX=8.0, sigmaY=1.5) for wave in field]
    envelope = np.hypot(*waves)
    image = np.clip(90.0 * envelope / envelope.mean(), 0, 255).astype(np.uint8)
    assert doubled(image, None) < 0.04


def test_a_grid_and_panels_of_one_scene_are_no_second_picture() -> None:
    image = _tissue(4)
    panels = np.hstack([image[:, :170]] * 3)
    assert marks(View(panels, None, 0.0)).clutter < 0.3
    image[20:-20:26, 20:-20:26] = 255
    assert marks(View(image, None, 0.0)).clutter < 0.2


def test_a_flat_picture_with_edges_has_no_blocks() -> None:
    image = np.zeros((400, 600), np.uint8)
    image[80:240, 96:480] = 120
    assert blocks(image) == 0.0


def test_lines_that_were_dropped_are_no_copies_of_themselves() -> None:
    image = _tissue(3)
    image[7::15] = 0
    assert doubled(image, None) < 0.04


def test_only_the_sector_is_asked() -> None:
    image, mask = _tissue(2), np.zeros((TALL, WIDE), np.bool_)
    mask[:, :250] = True
    image[:, 260:510] = image[:, :250]  # a second view beside it
    assert doubled(image, mask) < 0.04


@pytest.mark.parametrize("lag", [-9, -2, 1, 5])
def test_every_other_line_is_measured_by_how_far_it_lies_beside_its_neighbours(lag: int) -> None:
    image = _tissue()
    assert lag_px(image) < 0.1
    woven = image.copy()
    woven[1::2] = np.roll(image[1::2], lag, axis=1)
    assert lag_px(woven) == pytest.approx(abs(lag), abs=0.3)
    assert lag_px(woven[1:, 7:]) == pytest.approx(abs(lag), abs=0.3)  # whichever line is first


@pytest.mark.parametrize("corner", [(0, 0), (3, 5)])
def test_blocks_are_seen_the_more_the_coarser_they_are(corner: tuple[int, int]) -> None:
    image = _tissue()
    found = []
    for quality in (95, 40, 20, 8):
        coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        seen = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
        found.append(blocks(np.asarray(seen[corner[0] :, corner[1] :], np.uint8)))
    assert found == sorted(found)
    assert found[0] < 0.1 < found[-1]
    smaller = cv2.resize(image, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    assert blocks(np.asarray(smaller, np.uint8)) < 0.1


def test_severities_grow_with_what_is_measured_and_name_its_kind() -> None:
    image = _tissue()
    clutter = [marks(View(_copied(image, share, 70, 4), None, 0.0)) for share in (0.2, 0.5, 0.9)]
    assert [found.clutter for found in clutter] == sorted({found.clutter for found in clutter})
    assert clutter[0].clutter > 0.05
    assert all(found.capture == 0.0 for found in clutter)
    capture = []
    for lag in (1, 3, 9):
        woven = image.copy()
        woven[1::2] = np.roll(image[1::2], lag, axis=1)
        small = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        capture.append(marks(View(small, None, 0.0, captured=woven)))
    assert [found.capture for found in capture] == sorted({found.capture for found in capture})
    assert all(found.clutter == 0.0 for found in capture)


@pytest.mark.parametrize("shape", [(1, 1), (2, 40), (9, 9), (32, 32), (40, 2), (500, 8), (8, 900)])
@pytest.mark.parametrize("level", [0, 255, None])
def test_slivers_and_empty_pictures_have_none(shape: tuple[int, int], level: int | None) -> None:
    image = np.full(shape, level or 0, np.uint8) if level is not None else speckled(3, *shape)
    clutter, capture = marks(View(image, None, 0.0))
    assert clutter == 0.0
    assert 0.0 <= capture < 0.2
    assert marks(View(image, np.zeros(shape, np.bool_), 0.0)).clutter == 0.0
