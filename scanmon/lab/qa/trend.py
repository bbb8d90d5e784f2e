"""Is a measure getting worse? A slope that single bad checks do not turn, its interval, and a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.lab.qa.measures import Measure

LEAST_CHECKS = 6
MONTH_DAYS = 30.0
_Z = 1.96  # 95 %
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trend:
    """Slope in the unit of the measure for 30 days, with a 95 % interval; None for too few checks."""

    word: str
    slope: float | None = None
    low: float | None = None
    high: float | None = None


def trend(days: Sequence[float], values: Sequence[float], measure: Measure) -> Trend:
    """Theil and Sen's slope: the median of the slopes of all pairs; interval of Sen (J. Am. Stat. Assoc. 63
    (1968) 1379) by the variance of Kendall's S, with ties.

    It counts as a change where the interval leaves 0 out, and the slope over all the days is more than what
    the measure itself calls no change.
    """
    x, y = np.asarray(days, np.float64), np.asarray(values, np.float64)
    if len(x) < LEAST_CHECKS or np.ptp(x) == 0:
        return Trend(f"too few checks: {LEAST_CHECKS} are needed")
    slope, low, high = sen_slope(x, y)
    change = slope * float(np.ptp(x))
    counts = abs(change) > max(measure.least, measure.share * abs(float(np.median(y))))
    word = "no change that is sure"
    if counts and (low > 0 or high < 0):
        rises = slope > 0
        if measure.worse == "either":
            word = "rising" if rises else "falling"
        else:
            word = "getting worse" if rises == (measure.worse == "higher") else "getting better"
    return Trend(word, *(MONTH_DAYS * value for value in (slope, low, high)))


def sen_slope(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Slope of y over x with the ends of its 95 % interval."""
    one, other = np.triu_indices(len(x), 1)
    apart = x[one] != x[other]
    slopes = np.sort((y[one] - y[other])[apart] / (x[one] - x[other])[apart])
    n = len(x)
    ties = [float(count) for part in (x, y) for count in np.unique(part, return_counts=True)[1] if count > 1]
    tied = sum(count * (count - 1) * (2 * count + 5) for count in ties)
    variance = max(0.0, (n * (n - 1) * (2 * n + 5) - tied) / 18)
    reach = _Z * float(np.sqrt(variance))
    first = max(0, round((len(slopes) - reach) / 2) - 1)
    last = min(len(slopes) - 1, round((len(slopes) + reach) / 2))
    return float(np.median(slopes)), float(slopes[first]), float(slopes[last])
