"""Whether an image ends where it did not before, or only fades into the dark there."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.look import HIGH, WIDE, Look

DARK = 14.0  # mean level of what a smaller region leaves out; a screen around an image may be brighter
FLAT = 1  # spread between neighbours that is none
DRAWN_SHARE = 0.6  # of textured places, from inside of an edge to outside, where an image is drawn up to it
DRAWN_STEP = 14.0  # levels, the same
_BAND = np.ones((5, 5), np.uint8)


def is_fading(old: GrayImage, new: GrayImage, look: Look) -> bool:
    """Whether what `new` leaves out of `old` (masks of one size, 255 inside) is the dark part of an image.

    Gain, time-gain sliders, dynamic range and lost contact darken an image little by little; a scanner draws
    it right up to its edge.
    """
    before, after = (
        cv2.resize(plane, (WIDE, HIGH), interpolation=cv2.INTER_AREA) > 127 for plane in (old, new)
    )
    level, spread = look.levels[0], look.levels[1]
    lost = before & ~after
    if not lost.any() or float(level[lost].mean()) > DARK:
        return False
    within = cv2.erode(before.view(np.uint8), _BAND) > 0
    inner = after & ~(cv2.erode(after.view(np.uint8), _BAND) > 0) & within
    outer = (cv2.dilate(after.view(np.uint8), _BAND, iterations=2) > 0) & ~after & within
    beyond = outer & ~(cv2.dilate(after.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    if not inner.any() or not beyond.any():
        return True
    texture = float((spread[inner] > FLAT).mean()) - float((spread[beyond] > FLAT).mean())
    step = float(level[inner].mean()) - float(level[beyond].mean())
    return texture < DRAWN_SHARE and step < DRAWN_STEP
