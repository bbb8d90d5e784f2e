"""Shapes that an ultrasound image has on a screen, and the region (box, mask, outline) that each one covers.

A pixel (column, row) belongs to a shape when its centre (column + 0.5, row + 0.5) lies inside, or its edge
crosses the pixel; `centres_inside` is for measures, which half a pixel of tissue beside a cyst would bend.
"""

from dataclasses import dataclass, replace
from math import ceil, cos, isfinite, radians, sin
from typing import Literal

import cv2
import numpy as np

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Mask, Region

Origin = Literal["full", "user", "declared", "detected"]
Point = tuple[float, float]  # (x, y), frame pixels
_ARC_STEPS = 24  # chords that draw an arc: below half a pixel of sagitta for any sector on a screen
_SUBPIXEL_BITS = 4  # fixed-point bits of cv2's polygon fill


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle: a linear probe, or a box that a person drew."""

    box: Box


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corners, clockwise from the top left: steered linear (slanted) or trapezoid.

    `window`: the image is cut off at the edges of this box.
    """

    corners: tuple[Point, Point, Point, Point]
    window: Box | None = None

    def __post_init__(self) -> None:
        if len(self.corners) != 4 or not np.isfinite(self.corners).all():
            raise SettingsError("a slanted region needs four corners", self.corners, "give four [x, y] pairs")


@dataclass(frozen=True, slots=True)
class Sector:
    """Part of a ring: convex (4 corners) or, with `inner_px` 0, phased array (3 corners).

    Angles in degrees from straight down, negative to the left. `window` as in `Quad`.
    """

    apex_x: float
    apex_y: float
    inner_px: float
    outer_px: float
    left_deg: float
    right_deg: float
    window: Box | None = None

    def __post_init__(self) -> None:
        if not (
            isfinite(self.apex_x + self.apex_y + self.outer_px)
            and 0 <= self.inner_px < self.outer_px
            and -360 <= self.left_deg < self.right_deg <= min(360, self.left_deg + 360)
        ):
            raise SettingsError(
                "a sector needs radius = [inner, outer] and angles_deg = [left, right], both growing",
                f"radius {self.inner_px}, {self.outer_px}; angles {self.left_deg}, {self.right_deg}",
                "angles are degrees from straight down, negative to the left",
            )


