"""Scanner screens as nobody has seen them: an ultrasound image of known shape in a random user interface.

For tests and tools/measure_region.py. Everything follows from the seed. The texture is speckle made here, or
any pictures that the caller hands in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Region
from scanmon.picture.region import Quad, Rectangle, Sector, Shape, region_of
from tools.training.sector.textures import jpeg

SIZES = ((480, 640), (576, 720), (600, 800), (720, 1280), (768, 1024), (768, 1366), (1080, 1920))
BEAMS = 128
WORDS = (
    "Frq 10.0 MHz", "Gn 64", "D 5.2 cm", "DR 66", "MI 0.8", "TIs 0.2", "FR 31", "AO 100%", "L12-5", "C5-1",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """One picture and what is true of it."""

    pixels: GrayImage  # (H, W)
    truth: Region
    shape: Shape
    tissue: NDArray[np.bool_]  # (H, W) where the image was drawn


def screen(seed: int, pictures: Sequence[GrayImage] = (), size: tuple[int, int] | None = None) -> Screen:
    """The screen of one seed; `pictures` (any sizes) are used as tissue when given."""
    rng = np.random.default_rng(seed)
    height, width = size or SIZES[rng.integers(len(SIZES))]
    canvas = _background(rng, height, width)
    area = _image_area(rng, height, width)
    shape = _shape(rng, area)
    region = region_of(shape, height, width)
    _furniture(rng, canvas, region.box)
    tissue = paint(canvas, shape, _picture(rng, pictures), rng)
    _marks_beside(rng, canvas, region.box, tissue)
    return Screen(_transport(rng, canvas), region, shape, tissue)


def speckle(rng: np.random.Generator, height: int = 384, width: int = 384) -> GrayImage:
    """(height, width) log-compressed speckle in layers, with a cyst and attenuation."""
    field = rng.normal(size=(2, height, width)).astype(np.float32)
    grain = rng.uniform(0.8, 2.2)
    envelope = np.hypot(*(cv2.GaussianBlur(part, (0, 0), 2.2 * grain, sigmaY=grain) for part in field))
    depth = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    steps = np.cumsum(rng.normal(0, 5, 8)).astype(np.float32)
    tilt = rng.uniform(-0.15, 0.15) * np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    layer = steps[np.clip(((depth + tilt) * 8).astype(int), 0, 7)]
    level_db = 20 * np.log10(envelope / envelope.mean() + 1e-4) + layer - depth * rng.uniform(0, 30)
    centre, radius = rng.uniform(0.2, 0.8, 2) * (height, width), rng.uniform(0.05, 0.15) * height
    rows, columns = np.ogrid[:height, :width]
    level_db[(rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2] -= rng.uniform(10, 40)
    span_db = rng.uniform(40, 60)
    level = 120 * rng.uniform(0.6, 1.3) + 255 / span_db * level_db
    return np.asarray(np.clip(level, 0, 255), np.uint8)


def paint(
    canvas: GrayImage, shape: Shape, picture: GrayImage, rng: np.random.Generator | None = None
) -> NDArray[np.bool_]:
    """Draw `picture` (depth down, width across) into `shape` of `canvas`; returns where, (H, W)."""
    height, width = canvas.shape
    region = region_of(shape, height, width)
    box = region.box
    fine = 2  # samples per pixel and direction: a scan converter does not alias
    ys, xs = (np.mgrid[: fine * box.height, : fine * box.width].astype(np.float32) + np.float32(0.5)) / fine
    ys, xs = ys + box.y, xs + box.x
    if isinstance(shape, Sector):
        beams = cv2.resize(picture, (BEAMS, picture.shape[0]), interpolation=cv2.INTER_AREA)
        picture = np.asarray(beams, np.uint8)
        radius = np.hypot(xs - shape.apex_x, ys - shape.apex_y)
        angle = np.degrees(np.arctan2(xs - shape.apex_x, ys - shape.apex_y))
        across = (angle - shape.left_deg) / (shape.right_deg - shape.left_deg)
        down = (radius - shape.inner_px) / (shape.outer_px - shape.inner_px)
    else:
        corners = np.array(region.outline, np.float32)
        unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        back = cv2.getPerspectiveTransform(corners, unit)
        across, down = np.moveaxis(cv2.perspectiveTransform(np.dstack([xs, ys]), back), 2, 0)
    drawn = cv2.remap(
        picture,
        (across * (picture.shape[1] - 1)).astype(np.float32),
        (down * (picture.shape[0] - 1)).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    drawn = cv2.resize(drawn, (box.width, box.height), interpolation=cv2.INTER_AREA)
    if rng is not None and rng.random() < 0.5:
        drawn = np.maximum(drawn, rng.integers(1, 4))  # many scanners draw no true black
    inside = region.mask if region.mask is not None else np.ones(drawn.shape, np.bool_)
    canvas[box.rows, box.columns][inside] = drawn[inside]
    whole = np.zeros(canvas.shape, np.bool_)
    whole[box.rows, box.columns] = inside
    return whole


def _background(rng: np.random.Generator, height: int, width: int) -> GrayImage:
    level = int(rng.choice([0, 0, 0, 0, 8, 16, 30, 48, 60]))
    canvas = np.full((height, width), level, np.uint8)
    if rng.random() < 0.15:  # a panel that shades
        canvas += np.linspace(0, 25, width).astype(np.uint8)
    return canvas


def _image_area(rng: np.random.Generator, height: int, width: int) -> Box:
    left, right = rng.uniform(0.05, 0.28) * width, rng.uniform(0.75, 0.97) * width
    top, bottom = rng.uniform(0.06, 0.14) * height, rng.uniform(0.82, 0.97) * height
    return Box(int(left), int(top), int(right - left), int(bottom - top))


def _shape(rng: np.random.Generator, area: Box) -> Shape:
    kind = rng.choice(["linear", "linear", "slanted", "trapezoid", "convex", "convex", "convex", "phased"])
    middle, w, h = area.x + area.width / 2, area.width, area.height
    if kind in ("linear", "slanted", "trapezoid"):
        bottom_y = area.y + h * rng.uniform(0.75, 1.0)
        half = min(w / 2, h * rng.uniform(0.35, 0.9))
        if kind == "linear":
            return Rectangle(Box(int(middle - half), area.y, int(2 * half), int(bottom_y) - area.y))
        lean = rng.uniform(0.12, 0.4) * half * rng.choice([-1, 1])
        top = (middle - half * 0.6 + lean, middle + half * 0.6 + lean)
        bottom = (middle - half * 0.6 - lean, middle + half * 0.6 - lean)
        if kind == "trapezoid":
            spread = abs(lean)
            top = (middle - half + spread, middle + half - spread)
            bottom = (middle - half, middle + half)
        y = float(area.y)
        return Quad(((top[0], y), (top[1], y), (bottom[1], bottom_y), (bottom[0], bottom_y)))
    angle = rng.uniform(25, 42) if kind == "convex" else rng.uniform(36, 46)
    ratio = rng.uniform(0.12, 0.45) if kind == "convex" else 0.0
    if kind == "convex" and rng.random() < 0.3:  # wider than its place: cut off left and right
        cut = fan(area, angle, ratio, np.inf)
        wide = int(min(w, 2 * cut.outer_px * np.sin(np.radians(angle)) * rng.uniform(0.75, 0.95)))
        return replace(cut, window=Box(int(middle - wide / 2), area.y, wide, h))
    return fan(area, angle, ratio)


def fan(area: Box, half_deg: float, ratio: float, over: float = 1.0) -> Sector:
    """A sector as large as its area; `ratio` of both radii. `over`: by how much it may be wider."""
    sine, cosine = np.sin(np.radians(half_deg)), np.cos(np.radians(half_deg))
    outer = min(area.height / (1 - ratio * cosine), over * area.width / 2 / sine)
    inner = ratio * outer
    return Sector(area.x + area.width / 2, area.y - inner * cosine, inner, outer, -half_deg, half_deg)


def _picture(rng: np.random.Generator, pictures: Sequence[GrayImage]) -> GrayImage:
    if not pictures:
        return speckle(rng)
    picture = pictures[int(rng.integers(len(pictures)))]
    if rng.random() < 0.3:  # deep tissue fades to black
        fade = np.linspace(1.1, rng.uniform(-0.2, 0.5), picture.shape[0])[:, None]
        picture = np.clip(picture * np.clip(fade, 0, 1), 0, 255).astype(np.uint8)
    return picture


def _furniture(rng: np.random.Generator, canvas: GrayImage, image: Box) -> None:
    """Header, text columns, logo, gray wedge, panels and thumbnails, anywhere but under the image."""
    height, width = canvas.shape
    if rng.random() < 0.6:
        canvas[: int(image.y * rng.uniform(0.5, 0.9))] = rng.integers(20, 110)
    if rng.random() < 0.3:
        canvas[int(height * 0.97) :] = rng.integers(20, 120)
    if rng.random() < 0.25 and image.x > 90:  # a side panel with buttons
        canvas[:, : int(image.x * 0.7)] = rng.integers(30, 90)
        for top in range(int(height * 0.2), int(height * 0.8), 50):
            cv2.rectangle(canvas, (8, top), (int(image.x * 0.6), top + 34), int(rng.integers(90, 200)), -1)
    scale = height / 1100 * rng.uniform(0.8, 1.2)
    bright = int(rng.integers(150, 255))
    step = int(34 * scale) + 6
    _lines(rng, canvas, (5, image.y // 2), 1, step, scale, bright)
    _lines(rng, canvas, (int(width * 0.45), max(12, image.y // 2)), 1, step, scale, bright)
    left = image.right + int(0.05 * width)
    if left < 0.9 * width:
        _lines(rng, canvas, (left, image.y + 10), int(rng.integers(4, 14)), step, scale, bright)
    if image.x > 0.14 * width:
        _lines(rng, canvas, (6, image.y + 60), int(rng.integers(4, 12)), step, scale, bright)
        wedge = np.linspace(255, 0, height // 5).astype(np.uint8)[:, None]
        wide, x = int(rng.integers(10, 26)), image.x - int(rng.integers(34, 60))
        canvas[height // 2 : height // 2 + len(wedge), x : x + wide] = wedge
    cv2.circle(canvas, (22, 22), 14, bright, -1)
    if rng.random() < 0.2 and height - image.bottom > 60:
        for x in range(40, width - 120, 110):  # thumbnails of earlier pictures
            thumb = cv2.resize(speckle(rng, 96, 128), (90, 46))
            canvas[height - 52 : height - 6, x : x + 90] = thumb


def _lines(
    rng: np.random.Generator,
    canvas: GrayImage,
    start: tuple[int, int],
    count: int,
    step: int,
    scale: float,
    level: int,
) -> None:
    for row in range(count):
        place = (start[0], start[1] + row * step)
        cv2.putText(
            canvas, str(rng.choice(WORDS)), place, cv2.FONT_HERSHEY_SIMPLEX, scale, level, 1, cv2.LINE_AA
        )


def _marks_beside(rng: np.random.Generator, canvas: GrayImage, image: Box, tissue: NDArray[np.bool_]) -> None:
    """Depth ticks, focus mark and probe mark close to the image: never on the tissue."""
    marks = np.zeros_like(canvas)
    bright = int(rng.integers(140, 255))
    x = image.right + int(rng.integers(3, 14))
    for y in range(image.y, image.bottom, max(8, image.height // int(rng.integers(5, 40)))):
        cv2.line(marks, (x, y), (x + int(rng.integers(3, 9)), y), bright, 1)
    if rng.random() < 0.5:
        cv2.line(marks, (x, image.y), (x, image.bottom), bright, 1)
    if rng.random() < 0.5:
        y = image.y + int(image.height * rng.uniform(0.2, 0.8))
        corner = np.array([[x + 2, y], [x + 12, y - 6], [x + 12, y + 6]])
        cv2.fillPoly(marks, [corner.astype(np.int32)], bright)
    if rng.random() < 0.6:
        cv2.circle(marks, (image.x + int(0.1 * image.width), image.y - 10), 7, bright, -1)
    shown = (marks > 0) & ~tissue
    canvas[shown] = marks[shown]


def _transport(rng: np.random.Generator, canvas: GrayImage) -> GrayImage:
    """What a cable, an encoder or a grabber does to the picture."""
    way = rng.choice(["clean", "jpeg", "analog"], p=[0.4, 0.4, 0.2])
    if way == "jpeg":
        return jpeg(canvas, int(rng.integers(60, 95)))
    if way == "analog":
        soft = cv2.GaussianBlur(canvas, (3, 1), 0)
        noise = rng.normal(0, rng.uniform(0.5, 2.0), canvas.shape)
        return np.clip(soft + noise, 0, 255).astype(np.uint8)
    return canvas
