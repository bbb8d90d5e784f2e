"""The shape that explains a map of where the image is: rectangle, slanted or trapezoid, sector, free outline.

A first guess of each kind comes from the outline of the map; then its numbers are moved, one after the other,
while the overlap grows. Maps have the aspect of the picture here, so that circles are circles.
"""

from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, tan
from operator import attrgetter

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, GrayImage
from scanmon.picture.region.shapes import Outline, Quad, Rectangle, Sector, Shape, fill, flipped, outline

Floats = NDArray[np.float64]
ProbeShape = Rectangle | Quad | Sector
LONG_SIDE_PX = 256  # of the map that shapes are fitted to
_SIMPLER = 0.008  # overlap that a shape with more freedom has to gain
_FREE_BELOW, _FREE_GAIN = 0.92, 0.06  # overlap below which a free outline may be better, and by how much
_FREE_PRICE = 0.1  # of a free outline, where a shape of a probe is seen at another level
LEVELS = (0.5, 0.8, 0.93, 0.975)  # chances at which an outline is looked for
_CRISPER, _CRISPER_BY_AREA = 0.01, 0.08  # overlap that an outline of surer places has to gain
_OTHER_AREA, _LEAST_AREA = 0.03, 0.3  # share by which a surer level has to be smaller; that is left at least
_SQUEEZE, _LESS_SQUEEZED = 1.15, 0.006  # steps of the aspect; overlap that each has to gain
_CLEARLY = 0.96  # overlap that a sector has at least which was squeezed
_STEEP = 3.0  # how soon a place that is surer than the level counts fully
_STEPS = (4.0, 2.0, 1.0, 0.5)
_CUT_SHARE = 0.1  # of the height or width over which an upright or level edge runs that cuts a shape off


@dataclass(frozen=True, slots=True)
class Fit:
    """A shape with how well it overlaps, 0 to 1, with the map as seen at a level of trust."""

    shape: Shape
    overlap: float
    level: float = 0.5


def fit_shape(chance: GrayImage) -> Fit:
    """The best shape for a map (h, w) of chances, 0 to 255, that shows one view.

    Black beside an image may or may not belong to it, and the network can only guess. Where trusting surer
    places alone gives an outline that fits better, that is the one that is seen.
    """
    best = _fit(trusted(chance, LEVELS[0]), LEVELS[0])
    whole = area = int(np.count_nonzero(chance > 255 * LEVELS[0]))
    for level in LEVELS[1:]:
        size = int(np.count_nonzero(chance > 255 * level))
        if _LEAST_AREA * area <= size <= (1 - _OTHER_AREA) * area:
            area, surer = size, _fit(trusted(chance, level), level)
            if _worth(surer) > _worth(best) + _CRISPER + _CRISPER_BY_AREA * (whole - size) / whole:
                best = surer
    return _unsqueezed(best, trusted(chance, best.level))


def _unsqueezed(known: Fit, chance: GrayImage) -> Fit:
    """The outline of a sector whose circles a grabber made ellipses (4:3 shown as 16:9), where that fits."""
    if not isinstance(known.shape, Sector | Outline):
        return known
    best, (height, width) = known, chance.shape
    for step in (_SQUEEZE, 1 / _SQUEEZE):
        gained, aspect = True, step
        while gained:
            wide = round(width / aspect)
            plain = np.asarray(cv2.resize(chance, (wide, height), interpolation=cv2.INTER_LINEAR), np.uint8)
            guess = _sector_guess((plain > 127).view(np.uint8))
            fit = Target(plain).climb(guess) if guess else known
            gained = fit.overlap > best.overlap + _LESS_SQUEEZED
            if gained:
                points = tuple((x * width / wide, y) for x, y in outline(fit.shape))
                best, aspect = Fit(Outline(points), fit.overlap, known.level), aspect * step
    return best if best.overlap > _CLEARLY else known


def _worth(fit: Fit) -> float:
    return fit.overlap - (_FREE_PRICE if isinstance(fit.shape, Outline) else 0.0)


def trusted(chance: GrayImage, level: float) -> GrayImage:
    """The map in which a chance of `level` counts as one half, and a surer one soon as one."""
    share = np.clip(np.arange(256) / 255, 0.002, 0.998)
    odds = (share / (1 - share) * (1 - level) / level) ** _STEEP
    return np.asarray(cv2.LUT(chance, np.rint(255 * odds / (1 + odds)).astype(np.uint8)), np.uint8)


def _fit(chance: GrayImage, level: float) -> Fit:
    target = Target(chance)
    patches = (chance > 127).view(np.uint8)
    solid = np.zeros_like(patches)
    cv2.drawContours(solid, [_border(patches)], -1, 1, cv2.FILLED)
    fits = [(0, target.climb(Rectangle(_bounds(solid))))]
    if fits[0][1].overlap < 0.985:
        upside = _sector_guess(np.ascontiguousarray(solid[::-1]))
        guesses = _quad_guess(solid), _sector_guess(solid), upside and flipped(upside, len(solid))
        fits += [(freedom, target.climb(guess)) for freedom, guess in enumerate(guesses, 1) if guess]
    _, best = max(fits, key=lambda fit: fit[1].overlap - fit[0] * _SIMPLER)
    if best.overlap < _FREE_BELOW:
        free = _free(solid)
        overlap = target.overlap(free)
        if overlap > best.overlap + _FREE_GAIN:
            best = Fit(free, overlap)
    return replace(best, level=level)


