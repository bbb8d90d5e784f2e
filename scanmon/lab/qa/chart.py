"""The measures of a check, their control charts, and whether one is getting worse over days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scanmon.lab.qa.store import Record

INDIVIDUALS = 2.66  # 3 / d2, d2 = 1.128 for the range of two neighbours (Shewhart; NIST/SEMATECH 6.3.2.2)

CHECKS = 5  # in a baseline, unless another number is asked for
BASELINE_SIZE, LIMITS_PERCENT = "baseline_size", "limits_percent"  # as a check keeps what it was asked for


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one measure of one probe. `low` None: no value is too small."""

    centre: float
    low: float | None
    high: float
    count: int  # checks in the baseline

    def holds(self, value: float) -> bool:
        """Whether a value is within."""
        return (self.low is None or value >= self.low) and value <= self.high


def baseline(records: Sequence[Record], size: int) -> list[Record]:
    """The first `size` checks that may belong to it, since the last that began a new one."""
    start = max((n for n, record in enumerate(records) if record.baseline == "new"), default=0)
    return [record for record in records[start:] if record.baseline != "no"][:size]


def limits(records: Sequence[Record], size: int, percent: float | None) -> dict[str, Limits]:
    """Limits of every measure that the whole baseline has; none before it is complete.

    Mean +- 2.66 times the mean moving range of the baseline (individuals chart), or +- `percent` of the mean;
    never narrower than what the measure itself calls no change (`Measure.least`). A number of
    dips, a spread and the like have no lower limit.
    """
    first = baseline(records, size)
    if len(first) < size:
        return {}
    found = {}
    for name in first[0].measures:
        measure = MEASURES.get(name)
        if measure is None or any(name not in record.measures for record in first):
            continue
        values = np.array([record.measures[name] for record in first])
        found[name] = _limits(values, measure, percent)
    return found


def asked_limits(records: Sequence[Record]) -> dict[str, Limits]:
    """The same by the size of the baseline and the percentage that the newest check was asked for."""
    about = next((one.about for one in reversed(records) if BASELINE_SIZE in one.about), {})
    size, percent = about.get(BASELINE_SIZE), about.get(LIMITS_PERCENT)
    return limits(
        records,
        size if isinstance(size, int) and size > 1 else CHECKS,
        percent if isinstance(percent, int | float) else None,
    )


def outside(measures: dict[str, float], known: dict[str, Limits]) -> list[str]:
    """Names of the measures that left their limits."""
    return [name for name, limit in known.items() if name in measures and not limit.holds(measures[name])]


def _limits(values: np.ndarray, measure: Measure, percent: float | None) -> Limits:
    centre = float(values.mean())
    least = max(measure.least, measure.share * abs(centre))
    wide = INDIVIDUALS * float(np.abs(np.diff(values)).mean()) if len(values) > 1 else 0.0
    if percent is not None:
        wide = abs(centre) * percent / 100
    wide = max(wide, least)
    return Limits(centre, None if measure.worse == "higher" else centre - wide, centre + wide, len(values))


Worse = Literal["lower", "higher", "either"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`least` change that counts, in the unit of the measure or as a share of the baseline."""

    name: str
    title: str
    worse: Worse
    least: float
    share: float = 0.0


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("reverberation_depth_mm", "depth of reverberation, mm", "lower", 0.5, 0.03),
        Measure("reverberation_depth_px", "depth of reverberation, pixels", "lower", 3.0, 0.03),
        Measure("ring_level", "gray of the first rings", "either", 3.0, 0.02),
        Measure("noise_level", "gray of the noise", "either", 4.0, 0.02),
        Measure("uniformity_range_db", "course along the face, dB", "higher", 0.5),
        Measure("uniformity_spread_db", "spread along the face, dB", "higher", 0.3),
        Measure("tilt_db", "right half above left half, dB", "either", 0.5),
        Measure("dips", "dead or weak places", "higher", 0.5),
        Measure("missing_percent", "aperture that is missing, %", "higher", 0.5),
        Measure("penetration_mm", "penetration, mm", "lower", 2.0, 0.05),
        Measure("penetration_px", "penetration, pixels", "lower", 8.0, 0.05),
        Measure("level", "gray of the phantom", "either", 4.0, 0.04),
        Measure("lateral_range_db", "uniformity along the face, dB", "higher", 0.7),
        Measure("depth_range_db", "uniformity along depth, dB", "higher", 1.0),
        Measure("snr_db", "signal to noise at half the penetration, dB", "lower", 1.0),
        Measure("wire_axial_mm", "axial width of wires at -6 dB, mm", "higher", 0.1, 0.1),
        Measure("wire_lateral_mm", "lateral width of wires at -6 dB, mm", "higher", 0.2, 0.1),
        Measure("wire_distance_mm", "distance of wires, mm", "either", 0.3, 0.015),
        Measure("contrast_db", "contrast of targets, dB", "lower", 1.0),
        Measure("gcnr", "gCNR of targets", "lower", 0.05),
        Measure("quality", "median quality of examinations", "lower", 3.0),
        Measure("adequate_percent", "time with an adequate picture, %", "lower", 5.0),
    )
}


WORSE, BETTER = "getting worse", "getting better"
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
            word = WORSE if rises == (measure.worse == "higher") else BETTER
    return Trend(word, *(MONTH_DAYS * value + 0.0 for value in (slope, low, high)))  # no -0


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