@dataclass(frozen=True, slots=True)
class Outline:
    """Any closed line: an image that is cut off or covered in no simple way."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3 or not np.isfinite(self.points).all():
            raise SettingsError("a free outline needs three points or more", self.points, "give [x, y] pairs")


Shape = Rectangle | Quad | Sector | Outline


def region_of(shape: Shape, height: int, width: int, origin: Origin = "user") -> Region:
    """The region of a shape in a picture of `height` x `width`; parts outside the picture are cut off.

    Raises `SettingsError` where nothing of it lies inside the picture.
    """
    if isinstance(shape, Rectangle):
        box = _inside(shape.box.x, shape.box.y, shape.box.right, shape.box.bottom, height, width)
        return Region(box, outline=_corners(box), kind="box" if origin == "user" else "linear", origin=origin)
    points = outline(shape)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    box = _inside(
        ceil(min(xs) - 0.5), ceil(min(ys) - 0.5), ceil(max(xs) - 0.5), ceil(max(ys) - 0.5), height, width
    )
    mask = _polygon_mask(points, box)
    if not mask.any():
        raise SettingsError("the region lies outside the picture", shape, f"the picture is {width}x{height}")
    mask.setflags(write=False)
    kind: Literal["linear", "sector"] = "sector" if isinstance(shape, Sector) else "linear"
    return Region(box, mask, points, kind, origin)


def whole(height: int, width: int) -> Region:
    """All of a picture of that size."""
    return Region(Box(0, 0, width, height), kind="full", origin="full")


def outline(shape: Shape) -> tuple[Point, ...]:
    """The closed line around a shape: corner points (x, y) in frame pixels, arcs as chords."""
    if isinstance(shape, Rectangle):
        return _corners(shape.box)
    if isinstance(shape, Outline):
        return shape.points
    if isinstance(shape, Quad):
        points: tuple[Point, ...] = shape.corners
    else:
        inner: tuple[Point, ...] = ((shape.apex_x, shape.apex_y),)
        if shape.inner_px >= 0.5:
            inner = _arc(shape, shape.inner_px, shape.right_deg, shape.left_deg)
        points = (*inner, *_arc(shape, shape.outer_px, shape.left_deg, shape.right_deg))
    return _cut_to(points, shape.window) if shape.window else points


def flipped(sector: Sector, height: float) -> Sector:
    """The sector upside down in a picture of `height`: its apex is below."""
    window = sector.window
    if window:
        window = Box(window.x, max(0, round(height) - window.bottom), window.width, window.height)
    return replace(
        sector,
        apex_y=height - sector.apex_y,
        left_deg=180 - sector.right_deg,
        right_deg=180 - sector.left_deg,
        window=window,
    )


def scaled(shape: Shape, across: float, down: float) -> Shape:
    """The shape in a picture of another size; `across` and `down` are alike but for rounding."""

    def point(place: Point) -> Point:
        return place[0] * across, place[1] * down

    def box(of: Box) -> Box:
        (x, y), (right, bottom) = (
            map(round, point(corner)) for corner in ((of.x, of.y), (of.right, of.bottom))
        )
        return Box(x, y, max(1, right - x), max(1, bottom - y))

    if isinstance(shape, Rectangle):
        return Rectangle(box(shape.box))
    if isinstance(shape, Outline):
        return Outline(tuple(point(place) for place in shape.points))
    window = box(shape.window) if shape.window else None
    if isinstance(shape, Quad):
        first, second, third, fourth = (point(corner) for corner in shape.corners)
        return Quad((first, second, third, fourth), window)
    size = (across + down) / 2
    apex = point((shape.apex_x, shape.apex_y))
    radii = shape.inner_px * size, shape.outer_px * size
    return Sector(*apex, *radii, shape.left_deg, shape.right_deg, window)


def _cut_to(points: tuple[Point, ...], window: Box) -> tuple[Point, ...]:
    """The part of a closed outline inside a box, side by side (Sutherland and Hodgman 1974)."""
    sides = ((0, 1.0, window.x), (0, -1.0, window.right), (1, 1.0, window.y), (1, -1.0, window.bottom))
    for axis, sign, limit in sides:
        kept: list[Point] = []
        for start, end in zip(points, (*points[1:], points[0]), strict=True):
            here, there = sign * (start[axis] - limit), sign * (end[axis] - limit)
            if here >= 0:
                kept.append(start)
            if (here >= 0) != (there >= 0):
                way = here / (here - there)
                kept.append((start[0] + way * (end[0] - start[0]), start[1] + way * (end[1] - start[1])))
        if not kept:
            raise SettingsError("the window of the region holds nothing of it", window.text, "make it larger")
        points = tuple(kept)
    return points


def _arc(sector: Sector, radius: float, first_deg: float, last_deg: float) -> tuple[Point, ...]:
    angles = np.linspace(first_deg, last_deg, _ARC_STEPS + 1)
    return tuple(edge_point(sector, radius, float(angle)) for angle in angles)


def edge_point(sector: Sector, radius: float, angle_deg: float) -> Point:
    """The point of a sector at a radius (pixels from the apex) and an angle (degrees from straight down)."""
    angle = radians(angle_deg)
    return sector.apex_x + radius * sin(angle), sector.apex_y + radius * cos(angle)


def _polygon_mask(points: tuple[Point, ...], box: Box) -> Mask:
    canvas = np.zeros((box.height, box.width), np.uint8)
    # cv2 fills pixel indices, whose centres lie half a pixel further
    corners = (np.asarray(points) - (box.x + 0.5, box.y + 0.5)) * (1 << _SUBPIXEL_BITS)
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 1, shift=_SUBPIXEL_BITS)
    return canvas.view(np.bool_)


def centres_inside(points: tuple[Point, ...], box: Box) -> Mask:
    """The pixels of a box whose centres lie inside a closed line, by the even-odd rule."""
    xs, ys = (np.asarray(points) - (box.x, box.y)).T
    next_xs, next_ys = np.roll(xs, -1), np.roll(ys, -1)
    rows = np.arange(box.height) + 0.5
    edge, row = np.nonzero((ys[:, None] <= rows) != (next_ys[:, None] <= rows))
    share = (rows[row] - ys[edge]) / (next_ys - ys)[edge]
    column = np.ceil(xs[edge] + share * (next_xs - xs)[edge] - 0.5).clip(0, box.width).astype(np.intp)
    crossings = np.zeros((box.height, box.width + 1), np.uint8)
    np.add.at(crossings, (row, column), 1)
    return np.asarray(np.cumsum(crossings[:, :-1], axis=1) % 2 == 1)


def _corners(box: Box) -> tuple[Point, ...]:
    left, top, right, bottom = map(float, (box.x, box.y, box.right, box.bottom))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _inside(left: int, top: int, right: int, bottom: int, height: int, width: int) -> Box:
    x, y, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if right <= x or bottom <= y:
        raise SettingsError(
            "the region lies outside the picture",
            f"picture {width}x{height}",
            "give a box or shape inside it",
        )
    return Box(x, y, right - x, bottom - y)