class Target:
    """Measures how well shapes explain one map."""

    def __init__(self, chance: GrayImage) -> None:
        self._chance = chance
        self._total = float(cv2.sumElems(chance)[0]) / 255
        self._drawn = np.zeros_like(chance)

    def drawn(self, shape: Shape) -> GrayImage:
        """(h, w), 255 inside the shape; valid until the next call."""
        self._drawn[:] = 0
        fill(self._drawn, outline(shape), 255)
        return self._drawn

    def overlap(self, shape: Shape) -> float:
        """Intersection over union, each place weighted by how sure the map is there."""
        try:
            drawn = self.drawn(shape)
        except SettingsError:  # its window holds nothing of it
            return 0.0
        size = cv2.countNonZero(drawn)
        both = float(cv2.sumElems(cv2.bitwise_and(drawn, self._chance))[0]) / 255
        return both / (self._total + size - both + 1e-9)

    def climb(self, shape: ProbeShape) -> Fit:
        """Move one number after the other while the overlap grows."""
        best = self.overlap(shape)
        for step in _STEPS:
            for _ in range(3):
                before = best
                for index in range(4 if isinstance(shape, Rectangle) else 12):
                    for amount in (step, -step):
                        moved = _moved(shape, index, amount)
                        if moved and (value := self.overlap(moved)) > best:
                            best, shape = value, moved
                            break
                if best - before < 1e-4:
                    break
        return Fit(shape, best)


def _moved(shape: ProbeShape, index: int, amount: float) -> ProbeShape | None:
    """The shape with one of its numbers moved by about `amount` pixels; None where that makes no sense."""
    if isinstance(shape, Rectangle):
        box = _box_moved(shape.box, index, amount)
        return Rectangle(box) if box else None
    if index >= 8:
        window = shape.window and _box_moved(shape.window, index - 8, amount)
        return replace(shape, window=window) if window else None
    if isinstance(shape, Quad):
        return _quad_moved(shape, index, amount)
    return _sector_moved(shape, index, amount)


def _box_moved(box: Box, side: int, amount: float) -> Box | None:
    edges = [box.x, box.y, box.right, box.bottom]
    edges[side] += int(amount)
    x, y, right, bottom = edges
    good = int(amount) and min(x, y) >= 0 and min(right - x, bottom - y) > 1
    return Box(x, y, right - x, bottom - y) if good else None


_QUAD_MOVES = (  # which corners (clockwise from the top left) move, and along which axis
    ((0, 1), 1), ((2, 3), 1), ((0, 3), 0), ((1, 2), 0), ((0,), 0), ((1,), 0), ((2,), 0), ((3,), 0),
)  # fmt: skip


def _quad_moved(quad: Quad, index: int, amount: float) -> Quad | None:
    which, axis = _QUAD_MOVES[index]
    corners = [list(corner) for corner in quad.corners]
    for corner in which:
        corners[corner][axis] += amount
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    good = x1 - x0 >= 2 and x2 - x3 >= 2 and y3 - y0 >= 2
    return replace(quad, corners=((x0, y0), (x1, y1), (x2, y2), (x3, y3))) if good else None


_NUMBERS_OF = attrgetter("apex_x", "apex_y", "inner_px", "outer_px", "left_deg", "right_deg")
_SECTOR_MOVES = (  # of apex (x, y), radii (inner, outer) and angles (left, right)
    (1, 0, 0, 0, 0, 0), (0, 1, 0, 0, 0, 0), (0, 1, -1, -1, 0, 0), (0, 0, 1, 0, 0, 0),
    (0, 0, 0, 1, 0, 0), (0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 1), (0, 0, 0, 0, -1, 1),
)  # fmt: skip


def _sector_moved(sector: Sector, index: int, amount: float) -> Sector | None:
    turn = degrees(amount / max(8.0, 0.7 * sector.outer_px))
    down = amount if cos(radians((sector.left_deg + sector.right_deg) / 2)) > 0 else -amount
    steps = (amount, down, amount, amount, turn, turn)
    x, y, inner, outer, left, right = (
        at + way * step
        for at, way, step in zip(_NUMBERS_OF(sector), _SECTOR_MOVES[index], steps, strict=True)
    )
    inner = 0.0 if inner < 0 < sector.inner_px else inner
    good = 0 <= inner < outer - 5 and 2 < right - left < 220
    return Sector(x, y, inner, outer, left, right, sector.window) if good else None


def _border(solid: GrayImage) -> MatLike:
    """The line (n, 1, 2) around the largest patch."""
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=cv2.contourArea)


def _free(solid: GrayImage) -> Outline:
    """The hull of a patch, with few corners: shadows cut no piece out of it."""
    corners = cv2.approxPolyDP(cv2.convexHull(_border(solid)), 0.006 * sum(solid.shape), True)[:, 0] + 0.5
    return Outline(tuple((float(x), float(y)) for x, y in corners))


