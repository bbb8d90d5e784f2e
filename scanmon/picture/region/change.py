"""Whether a shape that was found anew is a real change of geometry, or the old one at another gain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage
from scanmon.picture.region.fit import Fit, clip_columns, points_of
from scanmon.picture.region.morphology import count, eroded, opened
from scanmon.picture.region.tissue import Reduced

SMALL = 0.04  # of the larger shape; less is the scatter of the search
_NEW_SHARE = 0.3  # of what is added has to differ from what was there before
_SHARP_LEVELS = 14  # step at an edge that is drawn; where echoes fade into the dark it is smaller
_TEXTURE_STEP = 0.75  # of the textured share, from four pixels inside of an edge to four outside
_SHARP_SHARE = 0.55  # of the edge within the old shape that has to be so
_DARK = 26  # levels; depth that fades, or is lost in the dark, is darker
_MOST = 0.6  # of what is left out
_DARK_GROUND = 14  # levels; a screen that is darker looks like an image without echoes
_SHADING = 8  # levels by which ground may shade


def is_change(found: Fit, known: Fit, before: Reduced, now: Reduced, moved: GrayImage | None) -> bool:
    """Whether `found` may take the place of `known`.

    `before`: the picture in which `known` was found; `moved` (h, w): where anything changed since then. What
    a new shape adds has to look different than before: a panel that was always there is no image. What it
    leaves out has to look like the screen around the image, and not like an image that fades: that keeps its
    place when gain or transmit power goes down, or noise goes up.
    """
    if before.image.shape != now.image.shape:
        return True
    new, old = filled(found, now.image.shape), filled(known, now.image.shape)
    larger = max(count(new), count(old))
    added, lost = new & (1 - old), old & (1 - new)
    if count(added) > SMALL * larger:
        return _is_new(added, before, now, moved)
    if count(lost) > SMALL * larger:
        if _is_furniture(lost, before, now, moved):
            return True
        level = _ground(old, now)
        alike = lost & (np.abs(now.image.astype(np.int16) - level) <= _SHADING).view(np.uint8)
        return count(alike) > _MOST * count(lost) and (level > _DARK_GROUND or _is_drawn(new, old, now))
    return True


def filled(fit: Fit, size: tuple[int, ...]) -> GrayImage:
    """(h, w), 1 inside the shape."""
    corners = points_of(fit.kind, fit.numbers)
    if fit.kind != "rectangle":
        corners = clip_columns(corners, fit.numbers[6], fit.numbers[7])
    plane = np.zeros(size, np.uint8)
    cv2.fillPoly(plane, [np.rint(corners - 0.5).astype(np.int32)], (1,))
    return plane


def _is_new(added: GrayImage, before: Reduced, now: Reduced, moved: GrayImage | None) -> bool:
    limit = max(before.tolerance, now.tolerance) + 2
    change = (cv2.absdiff(now.image, before.image) > limit).view(np.uint8)
    if moved is not None and now.clean:  # where there is no noise, a faint wall that beats is alive too
        change |= opened(moved, 3)
    return count(change & added) > _NEW_SHARE * count(added)


def _is_furniture(lost: GrayImage, before: Reduced, now: Reduced, moved: GrayImage | None) -> bool:
    """Bright and always the same: part of the screen that was mistaken for the image."""
    if moved is None:
        return False
    same = (cv2.absdiff(now.image, before.image) <= before.tolerance + 2).view(np.uint8)
    still = lost & (now.image > _DARK).view(np.uint8) & same & (1 - moved)
    return count(still) > _MOST * count(lost)


def _ground(old: GrayImage, now: Reduced) -> int:
    """Level of the screen around the image."""
    around = now.image[(_grown(old, 13) & (1 - old) & (1 - now.textured)).view(np.bool_)]
    return round(float(np.median(around))) if around.size else 0


def _is_drawn(new: GrayImage, old: GrayImage, now: Reduced) -> bool:
    """Whether the new edge inside the old shape is one that a scanner draws.

    Either texture goes right up to it and none lies beyond, which is so for the faintest noise, or a step in
    level runs along most of it. Echoes that fade do neither.
    """
    within = eroded(old, 9)
    inner = eroded(new, 5) & (1 - eroded(new, 9)) & within
    outer = _grown(new, 11) & (1 - _grown(new, 5)) & within
    edge = _grown(new, 3) & (1 - new) & within
    if not (edge.any() and inner.any() and outer.any()):
        return False
    texture = count(inner & now.textured) / count(inner) - count(outer & now.textured) / count(outer)
    if texture > _TEXTURE_STEP:
        return True
    near = new & (1 - eroded(new, 9))
    step = _mean_near(now.image, near) - _mean_near(now.image, _grown(new, 9) & (1 - new))
    sharp = (step > _SHARP_LEVELS).view(np.uint8) & edge
    return count(sharp) > _SHARP_SHARE * count(edge)


def _mean_near(image: GrayImage, where: GrayImage) -> NDArray[np.float32]:
    """Mean level of the pixels `where` in the 13 x 13 around each pixel; 0 where there are none."""
    weight = where.astype(np.float32)
    size = (13, 13)
    total = cv2.blur(image * weight, size)
    return np.asarray(total / np.maximum(cv2.blur(weight, size), 1e-3), np.float32)


def _grown(plane: GrayImage, size: int) -> GrayImage:
    return np.asarray(cv2.dilate(plane, np.ones((size, size), np.uint8)), np.uint8)
