"""What the trace draws, as arrays: curves with gaps, the strip of verdicts, the ticks of time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import BRIDGED_S, LONE_S
from scanmon.scoring.calibration import Steadiness

HELD_POINTS = Steadiness().hysteresis  # of quality, beyond a threshold, in which the word may stay
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class CurveBuffer:
    """Room for one curve, allocated once and grown by doubling: an update allocates no curve of its own."""

    def __init__(self, rows: int = 4096) -> None:
        self._x = np.empty(rows)
        self._y = np.empty(rows)

    def fill(
        self,
        time_s: NDArray[np.float64],
        values: NDArray[np.float32],
        offset_s: float = 0.0,
        each_s: float | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x = `time_s` - `offset_s` and y (m,) of the scored rows, a NaN row in each gap over `BRIDGED_S`.

        A score without neighbours, as from a slow engine, becomes a dash of `LONE_S`; with `each_s` every
        score becomes one, of that length: stills have nothing between them.
        `time_s` (n,) grows; `values` (n,) is NaN where there is no score. The arrays belong to this buffer
        and hold until the next call.
        """
        good = np.flatnonzero(np.isfinite(values))
        times, scores = time_s[good], values[good]
        breaks = np.flatnonzero(np.diff(times) > (0.0 if each_s else BRIDGED_S)) + 1
        ends = np.append(breaks, len(good))
        lone = ends[np.diff(ends, prepend=0) == 1] - 1
        rows = len(good) + len(breaks) + len(lone)
        if rows > len(self._x):
            self._x, self._y = np.empty(2 * rows), np.empty(2 * rows)
        x, y = self._x[:rows], self._y[:rows]
        shift = np.zeros(len(good) + 1, np.int64)
        shift[breaks] += 1
        shift[lone + 1] += 1
        place = np.arange(len(good)) + np.cumsum(shift[:-1])
        x[place], y[place] = times, scores
        x[place[breaks] - 1], y[place[breaks] - 1] = times[breaks], np.nan
        x[place[lone] + 1], y[place[lone] + 1] = times[lone] + (each_s or LONE_S), scores[lone]
        x -= offset_s
        return x, y


def verdict_columns(
    time_s: NDArray[np.float64],
    verdict: NDArray[np.int8],
    wordless: NDArray[np.bool_],
    span_s: tuple[float, float],
    columns: int,
    each_s: float | None = None,
) -> NDArray[np.int8]:
    """(columns,): the worst verdict of each pixel column of a span of time, -1 where none was given.

    Columns between two verdicts at most `BRIDGED_S` apart take the earlier one, unless a picture between them
    was scored and is `wordless` (n,). With `each_s` every verdict holds for so long, and nothing is bridged.
    """
    start_s, end_s = span_s
    if each_s:
        places_s = start_s + (np.arange(columns) + 0.5) / columns * (end_s - start_s)
        rows = np.maximum(np.searchsorted(time_s, places_s, side="right") - 1, 0)
        held = (places_s >= time_s[rows]) & (places_s < time_s[rows] + each_s)
        return np.where(held, verdict[rows], -1).astype(np.int8)
    row = np.full(columns, -1, np.int8)
    inside = (time_s >= start_s) & (time_s <= end_s)
    times, worst, silent = time_s[inside], verdict[inside], wordless[inside]
    if not len(times):
        return row
    at = np.minimum(((times - start_s) / (end_s - start_s) * columns).astype(np.int64), columns - 1)
    np.maximum.at(row, at, worst)
    blocked = np.zeros(columns, np.int64)
    blocked[at[silent]] = 1
    blocked = np.cumsum(blocked)
    known = np.flatnonzero(row >= 0)
    reach = math.ceil(BRIDGED_S / (end_s - start_s) * columns)
    steps = np.diff(known)
    for before in np.flatnonzero((steps > 1) & (steps <= reach)):
        if blocked[known[before]] == blocked[known[before + 1]]:
            row[known[before] + 1 : known[before + 1]] = row[known[before]]
    return row


def verdicts_in_bands(
    verdict: NDArray[np.int8], steady: NDArray[np.float32], thresholds: tuple[float, float] | None
) -> NDArray[np.int8]:
    """(n,) verdicts as they were given, brought to what the bands of `thresholds` say now.

    Thresholds may have moved since, or a preset brought others: the strip then tells the same as the bands
    behind the curve. Where the curve is as near to a threshold as hysteresis reaches, the word stays. What is
    recorded is not touched.
    """
    if thresholds is None:
        return verdict
    low, high = thresholds

    def band(quality: NDArray[np.float32]) -> NDArray[np.int8]:
        """0, 1, 2 as in `Verdict`: from high on, from low on, below."""
        return (quality < high).astype(np.int8) + (quality < low).astype(np.int8)

    fitting = np.clip(verdict, band(steady + HELD_POINTS), band(steady - HELD_POINTS))
    return np.where((verdict < 0) | np.isnan(steady), verdict, fitting).astype(np.int8)


def time_ticks(start_s: float, end_s: float, room: float) -> list[float]:
    """Round times of a span, about `room` of them at most; zero is one of them where it is inside."""
    span = end_s - start_s
    tick_s = next((tick for tick in _TICKS_S if span / tick <= max(2.0, room)), _TICKS_S[-1])
    first, last = math.ceil(start_s / tick_s - 1e-9), math.floor(end_s / tick_s + 1e-9)
    return [number * tick_s for number in range(first, last + 1)]


def time_label(time_s: float, *, tenths: bool) -> str:
    """`1:05`, or `1:05.3` with tenths."""
    minutes, rest = divmod(round(time_s, 3), 60)
    return f"{int(minutes)}:{rest:04.1f}" if tenths else f"{int(minutes)}:{rest:02.0f}"
