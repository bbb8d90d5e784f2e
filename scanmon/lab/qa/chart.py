"""Control charts: what a measure did at first, and within what it may move since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanmon.lab.qa.measures import MEASURES, Measure
from scanmon.lab.qa.store import Record

INDIVIDUALS = 2.66  # 3 / d2, d2 = 1.128 for the range of two neighbours (Shewhart; NIST/SEMATECH 6.3.2.2)


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
    never narrower than what the measure itself calls no change (`measures.Measure.least`). A number of
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
