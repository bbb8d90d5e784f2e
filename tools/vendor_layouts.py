"""Layouts that tools/synthetic_screens.py does not draw: themes, traces, bars and probes of other makers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from scanmon.core.values import Box, GrayImage
from scanmon.picture.region import Rectangle, Sector, Shape, region_of
from tools.synthetic_screens import Screen, paint, speckle

SIZES = ((480, 640), (720, 1280), (768, 1024), (1080, 1920))
Draw = Callable[[np.random.Generator, GrayImage, Box], None]


def vendor_screen(layout: str, seed: int, pictures: Sequence[GrayImage] = ()) -> Screen:
    """The screen of one layout (a key of `LAYOUTS`) and seed; `pictures` are used as tissue when given."""
    rng = np.random.default_rng([seed, list(LAYOUTS).index(layout)])
    height, width = SIZES[rng.integers(len(SIZES))]
    level, draw = LAYOUTS[layout]
    canvas = np.full((height, width), level, np.uint8)
    area = Box(int(0.2 * width), int(0.1 * height), int(0.58 * width), int(0.68 * height))
    shape = PROBES[str(rng.choice(list(PROBES)))](rng, area)
    region = region_of(shape, height, width)
    draw(rng, canvas, region.box)
    picture = pictures[int(rng.integers(len(pictures)))] if pictures else speckle(rng)
    tissue = paint(canvas, shape, np.maximum(picture, 3), None)
    return Screen(canvas, region, shape, tissue)


def _linear(rng: np.random.Generator, area: Box) -> Shape:
    wide = int(area.width * rng.uniform(0.6, 1.0))
    return Rectangle(Box(area.x + (area.width - wide) // 2, area.y, wide, area.height))


def _fan(
    half_deg: tuple[float, float], ratio: tuple[float, float]
) -> Callable[[np.random.Generator, Box], Shape]:
    def make(rng: np.random.Generator, area: Box) -> Shape:
        angle, inner = rng.uniform(*half_deg), rng.uniform(*ratio)
        sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        outer = min(area.height / (1 - inner * max(cosine, 0.0)), area.width / 2 / sine)
        middle = area.x + area.width / 2
        return Sector(middle, area.y - inner * outer * cosine, inner * outer, outer, -angle, angle)

    return make


PROBES: dict[str, Callable[[np.random.Generator, Box], Shape]] = {
    "linear": _linear,
    "curved": _fan((27, 38), (0.2, 0.4)),
    "phased": _fan((38, 45), (0.0, 0.0)),
    "endocavity": _fan((58, 72), (0.08, 0.18)),
}


def _words(rng: np.random.Generator, canvas: GrayImage, level: int) -> None:
    height, width = canvas.shape
    for row in range(int(rng.integers(6, 12))):
        place = (int(0.82 * width), int(height * (0.15 + 0.045 * row)))
        text = f"{rng.choice(['Gain', 'Freq', 'Depth', 'DR', 'Persist'])} {rng.integers(1, 99)}"
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, height / 1300, level, 1, cv2.LINE_AA)


def _dark_gray(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    canvas[: int(0.07 * len(canvas))] += 22
    _words(rng, canvas, 210)


def _white(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    canvas[: int(0.07 * len(canvas))] = 200
    _words(rng, canvas, 40)


def _ecg(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    height, width = canvas.shape
    _words(rng, canvas, 220)
    xs = np.arange(int(0.1 * width), int(0.9 * width))
    beat = (xs % (width // 6)) / (width // 6)
    wave = 0.06 * height * np.exp(-(((beat - 0.3) / 0.02) ** 2)) + 0.01 * height * np.sin(9 * beat)
    line = np.column_stack([xs, 0.93 * height - wave]).astype(np.int32)
    cv2.polylines(canvas, [line], False, 180, 1, cv2.LINE_AA)


def _bars(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    height = len(canvas)
    _words(rng, canvas, 220)
    for x, wide in ((image.x - 30, 14), (image.right + 8, 16)):
        long = int(rng.uniform(0.3, 0.6) * image.height)
        ramp = np.linspace(250, 20, long).astype(np.uint8)[:, None]
        top = min(image.y + int(rng.integers(0, 20)), height - long)
        canvas[top : top + long, max(0, x) : max(0, x) + wide] = ramp


def _thumbnails(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    height, width = canvas.shape
    _words(rng, canvas, 220)
    side = int(0.12 * width)
    for top in range(int(0.1 * height), int(0.85 * height), int(0.16 * height)):
        small = cv2.resize(speckle(rng, 96, 128), (side, int(0.13 * height)))
        canvas[top : top + len(small), 6 : 6 + side] = small


LAYOUTS: dict[str, tuple[int, Draw]] = {
    "dark gray": (38, _dark_gray),
    "white": (236, _white),
    "ecg": (0, _ecg),
    "colour bars": (0, _bars),
    "thumbnails": (12, _thumbnails),
}
