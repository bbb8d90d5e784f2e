"""Does a metric find a fault at a known place? Overlaps, beside what chance would give."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Mask

COVER = 0.5  # share of the smaller of the two boxes that must be common
WORST_SHARE = 0.1  # of the region's pixels


@dataclass(frozen=True, slots=True)
class Found:
    """How well one artefact was found. All values are shares 0..1."""

    covers: bool  # the worst box and the artefact's box agree
    covers_chance: float  # the same for a box of that size at a random place in the region
    point: bool  # the lowest point of the heatmap lies on the artefact
    overlap: float  # share of the worst tenth of the heatmap that lies on the artefact
    overlap_chance: (
        float  # share of the region that the artefact takes; by chance a point lies on it as often
    )


def covers(worst: Box, artefact: Box) -> bool:
    """Whether at least half of the smaller box lies inside the other.

    A metric with windows larger than the artefact must hold half of it, one with smaller ones must lie on it.
    """
    return _common(worst, artefact) >= COVER * min(
        worst.width * worst.height, artefact.width * artefact.height
    )


def find(
    worst: Box, heat: NDArray[np.float32], artefact: Box, weight: NDArray[np.float32], inside: Mask
) -> Found:
    """Compare with the truth. Boxes and arrays (h, w) in pixels of the view; `heat` is any coarse grid."""
    height, width = inside.shape
    on = (weight > 0.5) & inside
    fine = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    values = fine[inside]
    count = max(1, round(WORST_SHARE * values.size))
    lowest = np.argpartition(values, count - 1)[:count]
    on_artefact = on[inside]
    return Found(
        covers=covers(worst, artefact),
        covers_chance=_chance(worst, artefact, width, height),
        point=bool(on_artefact[int(np.argmin(values))]),
        overlap=float(on_artefact[lowest].mean()),
        overlap_chance=float(on.sum() / max(1, inside.sum())),
    )


def _chance(worst: Box, artefact: Box, width: int, height: int) -> float:
    """Share of 15 x 15 evenly spread places where a box of the size of `worst` would cover the artefact."""
    lefts = np.linspace(0, max(width - worst.width, 0), 15).round().astype(int)
    tops = np.linspace(0, max(height - worst.height, 0), 15).round().astype(int)
    hits = [
        covers(Box(int(left), int(top), worst.width, worst.height), artefact)
        for left in lefts
        for top in tops
    ]
    return float(np.mean(hits))


def _common(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(width, 0) * max(height, 0)
