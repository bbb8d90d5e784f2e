"""The picture of a probe, straightened: rows are depths below its face, columns are places along the face."""

from dataclasses import dataclass
from math import hypot, radians

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.values import Box
from scanmon.picture.region import Outline, Quad, Rectangle, Sector, Shape, region_of
from scanmon.picture.region.shapes import edge_point

LEAST_ROWS, LEAST_COLUMNS = 48, 48
MOST_COLUMNS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """`gray` (depths, places), NaN where the screen cuts the image off; a row is one pixel deep."""

    gray: NDArray[np.float32]
    shape: Shape  # in the picture
    columns_px: float  # pixels of the picture for one column, along the face; in a sector at mid depth

    @property
    def kind(self) -> str:
        """`linear`, `convex` or `phased`: an aperture with hardly a face is that of a phased array."""
        if not isinstance(self.shape, Sector):
            return "linear"
        return "convex" if self.shape.inner_px > 0.08 * self.shape.outer_px else "phased"

    def across_px(self, depth: float) -> float:
        """Pixels of the picture along the whole face at a row."""
        if isinstance(self.shape, Sector):
            return float(radians(self.shape.right_deg - self.shape.left_deg) * (self.shape.inner_px + depth))
        return float(self.columns_px * self.gray.shape[1])

    def point(self, depth: float, place: float) -> tuple[float, float]:
        """The pixel (x, y) of the picture at a row and a column, both in pixels from the first one's edge."""
        share = place / self.gray.shape[1]
        if isinstance(self.shape, Sector):
            angle = self.shape.left_deg + share * (self.shape.right_deg - self.shape.left_deg)
            return edge_point(self.shape, self.shape.inner_px + depth, angle)
        a, b, c, d = np.array(_corners(self.shape))
        top, bottom = a + share * (b - a), d + share * (c - d)
        x, y = top + depth / self.gray.shape[0] * (bottom - top)
        return float(x), float(y)


def straighten(picture: NDArray[np.float32], shape: Shape) -> Straight:
    """`picture` (H, W) seen through `shape`. Raises `SourceError` where that is too small to measure in."""
    if isinstance(shape, Outline):
        shape = Rectangle(region_of(shape, *picture.shape).box)
    if isinstance(shape, Sector):
        depths = shape.outer_px - shape.inner_px
        span = radians(shape.right_deg - shape.left_deg)
        across = span * (shape.inner_px + depths / 2)
    else:
        corners = _corners(shape)
        depths = max(hypot(*np.subtract(corners[0], corners[3])), hypot(*np.subtract(corners[1], corners[2])))
        across = max(hypot(*np.subtract(corners[0], corners[1])), hypot(*np.subtract(corners[3], corners[2])))
    rows, columns = round(depths), min(round(across), MOST_COLUMNS)
    if rows < LEAST_ROWS or columns < LEAST_COLUMNS:
        raise SourceError(
            f"the image area of {columns}x{rows} pixels is too small to measure in",
            "",
            f"give a picture with {LEAST_COLUMNS}x{LEAST_ROWS} or more, or its place with --region",
        )
    result = Straight(np.empty((rows, columns), np.float32), shape, across / columns)
    xs, ys = _grid(result, rows, columns)
    gray = cv2.remap(picture, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    window = (None if isinstance(shape, Rectangle) else shape.window) or Box(0, 0, *picture.shape[::-1])
    inside = (xs > window.x - 1) & (xs < window.right) & (ys > window.y - 1) & (ys < window.bottom)
    gray[~inside] = np.nan
    return Straight(np.asarray(gray, np.float32), shape, result.columns_px)


def _grid(of: Straight, rows: int, columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixel indices (rows, columns) of the middle of every place; the edge is drawn in by half a pixel."""
    depth, share = (np.arange(rows) + 0.5)[:, None], ((np.arange(columns) + 0.5) / columns)[None]
    shape = of.shape
    if isinstance(shape, Sector):
        angle = np.radians(shape.left_deg + share * (shape.right_deg - shape.left_deg))
        xs = shape.apex_x + (shape.inner_px + depth) * np.sin(angle)
        ys = shape.apex_y + (shape.inner_px + depth) * np.cos(angle)
    else:
        along = depth / rows
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = _corners(shape)
        xs = (1 - along) * (ax + share * (bx - ax)) + along * (dx + share * (cx - dx))
        ys = (1 - along) * (ay + share * (by - ay)) + along * (dy + share * (cy - dy))
    return (xs - 0.5).astype(np.float32), (ys - 0.5).astype(np.float32)


def _corners(shape: Shape) -> tuple[tuple[float, float], ...]:
    if isinstance(shape, Quad):
        return shape.corners
    assert isinstance(shape, Rectangle)
    box = shape.box
    return (box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)
