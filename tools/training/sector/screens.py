"""Labelled scanner screens without end: everything follows from the seed.

A screen is drawn at no more than `LONGEST_PX`: the network sees less still, so larger screens differ from
these by nothing that it could see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np

from tools.training.sector import furniture
from tools.training.sector.textures import Gray, Rng, Textures, degraded, floats, gray, jpeg
from tools.training.sector.views import Area, View, any_view, laid, linear, rectangle, sector

Kind = Literal["b_mode", "colour", "spectral", "m_mode", "no_signal", "menu"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_PX = 480
_SIZES = (
    (480, 640), (576, 720), (600, 800), (720, 1280), (768, 1024), (768, 1366), (1080, 1920), (1200, 1600),
    (2160, 3840), (800, 1280), (1920, 1080),
)  # fmt: skip
_GROUNDS = ((0, 1), (1, 30), (30, 110), (110, 200), (200, 256))  # gray of a screen, from and below
_GROUND_SHARES = (0.5, 0.2, 0.14, 0.06, 0.1)
_LAYOUTS = ("screen", "still", "tight", "dual", "quad", "spectral", "m_mode", "none")
_SHARES = (0.37, 0.10, 0.15, 0.15, 0.02, 0.06, 0.05, 0.10)


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """One picture and what is true of it; planes are (H, W) uint8, 255 where it is so."""

    pixels: Gray
    chroma: Gray | None
    image: Gray  # every B-mode view
    seam: Gray  # between two views
    text: Gray  # letters and marks over an image
    panel: Gray  # spectral or M-mode
    kind: Kind
    sure: bool  # the kind can be seen
    layout: str
    faults: tuple[str, ...]


class _Canvas:
    def __init__(self, rng: Rng, textures: Textures, height: int, width: int) -> None:
        self.rng, self.textures = rng, textures
        self.height, self.width = height, width
        self.pixels = _ground(rng, height, width)
        self.image, self.seam, self.text, self.panel = (np.zeros((height, width), np.uint8) for _ in range(4))
        self.boxes: list[tuple[int, int, int, int]] = []
        self.brightest = 0
        self.faults: list[str] = []
        self.layout = ""

    def filling(self) -> Gray:
        """A texture with its faults."""
        texture, faults = degraded(self.rng, self.textures.draw(self.rng))
        self.faults.extend(faults)
        return texture

    @contextmanager
    def marking(self) -> Iterator[None]:
        """What is drawn in the meantime lies over an image as letters do."""
        before = self.pixels.copy()
        yield
        self.text[(before != self.pixels) & (self.image > 127)] = 255

    def place(self, view: View, texture: Gray) -> None:
        """Draw a view; what was there is covered."""
        levels, mask = laid(self.rng, view, texture, self.height, self.width)
        if not mask.any():
            return
        if self.rng.random() < 0.45:  # many scanners draw no true black, some leave noise there
            low = int(self.rng.integers(1, 14))
            floor = (
                self.rng.integers(0, low + 1, levels.shape).astype(np.uint8)
                if self.rng.random() < 0.6
                else low // 3
            )
            levels = np.maximum(levels, floor)
        inside = mask > 127
        grain = self.rng.random()
        if grain < 0.3:  # speckle is finer than a stored picture shows
            speckle = self.rng.normal(1.0, self.rng.uniform(0.05, 0.35), levels.shape)
            levels = np.clip(levels * speckle, 0, 255).astype(np.uint8)
        elif grain < 0.45:
            soft = cv2.GaussianBlur(levels, (0, 0), 1.5)
            levels = np.asarray(cv2.addWeighted(levels, 2.2, soft, -1.2, 0), np.uint8)
        self.brightest = max(self.brightest, int(np.percentile(levels[inside], 98)) if inside.any() else 0)
        self.pixels[inside] = levels[inside]
        self.image |= mask
        x, y, w, h = cv2.boundingRect(mask)
        self.boxes.append((x, y, w, h))


def screen(seed: int | tuple[int, ...], textures: Textures) -> Screen:
    rng = np.random.default_rng(seed)
    layout = str(rng.choice(_LAYOUTS, p=_SHARES))
    height, width = _size(rng, small=rng.random() < (0.5 if layout in ("still", "tight") else 0.08))
    canvas = _Canvas(rng, textures, height, width)
    canvas.layout = layout
    if layout == "none":
        return _without_image(canvas)
    kind = _drawn(canvas, layout)
    _marked(canvas, bare=layout in ("still", "tight"))
    chroma = None
    if rng.random() < 0.6:
        chroma = _tint(canvas)
        if kind == "b_mode" and canvas.boxes and rng.random() < 0.22:
            kind = "colour"
            _flow(canvas, chroma)
    if kind == "b_mode" and canvas.boxes and rng.random() < 0.14:
        kind = "menu"
        furniture.dialog(rng, canvas.pixels, max(canvas.boxes, key=lambda box: box[2] * box[3]))
    sure = canvas.brightest > 14
    if canvas.brightest < 4 and kind == "b_mode":
        kind, sure = "no_signal", canvas.brightest < 2
    return _finished(canvas, chroma, kind, sure=sure)


def _drawn(canvas: _Canvas, layout: str) -> Kind:
    if layout == "still":
        _still(canvas)
    elif layout == "tight":
        _tight(canvas)
    elif layout in ("dual", "quad"):
        _several(canvas, 2 if layout == "dual" else 4)
    elif layout == "screen":
        _one(canvas)
    else:
        kind: Kind = "spectral" if layout == "spectral" else "m_mode"
        _with_trace(canvas, kind)
        return kind
    return "b_mode"


def _marked(canvas: _Canvas, *, bare: bool) -> None:
    """Rulers, letters and calipers at the views and over them; fewer on pictures that were cut out."""
    rng = canvas.rng
    for box in canvas.boxes:
        few = bare and rng.random() < 0.6
        if not few and rng.random() < 0.75:
            with canvas.marking():
                furniture.rulers(rng, canvas.pixels, box)
        if rng.random() < (0.1 if few else 0.4):
            furniture.over(rng, canvas.pixels, canvas.text, box)
    if canvas.boxes and rng.random() < 0.08:  # an ECG that runs over the lower end of the image
        x, y, w, h = canvas.boxes[0]
        top, high = y + int(rng.uniform(0.7, 0.95) * h), int(rng.uniform(0.08, 0.25) * h)
        start, end = (0, canvas.width) if rng.random() < 0.5 else (x, x + w)
        with canvas.marking():
            furniture.trace(rng, canvas.pixels, (start, top, end - start, high), int(rng.integers(120, 256)))


def _size(rng: Rng, *, small: bool) -> tuple[int, int]:
    """Height and width at which the screen is drawn."""
    if small:
        height = int(rng.integers(96, 420))
        width = int(height * rng.uniform(0.7, 1.6))
    elif rng.random() < 0.75:
        height, width = _SIZES[rng.integers(len(_SIZES))]
    else:
        height = int(rng.integers(200, 1300))
        width = int(height * rng.uniform(0.6, 2.0))
    scale = min(1.0, LONGEST_PX * rng.uniform(0.7, 1.0) / max(height, width))
    return max(64, int(height * scale)), max(64, int(width * scale))


def _ground(rng: Rng, height: int, width: int) -> Gray:
    low, high = _GROUNDS[rng.choice(len(_GROUNDS), p=_GROUND_SHARES)]
    level = int(rng.integers(low, high))
    ground = np.full((height, width), level, np.float32)
    if rng.random() < 0.15:
        ground += np.linspace(0, rng.uniform(-40, 40), width, dtype=np.float32)[None, :]
    if rng.random() < 0.15:
        ground += np.linspace(0, rng.uniform(-40, 40), height, dtype=np.float32)[:, None]
    return gray(ground)


def _one_of(rng: Rng, *levels: int | np.int64) -> int:
    return int(levels[rng.integers(len(levels))])


def _inset(canvas: _Canvas) -> Area:
    """The part of the picture that is screen: now and then there is a page or a black bar around it."""
    rng, height, width = canvas.rng, canvas.height, canvas.width
    if rng.random() > 0.2:
        return 0.0, 0.0, float(width), float(height)
    left, right, top, bottom = rng.uniform(0, 0.16, 4) * (rng.random(4) < 0.75)
    x, y, w, h = left * width, top * height, (1 - left - right) * width, (1 - top - bottom) * height
    page = _one_of(rng, 0, 255, rng.integers(200, 256), rng.integers(20, 200))
    inner = canvas.pixels[int(y) : int(y + h), int(x) : int(x + w)].copy()
    if rng.random() < 0.5:
        inner[:] = _one_of(rng, 0, 0, rng.integers(5, 90))
    canvas.pixels[:] = page
    canvas.pixels[int(y) : int(y + h), int(x) : int(x + w)] = inner
    return x, y, w, h


def _one(canvas: _Canvas) -> None:
    rng = canvas.rng
    x, y, w, h = _inset(canvas)
    left, right = 0.32 * rng.beta(1.2, 2.0, 2)
    top, bottom = 0.2 * rng.beta(1.2, 2.0), 0.25 * rng.beta(1.0, 2.2)
    if rng.random() < 0.12:  # zoomed out, or a window on a desktop
        left, right, top, bottom = rng.uniform(0.15, 0.38, 4)
    area = (x + left * w, y + top * h, (1 - left - right) * w, (1 - top - bottom) * h)
    if rng.random() < 0.06:  # windows of a desktop around it
        _windows(canvas)
    view = any_view(rng, area)
    view = _upside_down(view, area) if rng.random() < 0.12 else view
    box = cv2.boundingRect(view.mask(canvas.height, canvas.width))
    part = canvas.pixels[int(y) : int(y + h), int(x) : int(x + w)]
    inner = (max(0, box[0] - int(x)), max(0, box[1] - int(y)), box[2], box[3])
    if rng.random() < 0.93:
        furniture.around(rng, part, inner, canvas.textures)
    if rng.random() < 0.15:  # the image lies on a ground of its own
        pad = int(rng.integers(0, 14))
        canvas.pixels[
            max(0, box[1] - pad) : box[1] + box[3] + pad, max(0, box[0] - pad) : box[0] + box[2] + pad
        ] = _one_of(rng, 0, 0, rng.integers(0, 80))
    if rng.random() < 0.12:
        pad = int(rng.integers(0, 4))
        cv2.rectangle(
            canvas.pixels,
            (box[0] - pad, box[1] - pad),
            (box[0] + box[2] + pad, box[1] + box[3] + pad),
            int(rng.integers(40, 256)),
            1,
        )
    canvas.place(view, canvas.filling())


def _upside_down(view: View, area: Area) -> View:
    middle = 2 * area[1] + area[3]
    points = view.points.copy()
    points[:, 1] = middle - points[:, 1]
    window = None
    if view.window is not None:
        x, y, w, h = view.window
        window = (x, middle - y - h, w, h)
    # the texture is laid in upright: an echo has no direction that the network should lean on
    return replace(view, kind="other", points=points, window=window)


def _still(canvas: _Canvas) -> None:
    """The picture is the image, or nearly: a thin margin on some sides."""
    rng = canvas.rng
    margin = rng.uniform(0, rng.choice([0.02, 0.05, 0.14]), 4) * (rng.random(4) < 0.3)
    x, y = margin[0] * canvas.width, margin[1] * canvas.height
    w, h = (1 - margin[0] - margin[2]) * canvas.width, (1 - margin[1] - margin[3]) * canvas.height
    x, y, w, h = round(x), round(y), round(w), round(h)
    canvas.place(rectangle(x, y, w, h), canvas.filling())


def _tight(canvas: _Canvas) -> None:
    """A shape that touches the sides of the picture, or is cut off by them."""
    rng, height, width = canvas.rng, canvas.height, canvas.width
    canvas.pixels[:] = _one_of(rng, 0, 0, 0, 0, rng.integers(1, 40), 255)
    pad = rng.uniform(-0.12, 0.05, 4) if rng.random() < 0.5 else rng.uniform(0, 0.02, 4)
    area = (pad[0] * width, pad[1] * height, (1 - pad[0] - pad[2]) * width, (1 - pad[1] - pad[3]) * height)
    view = sector(rng, area, phased=rng.random() < 0.3) if rng.random() < 0.8 else any_view(rng, area)
    canvas.place(view, canvas.filling())
    if rng.random() < 0.2:  # a corner is blanked out
        w, h = int(rng.uniform(0.1, 0.35) * width), int(rng.uniform(0.05, 0.25) * height)
        left, top = rng.random(2) < 0.5
        rows = slice(0, h) if top else slice(height - h, height)
        columns = slice(0, w) if left else slice(width - w, width)
        canvas.pixels[rows, columns] = 0
        canvas.image[rows, columns] = 0
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 4))):
            place = (int(rng.uniform(0, 0.8) * width), int(rng.uniform(0.05, 0.95) * height))
            high, level = furniture.letter(rng, canvas.pixels), int(rng.integers(120, 256))
            with canvas.marking():
                furniture.write(rng, canvas.pixels, *place, high, level)


def _several(canvas: _Canvas, count: int) -> None:
    rng = canvas.rng
    x, y, w, h = _inset(canvas)
    left, right, top, bottom = rng.uniform(0.0, 0.16, 4)
    x, y, w, h = x + left * w, y + top * h, (1 - left - right) * w, (1 - top - bottom) * h
    furniture.around(rng, canvas.pixels, (int(x), int(y), int(w), int(h)), canvas.textures)
    gap = rng.choice([0.0, rng.uniform(0.0, 0.005), rng.uniform(0.003, 0.03), rng.uniform(0.02, 0.08)])
    split = 0.5 if rng.random() < 0.6 else rng.uniform(0.3, 0.7)
    halves = [(x, w * split - gap * w / 2), (x + w * split + gap * w / 2, w * (1 - split) - gap * w / 2)]
    rows = (
        [(y, h)] if count == 2 else [(y, h * (0.5 - gap / 2)), (y + h * (0.5 + gap / 2), h * (0.5 - gap / 2))]
    )
    stacked = count == 2 and rng.random() < 0.2
    cells = [(cx, cy, cw, ch) for cy, ch in rows for cx, cw in halves]
    if stacked:
        cells = [(x, y, w, h * split - 2), (x, y + h * split + 2, w, h * (1 - split) - 2)]
    alike = rng.random() < 0.75
    seed = int(rng.integers(1 << 30))
    full = rng.random() < 0.5
    for cell in cells:
        source = np.random.default_rng(seed) if alike else rng
        whole = full and count == 2
        view = linear(source, cell) if whole else any_view(source, cell)
        view = rectangle(*cell) if whole else view
        dim = 0.5 if rng.random() < 0.1 else 1.0
        canvas.place(view, (canvas.filling() * dim).astype(np.uint8))
    across, down = slice(max(0, int(x) - 2), int(x + w) + 3), slice(max(0, int(y) - 2), int(y + h) + 3)
    wide = max(3, round(0.012 * canvas.width))
    upright, level = round(x + w * split), round(y + h * (split if stacked else 0.5))
    drawn = rng.random() < 0.2
    if stacked or count == 4:
        canvas.seam[level - wide : level + wide, across] = 255
        canvas.pixels[level, across] = int(rng.integers(0, 256)) if drawn else canvas.pixels[level, across]
    if not stacked:
        canvas.seam[down, upright - wide : upright + wide] = 255
        canvas.pixels[down, upright] = int(rng.integers(0, 256)) if drawn else canvas.pixels[down, upright]


def _with_trace(canvas: _Canvas, kind: Kind) -> None:
    """A spectral or M-mode trace, with a B-mode view beside it or alone."""
    rng = canvas.rng
    x, y, w, h = _inset(canvas)
    level = furniture.ink(rng, canvas.pixels)
    side = rng.random() < 0.2
    share = rng.uniform(0.3, 0.65)
    top = rng.uniform(0.0, 0.12)
    alone = rng.random() < 0.12
    upper: Area = (x + 0.05 * w, y + top * h, 0.8 * w, (1 - share - top - 0.04) * h)
    lower: Area = (
        x + 0.04 * w,
        y + (1 - share) * h,
        rng.uniform(0.75, 0.95) * w,
        share * h * rng.uniform(0.8, 0.97),
    )
    if side:
        upper = (x + 0.02 * w, y + top * h, (1 - share - 0.05) * w, 0.8 * h)
        lower = (x + (1 - share) * w, y + top * h, share * w * 0.95, 0.8 * h)
    view = any_view(rng, upper)
    bx, by, bw, bh = cv2.boundingRect(view.mask(canvas.height, canvas.width))
    furniture.around(rng, canvas.pixels, (bx, by, bw, bh), canvas.textures)
    if not alone:
        canvas.place(view, canvas.filling())
    px, py, pw, ph = (round(value) for value in lower)
    panel = canvas.pixels[py : py + ph, px : px + pw]
    if panel.size == 0:
        return
    panel[:] = (
        _spectrum(rng, *panel.shape) if kind == "spectral" else _m_mode(rng, canvas.textures, *panel.shape)
    )
    canvas.panel[py : py + ph, px : px + pw] = 255
    canvas.image[py : py + ph, px : px + pw] = 0
    line = py + int(ph * rng.uniform(0.3, 0.95))
    if kind == "spectral":
        cv2.line(canvas.pixels, (px, line), (px + pw, line), level, 1)
    for at in range(px, px + pw, max(4, pw // int(rng.integers(4, 30)))):
        cv2.line(canvas.pixels, (at, py + ph - 1), (at, py + ph + 2), level, 1)
    if rng.random() < 0.7:
        furniture.column(rng, canvas.pixels, (min(canvas.width - 10, px + pw + 2), py, 40, ph), level)
    if rng.random() < 0.2:
        furniture.trace(rng, canvas.pixels, (px, py + ph - ph // 4, pw, ph // 4), level)


def _spectrum(rng: Rng, height: int, width: int) -> Gray:
    phase = np.arange(width) / max(8.0, width / rng.uniform(1.5, 10))
    beat = phase % 1.0
    top = rng.uniform(0.1, 0.9) * np.exp(-((beat - 0.2) ** 2) / rng.uniform(0.005, 0.05)) + rng.uniform(
        0.03, 0.3
    )
    base = rng.uniform(0.3, 0.95)
    rows = np.arange(height)[:, None] / height
    above = base - top[None, :] * base
    inside = (rows < base) & (rows > above)
    if rng.random() < 0.3:
        inside |= (rows >= base) & (rows < base + 0.3 * top[None, :])
    drawn = rng.exponential(1.0, (height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(drawn, (0, 0), rng.uniform(0.5, 1.2))
    edge = (
        1 - 0.7 * np.clip((rows - above) / np.maximum(1e-3, base - above), 0, 1)
        if rng.random() < 0.6
        else 1.0
    )
    level = np.where(inside, grain * rng.uniform(60, 200) * edge, grain * rng.uniform(0, 14))
    return gray(level)


def _m_mode(rng: Rng, textures: Textures, height: int, width: int) -> Gray:
    texture = textures.draw(rng)
    beam = texture[:, int(rng.integers(texture.shape[1]))].astype(np.float32)
    phase = np.arange(width) / max(8.0, width / rng.uniform(1.5, 8))
    move = rng.uniform(0, 0.12) * np.sin(2 * np.pi * phase) ** 2 + np.cumsum(rng.normal(0, 0.001, width))
    depth = np.linspace(0, 1, height)[:, None]
    places = np.clip((depth + move[None, :] * depth * (1 - depth) * 4) * (len(beam) - 1), 0, len(beam) - 1)
    level = beam[places.astype(int)] + rng.normal(0, rng.uniform(2, 25), (height, width))
    return gray(level * rng.uniform(0.6, 1.4))


def _tint(canvas: _Canvas) -> Gray:
    """Chroma of the whole: none, a tinted gray map, coloured parts of the user interface."""
    rng = canvas.rng
    chroma = np.zeros((canvas.height, canvas.width), np.uint8)
    if rng.random() < 0.35:
        tinted = gray(np.minimum(40, canvas.pixels * rng.uniform(0.02, 0.16)))
        inside = canvas.image > 127
        chroma[inside] = tinted[inside]
    if rng.random() < 0.4:
        outside = (canvas.image == 0) & (canvas.panel == 0)
        for _ in range(int(rng.integers(1, 4))):
            x, y = int(rng.uniform(0, 0.9) * canvas.width), int(rng.uniform(0, 0.9) * canvas.height)
            w, h = (int(value) for value in rng.uniform(0.02, 0.4, 2) * (canvas.width, canvas.height))
            part, where = chroma[y : y + h, x : x + w], outside[y : y + h, x : x + w]
            part[where] = int(rng.integers(10, 127))
    if rng.random() < 0.3:
        chroma[canvas.text > 127] = int(rng.integers(30, 127))
    return chroma


def _flow(canvas: _Canvas, chroma: Gray) -> None:
    rng = canvas.rng
    x, y, w, h = max(canvas.boxes, key=lambda box: box[2] * box[3])
    spot = np.zeros_like(chroma)
    if rng.random() < 0.15:  # elastography: a window full of colour
        left, top = x + int(rng.uniform(0, 0.4) * w), y + int(rng.uniform(0, 0.4) * h)
        spot[top : top + int(rng.uniform(0.3, 0.7) * h), left : left + int(rng.uniform(0.3, 0.7) * w)] = 255
    for _ in range(int(rng.integers(1, 6))):
        centre = (x + int(rng.uniform(0.2, 0.8) * w), y + int(rng.uniform(0.2, 0.9) * h))
        axes = (max(2, int(rng.uniform(0.02, 0.25) * w)), max(2, int(rng.uniform(0.02, 0.12) * h)))
        cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 255, -1)
    inside = (spot > 0) & (canvas.image > 127)
    strength = cv2.GaussianBlur(rng.uniform(0.4, 1, spot.shape).astype(np.float32), (0, 0), 2) * rng.uniform(
        70, 127
    )
    chroma[inside] = np.clip(strength, 0, 127).astype(np.uint8)[inside]
    flow = (strength * rng.uniform(0.5, 1.6)).clip(0, 255).astype(np.uint8)
    canvas.pixels[inside] = flow[inside]
    if rng.random() < 0.8:
        corners = [
            (x + 0.15 * w, y + 0.15 * h),
            (x + 0.85 * w, y + 0.15 * h),
            (x + 0.8 * w, y + 0.9 * h),
            (x + 0.1 * w, y + 0.9 * h),
        ]
        cv2.polylines(canvas.pixels, [np.array(corners, np.int32)], True, int(rng.integers(120, 256)), 1)


def _without_image(canvas: _Canvas) -> Screen:
    """No image: a blank screen, bars, a logo, snow, a user interface alone, a page of text."""
    rng, pixels = canvas.rng, canvas.pixels
    height, width = pixels.shape
    kind: Kind = "no_signal"
    way = rng.choice(
        ["blank", "bars", "logo", "snow", "idle", "page", "desktop"], p=[0.2, 0.1, 0.15, 0.15, 0.2, 0.1, 0.1]
    )
    level = furniture.ink(rng, pixels)
    if way == "blank":
        if rng.random() < 0.5:
            furniture.write(
                rng, pixels, width // 3, height // 2, furniture.letter(rng, pixels) * 2, level, "NO SIGNAL"
            )
    elif way == "bars":
        bars = np.sort(rng.integers(0, 256, 8))[::-1] if rng.random() < 0.7 else rng.integers(0, 256, 8)
        pixels[:] = np.repeat(bars, -(-width // 8))[:width][None, :]
        if rng.random() < 0.6:
            pixels[int(height * 0.7) :] = np.linspace(0, 255, width)[None, :]
    elif way == "logo":
        size = int(rng.uniform(0.05, 0.3) * height)
        furniture.logo(
            rng, pixels, int(rng.uniform(0.1, 0.7) * width), int(rng.uniform(0.3, 0.7) * height), size
        )
        furniture.write(
            rng, pixels, width // 3, height // 2, rng.uniform(0.06, 0.2) * height, level, "SCANNER"
        )
    elif way == "snow":
        grain = rng.choice([1.0, 1.0, 0.5])
        small = rng.integers(0, 256, (max(2, int(height * grain)), max(2, int(width * grain)))).astype(
            np.uint8
        )
        pixels[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
        if rng.random() < 0.4:
            pixels[:] = (pixels * rng.uniform(0.1, 1.0)).astype(np.uint8)
    elif way == "idle":
        area = (int(0.2 * width), int(0.1 * height), int(0.6 * width), int(0.75 * height))
        furniture.around(rng, pixels, area, canvas.textures)
        furniture.rulers(rng, pixels, area)
    elif way == "page":
        kind = "menu"
        for left in range(4, width, max(40, width // int(rng.integers(1, 5)))):
            furniture.column(rng, pixels, (left, int(rng.uniform(0, 0.2) * height), width, height), level)
    else:
        _windows(canvas)
    return _finished(canvas, _tint(canvas) if rng.random() < 0.5 else None, kind, sure=True)


def _windows(canvas: _Canvas) -> None:
    rng, pixels = canvas.rng, canvas.pixels
    height, width = pixels.shape
    for _ in range(int(rng.integers(2, 8))):
        x, y = int(rng.uniform(-0.1, 0.8) * width), int(rng.uniform(-0.1, 0.8) * height)
        w, h = int(rng.uniform(0.1, 0.6) * width), int(rng.uniform(0.1, 0.6) * height)
        cv2.rectangle(pixels, (x, y), (x + w, y + h), int(rng.integers(0, 256)), -1)
        furniture.column(rng, pixels, (max(0, x + 3), max(0, y), w, h), int(rng.integers(0, 256)))


def _finished(canvas: _Canvas, chroma: Gray | None, kind: Kind, *, sure: bool) -> Screen:
    """Mirrored now and then, with what a cable, an encoder or a grabber does to it."""
    rng = canvas.rng
    pixels = _transported(rng, canvas.pixels)
    planes = (canvas.image, canvas.seam, canvas.text, canvas.panel)
    if rng.random() < 0.1:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        planes = tuple(np.ascontiguousarray(plane[:, ::-1]) for plane in planes)  # type: ignore[assignment]
        chroma = None if chroma is None else np.ascontiguousarray(chroma[:, ::-1])
    image, seam, text, panel = planes
    if kind == "colour" and chroma is None:
        sure = False
    return Screen(pixels, chroma, image, seam, text, panel, kind, sure, canvas.layout, tuple(canvas.faults))


def _transported(rng: Rng, pixels: Gray) -> Gray:
    if rng.random() < 0.2:  # scaled down and up again, as by a converter
        factor = rng.uniform(0.4, 0.9)
        small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        pixels = gray(cv2.resize(small, pixels.shape[::-1], interpolation=cv2.INTER_LINEAR))
    if rng.random() < 0.25:  # another display curve
        bent = 255 * (floats(pixels) / 255) ** (rng.uniform(0.6, 1.7) if rng.random() < 0.5 else 1.0)
        pixels = gray(bent * rng.uniform(0.3, 1.15) + rng.uniform(-16, 24))
    if rng.random() < 0.2:  # an analogue cable
        soft = floats(cv2.GaussianBlur(pixels, (3, 1), 0))
        pixels = gray(soft + rng.normal(0, rng.uniform(0.4, 4.0), pixels.shape))
    if rng.random() < 0.4:
        pixels = jpeg(pixels, int(rng.integers(25, 95)))
    return pixels
