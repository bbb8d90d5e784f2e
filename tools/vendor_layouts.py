"""Layouts that tools/synthetic_screens.py does not draw: themes, traces, bars and probes of other makers."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from scanmon.core.values import Box, GrayImage
from scanmon.picture.region import Rectangle, Shape, region_of
from tools.synthetic_screens import Screen, fan, paint, speckle

SIZES = ((480, 640), (720, 1280), (768, 1024), (1080, 1920))
Draw = Callable[[np.random.Generator, GrayImage, Box], None]


def vendor_screen(layout: str, seed: int, pictures: Sequence[GrayImage] = ()) -> Screen:
    """The screen of one layout (a key of `LAYOUTS`) and seed; `pictures` are used as tissue when given."""
    rng = np.random.default_rng([seed, list(LAYOUTS).index(layout)])
    height, width = SIZES[rng.integers(len(SIZES))]
    level, draw = LAYOUTS[layout]
    if layout == "phone":
        height, width = width, height
    canvas = np.full((height, width), level, np.uint8)
    x, y, wide, high = _AREAS.get(layout, (0.2, 0.1, 0.58, 0.68))
    area = Box(int(x * width), int(y * height), int(wide * width), int(high * height))
    probe = "linear" if layout == "touching views" else str(rng.choice(list(PROBES)))
    shape = PROBES[probe](rng, area)
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
    return lambda rng, area: fan(area, rng.uniform(*half_deg), rng.uniform(*ratio))


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


def _phone(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    """Held upright: the image from side to side, round keys below it."""
    height, width = canvas.shape
    for column in range(4):
        centre = (int(width * (column + 0.7) / 4.4), int(0.9 * height))
        cv2.circle(canvas, centre, width // 16, 70, -1, cv2.LINE_AA)
        cv2.circle(canvas, centre, width // 32, 250, 2, cv2.LINE_AA)
    for number, top in enumerate(range(int(0.12 * height), int(0.75 * height), height // 60)):
        cv2.line(canvas, (width - 14 - 8 * (number % 5 == 0), top), (width - 8, top), 200, 1)
    cv2.putText(canvas, "Lung  MI 0.6", (width // 20, height // 14), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 230, 2)


def _tablet(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    """A gray ground, bars above and below, and the image on it without a panel of its own."""
    height, width = canvas.shape
    canvas[: int(0.06 * height)], canvas[int(0.9 * height) :] = 60, 52
    _words(rng, canvas, 210)
    for column in range(8):
        centre = (int(width * (0.08 + 0.12 * column)), int(0.95 * height))
        cv2.circle(canvas, centre, int(0.03 * height), 105, -1, cv2.LINE_AA)


def _touching(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    """A second image right beside the first one."""
    _words(rng, canvas, 210)
    beside = canvas[image.rows, image.right : image.right + image.width]
    beside[:] = np.maximum(cv2.resize(speckle(rng), beside.shape[::-1]), 3)


_AREAS = {"phone": (0.0, 0.12, 1.0, 0.62), "touching views": (0.05, 0.1, 0.38, 0.68)}  # shares of the screen
LAYOUTS: dict[str, tuple[int, Draw]] = {
    "dark gray": (38, _dark_gray),
    "white": (236, _white),
    "ecg": (0, _ecg),
    "colour bars": (0, _bars),
    "thumbnails": (12, _thumbnails),
    "phone": (0, _phone),
    "tablet": (30, _tablet),
    "touching views": (0, _touching),
}
