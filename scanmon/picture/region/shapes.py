"""Shapes that an ultrasound image has on a screen, and the region (box, mask, outline) that each one covers.

A pixel (column, row) belongs to a shape when its centre (column + 0.5, row + 0.5) lies inside, or its edge
crosses the pixel. Measures take centres alone (`core/roi.py`): half a pixel beside a cyst would bend them.
"""

from dataclasses import dataclass, replace
from math import ceil, cos, isfinite, radians, sin
from typing import Literal

import cv2
import numpy as np

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, GrayImage, Region

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

    corners: tuple[Point, ...]
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
        there = isfinite(self.apex_x + self.apex_y + self.outer_px) and 0 <= self.inner_px < self.outer_px
        if not (there and -360 <= self.left_deg < self.right_deg <= min(360, self.left_deg + 360)):
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
    points = outline(shape)
    xs, ys = zip(*points, strict=True)
    x, y = max(0, ceil(min(xs) - 0.5)), max(0, ceil(min(ys) - 0.5))
    right, bottom = min(width, ceil(max(xs) - 0.5)), min(height, ceil(max(ys) - 0.5))
    if right <= x or bottom <= y:
        remedy = "give a box or shape inside it"
        raise SettingsError("the region lies outside the picture", f"picture {width}x{height}", remedy)
    box = Box(x, y, right - x, bottom - y)
    if isinstance(shape, Rectangle):
        return Region(box, outline=_corners(box), kind="box" if origin == "user" else "linear", origin=origin)
    mask = np.zeros((box.height, box.width), np.bool_)
    fill(mask.view(np.uint8), points, 1, (box.x + 0.5, box.y + 0.5))
    if not mask.any():
        raise SettingsError("the region lies outside the picture", shape, f"the picture is {width}x{height}")
    mask.setflags(write=False)
    return Region(box, mask, points, "sector" if isinstance(shape, Sector) else "linear", origin)


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
        points = shape.corners
    else:
        apex = ((shape.apex_x, shape.apex_y),)
        inner = apex if shape.inner_px < 0.5 else _arc(shape, shape.inner_px, shape.right_deg, shape.left_deg)
        points = (*inner, *_arc(shape, shape.outer_px, shape.left_deg, shape.right_deg))
    return _cut_to(points, shape.window) if shape.window else points


def flipped(sector: Sector, height: float) -> Sector:
    """The sector upside down in a picture of `height`: its apex is below."""
    left, right, window = 180 - sector.right_deg, 180 - sector.left_deg, sector.window
    window = window and replace(window, y=max(0, round(height) - window.bottom))
    return replace(sector, apex_y=height - sector.apex_y, left_deg=left, right_deg=right, window=window)


def scaled(shape: Shape, across: float, down: float) -> Shape:
    """The shape in a picture of another size; `across` and `down` are alike but for rounding."""

    def points(of: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple((x * across, y * down) for x, y in of)

    def box(of: Box) -> Box:
        x, right = round(of.x * across), round(of.right * across)
        y, bottom = round(of.y * down), round(of.bottom * down)
        return Box(x, y, max(1, right - x), max(1, bottom - y))

    if isinstance(shape, Rectangle):
        return Rectangle(box(shape.box))
    if isinstance(shape, Outline):
        return Outline(points(shape.points))
    window = box(shape.window) if shape.window else None
    if isinstance(shape, Quad):
        return Quad(points(shape.corners), window)
    size = (across + down) / 2
    apex, radii = (shape.apex_x * across, shape.apex_y * down), (shape.inner_px * size, shape.outer_px * size)
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


def fill(canvas: GrayImage, points: tuple[Point, ...], level: int, first: float | Point = 0.5) -> None:
    """Draw what a closed line holds on a canvas; the centre of its first pixel is at `first`."""
    # cv2 fills pixel indices, and has a pixel's centre there
    corners = (np.asarray(points) - first) * (1 << _SUBPIXEL_BITS)
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], level, shift=_SUBPIXEL_BITS)


def _corners(box: Box) -> tuple[Point, ...]:
    left, top, right, bottom = map(float, (box.x, box.y, box.right, box.bottom))
    return (left, top), (right, top), (right, bottom), (left, bottom)
