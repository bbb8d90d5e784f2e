"""Handles of a region shape and what dragging one does. Pure geometry in frame pixels, no Qt."""

from dataclasses import dataclass, replace
from math import atan2, degrees, hypot

import numpy as np

from scanmon.core.values import Box, Region
from scanmon.picture.region.shapes import Outline, Point, Quad, Rectangle, Sector, Shape, edge_point

MIN_SIDE_PX = 32
_MIN_ANGLE_DEG = 5.0


@dataclass(frozen=True, slots=True)
class Handle:
    """A place that can be dragged."""

    name: str
    x: float
    y: float


def handles(shape: Shape) -> tuple[Handle, ...]:
    """All handles of a shape, in the order of the Tab key; `all` moves the whole."""
    if isinstance(shape, Rectangle):
        box = shape.box
        places = {
            "top left": (box.x, box.y),
            "top right": (box.right, box.y),
            "bottom right": (box.right, box.bottom),
            "bottom left": (box.x, box.bottom),
            "all": (box.x + box.width / 2, box.y + box.height / 2),
        }
    elif isinstance(shape, Quad):
        names = ("top left", "top right", "bottom right", "bottom left")
        places = dict(zip(names, shape.corners, strict=True))
        places["all"] = tuple(np.mean(shape.corners, axis=0))
    elif isinstance(shape, Outline):
        places = {f"point {number}": point for number, point in enumerate(shape.points, 1)}
        places["all"] = tuple(np.mean(shape.points, axis=0))
    else:
        middle = (shape.left_deg + shape.right_deg) / 2
        places = {
            "left": edge_point(shape, shape.outer_px, shape.left_deg),
            "depth": edge_point(shape, shape.outer_px, middle),
            "right": edge_point(shape, shape.outer_px, shape.right_deg),
            "face": edge_point(shape, shape.inner_px, middle),
            "apex": (shape.apex_x, shape.apex_y),
            "all": edge_point(shape, (shape.inner_px + shape.outer_px) / 2, middle),
        }
    return tuple(Handle(name, float(x), float(y)) for name, (x, y) in places.items())


def dragged(
    shape: Shape, name: str, to: Point, picture: tuple[int, int], least_px: int = MIN_SIDE_PX
) -> Shape:
    """The shape after handle `name` was dragged to `to`; `picture` is (width, height).

    Nothing turns inside out: a handle stops where the shape would become too small; a rectangle below
    `least_px` to a side.
    """
    x, y = to
    if isinstance(shape, Rectangle):
        return _dragged_box(shape, name, x, y, picture, least_px)
    if isinstance(shape, Quad):
        return _dragged_quad(shape, name, x, y)
    if isinstance(shape, Outline):
        return _dragged_outline(shape, name, x, y)
    return _dragged_sector(shape, name, x, y)


