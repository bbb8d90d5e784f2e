"""Whether the outline of a shape is where the tissue ends: textured inside, flat outside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanmon.picture.region.fit import Fit, Numbers, clip_columns, points_of
from scanmon.picture.region.morphology import means
from scanmon.picture.region.tissue import Reduced

_SPACING_PX = 4.0  # between the places that are looked at
_INSIDE_PX = 3.0  # how far from the outline
_OUTSIDE_PX = (4.0, 6.0, 8.0)  # one of these has to be flat: beyond the blur of an encoder, between marks
_BLACK = 20  # a shadow is darker


class Evidence(NamedTuple):
    """What is seen along an outline."""

    support: float  # 0..1: tissue inside, flatness outside
    overrun: float  # 0..1: share of the outline with tissue inside and beyond it


def evidence(fit: Fit, reduced: Reduced) -> Evidence:
    """How well an outline fits. Its upper part weighs more: an image begins bright, and may end in shadow."""
    corners = points_of(fit.kind, fit.numbers)
    if fit.kind != "rectangle":
        corners = clip_columns(corners, fit.numbers[6], fit.numbers[7])
    places, outward = _along(corners)
    level, texture = means(reduced.image, (3, 3)), means(reduced.textured * np.uint8(255), (3, 3))
    tissue = means((reduced.textured & reduced.plain) * np.uint8(255), (3, 3))
    level_in, seen_in = _at(level, places - _INSIDE_PX * outward)
    level_out, seen_out = _at(level, places + _OUTSIDE_PX[0] * outward)
    texture_in, _ = _at(tissue, places - _INSIDE_PX * outward)
    texture_out = np.min([_at(texture, places + far * outward)[0] for far in _OUTSIDE_PX], axis=0)
    top, bottom = corners[:, 1].min(), corners[:, 1].max()
    depth = (places[:, 1] - top) / max(1.0, bottom - top)
    same = 0 if reduced.clean else reduced.tolerance
    step = seen_out & (np.abs(level_in - level_out) > same) & (level_in < _BLACK)
    begins = (texture_in > 110) | (step & (depth > 0.3))
    ends = (texture_out < 110) | ~seen_out
    weight = (1.5 - depth) * seen_in
    support = float((weight * (begins & ends)).sum() / max(1e-6, weight.sum()))
    return Evidence(support, float((begins & ~ends).mean()))


def _along(corners: Numbers) -> tuple[Numbers, Numbers]:
    """Places (n, 2) spread over a closed outline, and unit vectors (n, 2) that point outward there."""
    following = np.roll(corners, -1, axis=0)
    edge = following - corners
    length = np.maximum(1e-6, np.hypot(edge[:, 0], edge[:, 1]))
    counts = np.maximum(1, (length / _SPACING_PX).astype(int))
    which = np.repeat(np.arange(len(corners)), counts)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = corners[which] + ((nth + 0.5) / counts[which])[:, None] * edge[which]
    normal = np.column_stack([edge[:, 1], -edge[:, 0]])[which] / length[which, None]
    turn = np.sum(corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0])
    return places, normal if turn > 0 else -normal


def _at(image: NDArray[np.uint8], places: Numbers) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Levels at places, and which of the places lie inside the picture."""
    height, width = image.shape
    columns, rows = np.floor(places).astype(np.int64).T
    inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
    found = image[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return found.astype(np.int64), inside
