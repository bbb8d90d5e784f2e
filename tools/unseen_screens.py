"""Screens that no other generator here draws: phones, carts with ECG, papers, wide and tiny screens.

Written apart from `tools/training/sector` and `tools/synthetic_screens.py`, with other fonts, textures and
layouts, to see how the search for the image fares where nothing was tuned. Everything follows from the seed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scanmon.core.values import Box, GrayImage
from scanmon.picture.region import Quad, Rectangle, Sector, Shape, region_of
from scanmon.picture.region.shapes import flipped
from tools.synthetic_screens import Screen, fan, paint
from tools.training.sector.textures import jpeg
from tools.unseen_tissue import TISSUES, Rng, abdomen, dark_flanks, heart, lung, superficial, tongue

Choice = TypeVar("Choice")
Probe = Callable[[Rng, Box], Shape]
_WORDS = (
    "Adult Cardiac", "S5-1", "27 Hz", "15.0cm", "2D", "HGen", "Gn 38", "232dB/C5", "Persist Med", "MI 1.2",
    "TIS 0.8", "JPEG", "PAT T: 37.0C", "TEMP PROBE: 38.1C", "74 bpm", "M3", "SonoRes", "Preset: Lunge",
    "Tiefe 8 cm", "Fréquence", "08/03/2027 14:22", "Inst. of Phonetics", "frame 132/400", "x", "Exam",
    "Save", "Undo",
)  # fmt: skip


def convex(
    rng: Rng,
    area: Box,
    half: tuple[float, float] = (26, 38),
    ratio: tuple[float, float] = (0.18, 0.45),
    over: float = 1.0,
) -> Sector:
    """`over`: by how much it may be wider than its area."""
    return fan(area, rng.uniform(*half), rng.uniform(*ratio), over)


def phased(rng: Rng, area: Box) -> Sector:
    return convex(rng, area, (37, 46), (0.0, 0.04))


def cut_phased(rng: Rng, area: Box) -> Sector:
    """A sector whose flanks the screen cuts off."""
    return replace(convex(rng, area, (37, 46), (0.0, 0.04), 1.5), window=area)


def linear(rng: Rng, area: Box) -> Rectangle:
    wide = int(area.width * rng.uniform(0.65, 1.0))
    return Rectangle(
        Box(area.x + (area.width - wide) // 2, area.y, wide, int(area.height * rng.uniform(0.7, 1.0)))
    )


def steered(rng: Rng, area: Box) -> Quad:
    lean = area.width * rng.uniform(0.1, 0.3) * rng.choice([-1, 1])
    left, right = area.x + max(0.0, -lean), area.right - max(0.0, lean)
    top, bottom = float(area.y), float(area.bottom)
    return Quad(((left, top), (right, top), (right + lean, bottom), (left + lean, bottom)))


def spread(rng: Rng, area: Box) -> Quad:
    by = area.width * rng.uniform(0.06, 0.2)
    top, bottom = float(area.y), float(area.bottom)
    return Quad(
        ((area.x + by, top), (area.right - by, top), (float(area.right), bottom), (float(area.x), bottom))
    )


PROBES: tuple[Probe, ...] = (convex, convex, phased, linear, linear, steered, spread)


@lru_cache(32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def write(canvas: GrayImage, text: str, x: float, y: float, size: float, level: int) -> None:
    image = Image.fromarray(canvas)
    ImageDraw.Draw(image).text((int(x), int(y)), text, level, _font(max(8, int(size))))
    canvas[:] = np.asarray(image)


def lines(rng: Rng, canvas: GrayImage, x: float, y: float, count: int, size: float, level: int) -> None:
    for row in range(count):
        write(canvas, str(rng.choice(_WORDS)), x, y + 1.5 * row * size, size, level)


def rounded(canvas: GrayImage, box: Box, level: int, radius: int) -> None:
    image = Image.fromarray(canvas)
    ImageDraw.Draw(image).rounded_rectangle((box.x, box.y, box.right, box.bottom), radius, fill=level)
    canvas[:] = np.asarray(image)


def ruler(rng: Rng, canvas: GrayImage, image: Box, level: int = 200) -> None:
    x = min(canvas.shape[1] - 8, image.right + int(rng.integers(3, 16)))
    for number, y in enumerate(np.linspace(image.y, image.bottom - 1, int(rng.integers(6, 21))).astype(int)):
        cv2.line(canvas, (x, int(y)), (x + (7 if number % 5 == 0 else 3), int(y)), level, 1)


def wedge(canvas: GrayImage, box: Box) -> None:
    canvas[box.rows, box.columns] = np.linspace(255, 0, box.height).astype(np.uint8)[:, None]


def _ruled(rng: Rng, shape: Shape, height: int, width: int) -> Callable[[GrayImage], None]:
    return lambda out: ruler(rng, out, region_of(shape, height, width).box)


def beats(rng: Rng, canvas: GrayImage, box: Box, level: int) -> None:
    at = np.arange(box.width)
    beat = (at % (box.width / rng.uniform(3, 7))) / (box.width / 5)
    wave = np.exp(-(((beat - 0.4) / 0.03) ** 2)) + 0.2 * np.exp(-(((beat - 0.75) / 0.08) ** 2))
    line = np.column_stack([box.x + at, box.bottom - box.height * (0.15 + 0.8 * wave)])
    cv2.polylines(canvas, [line.astype(np.int32)], False, level, 2, cv2.LINE_AA)


def spectrogram(rng: Rng, canvas: GrayImage, box: Box) -> None:
    """Of speech: light paper, dark formants."""
    rows, columns = np.mgrid[: box.height, : box.width].astype(np.float32)
    paper = np.full((box.height, box.width), 245, np.float32)
    for centre in rng.uniform(0.1, 0.9, 4):
        path = (centre + 0.08 * np.sin(columns / box.width * rng.uniform(5, 20))) * box.height
        paper -= 150 * np.exp(-(((rows - path) / (0.05 * box.height)) ** 2)) * (np.sin(columns * 0.9) > -0.3)
    canvas[box.rows, box.columns] = np.clip(paper + rng.normal(0, 12, paper.shape), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a layout leaves to be painted: the shape and the tissue; marks are drawn over both."""

    canvas: GrayImage
    shape: Shape
    tissue: GrayImage
    marks: Callable[[GrayImage], None] | None = None


