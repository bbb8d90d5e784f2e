"""What is likely wrong in the worst region: simple measurements with stated rules, no learning.

All rules look at gray levels 0..255 of the worst box, and of the region for comparison. The first that holds
gives the hint; none holds: no hint, which is the honest answer for everything else.

| hint | rule |
|---|---|
| `saturated` | at least 2 % of the box at level 250 or above |
| `too_dark` | the region is dark as a whole: nine tenths of it below level 45 |
| `shadow` | the box is darker than 40 % of what lies beside it at its depth, and what lies above is not |
| `haze` | darkest tenth of the box above level 60, spread below 0.3 and grain below 0.05 of its mean |

Grain is the mean distance from the mean over 5x5 pixels: it tells a veil from noise.

`docs/hints.md` has what these rules find on degraded pictures, made by `tools/measure_hints.py`.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Box, GrayImage, Mask

Hint = Literal["saturated", "too_dark", "shadow", "haze"]

SATURATED_LEVEL, SATURATED_SHARE = 250, 0.02
DARK_LEVEL = 45.0
SHADOW_SHARE = 0.40
HAZE_FLOOR, HAZE_SPREAD, HAZE_GRAIN = 60.0, 0.3, 0.05
_BACKGROUND = 4  # gray levels up to here are no tissue


def hint_of(analysis: Analysis) -> Hint | None:
    """The hint for the worst region of an analysis; None without a score."""
    worst, region = analysis.reading.worst, analysis.region
    if worst is None or not analysis.reading.scored:
        return None
    image = analysis.frame.pixels[region.box.rows, region.box.columns]
    local = Box(worst.x - region.box.x, worst.y - region.box.y, worst.width, worst.height)
    return hint(image, local, region.mask)


def hint(image: GrayImage, worst: Box, mask: Mask | None = None) -> Hint | None:
    """The rules. `image` (h, w) is the region, `worst` a box in its pixels, `mask` (h, w) the sector."""
    inside = image[worst.rows, worst.columns]
    if mask is not None:
        inside = inside[mask[worst.rows, worst.columns]]
    if inside.size < 64:
        return None
    if float(np.mean(inside >= SATURATED_LEVEL)) >= SATURATED_SHARE:
        return "saturated"
    whole = image[::4, ::4] if mask is None else image[::4, ::4][mask[::4, ::4]]
    if whole.size and float(np.percentile(whole, 90)) < DARK_LEVEL:
        return "too_dark"
    if _in_shadow(image, worst, mask):
        return "shadow"
    return "haze" if _in_haze(image[worst.rows, worst.columns], inside) else None


def _in_haze(box: GrayImage, inside: NDArray[np.uint8]) -> bool:
    """A veil lifts what is dark and hides contrast, and unlike noise it has no grain."""
    mean = float(inside.mean())
    if float(np.percentile(inside, 10)) <= HAZE_FLOOR or float(inside.std()) >= HAZE_SPREAD * mean:
        return False
    return float(cv2.mean(cv2.absdiff(box, cv2.blur(box, (5, 5))))[0]) < HAZE_GRAIN * mean


def _in_shadow(image: GrayImage, worst: Box, mask: Mask | None) -> bool:
    """Dark against its neighbours at the same depth, while the tissue above it is as bright as theirs."""
    mean = float(image[worst.rows, worst.columns].mean())
    left = image[worst.rows, max(0, worst.x - worst.width) : worst.x]
    right = image[worst.rows, worst.right : worst.right + worst.width]
    beside = [_mean(side) for side in (left, right) if side.size and _mean(side) > _BACKGROUND]
    above = image[: worst.y, worst.columns]
    if not beside or not above.size:
        return False
    return mean < SHADOW_SHARE * max(beside) and _mean(above[above > _BACKGROUND]) > 2 * SHADOW_SHARE * mean


def _mean(values: NDArray[np.uint8]) -> float:
    return float(values.mean()) if values.size else 0.0
