"""Shapes that an image has on a screen, and a texture laid into one."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.sector.textures import Floats, Gray, Rng, gray

Area = tuple[float, float, float, float]  # x, y, width, height
Points = NDArray[np.float64]  # (n, 2) x, y
_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A shape on the canvas."""

    kind: str  # rectangle, slanted, trapezoid, convex, phased
    points: Points  # closed outline
    apex: tuple[float, float] = (0.0, 0.0)
    radii: tuple[float, float] = (0.0, 0.0)
    angles: tuple[float, float] = (0.0, 0.0)  # radians from straight down
    window: Area | None = None  # the screen cuts it off there

    def mask(self, height: int, width: int) -> Gray:
        """(height, width) 255 inside."""
        plane = np.zeros((height, width), np.uint8)
        corners = np.rint((self.points - 0.5) * (1 << _BITS)).astype(np.int32)
        cv2.fillPoly(plane, [corners], 255, shift=_BITS)
        if self.window is not None:
            x, y, w, h = (round(value) for value in self.window)
            kept = np.zeros_like(plane)
            kept[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = 255
            plane &= kept
        return plane


def rectangle(x: float, y: float, w: float, h: float) -> View:
    points = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)
    return View("rectangle", points)


def linear(rng: Rng, area: Area) -> View:
    """A rectangle in the area."""
    x, y, w, h = area
    wide, high = w * (1 - 0.5 * rng.beta(0.8, 1.6)), h * (1 - 0.45 * rng.beta(0.8, 1.8))
    left = x + (w - wide) * rng.uniform(0, 1)
    return rectangle(left, y, wide, high)


def slanted(rng: Rng, area: Area) -> View:
    """A steered linear image: a parallelogram, sometimes cut off by its window."""
    x, y, w, h = area
    high = h * rng.uniform(0.5, 1.0)
    lean = min(0.45 * w, high * np.tan(np.radians(rng.uniform(5, 30)))) * rng.choice([-1, 1])
    wide = (w - abs(lean)) * rng.uniform(0.6, 1.0)
    top = x + (w - wide - abs(lean)) / 2 + max(0.0, -lean)
    points = np.array([[top, y], [top + wide, y], [top + wide + lean, y + high], [top + lean, y + high]])
    window = None
    if rng.random() < 0.3:
        cut = abs(lean) * rng.uniform(0.2, 0.9)
        left = points[:, 0].min() + (cut if rng.random() < 0.5 else 0)
        window = (left, y, np.ptp(points[:, 0]) - cut, high)
    return View("slanted", points, window=window)


def trapezoid(rng: Rng, area: Area) -> View:
    """A linear image that widens with depth."""
    x, y, w, h = area
    high = h * rng.uniform(0.55, 1.0)
    wide = w * rng.uniform(0.6, 1.0)
    spread = min(0.4 * wide, high * np.tan(np.radians(rng.uniform(5, 25))))
    left = x + (w - wide) / 2
    points = [[left + spread, y], [left + wide - spread, y], [left + wide, y + high], [left, y + high]]
    return View("trapezoid", np.array(points))


