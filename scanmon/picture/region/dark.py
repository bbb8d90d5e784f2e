"""Parts of an image too dark to be seen: what fades is left out by each shape that fits what is lit."""

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.fit import Fit, Target, fit_shape, trusted
from scanmon.picture.region.look import HIGH, WIDE, Look
from scanmon.picture.region.shapes import Outline, Sector, Shape

DARK = 14.0  # mean level of what a smaller region leaves out; a screen around an image may be brighter
FLAT = 1  # spread between neighbours that is none
DRAWN_SHARE = 0.6  # of textured places, from inside of an edge to outside, where an image is drawn up to it
DRAWN_STEP, DRAWN_FALL = 14.0, 0.7  # levels, and share of the level, the same
_BAND = np.ones((5, 5), np.uint8)
_BLACK = 6  # level above that of black up to which a place shows nothing
_UNEQUAL_DEG = 6.0  # by which one side of a sector is wider
_TOP, _NARROW = 0.06, 0.25  # of the height; of the width: a top as narrow as that is an apex
_EXPLAINS, _LIT = 0.95, 0.05  # of what is lit; of an image that shows something
_BRIGHT, _SHOWS = 40, 0.01  # level of letters; as much of the sector may be so bright in what is added


def completed(fit: Fit, chance: GrayImage, look: Look) -> Fit:
    """`fit`, or the sector that is as wide on both sides of its apex, where only darkness is added.

    Probes are symmetric. Lost contact or a shadow at one side leaves no edge there to be found, and a region
    that ends where the light does would hide the fault. `chance` (h, w) is the map that was fitted.
    """
    axis = _axis(fit.shape, chance)
    if axis is None:
        return fit
    turned = np.array([[-1, 0, 2 * axis - 1], [0, 1, 0]], np.float32)
    other = fit_shape(np.maximum(chance, cv2.warpAffine(chance, turned, chance.shape[::-1])))
    if not isinstance(other.shape, Sector) or other.shape.right_deg > 90 or other.shape.window is not None:
        return fit
    target = Target(chance)
    old, new = target.drawn(fit.shape).copy(), target.drawn(other.shape)
    level = cv2.resize(look.levels[0], chance.shape[::-1], interpolation=cv2.INTER_AREA)
    seen = (level > _BLACK) & (chance > 127)
    explained, least = np.count_nonzero(seen & (new > 0)), _LIT * np.count_nonzero(old)
    explains = explained >= max(least, _EXPLAINS * np.count_nonzero(seen))
    shows = np.count_nonzero((level > _BRIGHT) & (new > old)) > _SHOWS * np.count_nonzero(new)
    if not explains or shows or not is_fading(old | new, old, look):
        return fit
    return Fit(other.shape, Target(trusted(chance, fit.level)).overlap(other.shape), fit.level)


def _axis(shape: Shape, chance: GrayImage) -> float | None:
    """Column of the apex of a sector that is not the same on both sides of it; None where there is none."""
    if isinstance(shape, Sector):
        return shape.apex_x if abs(shape.left_deg + shape.right_deg) > _UNEQUAL_DEG else None
    if not isinstance(shape, Outline):
        return None
    solid = chance > 127
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    high = rows[-1] + 1 - rows[0]
    top = np.flatnonzero(solid[rows[0] : rows[0] + max(2, int(_TOP * high))].any(axis=0))
    narrow = top[-1] + 1 - top[0] < _NARROW * (columns[-1] + 1 - columns[0])
    return float(top[0] + top[-1] + 1) / 2 if narrow else None


def is_fading(old: GrayImage, new: GrayImage, look: Look) -> bool:
    """Whether what `new` leaves out of `old` (masks of one size, 255 inside) is the dark part of an image.

    Gain, time-gain sliders, dynamic range and lost contact darken an image little by little; a scanner draws
    it right up to its edge.
    """
    before, after = (cv2.resize(of, (WIDE, HIGH), interpolation=cv2.INTER_AREA) > 127 for of in (old, new))
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
    lit = float(level[inner].mean())
    return texture < DRAWN_SHARE and lit - float(level[beyond].mean()) < max(DRAWN_STEP, DRAWN_FALL * lit)
