"""From the network's map to a shape: every kind of shape, views beside each other, and the steps of time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from scanmon.core.values import Box, Frame, Region
from scanmon.picture.region import (
    AutoRegion,
    Kind,
    Looker,
    Outline,
    Quad,
    Rectangle,
    Sector,
    Shape,
    region_of,
)
from scanmon.picture.region.auto import view_map
from scanmon.picture.region.fit import fit_shape
from scanmon.picture.region.look import HIGH, LOOK_EVERY_S, MOST_BLACK, WIDE, halved, planes
from scanmon.picture.region.shapes import flipped, scaled
from tests.doubles.seen_by_truth import KnowingNetwork

HEIGHT, WIDTH = 480, 640
CONVEX = Sector(300.0, -20.0, 90.0, 430.0, -35.0, 35.0)
LINEAR = Rectangle(Box(150, 60, 320, 360))
SHAPES: dict[str, Shape] = {
    "linear": LINEAR,
    "convex": CONVEX,
    "phased": Sector(300.0, 40.0, 0.0, 400.0, -40.0, 40.0),
    "endocavity": Sector(300.0, 100.0, 40.0, 300.0, -70.0, 70.0),
    "steered": Sector(300.0, 40.0, 0.0, 380.0, -25.0, 45.0),
    "cut": Sector(300.0, -60.0, 110.0, 470.0, -38.0, 38.0, Box(90, 30, 420, 380)),
    "apex below": flipped(CONVEX, HEIGHT),
    "slanted": Quad(((200.0, 60.0), (460.0, 60.0), (380.0, 420.0), (120.0, 420.0))),
    "trapezoid": Quad(((200.0, 60.0), (400.0, 60.0), (470.0, 420.0), (130.0, 420.0))),
}


def mask_of(shape: Shape) -> np.ndarray:
    return region_of(shape, HEIGHT, WIDTH).inside(HEIGHT, WIDTH)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def gray(level: int = 0) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), level, np.uint8)


def follow(finder: AutoRegion, looks: int, pictures: Sequence[np.ndarray] = ()) -> list[Region]:
    """One frame for each look; black pictures unless others are given, so that only the network speaks."""
    shown = pictures or [gray() for _ in range(looks)]
    return [finder.find(Frame(shown[n].copy(), n, n * LOOK_EVERY_S, 0.0)) for n in range(looks)]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_is_found_again_in_its_map(shape: Shape) -> None:
    finder = AutoRegion(Looker(KnowingNetwork(mask_of(shape))))
    found = follow(finder, 1)[0]
    assert found.origin == "detected"
    assert found.kind == ("sector" if isinstance(shape, Sector) else "linear")
    assert overlap(found.inside(HEIGHT, WIDTH), mask_of(shape)) > 0.97


def test_what_is_no_simple_shape_becomes_a_free_outline() -> None:
    mask = mask_of(LINEAR)
    mask[60:250, 150:300] = False
    mask[330:420, 350:470] = False
    seen = view_map(mask.astype(np.float32), np.zeros_like(mask, np.float32), HEIGHT, WIDTH)
    assert seen is not None
    fit = fit_shape(seen.chance)
    assert isinstance(fit.shape, Outline)
    assert fit.overlap > 0.95


@pytest.mark.parametrize("rows", [slice(0, HIGH), slice(26, 114)], ids=["whole", "not seen at its ends"])
def test_the_larger_of_two_views_is_the_image_and_a_seam_parts_them(rows: slice) -> None:
    both = mask_of(Rectangle(Box(20, 60, 600, 300)))
    network = KnowingNetwork(both)
    seam = round(360 / WIDTH * WIDE)
    network.seam[rows, seam - 1 : seam + 2] = 1.0
    found = follow(AutoRegion(Looker(network)), 1)[0]
    assert abs(found.box.x - 20) <= 6
    assert abs(found.box.right - 360) <= 10
    other = follow(AutoRegion(Looker(network), view=1), 1)[0]
    assert abs(other.box.x - 360) <= 10
    assert abs(other.box.right - 620) <= 6


def test_an_upright_line_in_the_middle_parts_two_textures_and_is_no_needle_guide_or_shadow() -> None:
    rng = np.random.default_rng(2)
    image, seam = np.zeros((HIGH, WIDE), np.float32), np.zeros((HIGH, WIDE), np.float32)
    image[20:140, 16:176] = 1.0
    whole = cv2.GaussianBlur(rng.integers(0, 256, (HIGH, WIDE)).astype(np.uint8), (0, 0), 3)
    whole = cv2.normalize(whole, None, 20, 120, cv2.NORM_MINMAX)
    two, guide, shadow = whole.copy(), whole.copy(), whole.copy()
    two[:, 96:] = 100 + whole[::-1, 96:]
    guide[::2, 95:97] = 250
    shadow[:, 96:] = 0
    assert halved(image, seam, two)[20:140, 94:98].max(axis=1).min() == 1.0
    assert halved(image, seam, guide) is seam
    assert halved(image, seam, shadow) is seam


@pytest.mark.parametrize("gain", [0.35, 0.6])
@pytest.mark.parametrize("back", [None, 40], ids=["gain step", "shadow"])
@pytest.mark.parametrize("blur", [0.1, 1.0])
def test_the_edge_of_a_lower_gain_or_of_a_shadow_in_the_middle_parts_nothing(
    gain: float, back: int | None, blur: float
) -> None:
    rng = np.random.default_rng(3)
    image, seam = np.zeros((HIGH, WIDE), np.float32), np.zeros((HIGH, WIDE), np.float32)
    image[20:140, 16:176] = 1.0
    noise = rng.integers(0, 256, (HIGH, WIDE)).astype(np.uint8)
    whole = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4, sigmaY=2), None, 60, 250, cv2.NORM_MINMAX)
    light = np.ones((1, WIDE), np.float32)
    light[:, 96:] = gain
    if back is not None:  # its other edge is soft
        light[:, 96 + back // 2 : 96 + back] = np.linspace(gain, 1.0, back // 2)
        light[:, 96 + back :] = 1.0
    one = (whole * cv2.GaussianBlur(light, (0, 0), blur)).astype(np.uint8)
    assert halved(image, seam, one) is seam


def test_a_larger_region_is_taken_over_soon_and_a_smaller_one_once_it_is_confirmed() -> None:
    small, large = mask_of(Rectangle(Box(150, 60, 320, 180))), mask_of(LINEAR)
    finder = AutoRegion(Looker(KnowingNetwork(*[small] * 4, *[large] * 8)))
    found = follow(finder, 12)
    assert overlap(found[3].inside(HEIGHT, WIDTH), small) > 0.97
    assert overlap(found[7].inside(HEIGHT, WIDTH), large) > 0.97
    echoes = np.random.default_rng(1).integers(2, 200, (HEIGHT, WIDTH)).astype(np.uint8)
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 4, *[small] * 8)))
    found = follow(finder, 12, [*[echoes * large] * 4, *[echoes * small] * 8])
    assert overlap(found[5].inside(HEIGHT, WIDTH), large) > 0.97  # two looks do not confirm it
    assert overlap(found[-1].inside(HEIGHT, WIDTH), small) > 0.97


def test_an_image_that_fades_into_the_dark_keeps_its_region() -> None:
    small, large = mask_of(Rectangle(Box(150, 60, 320, 180))), mask_of(LINEAR)
    echoes = np.random.default_rng(1).integers(2, 200, (HEIGHT, WIDTH)) * large
    faded = echoes * np.clip(np.linspace(1.6, -1.2, HEIGHT), 0, 1)[:, None]
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 4, *[small] * 20)))
    pictures = [*[echoes.astype(np.uint8)] * 4, *[faded.astype(np.uint8)] * 20]
    assert {region.box.height for region in follow(finder, 24, pictures)} == {360}


def test_one_look_at_something_else_moves_nothing_and_the_region_stays_one_object() -> None:
    large, torn = mask_of(LINEAR), mask_of(Rectangle(Box(150, 60, 320, 90)))
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 8, torn, *[large] * 6)))
    assert len({id(region) for region in follow(finder, 15)[6:]}) == 1


def test_a_picture_without_signal_and_a_menu_keep_the_region() -> None:
    known, nothing = mask_of(LINEAR), np.zeros((HEIGHT, WIDTH), np.bool_)
    kinds = [Kind.B_MODE] * 6 + [Kind.NO_SIGNAL] * 6 + [Kind.MENU] * 6
    finder = AutoRegion(Looker(KnowingNetwork(*[known] * 6, *[nothing] * 12, kinds=kinds)))
    found = follow(finder, 18)
    assert {id(region) for region in found[6:]} == {id(found[5])}


def test_a_shape_survives_another_size_of_picture() -> None:
    for shape in SHAPES.values():
        back = scaled(scaled(shape, 2.0, 2.0), 0.5, 0.5)
        assert overlap(mask_of(back), mask_of(shape)) > 0.995


def test_the_network_sees_level_texture_and_colour_of_any_size() -> None:
    for size in ((1, 1), (48, 64), (480, 640), (1080, 1920)):
        picture = np.full(size, 100, np.uint8)
        seen = planes(picture, np.full((max(1, size[0] // 2), max(1, size[1] // 2)), 30, np.uint8))
        assert seen.shape == (3, HIGH, WIDE)
        assert (seen[0] == 100 - MOST_BLACK).all()
        assert (seen[1] == 0).all()
        assert (seen[2] == 30).all()
        assert (planes(picture, None)[2] == 0).all()