def shape_from_region(region: Region) -> Shape:
    """A shape to begin with: the detected one where its outline tells it, else its box."""
    points = region.outline
    if region.kind == "sector" and len(points) > 20:
        half = len(points) // 2
        apex = points[0] if len(points) % 2 == 0 and len(points) < 40 else None
        outer = points[1:] if apex else points[half:]
        centre_x, centre_y, radius = _circle(outer[0], outer[len(outer) // 2], outer[-1])
        inner = 0.0 if apex else hypot(points[0][0] - centre_x, points[0][1] - centre_y)
        angles = [degrees(atan2(x - centre_x, y - centre_y)) for x, y in (outer[0], outer[-1])]
        return Sector(centre_x, centre_y, min(inner, radius - 1), radius, min(angles), max(angles))
    if region.mask is not None and len(points) == 4:
        return Quad((points[0], points[1], points[2], points[3]))
    return Rectangle(region.box)


def sector_in(box: Box) -> Sector:
    """A convex sector that fills a box: where to begin when none was detected."""
    return Sector(
        apex_x=box.x + box.width / 2,
        apex_y=box.y - 0.25 * box.height,
        inner_px=0.3 * box.height,
        outer_px=1.24 * box.height,
        left_deg=-32.0,
        right_deg=32.0,
    )


def slanted_in(box: Box) -> Quad:
    """The corners of a box, each free to move."""
    x, y, right, bottom = (float(value) for value in (box.x, box.y, box.right, box.bottom))
    return Quad(((x, y), (right, y), (right, bottom), (x, bottom)))


def _dragged_box(
    shape: Rectangle, name: str, x: float, y: float, picture: tuple[int, int], least_px: int
) -> Rectangle:
    box, (width, height) = shape.box, picture
    if name == "all":
        left = min(max(round(x - box.width / 2), 0), width - box.width)
        top = min(max(round(y - box.height / 2), 0), height - box.height)
        return Rectangle(Box(left, top, box.width, box.height))
    column, row = min(max(round(x), 0), width), min(max(round(y), 0), height)
    left, right = (column, box.right) if "left" in name else (box.x, column)
    top, bottom = (row, box.bottom) if "top" in name else (box.y, row)
    if right - left < least_px or bottom - top < least_px:
        return shape
    return Rectangle(Box(left, top, right - left, bottom - top))


def _dragged_quad(shape: Quad, name: str, x: float, y: float) -> Quad:
    corners = list(shape.corners)
    if name == "all":
        middle_x, middle_y = np.mean(shape.corners, axis=0)
        moved = [(px + x - middle_x, py + y - middle_y) for px, py in corners]
        return Quad((moved[0], moved[1], moved[2], moved[3]))
    corners[("top left", "top right", "bottom right", "bottom left").index(name)] = (x, y)
    if not _convex(corners):
        return shape
    return Quad((corners[0], corners[1], corners[2], corners[3]))


def _dragged_outline(shape: Outline, name: str, x: float, y: float) -> Outline:
    if name == "all":
        middle_x, middle_y = np.mean(shape.points, axis=0)
        return Outline(tuple((px + x - middle_x, py + y - middle_y) for px, py in shape.points))
    number = int(name.removeprefix("point ")) - 1
    return Outline((*shape.points[:number], (x, y), *shape.points[number + 1 :]))


def _dragged_sector(shape: Sector, name: str, x: float, y: float) -> Sector:
    radius = hypot(x - shape.apex_x, y - shape.apex_y)
    angle = degrees(atan2(x - shape.apex_x, y - shape.apex_y))
    if name == "all":
        middle = next(handle for handle in handles(shape) if handle.name == "all")
        return replace(shape, apex_x=shape.apex_x + x - middle.x, apex_y=shape.apex_y + y - middle.y)
    if name == "apex":
        return replace(shape, apex_x=x, apex_y=y)
    changed = {
        "depth": lambda: replace(shape, outer_px=max(radius, shape.inner_px + MIN_SIDE_PX)),
        "face": lambda: replace(shape, inner_px=min(radius, shape.outer_px - MIN_SIDE_PX)),
        "left": lambda: replace(shape, left_deg=min(angle, shape.right_deg - _MIN_ANGLE_DEG)),
        "right": lambda: replace(shape, right_deg=max(angle, shape.left_deg + _MIN_ANGLE_DEG)),
    }
    return changed[name]()


def _convex(corners: list[Point]) -> bool:
    """Whether four corners, clockwise on the screen, make a quadrilateral that is not folded."""
    for here in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(here + step) % 4] for step in range(3))
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) <= MIN_SIDE_PX:
            return False
    return True


def _circle(a: Point, b: Point, c: Point) -> tuple[float, float, float]:
    matrix = 2 * np.array([[b[0] - a[0], b[1] - a[1]], [c[0] - a[0], c[1] - a[1]]])
    squares = np.array([np.dot(p, p) - np.dot(a, a) for p in (b, c)])
    x, y = np.linalg.solve(matrix, squares)
    return float(x), float(y), hypot(a[0] - x, a[1] - y)
