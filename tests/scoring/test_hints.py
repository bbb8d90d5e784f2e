from typing import get_args

import cv2
import numpy as np
import pytest

from scanmon.core.values import Analysis, Box, Frame, Parts, Reading, Reason, Region, Verdict
from scanmon.degradations import degrade
from scanmon.scoring.hints import Kind, hint, hint_of
from scanmon.ui.state.texts import hint_text

BOX = Box(120, 90, 80, 60)


def tissue(seed: int = 0) -> np.ndarray:
    """Speckle like log-compressed B-mode: mean about 75, dark places between."""
    rng = np.random.default_rng(seed)
    real, imaginary = (cv2.GaussianBlur(rng.normal(size=(240, 320)), (0, 0), 2.0) for _ in range(2))
    return np.clip(130 + 22 * np.log(np.hypot(real, imaginary) + 0.005), 0, 255).astype(np.uint8)


def test_plain_tissue_gets_no_hint():
    assert [hint(tissue(seed), BOX) for seed in range(10)] == [None] * 10


@pytest.mark.parametrize(
    ("rows", "columns", "change", "box", "expected"),
    [
        (slice(100, 130), slice(130, 150), lambda part: 255, BOX, "saturated"),
        (slice(0, 40), slice(0, 40), lambda part: 255, BOX, None),  # white elsewhere says nothing of the box
        (slice(None), slice(None), lambda part: part // 3, BOX, "too_dark"),
        (slice(80, None), slice(110, 210), lambda part: part // 8, BOX, "shadow"),  # below bright tissue
        (slice(150, None), slice(None), lambda part: 0, Box(120, 160, 80, 60), None),  # nothing beside it
    ],
)
def test_what_is_put_into_the_picture_is_named(rows, columns, change, box, expected):
    image = tissue()
    image[rows, columns] = change(image[rows, columns])
    assert hint(image, box) == expected


def test_a_veil_is_haze_and_noise_is_not():
    veil = (110 + 0.15 * np.random.default_rng(1).normal(size=(240, 320))).astype(np.uint8)
    assert hint(veil, BOX) == "haze"
    noise = np.clip(np.random.default_rng(2).normal(120, 18, (240, 320)), 0, 255).astype(np.uint8)
    assert hint(noise, BOX) is None


@pytest.mark.parametrize(("family", "expected"), [("gain_low", "too_dark"), ("haze", "haze")])
def test_simulated_faults_are_named_right(family, expected):
    given = [
        hint(degrade(tissue(seed), family, 4, np.random.default_rng(seed)).image, BOX) for seed in range(8)
    ]
    assert given.count(expected) >= 7


def test_what_lies_outside_the_sector_is_not_measured():
    image = tissue()
    image[:, :160] = 255
    mask = np.zeros(image.shape, np.bool_)
    mask[:, 160:] = True
    assert hint(image, BOX, mask) is None


def test_a_frame_without_score_has_no_hint():
    frame = Frame(np.zeros((240, 320), np.uint8), 0, 0.0, 0.0)
    reading = Reading(0, 0.0, "map", reason=Reason.FROZEN)
    assert hint_of(Analysis(frame, Region(Box(0, 0, 320, 240)), (reading,))) is None


def test_the_worst_box_is_taken_in_frame_pixels():
    image = np.zeros((300, 400), np.uint8)
    image[40:280, 50:370] = tissue()
    image[140:170, 180:200] = 255
    frame = Frame(image, 0, 0.0, 0.0)
    worst = Box(170, 130, 80, 60)
    reading = Reading(0, 0.0, "map", score=1.0, region=Box(50, 40, 320, 240), worst=worst)
    assert hint_of(Analysis(frame, Region(Box(50, 40, 320, 240)), (reading,))) == "saturated"


FINE = Parts(90.0, 88.0, 92.0, 95.0, 91.0, 99.0, 97.0)


def _analysis(parts: Parts, image: np.ndarray, verdict: Verdict = Verdict.ADEQUATE) -> Analysis:
    box = Box(0, 0, image.shape[1], image.shape[0])
    reading = Reading(0, 0.0, "map", score=-0.1, verdict=verdict, parts=parts, worst=Box(8, 8, 64, 64))
    return Analysis(Frame(image, 0, 0.0, 0.0), Region(box), (reading,))


@pytest.mark.parametrize("kind", ["contact", "resolution", "noise", "clutter", "saturation", "capture"])
def test_the_worst_part_is_named_whatever_the_verdict(kind: str) -> None:
    even = np.full((120, 160), 90, np.uint8)
    assert hint_of(_analysis(FINE._replace(**{kind: 40.0}), even)) == kind
    assert hint_of(_analysis(FINE, even)) is None


def test_light_that_is_missing_in_the_depth_is_told_from_light_that_is_missing_everywhere() -> None:
    dark = FINE._replace(light=30.0)
    image = np.full((120, 160), 40, np.uint8)
    assert hint_of(_analysis(dark, image)) == "light"
    image[80:] = 5
    assert hint_of(_analysis(dark, image)) == "deep_light"


def test_parts_that_are_about_as_bad_do_not_take_turns() -> None:
    even = np.full((120, 160), 90, np.uint8)
    one, other = FINE._replace(noise=50.0, clutter=52.0), FINE._replace(noise=54.0, clutter=51.0)
    first = hint_of(_analysis(one, even))
    assert first == "noise"
    assert hint_of(_analysis(other, even), first) == "noise"
    assert hint_of(_analysis(FINE._replace(noise=60.0, clutter=51.0), even), first) == "clutter"


def test_every_hint_of_a_part_has_a_text() -> None:
    texts = {hint_text(kind) for kind in get_args(Kind)}
    assert len(texts) == 8
