"""The exact place of an outline in frame pixels: flat lines end there, and a whole line changes at once."""

from dataclasses import replace
from math import degrees, hypot, radians

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage
from scanmon.picture.region.shapes import Point, Quad, Rectangle, Sector, Shape, edge_point, outline

_LINES = 3  # lines on each side that are compared
_SURE = 0.35  # below this an edge is not seen, and the estimate stays
_PLACES = 160  # along an edge


def refine(pixels: GrayImage, shape: Shape, reach: int) -> Shape:
    """The shape with every edge moved to where it is seen within `reach` pixels."""
    if isinstance(shape, Rectangle):
        corners = _refined_quad(pixels, Quad(outline(shape)), reach).corners
        (x, y), _, (right, bottom), _ = ((round(across), round(down)) for across, down in corners)
        x, y = max(0, x), max(0, y)
        right, bottom = min(pixels.shape[1], right), min(pixels.shape[0], bottom)
        return Rectangle(Box(x, y, max(1, right - x), max(1, bottom - y)))
    if isinstance(shape, Quad):
        return _refined_quad(pixels, shape, reach)
    if isinstance(shape, Sector):
        return _refined_sector(pixels, shape, reach)
    return shape


def _refined_quad(pixels: GrayImage, quad: Quad, reach: int) -> Quad:
    """Each side moved along its normal; the corners are where the moved sides meet."""
    corners = quad.corners
    sides = []
    for number in range(4):
        start, end = corners[number], corners[(number + 1) % 4]
        long = max(1e-6, hypot(end[0] - start[0], end[1] - start[1]))
        normal = ((end[1] - start[1]) / long, (start[0] - end[0]) / long)  # clockwise: outward
        share = np.linspace(0.08, 0.92, _PLACES)[:, None]
        places = np.asarray(start) + share * (np.asarray(end) - np.asarray(start))
        by = _shift(pixels, places, np.array(normal), reach, quad.window)
        moved = start[0] + by * normal[0], start[1] + by * normal[1]
        sides.append((moved, (end[0] - start[0], end[1] - start[1])))
    met = [_meeting(sides[number - 1], sides[number]) for number in range(4)]
    corners = tuple(point for point in met if point)
    return replace(quad, corners=corners) if len(corners) == 4 else quad


def _meeting(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point | None:
    """Where two lines, each a point and a direction, meet."""
    (px, py), (dx, dy) = one
    (qx, qy), (ex, ey) = other
    cross = dx * ey - dy * ex
    if abs(cross) < 1e-6:
        return None
    way = ((qx - px) * ey - (qy - py) * ex) / cross
    return px + way * dx, py + way * dy


def _refined_sector(pixels: GrayImage, sector: Sector, reach: int) -> Sector:
    inner, outer = sector.inner_px, sector.outer_px
    span = sector.right_deg - sector.left_deg
    angles = np.radians(np.linspace(sector.left_deg + 0.08 * span, sector.right_deg - 0.08 * span, _PLACES))
    rays = np.column_stack([np.sin(angles), np.cos(angles)])
    apex = np.array([sector.apex_x, sector.apex_y])
    moved_outer = outer + _shift(pixels, apex + outer * rays, rays, reach, sector.window)
    moved_inner = inner
    if inner > 3 * reach:
        moved_inner -= _shift(pixels, apex + inner * rays, -rays, reach, sector.window)
    middle = (inner + outer) / 2
    turned = []
    for angle_deg, side in ((sector.left_deg, -1.0), (sector.right_deg, 1.0)):
        radii = np.linspace(inner + 0.15 * (outer - inner), outer - 0.08 * (outer - inner), _PLACES)
        places = np.array([edge_point(sector, radius, angle_deg) for radius in radii])
        angle = radians(angle_deg)
        normal = side * np.array([np.cos(angle), -np.sin(angle)])
        by = _shift(pixels, places, normal, reach, sector.window)
        turned.append(angle_deg + side * degrees(by / middle))
    left, right = turned
    return replace(sector, inner_px=moved_inner, outer_px=moved_outer, left_deg=left, right_deg=right)


def _shift(
    pixels: GrayImage,
    places: NDArray[np.float64],
    normals: NDArray[np.float64],
    reach: int,
    window: Box | None,
) -> float:
    """Pixels by which an edge (n, 2) lies further out along its normals (n, 2), or (2,); 0: none is seen."""
    box = window or Box(0, 0, pixels.shape[1], pixels.shape[0])
    kept = ((places > (box.x + 2, box.y + 2)) & (places < (box.right - 2, box.bottom - 2))).all(axis=1)
    if kept.sum() < _PLACES // 4:
        return 0.0
    away = np.arange(reach, -reach - 1, -1, dtype=np.float64)[:, None, None]
    at = (places[kept] + away * np.broadcast_to(normals, places.shape)[kept] - 0.5).astype(np.float32)
    strip = cv2.remap(pixels, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return float(reach - _edge(np.asarray(strip, np.uint8)))


def _edge(strip: NDArray[np.uint8]) -> int:
    """First line of the image in a strip whose lines (axis 0) run from outside to inside, or its middle."""
    lines = strip.astype(np.int16)
    flat = (np.abs(np.diff(lines, axis=1)) <= 1).mean(axis=1)
    change = (np.abs(np.diff(lines, axis=0)) > 2).mean(axis=1)
    places = np.arange(_LINES, len(lines) - _LINES + 1)
    sums = np.concatenate([[0.0], np.cumsum(flat)])
    outside = (sums[places] - sums[places - _LINES]) / _LINES
    inside = (sums[places + _LINES] - sums[places]) / _LINES
    score = outside - inside + change[places - 1]
    best = int(np.argmax(score))
    return int(places[best]) if score[best] >= _SURE else len(lines) // 2
