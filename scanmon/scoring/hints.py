"""What is likely wrong: the worst of the reading's parts where the bundle has them, otherwise stated rules.

A part is worth a word below 70, whatever the verdict: the kind of fault, and for light where it is missing
(`deep_light`: the lower third of the sector has less than half of the light of the upper one).

Without parts, simple measurements and no learning. All rules look at gray levels 0..255 of the worst box, and
of the region for comparison. The first that holds gives the hint; none holds: no hint, which is the honest
answer for everything else.

| hint | rule |
|---|---|
| `saturated` | at least 2 % of the box at level 250 or above |
| `too_dark` | the region is dark as a whole: nine tenths of it below level 45 |
| `shadow` | the box is darker than 40 % of what lies beside it at its depth, and what lies above is not |
| `haze` | darkest tenth of the box above level 60, spread below 0.3 and grain below 0.05 of its mean |

Grain is the mean distance from the mean over 5x5 pixels: it tells a veil from noise.

`docs/hints.md` has what these rules find on degraded pictures, made by `tools/measure_hints.py`.
"""

from typing import Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Box, GrayImage, Mask, Parts, Verdict

Rule = Literal["saturated", "too_dark", "shadow", "haze"]
Kind = Literal["light", "deep_light", "contact", "resolution", "noise", "clutter", "saturation", "capture"]
Hint = Rule | Kind

WORTH_A_WORD = 70.0  # parts below this
KEPT = 5.0  # points by which another part must be worse than the one that is named
DEEP_SHARE = 0.5

SATURATED_LEVEL, SATURATED_SHARE = 250, 0.02
DARK_LEVEL = 45.0
SHADOW_SHARE = 0.40
HAZE_FLOOR, HAZE_SPREAD, HAZE_GRAIN = 60.0, 0.3, 0.05
_BACKGROUND = 4  # gray levels up to here are no tissue


def hint_of(analysis: Analysis, before: Hint | None = None) -> Hint | None:
    """The hint for an analysis; None without a score, and by the rules for an adequate picture.

    `before` is the hint of the last picture: two parts that are about as bad do not take turns.
    """
    reading, region = analysis.reading, analysis.region
    worst = reading.worst
    if worst is None or not reading.scored:
        return None
    image = analysis.frame.pixels[region.box.rows, region.box.columns]
    if reading.parts is not None:
        kind = _worst_part(reading.parts, before)
        return "deep_light" if kind == "light" and _dark_below(image, region.mask) else kind
    if reading.verdict is Verdict.ADEQUATE:
        return None
    local = Box(worst.x - region.box.x, worst.y - region.box.y, worst.width, worst.height)
    return hint(image, local, region.mask)


def _worst_part(parts: Parts, before: Hint | None) -> Kind | None:
    known = {name: value for name, value in parts._asdict().items() if value is not None}
    if not known:
        return None
    worst = min(known, key=lambda name: known[name])
    kept = "light" if before == "deep_light" else before
    if kept in known and known[kept] <= known[worst] + KEPT:
        worst = kept
    return cast(Kind, worst) if known[worst] < WORTH_A_WORD else None


def _dark_below(image: GrayImage, mask: Mask | None) -> bool:
    """Whether the light is missing in the depth above all."""
    third = max(1, image.shape[0] // 3)
    light = []
    for rows in (slice(0, third), slice(-third, None)):
        inside = image[rows] if mask is None else image[rows][mask[rows]]
        light.append(_mean(inside))
    return light[1] < DEEP_SHARE * light[0]


def hint(image: GrayImage, worst: Box, mask: Mask | None = None) -> Rule | None:
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
