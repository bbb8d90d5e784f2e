"""The sides of an image placed to a part of a pixel: an element at the end is hardly wider than two."""

from dataclasses import replace
from math import atan, degrees

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.values import Box
from scanmon.lab.qa.straight import Straight, straighten
from scanmon.picture.region import Quad, Rectangle, Sector, Shape

BANDS = 24  # of depth, in each of which both sides are looked for
ROUNDS = 3
_WIDER = 0.08  # of the face, on either side
_PARALLEL = 0.01  # difference of two slopes that are one; twice the slope that is none
_CUT_PX = 5  # of the outermost column that shows anything
_ECHO = 12.0  # gray levels inside, for a band to show a side
Points = list[tuple[float, float]]


def placed(picture: NDArray[np.float32], shape: Shape) -> Shape:
    """`shape` with its sides, and the face of a sector, where the picture (H, W) falls to black.

    As it came where that is not to be seen.
    """
    for _ in range(ROUNDS):
        if not isinstance(shape, Rectangle | Sector):
            return shape
        try:
            shape = _placed_once(picture, shape)
        except (SourceError, SettingsError):  # sides that make no image
            return shape
    return shape


def _placed_once(picture: NDArray[np.float32], shape: Rectangle | Sector) -> Shape:
    black = float(np.percentile(picture, 2))
    wide = straighten(picture, _wider(shape, picture.shape[1]))
    left, right = _sides(wide, black)
    if isinstance(shape, Rectangle):
        if min(len(left), len(right)) > BANDS // 2:
            (a, a0), (b, b0) = line(left), line(right)
            if abs(a - b) < _PARALLEL < abs(a + b):
                return _turned(shape, (a + b) / 2, a0, b0)
        first, last = shape.box.x, shape.box.right
        if len(left) > BANDS // 4:
            first = round(float(np.median([x for x, _ in left])))
        if len(right) > BANDS // 4:
            last = round(float(np.median([x for x, _ in right])))
        return Rectangle(Box(first, shape.box.y, max(1, last - first), shape.box.height))
    seen = np.flatnonzero((picture >= black + _ECHO).any(axis=0))
    # not where the screen cuts the sector off
    left = [point for point in left if point[0] > seen[0] + _CUT_PX]
    right = [point for point in right if point[0] < seen[-1] + 1 - _CUT_PX]
    if min(len(left), len(right)) < BANDS // 4:
        return shape
    (a, a0), (b, b0) = line(left), line(right)
    if b - a < 0.1:
        return shape
    apex_y = (a0 - b0) / (b - a)
    moved = shape.apex_y - apex_y
    return _faced(
        picture,
        replace(
            shape,
            apex_x=a * apex_y + a0,
            apex_y=apex_y,
            inner_px=max(0.0, shape.inner_px + moved),
            outer_px=shape.outer_px + moved,
            left_deg=degrees(atan(a)),
            right_deg=degrees(atan(b)),
        ),
        black,
    )


def _turned(shape: Rectangle, slope: float, left: float, right: float) -> Quad:
    """A picture that hangs askew: both sides have one slope. The face stands square on them."""
    top, high = shape.box.y, shape.box.height
    middle = (slope * top + (left + right) / 2, float(top))
    across = (right - left) / 2 / (1 + slope**2)
    one = (middle[0] - across, middle[1] + slope * across)
    other = (middle[0] + across, middle[1] - slope * across)
    (ax, ay), (bx, by) = one, other
    return Quad((one, other, (bx + slope * high, by + high), (ax + slope * high, ay + high)))


def _wider(shape: Rectangle | Sector, width: int) -> Shape:
    if isinstance(shape, Sector):
        more = _WIDER * (shape.right_deg - shape.left_deg)
        return replace(shape, left_deg=shape.left_deg - more, right_deg=shape.right_deg + more)
    more_px = round(_WIDER * shape.box.width)
    first, last = max(0, shape.box.x - more_px), min(width, shape.box.right + more_px)
    return Rectangle(Box(first, shape.box.y, last - first, shape.box.height))


def _sides(wide: Straight, black: float) -> tuple[Points, Points]:
    """Points (x, y) of the picture on the left and on the right side, one for each band that shows them."""
    rows, columns = wide.gray.shape
    left: Points = []
    right: Points = []
    for part in np.array_split(np.arange(rows), BANDS):
        course = wide.gray[part].mean(axis=0)  # NaN where a row of the band is cut off
        depth = float(part.mean()) + 0.5
        for points, seen in ((left, course), (right, course[::-1])):
            near = float(np.median(seen[columns // 8 : columns // 3]))
            if not near >= black + _ECHO:
                continue
            half = (near + black) / 2
            inside = seen > half
            at = int(np.argmax(inside))
            if not inside[at : at + 4].all() or at == 0 or not np.isfinite(seen[at - 1]):
                continue  # a letter, or no black beside it
            step = (half - seen[at - 1]) / (seen[at] - seen[at - 1])
            place = at - 0.5 + step
            points.append(wide.point(depth, place if points is left else columns - place))
    return left, right


def _faced(picture: NDArray[np.float32], shape: Sector, black: float) -> Sector:
    """The face, where the middle of the image begins: at half of the brightness of its first rows."""
    above = min(shape.inner_px, 0.1 * (shape.outer_px - shape.inner_px))
    seen = straighten(picture, replace(shape, inner_px=shape.inner_px - above))
    middle = np.array_split(seen.gray, 3, axis=1)[1]
    level = np.median(np.nan_to_num(middle, nan=black), axis=1)
    begin = round(2 * above) + 8
    half = (float(level[:begin].max()) + black) / 2
    return replace(shape, inner_px=shape.inner_px - above + int(np.argmax(level > half)))


def line(points: Points) -> tuple[float, float]:
    """Slope and offset of x = slope * y + offset, unmoved by points that stick out (Theil and Sen)."""
    xs, ys = np.array(points).T
    one, other = np.triu_indices(len(xs), 1)
    apart = np.abs(ys[one] - ys[other]) > 1e-6
    slope = (
        float(np.median((xs[one] - xs[other])[apart] / (ys[one] - ys[other])[apart])) if apart.any() else 0.0
    )
    return slope, float(np.median(xs - slope * ys))
