"""Finding the image: in stills, in motion, after a change, and without anything that is not image."""

import json
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Box, Frame, GrayImage, Region
from scanmon.picture.region import AutoRegion, Quad, Sector, Shape
from tests.doubles.live_scene import (
    CONVEX,
    HEIGHT,
    LINEAR,
    RATE_HZ,
    WIDTH,
    frames,
    live,
    mask_overlap,
    screen_without_image,
)
from tools.measure_region import overlap, visible
from tools.synthetic_screens import paint, screen, speckle


def found_in(picture: GrayImage) -> Region:
    return AutoRegion(new_looker()).find(Frame(picture, 0, 0.0, 0.0))


def drawn(shape: Shape, seed: int = 3) -> GrayImage:
    canvas = screen_without_image()
    paint(canvas, shape, np.maximum(speckle(np.random.default_rng(seed)), 3))
    return canvas


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (LINEAR, "linear"),
        (CONVEX, "sector"),
        (Sector(300.0, 40.0, 0.0, 400.0, -40.0, 40.0), "sector"),
        (Sector(300.0, -60.0, 110.0, 470.0, -38.0, 38.0, Box(90, 30, 420, 380)), "sector"),
        (Quad(((200.0, 60.0), (460.0, 60.0), (380.0, 420.0), (120.0, 420.0))), "linear"),
        (Quad(((200.0, 60.0), (400.0, 60.0), (470.0, 420.0), (130.0, 420.0))), "linear"),
    ],
    ids=["linear", "convex", "phased", "cut", "slanted", "trapezoid"],
)
def test_every_shape_is_recognised_in_a_still(shape: Shape, kind: str) -> None:
    found = found_in(drawn(shape))
    assert found.kind == kind
    assert found.origin == "detected"
    assert mask_overlap(found, shape) > 0.95


def test_the_mask_keeps_text_and_wedge_out() -> None:
    picture = drawn(CONVEX)
    found = found_in(picture)
    assert found.mask is not None
    outside = np.ones((HEIGHT, WIDTH), np.bool_)
    outside[found.box.rows, found.box.columns] &= ~found.mask
    for rows, columns in (
        (slice(0, 24), slice(None)),
        (slice(100, 230), slice(545, 640)),
        (slice(200, 300), slice(12, 26)),
    ):
        assert outside[rows, columns].all()


def test_apex_and_angles_are_those_of_the_probe() -> None:
    found = found_in(drawn(CONVEX))
    left = min(found.outline, key=lambda point: point[0])
    right = max(found.outline, key=lambda point: point[0])
    half = np.degrees(np.arctan2((right[0] - left[0]) / 2, (left[1] + right[1]) / 2 - CONVEX.apex_y))
    assert half == pytest.approx(35.0, abs=1.5)


def test_a_picture_that_is_all_image_is_all_region() -> None:
    picture = cv2.resize(
        speckle(np.random.default_rng(2), 400, 500), (1000, 800), interpolation=cv2.INTER_CUBIC
    )
    assert found_in(picture).box == Box(0, 0, 1000, 800)


@pytest.mark.parametrize("level", [0, 40, 255])
def test_a_picture_without_an_image_gives_the_whole_picture(level: int) -> None:
    found = found_in(np.full((HEIGHT, WIDTH), level, np.uint8))
    assert (found.box, found.origin) == (Box(0, 0, WIDTH, HEIGHT), "full")


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (40, 40), (64, 48)])
def test_tiny_and_odd_pictures_are_no_fault(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, size).astype(np.uint8)
    finder = AutoRegion(new_looker())
    for number in range(4):
        assert finder.find(Frame(picture, number, 0.3 * number, 0.0)).box.within(*size)


def test_a_declared_area_wins() -> None:
    frame = Frame(drawn(LINEAR), 0, 0.0, 0.0, None, Box(10, 30, 200, 100))
    found = AutoRegion(new_looker()).find(frame)
    assert (found.box, found.origin) == (Box(10, 30, 200, 100), "declared")


def test_the_region_is_the_same_object_while_the_probe_moves() -> None:
    finder = AutoRegion(new_looker())
    assert len({id(finder.find(frame)) for frame in frames([*live(30), *live(30)])}) <= 2


@pytest.mark.parametrize(
    "after",
    [Sector(300.0, 0.0, 60.0, 300.0, -35.0, 35.0), LINEAR, Sector(300.0, 40.0, 0.0, 400.0, -40.0, 40.0)],
    ids=["depth", "linear probe", "phased probe"],
)
def test_a_change_of_depth_or_probe_is_followed_within_a_second(after: Shape) -> None:
    finder = AutoRegion(new_looker())
    for frame in frames(live(30)):
        finder.find(frame)
    pictures: Sequence[GrayImage] = live(30, after)
    found = [finder.find(frame) for frame in frames(pictures, 30)]
    assert len(found) == RATE_HZ
    assert mask_overlap(found[-1], after) > 0.93


def test_a_black_moment_does_not_move_the_region() -> None:
    finder = AutoRegion(new_looker())
    first = [finder.find(frame) for frame in frames(live(15))][-1]
    black = [np.zeros((HEIGHT, WIDTH), np.uint8)] * 20
    assert {id(finder.find(frame)) for frame in frames(black, 15)} == {id(first)}


def test_motion_shows_depth_that_a_still_does_not() -> None:
    rng = np.random.default_rng(4)
    box = LINEAR.box
    lower = slice(box.y + box.height // 2, box.bottom)
    finder = AutoRegion(new_looker())
    pictures = []
    for picture in live(15, LINEAR):
        dim = cv2.add(picture, 0)
        dim[lower, box.columns] = rng.integers(0, 2, (box.bottom - lower.start, box.width)) * 4
        pictures.append(dim)
    found = [finder.find(frame) for frame in frames([*pictures, *pictures])][-1]
    assert overlap(found.box, box) > 0.95


def test_made_up_screens_are_understood_where_the_image_can_be_seen() -> None:
    values = []
    for seed in range(20_000, 20_024):
        made = screen(seed, size=(480, 640))
        if visible(made):
            values.append(overlap(found_in(made.pixels).box, made.truth.box))
    assert len(values) >= 18
    assert np.median(values) > 0.97
    assert np.mean(np.array(values) > 0.9) >= 0.85


def test_boxes_on_real_screens_agree_with_those_drawn_by_hand(shared) -> None:
    folder = shared / "data" / "screens"
    boxes = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    values = [
        overlap(found_in(cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)).box, Box(*box))
        for name, box in boxes.items()
    ]
    assert np.mean(values) >= 0.95
    assert min(values) >= 0.90


def test_images_that_are_cut_out_already_stay_whole(shared) -> None:
    for organ in ("carotid", "muscle", "nerve"):
        for path in sorted((shared / "data" / "eval" / organ).glob("*.png"))[::10]:
            picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            box = found_in(picture).box
            assert box.width * box.height >= 0.95 * picture.size, path.name
