"""The shape that explains a solid patch of the picture: rectangle, slanted or trapezoid, sector.

Shapes are arrays of numbers here, in pixels of the reduced picture; first guesses come from the convex hull
and the edge profiles of the patch, then every number is moved by itself while the overlap grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage

Numbers = NDArray[np.float64]
_UNSEEN = 0.5  # cost of a pixel of the shape that shows nothing: shadow and depth are black
_SIMPLER = 0.008  # overlap that a shape with more freedom has to gain
_CUT_SHARE = 0.12  # of the height over which an upright edge has to run
_OPEN = 10_000.0  # no edge there
_STEPS = (2.0, 1.0, 0.5)
_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A shape with the share of the patch that it explains."""

    kind: str  # rectangle: x0 y0 x1 y1; quad: y0 y1 left right lean widening; sector: see `_sector_points`
    numbers: Numbers
    overlap: float


def fit_shape(solid: GrayImage) -> Fit:
    """The best shape for a patch; `solid` is (h, w), 1 inside."""
    target = _Target(solid)
    bounds = _bounds(solid)
    best = target.climb("rectangle", bounds)
    if best.overlap > 0.985:
        return best
    others = [target.climb("quad", _quad_guess(solid, bounds))]
    sector = _sector_guess(solid)
    if sector is not None:
        others.append(target.climb("sector", sector))
    for other, price in zip(others, (_SIMPLER, 2 * _SIMPLER), strict=False):
        if other.overlap > best.overlap + price:
            best = other
    return best


def points_of(kind: str, numbers: Numbers, steps: int = 10) -> Numbers:
    """(n, 2) corner points (x, y)."""
    if kind == "rectangle":
        x0, y0, x1, y1 = numbers
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    if kind == "quad":
        y0, y1, left, right, lean, widening = numbers[:6]
        widening = max(0.0, widening)  # no probe shows less width in the depth
        return np.array(
            [[left, y0], [right, y0], [right + lean + widening, y1], [left + lean - widening, y1]]
        )
    return _sector_points(numbers, steps)


def clip_columns(points: Numbers, left: float, right: float) -> Numbers:
    """The part of a closed outline (n, 2) between two columns: each edge is cut where it crosses them."""
    for sign, limit in ((1.0, left), (-1.0, right)):
        kept: list[Numbers] = []
        for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
            here, there = sign * (start[0] - limit), sign * (end[0] - limit)
            if here >= 0:
                kept.append(start)
            if (here >= 0) != (there >= 0):
                kept.append(start + here / (here - there) * (end - start))
        if not kept:
            return points
        points = np.array(kept)
    return points


def _sector_points(numbers: Numbers, steps: int) -> Numbers:
    apex_x, apex_y, inner, outer, left, right = numbers[:6]
    angles = np.radians(np.linspace(left, right, steps + 1))
    sines, cosines = np.sin(angles), np.cos(angles)
    lower = np.column_stack([apex_x + outer * sines, apex_y + outer * cosines])
    upper = np.column_stack([apex_x + inner * sines, apex_y + inner * cosines])
    return np.vstack([lower, upper[::-1]])


class _Target:
    """Measures how well a shape explains one patch."""

    def __init__(self, solid: GrayImage) -> None:
        self._solid = solid
        self._area = int(cv2.countNonZero(solid))
        x, y, w, h = cv2.boundingRect(solid)
        pad = 24  # a shape may reach this far beyond what can be seen
        self._x, self._y = max(0, x - pad), max(0, y - pad)
        self._part = solid[self._y : y + h + pad, self._x : x + w + pad].copy()
        self._drawn = np.zeros_like(self._part)

    def overlap(self, kind: str, numbers: Numbers) -> float:
        """Intersection over union, where unseen parts of the shape cost less."""
        points = points_of(kind, numbers)
        drawn = self._drawn
        drawn[:] = 0
        corners = (points - (self._x + 0.5, self._y + 0.5)) * (1 << _BITS)
        cv2.fillPoly(drawn, [np.rint(corners).astype(np.int32)], 1, shift=_BITS)
        if kind != "rectangle":
            left, right = round(float(numbers[6])) - self._x, round(float(numbers[7])) - self._x
            drawn[:, : max(0, left)] = 0
            drawn[:, max(0, right) :] = 0
        size = cv2.countNonZero(drawn)
        both = cv2.countNonZero(cv2.bitwise_and(drawn, self._part))
        return both / (self._area + _UNSEEN * (size - both) + 1e-9)

    def climb(self, kind: str, start: Numbers) -> Fit:
        """Move one number after the other while the overlap grows."""
        numbers = start.astype(np.float64)
        best = self.overlap(kind, numbers)
        free = min(6, len(numbers))  # the window stays
        for step in _STEPS:
            for _ in range(3):
                before = best
                for index in range(free):
                    for move in (step, -step):
                        trial = numbers.copy()
                        trial[index] += move * (0.5 if kind == "sector" and index > 3 else 1.0)
                        if kind == "sector" and not 0 <= trial[2] < trial[3] - 5:
                            continue
                        value = self.overlap(kind, trial)
                        if value > best:
                            best, numbers = value, trial
                            break
                if best - before < 1e-4:
                    break
        return Fit(kind, numbers, best)