def _box(height: int, width: int, x: float, y: float, wide: float, high: float) -> Box:
    return Box(int(x * width), int(y * height), int(wide * width), int(high * height))


def _one(rng: Rng, things: tuple[Choice, ...]) -> Choice:
    return things[int(rng.integers(len(things)))]


def phone(rng: Rng) -> Plan:
    """A phone upright: status bar, image from side to side, sliders and round keys below."""
    width = int(rng.choice([720, 1080, 540]))
    height = int(width * rng.uniform(1.9, 2.25))
    dark = rng.random() < 0.75
    canvas = np.full((height, width), 0 if dark else 245, np.uint8)
    ink = 230 if dark else 30
    write(canvas, "09:41", 0.06 * width, 0.012 * height, 0.04 * width, ink)
    lines(rng, canvas, 0.06 * width, 0.05 * height, 2, 0.035 * width, ink)
    area = _box(height, width, 0.0, 0.13, 1.0, rng.uniform(0.4, 0.55))
    if not dark:
        canvas[area.rows] = 0
    probes: tuple[Probe, ...] = (convex, phased, linear, cut_phased)
    shape = _one(rng, probes)(rng, Box(area.x + 4, area.y, area.width - 8, area.height))
    for column in range(3):
        rounded(canvas, _box(height, width, 0.08 + 0.31 * column, 0.72, 0.24, 0.06), 60 if dark else 210, 24)
        name, x = str(rng.choice(["Gain", "Depth", "Mode"])), (0.12 + 0.31 * column) * width
        write(canvas, name, x, 0.735 * height, 0.04 * width, ink)
    cv2.circle(canvas, (width // 2, int(0.89 * height)), width // 9, 250 if dark else 90, 6, cv2.LINE_AA)
    cv2.circle(canvas, (width // 6, int(0.89 * height)), width // 14, 70, -1, cv2.LINE_AA)
    return Plan(canvas, shape, _one(rng, TISSUES)(rng), _ruled(rng, shape, height, width))


def tablet(rng: Rng) -> Plan:
    """A tablet: black ground, a bar of symbols at one side, the image large."""
    height, width = ((1536, 2048), (800, 1280), (1200, 1920))[int(rng.integers(3))]
    canvas = np.full((height, width), int(rng.choice([0, 0, 18, 28])), np.uint8)
    canvas[:, : int(0.08 * width)] = int(rng.choice([24, 40, 60]))
    for row in range(6):
        middle = (int(0.04 * width), int((0.12 + 0.15 * row) * height))
        cv2.circle(canvas, middle, int(0.022 * width), int(rng.integers(90, 220)), 3, cv2.LINE_AA)
    lines(rng, canvas, 0.84 * width, 0.05 * height, 5, 0.02 * height, 210)
    shape = _one(rng, PROBES)(rng, _box(height, width, 0.16, 0.04, 0.64, 0.92))
    return Plan(canvas, shape, lung(rng), _ruled(rng, shape, height, width))


def cart_ecg(rng: Rng) -> Plan:
    """A cardiac cart: band with a name, gray bar, ECG across the end of the sector."""
    height, width = ((768, 1024), (720, 1280), (600, 800))[int(rng.integers(3))]
    canvas = np.zeros((height, width), np.uint8)
    canvas[: int(0.06 * height)] = int(rng.choice([40, 70, 110]))
    write(canvas, "HOSPITAL   MUSTER, M   1961-02-03", 0.02 * width, 0.015 * height, 0.026 * height, 235)
    lines(rng, canvas, 0.015 * width, 0.1 * height, 8, 0.022 * height, 180)
    wedge(canvas, _box(height, width, 0.955, 0.1, 0.02, 0.35))
    probe: Probe = phased if rng.random() < 0.7 else cut_phased
    shape = probe(rng, _box(height, width, 0.2, 0.08, 0.66, 0.86))
    tissue = heart(rng)

    def marks(out: GrayImage) -> None:
        beats(rng, out, _box(height, width, 0.1, 0.86, 0.8, 0.1), 170)
        write(out, "72 HR", 0.9 * width, 0.93 * height, 0.03 * height, 180)
        ruler(rng, out, region_of(shape, height, width).box)

    return Plan(canvas, shape, tissue, marks)


def wide(rng: Rng) -> Plan:
    """21:9, the image in the middle, panels at both sides."""
    height, width = ((1080, 2560), (1440, 3440))[int(rng.integers(2))]
    canvas = np.full((height, width), int(rng.choice([0, 12, 30])), np.uint8)
    for left, share in ((0.0, 0.2), (0.78, 0.22)):
        canvas[:, int(left * width) : int((left + share) * width)] = int(rng.choice([34, 52, 80]))
        lines(rng, canvas, (left + 0.02) * width, 0.06 * height, 12, 0.022 * height, 215)
        for row in range(3):
            key = _box(height, width, left + 0.02, 0.55 + 0.13 * row, 0.15, 0.09)
            rounded(canvas, key, int(rng.integers(60, 130)), 16)
    shape = _one(rng, PROBES)(rng, _box(height, width, 0.25, 0.06, 0.5, 0.88))
    return Plan(canvas, shape, _one(rng, TISSUES)(rng), _ruled(rng, shape, height, width))


def uhd(rng: Rng) -> Plan:
    """4K with small letters and thin lines."""
    height, width = 2160, 3840
    canvas = np.full((height, width), int(rng.choice([0, 6, 20])), np.uint8)
    canvas[: int(0.04 * height)] = 45
    for column in range(9):
        word, x = str(rng.choice(_WORDS)), (0.02 + 0.1 * column) * width
        write(canvas, word, x, 0.01 * height, 0.016 * height, 220)
    lines(rng, canvas, 0.86 * width, 0.1 * height, 24, 0.014 * height, 200)
    shape = _one(rng, PROBES)(rng, _box(height, width, 0.12, 0.07, 0.7, 0.88))
    return Plan(canvas, shape, _one(rng, TISSUES)(rng), _ruled(rng, shape, height, width))


def speech(rng: Rng) -> Plan:
    """A program of phonetics: a white window, the apex of the sector below, spectrograms of speech."""
    height, width = ((720, 1280), (1024, 1280), (900, 1440))[int(rng.integers(3))]
    canvas = np.full((height, width), int(rng.choice([255, 240, 225])), np.uint8)
    canvas[: int(0.04 * height)] = 200
    write(canvas, "AAA  file  edit  view", 0.01 * width, 0.008 * height, 0.02 * height, 20)
    panel = _box(height, width, 0.03, 0.08, 0.52, 0.6)
    if rng.random() < 0.7:
        canvas[panel.rows, panel.columns] = 0
    area = Box(panel.x + 6, panel.y + 6, panel.width - 12, panel.height - 12)
    shape = convex(rng, area, (38, 60), (0.1, 0.3))
    if rng.random() < 0.75:
        down = flipped(shape, float(area.height))
        shape = replace(down, apex_y=down.apex_y + 2 * area.y)
    spectrogram(rng, canvas, _box(height, width, 0.03, 0.74, 0.94, 0.2))
    if rng.random() < 0.6:
        spectrogram(rng, canvas, _box(height, width, 0.6, 0.1, 0.36, 0.25))
    lines(rng, canvas, 0.6 * width, 0.42 * height, 8, 0.02 * height, 40)
    return Plan(canvas, shape, tongue(rng))


def paper(rng: Rng) -> Plan:
    """A figure of a paper: white margins, a letter in the corner, words below."""
    height, width = ((700, 900), (480, 640), (1100, 850))[int(rng.integers(3))]
    canvas = np.full((height, width), 255, np.uint8)
    area = _box(height, width, rng.uniform(0.04, 0.18), rng.uniform(0.04, 0.12), 0.7, rng.uniform(0.55, 0.72))
    ground = rng.random() < 0.7
    shape = _one(rng, PROBES)(rng, area)
    if ground:
        canvas[area.rows, area.columns] = 0
    lines(rng, canvas, 0.05 * width, 0.86 * height, 3, 0.024 * height, 20)

    def marks(out: GrayImage) -> None:
        out[area.y : area.y + 34, area.x : area.x + 30] = 255
        write(out, "A", area.x + 6, area.y + 4, 24, 0)

    return Plan(canvas, shape, _one(rng, TISSUES)(rng), marks if rng.random() < 0.5 else None)


def dark_edge(rng: Rng) -> Plan:
    """Any cart; the flanks of the image have no contact and fade away."""
    height, width = ((720, 1280), (768, 1024), (1080, 1920))[int(rng.integers(3))]
    canvas = np.full((height, width), int(rng.choice([0, 0, 14, 40])), np.uint8)
    lines(rng, canvas, 0.02 * width, 0.08 * height, 9, 0.022 * height, 200)
    lines(rng, canvas, 0.86 * width, 0.3 * height, 6, 0.022 * height, 200)
    shape = _one(rng, PROBES[1:4])(rng, _box(height, width, 0.2, 0.07, 0.6, 0.84))
    return Plan(
        canvas, shape, np.maximum(dark_flanks(rng, abdomen(rng)), 4), _ruled(rng, shape, height, width)
    )


def slanted(rng: Rng) -> Plan:
    """A vascular preset: a steered linear image, gray bar close to it."""
    height, width = ((768, 1024), (1080, 1920), (576, 768))[int(rng.integers(3))]
    canvas = np.zeros((height, width), np.uint8)
    lines(rng, canvas, 0.01 * width, 0.05 * height, 10, 0.024 * height, 190)
    shape = steered(rng, _box(height, width, 0.22, 0.1, 0.6, rng.uniform(0.5, 0.8)))
    wedge(canvas, _box(height, width, 0.17, 0.1, 0.015, 0.3))
    return Plan(canvas, shape, superficial(rng), _ruled(rng, shape, height, width))


def tiny(rng: Rng) -> Plan:
    """112 to 160 pixels: a sector in black, an ECG at its end, as data sets of hearts are stored."""
    side = int(rng.choice([112, 128, 160]))
    canvas = np.zeros((side, side), np.uint8)
    shape = phased(rng, Box(1, 2, side - 2, side - 6))

    def marks(out: GrayImage) -> None:
        beats(rng, out, Box(4, side - 16, side - 8, 12), 150)

    return Plan(canvas, shape, heart(rng), marks if rng.random() < 0.5 else None)


def desktop(rng: Rng) -> Plan:
    """A viewer on a desktop: the image in a window that covers half of it, another window beside."""
    height, width = ((1080, 1920), (900, 1600))[int(rng.integers(2))]
    canvas = np.tile(np.linspace(70, 150, width).astype(np.uint8), (height, 1))
    for column in range(3):
        rounded(canvas, _box(height, width, 0.01, 0.05 + 0.12 * column, 0.03, 0.06), 220, 8)
    canvas[int(0.96 * height) :] = 30
    window = _box(height, width, 0.12, 0.1, 0.52, 0.78)
    canvas[window.rows, window.columns] = 0
    canvas[window.y : window.y + int(0.03 * height), window.columns] = 235
    write(canvas, "viewer - loop_0042.dcm", window.x + 8, window.y + 4, 0.018 * height, 20)
    other = _box(height, width, 0.67, 0.15, 0.3, 0.6)
    canvas[other.rows, other.columns] = 250
    lines(rng, canvas, other.x + 10, other.y + 10, 14, 0.02 * height, 30)
    inner = (window.x + 30, window.y + int(0.05 * height), window.width - 60)
    shape = _one(rng, PROBES)(rng, Box(*inner, window.height - int(0.08 * height)))
    return Plan(canvas, shape, _one(rng, TISSUES)(rng))


def beside_trace(rng: Rng) -> Plan:
    """A panel of settings below the image, where other scanners show a trace."""
    height, width = ((768, 1024), (720, 1280))[int(rng.integers(2))]
    canvas = np.full((height, width), int(rng.choice([0, 10])), np.uint8)
    lines(rng, canvas, 0.85 * width, 0.08 * height, 9, 0.022 * height, 190)
    shape = _one(rng, PROBES[1:4])(rng, _box(height, width, 0.15, 0.06, 0.65, 0.5))
    box = _box(height, width, 0.05, 0.62, 0.9, 0.32)
    cv2.rectangle(canvas, (box.x, box.y), (box.right, box.bottom), 120, 1)
    for number in range(5):
        key = Box(box.x + 10 + number * box.width // 5, box.y + 12, box.width // 6, box.height // 3)
        rounded(canvas, key, 55, 10)
    lines(rng, canvas, box.x + 14, box.y + 0.5 * box.height, 3, 0.024 * height, 200)
    return Plan(canvas, shape, _one(rng, TISSUES)(rng))


LAYOUTS: dict[str, Callable[[Rng], Plan]] = {
    "phone": phone, "tablet, lung": tablet, "cart, ECG": cart_ecg, "21:9": wide, "4K": uhd, "speech": speech,
    "paper": paper, "dark flanks": dark_edge, "steered": slanted, "tiny": tiny, "desktop": desktop,
    "panel below": beside_trace,
}  # fmt: skip


def unseen_screen(layout: str, seed: int) -> Screen:
    """The screen of one layout (a key of `LAYOUTS`) and seed."""
    rng = np.random.default_rng([seed, list(LAYOUTS).index(layout), 77])
    plan = LAYOUTS[layout](rng)
    height, width = plan.canvas.shape
    picture = plan.tissue
    if rng.random() < 0.65:  # noise of the receiver, seen where nothing echoes
        haze = rng.integers(2, int(rng.integers(6, 30)), picture.shape).astype(np.uint8)
        picture = np.maximum(picture, cv2.GaussianBlur(haze, (5, 3), 0))
    tissue = paint(plan.canvas, plan.shape, picture, rng)
    if plan.marks:
        plan.marks(plan.canvas)
    pixels = plan.canvas
    if rng.random() < 0.4:
        pixels = jpeg(pixels, int(rng.integers(50, 92)))
    return Screen(pixels, region_of(plan.shape, height, width), plan.shape, tissue)
