"""A curve with gaps -> few enough points to draw. Pure arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]  # (m, 2): x, y in plot units


def polylines(
    x: NDArray[np.float64], y: NDArray[np.float64], columns: int, apart: float = 0.0
) -> list[Curve]:
    """The curve y(x) in pieces without NaN, at most about 2 points for each of `columns` pixel columns.

    x (n,) grows and is in pixels. Where points are dense each column keeps its lowest and highest value, so
    that a short dip is never smoothed away. Gaps up to `apart` pixels wide are drawn through. A single point
    between gaps gives a piece of one row.
    """
    good = np.flatnonzero(np.isfinite(y))
    if not len(good):
        return []
    steps, widths = np.diff(good), np.diff(x[good])
    ends = np.flatnonzero((steps > 1) & (widths > apart)) + 1
    pieces = zip(np.append(0, ends), np.append(ends, len(good)), strict=True)
    return [_thinned(x[good[first:last]], y[good[first:last]], columns) for first, last in pieces]


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64], columns: int) -> Curve:
    column = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    if len(x) <= 2 * min(len(starts), columns):
        return np.column_stack([x, y])
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    rising = y[np.append(starts[1:], len(y)) - 1] >= y[starts]
    both = np.where(rising[:, None], np.column_stack([low, high]), np.column_stack([high, low]))
    return np.column_stack([np.repeat(x[starts], 2), both.ravel()])
