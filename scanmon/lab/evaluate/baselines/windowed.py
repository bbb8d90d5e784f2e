"""A global number made local: the same number for windows that step over the view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from scanmon.core.values import Box, GrayImage, Mask, View
from scanmon.lab.evaluate.measure import Measured
from scanmon.scoring.calibration import Calibration

WINDOW_PX = 112
STEP_PX = 56
HALF_INSIDE = 0.5  # windows with less of the region than this are not asked
UNMEASURABLE = -1000.0  # in place of a number that is not finite, as BRISQUE gives for flat pictures

Number: TypeAlias = Callable[[GrayImage, Mask], float]  # (h, w) picture and mask -> higher is better


@dataclass(frozen=True, slots=True)
class Windowed:
    """A baseline under its name; where it is worst is the window with the lowest number."""

    name: str
    number: Number
    identity: str = "1"
    calibration: Calibration | None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        """The number of the whole view; with `local` also of every window."""
        mask = np.ones(view.image.shape, np.bool_) if view.mask is None else view.mask
        score = self._finite(view.image, mask)
        if not local:
            return Measured(score)
        height, width = view.image.shape
        tops, lefts = _starts(height), _starts(width)
        heat = np.full((len(tops), len(lefts)), np.nan, np.float32)
        for row, top in enumerate(tops):
            for column, left in enumerate(lefts):
                place = np.s_[top : top + WINDOW_PX, left : left + WINDOW_PX]
                if mask[place].mean() >= HALF_INSIDE:
                    heat[row, column] = self._finite(view.image[place], mask[place])
        if np.isnan(heat).all():
            return Measured(score)
        row, column = (int(i) for i in np.unravel_index(np.nanargmin(heat), heat.shape))
        worst = Box(lefts[column], tops[row], min(WINDOW_PX, width), min(WINDOW_PX, height))
        return Measured(score, np.where(np.isnan(heat), np.nanmax(heat), heat).astype(np.float32), worst)

    def _finite(self, image: GrayImage, mask: Mask) -> float:
        value = self.number(image, mask)
        return value if np.isfinite(value) else UNMEASURABLE


def _starts(length: int) -> list[int]:
    """Where windows begin: every step, and the last one at the far edge."""
    last = max(length - WINDOW_PX, 0)
    return sorted({*range(0, last + 1, STEP_PX), last})
