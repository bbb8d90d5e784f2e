"""A poor image is an image: too dark or too noisy gets a low score, and not the words "no signal"."""

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame, GrayImage, Reason, Region
from scanmon.picture.region import AutoRegion, FixedRegion, Shape
from scanmon.picture.signal.watch import SignalWatch
from tests.doubles.live_scene import CONVEX, HEIGHT, LINEAR, RATE_HZ, WIDTH, frames, in_the_image, live, still

HALF_A_SECOND = int(0.5 * RATE_HZ)


def reasons_after_live(shape: Shape, pictures: list[GrayImage]) -> list[Reason | None]:
    looker = new_looker()
    watch, finder = SignalWatch(looker), AutoRegion(looker)
    before = [watch.update(frame, finder.find(frame)).reason for frame in frames(live(30, shape))]
    assert set(before) == {None}
    return [watch.update(frame, finder.find(frame)).reason for frame in frames(pictures, 30)]


@pytest.mark.parametrize("shape", [CONVEX, LINEAR], ids=["convex", "linear"])
@pytest.mark.parametrize("down", [40, 70, 95])
def test_a_live_image_is_scored_however_low_the_gain(shape: Shape, down: int) -> None:
    dark = [in_the_image(lambda level: level - down)(picture) for picture in live(30, shape)]
    found = reasons_after_live(shape, [*dark, *dark])
    assert set(found[HALF_A_SECOND:]) == {None}


@pytest.mark.parametrize("shape", [CONVEX, LINEAR], ids=["convex", "linear"])
def test_an_image_that_is_dark_from_the_start_is_scored(shape: Shape) -> None:
    dark = [in_the_image(lambda level: level - 70)(picture) for picture in live(30, shape)]
    looker = new_looker()
    watch, finder = SignalWatch(looker), AutoRegion(looker)
    found = [watch.update(frame, finder.find(frame)).reason for frame in frames([*dark, *dark])]
    assert set(found[HALF_A_SECOND:]) == {None}


@pytest.mark.parametrize("shape", [CONVEX, LINEAR], ids=["convex", "linear"])
@pytest.mark.parametrize("sigma", [20, 45, 70])
def test_a_live_image_is_scored_however_strong_its_noise(shape: Shape, sigma: int) -> None:
    chance = np.random.default_rng(1)
    noisy = [
        in_the_image(lambda level: level + chance.normal(0, sigma, level.shape))(picture)
        for picture in live(30, shape)
    ]
    assert set(reasons_after_live(shape, noisy)[HALF_A_SECOND:]) == {None}


def test_a_dark_image_that_is_frozen_is_frozen() -> None:
    dark = in_the_image(lambda level: level - 40)(live(30, LINEAR)[-1])
    found = reasons_after_live(LINEAR, still(dark, 40, noise=1.0))
    assert set(found[HALF_A_SECOND:]) == {Reason.FROZEN}


def test_a_probe_that_is_held_still_on_a_dark_clip_is_not_frozen(shared) -> None:
    from scanmon.sources.opening import open_recording

    recording = open_recording(str(shared / "data" / "clips" / "muscle_1.mp4"))
    looker = new_looker()
    finder, watch = AutoRegion(looker), SignalWatch(looker)
    found: list[Reason | None] = []
    region: Region | None = None
    try:
        for frame in recording:
            region = region or finder.find(frame)
            dim = Frame((frame.pixels * 0.3).astype(np.uint8), frame.index, frame.time_s, 0.0, frame.chroma)
            found.append(watch.update(dim, region).reason)
            if len(found) == 90:
                break
    finally:
        recording.close()
    assert set(found) == {None}


def test_a_logo_that_wanders_over_a_black_screen_is_no_signal() -> None:
    pictures = []
    for number in range(60):
        canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
        place = (150 + 4 * number % 200, 150 + 3 * number % 180)
        cv2.putText(canvas, "NO SIGNAL", place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 200, 2, cv2.LINE_AA)
        pictures.append(canvas)
    assert set(reasons_after_live(CONVEX, pictures)[HALF_A_SECOND:]) == {Reason.NO_SIGNAL}


def test_black_with_the_noise_of_a_cable_is_no_signal() -> None:
    black = np.zeros((HEIGHT, WIDTH), np.uint8)
    found = reasons_after_live(CONVEX, still(black, 40, noise=2.5))
    assert set(found[HALF_A_SECOND:]) == {Reason.NO_SIGNAL}
    watch, finder = SignalWatch(new_looker()), FixedRegion(LINEAR)
    alone = [watch.update(f, finder.find(f)).reason for f in frames(still(black, 40, noise=2.5))]
    assert set(alone[HALF_A_SECOND:]) == {Reason.NO_SIGNAL}
