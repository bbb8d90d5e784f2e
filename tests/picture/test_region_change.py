"""The region follows the probe and the depth, and nothing else: not gain, not noise, not a menu."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker
from scanmon.app.demo import cine_path
from scanmon.core.values import Box, GrayImage, Region
from scanmon.picture.region import AutoRegion, Quad, Rectangle, Sector, Shape, region_of
from scanmon.sources.opening import open_recording
from tests.doubles.live_scene import (
    CONVEX,
    LINEAR,
    RATE_HZ,
    Change,
    frames,
    in_the_image,
    live,
    mask_overlap,
    screen_without_image,
)
from tools.synthetic_screens import paint

PHASED = Sector(300.0, 40.0, 0.0, 400.0, -40.0, 40.0)
STEERED = Quad(((200.0, 60.0), (460.0, 60.0), (380.0, 420.0), (120.0, 420.0)))
SETTLED_S = 0.5
DRAWN = Sector(170.0, 7.0, 10.0, 193.5, -42.0, 42.0)  # by hand, from the brightest level of each pixel


def cable(sigma: float) -> Change:
    """The noise of an analogue line over the whole screen."""
    chance = np.random.default_rng(8)
    return lambda picture: np.clip(picture + chance.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def menu(picture: GrayImage) -> GrayImage:
    covered = picture.copy()
    cv2.rectangle(covered, (150, 230), (470, 420), 90, -1)
    return covered


def no_deep_gain(picture: GrayImage) -> GrayImage:
    """The lower sliders of the time-gain compensation at zero."""
    fade = np.clip(np.linspace(1.6, -0.6, picture.shape[0]), 0, 1)[:, None]
    return in_the_image(lambda level: level * fade)(picture)


CHANGES: dict[str, Change] = {
    "gain down": in_the_image(lambda level: level - 60),
    "gain nearly off": in_the_image(lambda level: level - 120),
    "gain up": in_the_image(lambda level: level + 60),
    "deep gain off": no_deep_gain,
    "dynamic range": in_the_image(lambda level: (level - 60) * 1.8),
    "noise": cable(4.0),
    "gain down in noise": lambda picture: cable(3.0)(in_the_image(lambda level: level - 60)(picture)),
    "menu": menu,
}


def followed(pictures: Sequence[GrayImage], shape: Shape) -> tuple[AutoRegion, Region]:
    finder = AutoRegion(new_looker())
    regions = [finder.find(frame) for frame in frames(pictures)]
    assert mask_overlap(regions[-1], shape) > 0.95
    return finder, regions[-1]


@pytest.mark.parametrize("shape", [CONVEX, LINEAR], ids=["convex", "linear"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_region_holds_while_gain_noise_and_menus_change(shape: Shape, change: Change) -> None:
    finder, known = followed(live(30, shape), shape)
    altered = [change(picture) for picture in live(30, shape)]
    seconds = [altered[number % 30] for number in range(3 * int(RATE_HZ))]
    held = {id(finder.find(frame)) for frame in frames(seconds, 30)}
    back = {id(finder.find(frame)) for frame in frames(live(30, shape), 30 + len(seconds))}
    assert held == back == {id(known)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CONVEX, Sector(300.0, 0.0, 60.0, 300.0, -35.0, 35.0)),
        (CONVEX, Sector(300.0, -60.0, 130.0, 470.0, -30.0, 30.0)),
        (LINEAR, Rectangle(Box(150, 60, 320, 240))),
        (LINEAR, Rectangle(Box(210, 60, 200, 360))),
        (Rectangle(Box(210, 60, 200, 360)), LINEAR),
        (LINEAR, STEERED),
        (PHASED, CONVEX),
    ],
    ids=["shallower", "deeper", "less deep", "narrower", "wider", "steered", "other probe"],
)
def test_a_change_of_geometry_is_followed_within_a_second_also_after_a_while_in_the_dark(before, after):
    finder, _ = followed(live(30, before), before)
    dark = [CHANGES["gain nearly off"](picture) for picture in live(30, before)]
    for frame in frames([*dark, *dark, *dark], 30):
        finder.find(frame)
    found = [finder.find(frame) for frame in frames(live(30, after), 120)][-1]
    assert mask_overlap(found, after) > 0.93


def test_an_image_that_begins_in_the_dark_is_found_whole_when_the_gain_is_turned_up() -> None:
    finder = AutoRegion(new_looker())
    dark = [CHANGES["deep gain off"](picture) for picture in live(30, LINEAR)]
    for frame in frames(dark):
        finder.find(frame)
    found = [finder.find(frame) for frame in frames([*live(30, LINEAR), *live(30, LINEAR)], 30)][-1]
    assert mask_overlap(found, LINEAR) > 0.95


def test_a_panel_that_was_always_there_does_not_become_image_in_the_dark() -> None:
    chance = np.random.default_rng(2)
    thumbnails = chance.integers(0, 200, (60, 300)).astype(np.uint8)

    def screen(number: int, *, dark: bool) -> GrayImage:
        canvas = screen_without_image()
        canvas[415:475, 20:320] = thumbnails
        tissue = np.roll(live(1, LINEAR)[0][60:420, 150:470], 3 * number, axis=1)
        paint(canvas, Rectangle(Box(180, 60, 280, 330)), tissue // 40 if dark else tissue)
        return canvas

    finder = AutoRegion(new_looker())
    for frame in frames([screen(number, dark=False) for number in range(30)]):
        known = finder.find(frame)
    for frame in frames([screen(number, dark=True) for number in range(120)], 30):
        assert finder.find(frame) is known


def overlap_of_masks(found: Region, truth: Region, size: tuple[int, ...]) -> float:
    planes = [region.inside(*size) for region in (found, truth)]
    return float((planes[0] & planes[1]).sum() / (planes[0] | planes[1]).sum())


def test_faint_flanks_of_a_real_sector_are_inside_as_soon_as_motion_has_been_seen() -> None:
    recording = open_recording(str(cine_path()))
    cine = [replace(frame, declared=None) for frame in recording]
    recording.close()
    size = cine[0].pixels.shape
    truth = region_of(DRAWN, *size)
    finder = AutoRegion(new_looker())
    values = []
    for number in range(3 * len(cine)):
        frame = replace(cine[number % len(cine)], index=number, time_s=number / 30.0)
        values.append(overlap_of_masks(finder.find(frame), truth, size))
    assert min(values[round(SETTLED_S * 30) :]) >= 0.95
    assert values[-1] >= values[0]