def _bounds(solid: GrayImage) -> Box:
    """Where the patch is substantial."""
    edges = []
    for axis in (0, 1):
        counts = solid.sum(axis=axis, dtype=np.int64)
        places = np.flatnonzero(counts >= 0.3 * np.percentile(counts[counts > 0], 90))
        edges.append((int(places[0]), int(places[-1] + 1)))
    (x0, x1), (y0, y1) = edges
    return Box(x0, y0, x1 - x0, y1 - y0)


def _quad_guess(solid: GrayImage) -> Quad:
    """Straight lines along the first and the last column of each row."""
    box, rows = _bounds(solid), np.flatnonzero(solid.any(axis=1))
    rows = rows[(rows >= box.y + 0.05 * box.height) & (rows <= box.bottom - 0.05 * box.height)]
    left = _edge_line(rows, solid[rows].argmax(axis=1))
    right = _edge_line(rows, solid[rows, ::-1].argmax(axis=1) - solid.shape[1])
    top, bottom = float(box.y), float(box.bottom)
    ends = ((1, left, top), (-1, right, top), (-1, right, bottom), (1, left, bottom))
    return Quad(tuple((side * float(np.polyval(line, y)), y) for side, line, y in ends), _window(solid))


def _edge_line(along: NDArray[np.intp], place: NDArray[np.intp]) -> Floats:
    """Slope and offset of the outer (smallest) edge; what lies further in is shadow and pulls little."""
    if len(place) < 8:
        return np.array([0.0, float(np.median(place)) if len(place) else 0.0])
    weight, line = np.ones(len(place)), np.zeros(2)
    for _ in range(8):
        line = np.polyfit(along, place, 1, w=weight)
        off = place - np.polyval(line, along)
        weight = np.sqrt(np.where(off > 0, 1 / (1 + (off / 2) ** 2), 1 / (1 + (off / 8) ** 2)))
    return line


def _window(solid: GrayImage) -> Box | None:
    """The bounding box where its sides cut the patch off: straight upright or level edges, no corners."""
    x, y, w, h = cv2.boundingRect(solid)
    upright = max(solid[y : y + h, at : at + 2].min(axis=1).sum() for at in (x, x + w - 2))
    level = max(solid[at : at + 2, x : x + w].min(axis=0).sum() for at in (y, y + h - 2))
    return Box(x, y, w, h) if upright > _CUT_SHARE * h or level > 0.35 * w else None


def _sector_guess(solid: GrayImage) -> Sector | None:
    """Apex, radii and angles from the straight flanks of the convex hull; None where there are none."""
    hull = cv2.convexHull(_border(solid))
    _x, y, w, h = cv2.boundingRect(hull)
    corners = cv2.approxPolyDP(hull, 0.008 * (w + h), True)[:, 0].astype(np.float64)
    left, right = (_flank(corners, side, h) for side in (-1, 1))
    if left is None or right is None:
        return None
    (lx, ly, la), (rx, ry, ra) = left, right
    # flanks as x = x_at_y + tan(angle) (y - y_at); they meet in the apex
    apex_y = ((rx - tan(ra) * ry) - (lx - tan(la) * ly)) / (tan(la) - tan(ra))
    apex_x = lx + tan(la) * (apex_y - ly)
    if apex_y > y + 0.3 * h or apex_y < y - 4 * h:
        return None
    columns = np.flatnonzero(solid.any(axis=0))
    top = solid[:, columns].argmax(axis=0)
    bottom = solid.shape[0] - solid[::-1, columns].argmax(axis=0)
    across = columns + 0.5 - apex_x
    angle = np.arctan2(across, bottom - apex_y)
    inside = (angle > 0.8 * la) & (angle < 0.8 * ra)
    if inside.sum() < 5:
        return None
    outer = float(np.percentile(np.hypot(across, bottom - apex_y)[inside], 85))
    upper = np.arctan2(across, np.maximum(top - apex_y, 1e-3))
    middle = (upper > 0.7 * la) & (upper < 0.7 * ra)
    radii = np.hypot(across, top - apex_y)[middle]
    inner = float(np.percentile(radii, 25)) if len(radii) else 0.0
    inner = 0.0 if inner < 0.04 * outer else inner
    good = inner < outer - 5
    return Sector(apex_x, apex_y, inner, outer, degrees(la), degrees(ra), _window(solid)) if good else None


def _flank(corners: Floats, side: int, height: int) -> tuple[float, float, float] | None:
    """Longest slanted edge on one side (-1 left, 1 right): a point on it and its angle from straight down."""
    best, length = None, 0.2 * height
    middle = (corners[:, 0].min() + corners[:, 0].max()) / 2
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        upper, lower = (start, end) if start[1] < end[1] else (end, start)
        run, drop = lower - upper
        angle, long = atan2(run, drop), hypot(run, drop)
        slanted = 5 < degrees(angle) * side < 82
        if slanted and long > length and side * ((upper[0] + lower[0]) / 2 - middle) > 0:
            best, length = (float(upper[0]), float(upper[1]), float(angle)), long
    return best
