"""Letters over the real cine loop that travels inside pydicom."""

from functools import lru_cache
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.app.demo import cine_path
from scanmon.core.values import GrayImage
from scanmon.sources.opening import open_recording

_INNER = slice(90, 190), slice(95, 225)  # of the sector: tissue to its corners


@lru_cache
def _frames() -> tuple[GrayImage, ...]:
    return tuple(frame.pixels for frame in islice(open_recording(str(cine_path())), 16))


def cine(count: int, height: int) -> list[GrayImage]:
    """Frames of moving tissue, `height` pixels high."""
    parts = [frame[_INNER] for frame in _frames()[:count]]
    size = (height * parts[0].shape[1] // parts[0].shape[0], height)
    return [np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.uint8) for part in parts]


def tissue(height: int) -> GrayImage:
    """One such frame."""
    return cine(1, height)[0]


def plant(
    picture: GrayImage,
    text: str,
    high: int,
    face: int = cv2.FONT_HERSHEY_SIMPLEX,
    level: int = 255,
    style: str = "",
    place: tuple[int, int] | None = None,
) -> NDArray[np.bool_]:
    """Write a line with capitals of `high` pixels into a picture; where its ink is."""
    size = high / cv2.getTextSize("H", face, 1.0, 1)[0][1]
    (wide, _), _ = cv2.getTextSize(text, face, size, 1)
    x, y = place or (min(20, picture.shape[1] - wide), picture.shape[0] // 2)
    thick = max(1, high // 12)
    if style == "box":
        cv2.rectangle(picture, (x - 3, y - high - 4), (x + wide + 3, y + 6), 0, -1)
    if style == "outline":
        cv2.putText(picture, text, (x, y), face, size, 0, thick + 2, cv2.LINE_AA)
    ink = np.zeros_like(picture)
    cv2.putText(ink, text, (x, y), face, size, 255, thick, cv2.LINE_AA)
    picture[:] = np.where(ink > 0, (picture * (255.0 - ink) + float(level) * ink) / 255, picture).astype(
        np.uint8
    )
    return ink > 100