def sector(rng: Rng, area: Area, *, phased: bool) -> View:
    """A ring segment in the area; now and then steered, cut off left and right or below."""
    x, y, w, h = area
    if phased:
        half_deg = rng.uniform(10, 30) if rng.random() < 0.2 else rng.uniform(30, 50)
        ratio = 0.0 if rng.random() < 0.7 else rng.uniform(0.02, 0.12)
    elif rng.random() < 0.12:  # a linear probe whose beams spread
        half_deg, ratio = rng.uniform(7, 22), rng.uniform(0.5, 0.85)
    else:
        half_deg = rng.uniform(45, 82) if rng.random() < 0.2 else rng.uniform(14, 45)
        ratio = rng.uniform(0.1, 0.6)
    half = np.radians(half_deg)
    turn = rng.normal(0, 0.12) if rng.random() < 0.12 else 0.0
    left, right = -half + turn, half + turn
    inner_drop = ratio * min(np.cos(left), np.cos(right))
    high, wide = 1 - inner_drop, np.sin(min(right, np.pi / 2)) - np.sin(max(left, -np.pi / 2))
    cut = rng.random() < 0.3
    outer = h / high if cut else min(h / high, w / wide)
    outer *= 1.0 if cut else (1 - 0.3 * rng.beta(0.6, 1.6))
    apex_x = x + w / 2 - outer * (np.sin(right) + np.sin(left)) / 2
    apex_y = y - inner_drop * outer
    steps = np.linspace(left, right, 40)
    lower = np.column_stack([apex_x + outer * np.sin(steps), apex_y + outer * np.cos(steps)])
    inner = ratio * outer
    upper = np.column_stack([apex_x + inner * np.sin(steps), apex_y + inner * np.cos(steps)])[::-1]
    window: Area | None = None
    if cut:
        keep = w * rng.uniform(0.6, 1.0)
        off = (w - keep) * rng.uniform(0.3, 0.7)
        high_cut = h * rng.uniform(0.75, 1.0) if rng.random() < 0.35 else h
        window = (x + off, y, keep, high_cut)
    kind, points = "phased" if phased else "convex", np.vstack([lower, upper])
    return View(kind, points, (apex_x, apex_y), (inner, outer), (left, right), window)


def any_view(rng: Rng, area: Area) -> View:
    kind = rng.choice(5, p=[0.28, 0.1, 0.08, 0.34, 0.2])
    if kind == 0:
        return linear(rng, area)
    if kind == 1:
        return slanted(rng, area)
    if kind == 2:
        return trapezoid(rng, area)
    return sector(rng, area, phased=kind == 4)


def laid(rng: Rng, view: View, texture: Gray, height: int, width: int) -> tuple[Gray, Gray]:
    """The texture in the view: (height, width) levels, and the mask (255 inside)."""
    mask = view.mask(height, width)
    x, y, w, h = cv2.boundingRect(mask)
    levels = np.zeros((height, width), np.uint8)
    if w == 0 or h == 0:
        return levels, mask
    if view.kind in ("convex", "phased") and rng.random() < 0.6:
        part = _polar(view, texture, (x, y, w, h))
    elif view.kind == "slanted" and rng.random() < 0.6:
        side = texture.shape[0] - 1.0
        unit = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
        turn = cv2.getPerspectiveTransform(unit, view.points.astype(np.float32))
        whole = cv2.warpPerspective(texture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        part = gray(whole[y : y + h, x : x + w])
    else:
        way = cv2.INTER_AREA if w < texture.shape[1] else cv2.INTER_CUBIC
        part = gray(cv2.resize(texture, (w, h), interpolation=way))
    levels[y : y + h, x : x + w] = part
    return levels, mask


def _polar(view: View, texture: Gray, box: tuple[int, int, int, int]) -> Gray:
    x, y, w, h = box
    across = np.broadcast_to(np.arange(x, x + w, dtype=np.float32) + np.float32(0.5 - view.apex[0]), (h, w))
    down = np.broadcast_to(
        (np.arange(y, y + h, dtype=np.float32) + np.float32(0.5 - view.apex[1]))[:, None], (h, w)
    )
    radius, angle = cv2.cartToPolar(np.ascontiguousarray(down), np.ascontiguousarray(across))
    angle = np.where(angle > np.pi, angle - 2 * np.pi, angle)
    left, right = view.angles
    inner, outer = view.radii
    columns: Floats = ((angle - left) / (right - left) * (texture.shape[1] - 1)).astype(np.float32)
    rows: Floats = ((radius - inner) / (outer - inner) * (texture.shape[0] - 1)).astype(np.float32)
    return np.asarray(
        cv2.remap(texture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
