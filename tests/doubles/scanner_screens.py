"""Screens of a scanner that writes numbers beside a live picture."""

from collections.abc import Callable

import cv2

from scanmon.core.values import GrayImage
from scanmon.picture.region import Shape
from tests.doubles.live_scene import CONVEX, live

LOOKS_HZ = 8  # more than the watch takes
Draw = Callable[[GrayImage, float], None]


def write(picture: GrayImage, text: str, at: tuple[int, int], size: float = 0.5) -> None:
    """Over a black ground, as scanners do."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    picture[at[1] - height - 2 : at[1] + 4, at[0] : at[0] + width] = 0
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, 220, 1, cv2.LINE_AA)


def screens(seconds: float, *draw: Draw, shape: Shape = CONVEX, rate_hz: float = LOOKS_HZ) -> list[GrayImage]:
    """A live picture; `draw` writes on each one what the screen shows at its time."""
    tissue = live(30, shape)
    pictures = []
    for number in range(round(seconds * rate_hz)):
        picture = tissue[number % 30].copy()
        for one in draw:
            one(picture, number / rate_hz)
        pictures.append(picture)
    return pictures


def gain(first: str, second: str, at_s: float) -> Draw:
    return lambda picture, now_s: write(picture, first if now_s < at_s else second, (545, 144))