def _bounds(solid: GrayImage) -> Numbers:
    """Left, top, right, bottom where the patch is substantial: x0 y0 x1 y1."""
    edges = []
    for axis in (0, 1):
        counts = solid.sum(axis=axis, dtype=np.int64)
        places = np.flatnonzero(counts >= 0.3 * np.percentile(counts[counts > 0], 90))
        edges.append((float(places[0]), float(places[-1] + 1)))
    (x0, x1), (y0, y1) = edges
    return np.array([x0, y0, x1, y1])


def _profiles(solid: GrayImage) -> tuple[Numbers, Numbers, Numbers]:
    """Rows that hold something, with their first and last+1 column."""
    rows = np.flatnonzero(solid.any(axis=1))
    first = solid[rows].argmax(axis=1)
    last = solid.shape[1] - solid[rows, ::-1].argmax(axis=1)
    return rows.astype(np.float64), first.astype(np.float64), last.astype(np.float64)


def _quad_guess(solid: GrayImage, bounds: Numbers) -> Numbers:
    rows, first, last = _profiles(solid)
    _x0, y0, _x1, y1 = bounds
    inside = (rows >= y0 + 0.05 * (y1 - y0)) & (rows <= y1 - 0.05 * (y1 - y0))
    left, right = _edge_line(rows[inside], first[inside]), _edge_line(rows[inside], -last[inside])
    return np.array(
        [
            y0,
            y1,
            np.polyval(left, y0),
            -np.polyval(right, y0),
            (left[0] - right[0]) / 2 * (y1 - y0),
            (-right[0] - left[0]) / 2 * (y1 - y0),
            *_window(solid),
        ]
    )


def _window(solid: GrayImage) -> tuple[float, float]:
    """Columns where the patch is cut off left and right: an upright edge, not a corner."""
    x, y, w, h = cv2.boundingRect(solid)
    enough = _CUT_SHARE * h
    columns = solid[y : y + h]
    left = float(x) if columns[:, x : x + 2].min(axis=1).sum() > enough else -_OPEN
    right = float(x + w) if columns[:, x + w - 2 : x + w].min(axis=1).sum() > enough else _OPEN
    return left, right


def _edge_line(along: Numbers, place: Numbers) -> Numbers:
    """Slope and offset of the outer (smallest) edge; what lies further in is shadow and pulls little."""
    weight = np.ones_like(place)
    line = np.zeros(2)
    if len(place) < 8:
        return np.array([0.0, float(np.median(place)) if len(place) else 0.0])
    for _ in range(8):
        line = np.polyfit(along, place, 1, w=weight)
        off = place - np.polyval(line, along)
        weight = np.where(off > 0, 1 / (1 + (off / 2) ** 2), 1 / (1 + (off / 8) ** 2))
        weight = np.sqrt(weight)
    return line


def _sector_guess(solid: GrayImage) -> Numbers | None:
    """Apex, radii and angles from the straight flanks of the convex hull; None where there are none."""
    contour, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(contour, key=cv2.contourArea))
    _x, y, w, h = cv2.boundingRect(hull)
    outline = cv2.approxPolyDP(hull, 0.008 * (w + h), True)[:, 0].astype(np.float64)
    flanks = [_flank(outline, side, h) for side in (-1, 1)]
    if flanks[0] is None or flanks[1] is None:
        return None
    (lx, ly, la), (rx, ry, ra) = flanks[0], flanks[1]
    # flanks as x = x_at_y + tan(angle) (y - y_at); they meet in the apex
    slope = tan(la) - tan(ra)
    if abs(slope) < 0.1 or la > 0.1 or ra < -0.1:
        return None
    apex_y = ((rx - tan(ra) * ry) - (lx - tan(la) * ly)) / slope
    apex_x = lx + tan(la) * (apex_y - ly)
    if apex_y > y + 0.3 * h or apex_y < y - 4 * h:
        return None
    columns = np.flatnonzero(solid.any(axis=0))
    top = solid[:, columns].argmax(axis=0)
    bottom = solid.shape[0] - solid[::-1, columns].argmax(axis=0)
    angle = np.arctan2(columns + 0.5 - apex_x, bottom - apex_y)
    inside = (angle > 0.8 * la) & (angle < 0.8 * ra)
    if inside.sum() < 5:
        return None
    outer = float(np.percentile(np.hypot(columns + 0.5 - apex_x, bottom - apex_y)[inside], 85))
    upper = np.arctan2(columns + 0.5 - apex_x, np.maximum(top - apex_y, 1e-3))
    middle = (upper > 0.7 * la) & (upper < 0.7 * ra)
    radii = np.hypot(columns + 0.5 - apex_x, top - apex_y)[middle]
    inner = float(np.percentile(radii, 25)) if len(radii) else 0.0
    if inner < 0.04 * outer:
        inner = 0.0
    return np.array([apex_x, apex_y, inner, outer, degrees(la), degrees(ra), *_window(solid)])


def _flank(outline: Numbers, side: int, height: int) -> tuple[float, float, float] | None:
    """Longest slanted edge on one side (-1 left, 1 right): a point on it and its angle from straight down."""
    best, length = None, 0.2 * height
    middle = (outline[:, 0].min() + outline[:, 0].max()) / 2
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        upper, lower = (start, end) if start[1] < end[1] else (end, start)
        run, drop = lower[0] - upper[0], lower[1] - upper[1]
        angle = atan2(run, drop)
        slanted = 5 < degrees(angle) * side < 75
        long = hypot(run, drop)
        if slanted and long > length and (side * ((upper[0] + lower[0]) / 2 - middle)) > 0:
            best, length = (float(upper[0]), float(upper[1]), float(angle)), long
    return best
