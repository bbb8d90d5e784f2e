"""What a scanner draws beside the image and over it: text, bars, rulers, traces, marks, menus."""

import string

import cv2
import numpy as np

from tools.training.sector.textures import Gray, Rng, Textures

Rect = tuple[int, int, int, int]  # x, y, width, height
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)  # fmt: skip
_WORDS = (
    "Frq 10.0 MHz", "Gn 64", "D 5.2 cm", "DR 66", "MI 0.8", "TIs 0.2", "FR 31 Hz", "AO 100%",
    "L12-5", "C5-1", "2D", "Res", "Abdomen", "12:04:31", "26/11/2026", "Patient", "ID 000000",
    "Freeze", "Depth", "Gain 50", "H M/S", "Cardiac", "Lung", "THI", "CHI", "X", "Map 3", "1.2",
    "- 5", "10", "15", "Dist 2.31 cm", "BPD 45 mm", "RT", "LEFT KIDNEY", "LIVER", "CCA",
)  # fmt: skip


def words(rng: Rng) -> str:
    if rng.random() < 0.75:
        return str(rng.choice(_WORDS))
    letters = list(string.ascii_letters + string.digits + "   .:-")
    return "".join(rng.choice(letters, int(rng.integers(2, 18))))


def write(rng: Rng, canvas: Gray, x: int, y: int, high: float, level: int, text: str = "") -> None:
    """One line of text whose letters are about `high` pixels."""
    font = _FONTS[rng.integers(len(_FONTS))]
    size = high / (10.0 if font == cv2.FONT_HERSHEY_PLAIN else 22.0)
    cv2.putText(canvas, text or words(rng), (x, y), font, size, level, 1, cv2.LINE_AA)


def column(rng: Rng, canvas: Gray, place: Rect, level: int) -> None:
    x, y, _w, h = place
    high = letter(rng, canvas)
    step = max(3, int(high * rng.uniform(1.4, 2.6)))
    for top in range(y + step, y + h, step):
        if rng.random() < 0.85:
            write(rng, canvas, x, top, high, level)


def letter(rng: Rng, canvas: Gray) -> float:
    """A height of letters that suits the screen, pixels."""
    return max(4.0, float(len(canvas) * (0.012 + 0.03 * rng.beta(1.2, 2.5))))


def ink(rng: Rng, canvas: Gray) -> int:
    """A level that is seen on the ground of this screen."""
    ground = int(np.median(canvas[::8, ::8]))
    return int(rng.integers(140, 256)) if ground < 120 else int(rng.integers(0, max(1, ground - 90)))


def around(rng: Rng, canvas: Gray, image: Rect, textures: Textures) -> None:
    """Furniture outside the bounding box of the image; the image is drawn over what reaches into it."""
    height, width = canvas.shape
    x, y, w, h = image
    level = ink(rng, canvas)
    most = int(0.4 * min(w, h))  # a thumbnail is smaller than the image, or nobody could tell
    spaces: list[Rect] = [
        (0, 0, width, y), (0, y + h, width, height - y - h),
        (0, 0, x, height), (x + w, 0, width - x - w, height),
    ]  # fmt: skip
    for index, space in enumerate(spaces):
        sw, sh = space[2:]
        if sw < 8 or sh < 5:
            continue
        if rng.random() < 0.25:  # a panel of its own level, all of the space or the outer part of it
            shades = [rng.integers(10, 60), rng.integers(60, 130), rng.integers(170, 256)]
            shade = int(rng.choice(shades, p=[0.6, 0.25, 0.15]))
            share = rng.uniform(0.3, 1.0)
            high, wide = int(sh * share), int(sw * share)
            parts = (canvas[:high], canvas[height - high :], canvas[:, :wide], canvas[:, width - wide :])
            parts[index][:] = shade
        if index < 2:
            _strip(rng, canvas, space, level, textures, most)
        else:
            _side(rng, canvas, space, (y, h), level, textures, most)


def _strip(rng: Rng, canvas: Gray, space: Rect, level: int, textures: Textures, most: int) -> None:
    x, y, w, h = space
    if rng.random() < 0.75:
        for _ in range(int(rng.integers(1, 6))):
            place = (x + int(rng.uniform(0, 0.9) * w), y + int(rng.uniform(0.2, 1.0) * h))
            write(rng, canvas, *place, min(letter(rng, canvas), 0.8 * h), level)
    if rng.random() < 0.3:
        logo(rng, canvas, x + int(rng.uniform(0, 0.2) * w), y + h // 2, min(h, w) // 3)
    if h > 24 and rng.random() < 0.2:
        thumbnails(rng, canvas, (x, y + 2, w, h - 4), textures, most, across=True)
    if h > 12 and rng.random() < 0.2:
        trace(rng, canvas, (x, y, w, h), level)
    if rng.random() < 0.15:
        at = y + int(rng.uniform(0.1, 0.9) * h)
        cv2.line(canvas, (x, at), (x + w, at), level, 1)
    if rng.random() < 0.15:
        buttons(rng, canvas, space, across=True)


def _side(
    rng: Rng, canvas: Gray, space: Rect, span: tuple[int, int], level: int, textures: Textures, most: int
) -> None:
    x, y, w, h = space
    if rng.random() < 0.7:
        top = y + int(rng.uniform(0, 0.6) * h)
        column(rng, canvas, (x + int(rng.uniform(0, 0.5) * w), top, w, int(rng.uniform(0.1, 0.6) * h)), level)
    if rng.random() < 0.5:
        corner = (x + int(rng.uniform(0, 0.9) * w), y + int(rng.uniform(0, 0.6) * h))
        wedge(rng, canvas, (*corner, max(2, int(w * rng.uniform(0.06, 0.3))), int(h * rng.uniform(0.1, 0.5))))
    if w > 24 and rng.random() < 0.15:
        thumbnails(rng, canvas, space, textures, most, across=False)
    if rng.random() < 0.2:
        buttons(rng, canvas, space, across=False)
    if rng.random() < 0.15:
        body_mark(rng, canvas, x + w // 2, y + int(rng.uniform(0.1, 0.9) * h), max(4, min(w, h) // 5), level)
    if rng.random() < 0.15:  # the curve of the time-gain compensation
        rows = np.linspace(span[0], span[0] + span[1], 10)
        columns = x + w / 2 + np.cumsum(rng.normal(0, w / 14, 10))
        cv2.polylines(
            canvas, [np.column_stack([columns, rows]).astype(np.int32)], False, level, 1, cv2.LINE_AA
        )


def logo(rng: Rng, canvas: Gray, x: int, y: int, size: int) -> None:
    """A filled figure with a sign in it."""
    size, level = max(2, size), int(rng.integers(60, 256))
    if rng.random() < 0.5:
        cv2.circle(canvas, (x + size, y), size, level, -1 if rng.random() < 0.6 else 1, cv2.LINE_AA)
    else:
        cv2.rectangle(canvas, (x, y - size), (x + int(size * rng.uniform(1, 5)), y + size), level, -1)
    write(rng, canvas, x + 2, y + size // 2, 1.2 * size, 255 - level, "SCAN")


def wedge(rng: Rng, canvas: Gray, place: Rect) -> None:
    """A gray bar, or the gray of a colour bar."""
    x, y, w, h = place
    ramp = np.linspace(255, 0, max(2, h))
    if rng.random() < 0.3:
        ramp = 127 + 110 * np.cos(np.linspace(0, 2 * np.pi, max(2, h)))
    if rng.random() < 0.3:
        ramp = np.round(ramp / 32) * 32
    part = canvas[y : y + h, x : x + w]
    part[:] = np.clip(ramp, 0, 255).astype(np.uint8)[: part.shape[0], None]
    if rng.random() < 0.3:
        cv2.rectangle(canvas, (x, y), (x + w, y + h), int(rng.integers(100, 256)), 1)


def thumbnails(rng: Rng, canvas: Gray, space: Rect, textures: Textures, most: int, *, across: bool) -> None:
    """Small pictures of earlier images: no image of now."""
    x, y, w, h = space
    side = min((h if across else w) - 2, most)
    wide, high = (int(side * 1.33), side) if across else (side, int(side * 0.75))
    if wide < 8 or high < 6:
        return
    step = (wide if across else high) + int(rng.integers(2, 8))
    start = int(rng.uniform(0, 0.5) * (w if across else h))
    for number in range(int(rng.integers(1, 8))):
        left, top = (x + start + number * step, y) if across else (x, y + start + number * step)
        part = canvas[top : top + high, left : left + wide]
        if part.size:
            part[:] = cv2.resize(textures.small(rng), part.shape[::-1], interpolation=cv2.INTER_AREA)


def buttons(rng: Rng, canvas: Gray, space: Rect, *, across: bool) -> None:
    x, y, w, h = space
    face, text = int(rng.integers(30, 200)), int(rng.integers(0, 256))
    size = max(5, int((w if across else h) / rng.integers(4, 14)))
    gap = int(rng.integers(1, 6))
    for at in range(0, (w if across else h) - size, size + gap):
        corner = (x + at, y + 2) if across else (x + 2, y + at)
        end = (corner[0] + size, y + h - 3) if across else (x + w - 3, corner[1] + size)
        cv2.rectangle(canvas, corner, end, face, -1 if rng.random() < 0.8 else 1)
        write(rng, canvas, corner[0] + 2, (corner[1] + end[1]) // 2 + 3, max(4.0, 0.25 * size), text)


def trace(rng: Rng, canvas: Gray, place: Rect, level: int) -> None:
    """An ECG: a flat line with beats."""
    x, y, w, h = place
    if w < 8:
        return
    columns = np.arange(w)
    beat = (columns % max(6, int(w / rng.uniform(2, 9)))) / max(6.0, w / 5)
    rows = 0.6 - 0.5 * np.exp(-(((beat - 0.3) / 0.02) ** 2)) - 0.12 * np.exp(-(((beat - 0.6) / 0.06) ** 2))
    line = np.column_stack([x + columns, y + h * rows]).astype(np.int32)
    cv2.polylines(canvas, [line], False, level, 1, cv2.LINE_AA)


def body_mark(rng: Rng, canvas: Gray, x: int, y: int, size: int, level: int) -> None:
    """A small figure of a body with a probe on it."""
    cv2.ellipse(canvas, (x, y), (max(2, size // 2), max(2, size)), 0, 0, 360, level, 1, cv2.LINE_AA)
    cv2.circle(canvas, (x, y - size - size // 3), max(1, size // 3), level, 1, cv2.LINE_AA)
    cv2.line(canvas, (x - size // 3, y), (x + size // 3, y + int(rng.integers(-3, 4))), level, 2)


def rulers(rng: Rng, canvas: Gray, image: Rect) -> None:
    """Ticks, focus marks and the mark of the probe's side close to the image, and over its corners."""
    x, y, w, h = image
    level = ink(rng, canvas) if rng.random() < 0.7 else int(rng.integers(80, 256))
    if rng.random() < 0.6:
        right = rng.random() < 0.6
        at = x + w + int(rng.integers(-6, 16)) if right else x - int(rng.integers(-4, 16))
        step = max(3, int(h / rng.integers(4, 40)))
        for number, top in enumerate(range(y, y + h + 1, step)):
            long = int(rng.integers(1, 4)) + (3 if number % 5 == 0 else 0)
            cv2.line(canvas, (at, top), (at + long, top), level, 1)
            if number % 5 == 0 and rng.random() < 0.4:
                write(rng, canvas, at + 6, top + 3, letter(rng, canvas) * 0.8, level, str(number))
        if rng.random() < 0.4:
            cv2.line(canvas, (at, y), (at, y + h), level, 1)
    if rng.random() < 0.3:
        at = y + h + int(rng.integers(-4, 10)) if rng.random() < 0.5 else y - int(rng.integers(1, 10))
        for left in range(x, x + w, max(3, int(w / rng.integers(4, 30)))):
            cv2.line(canvas, (left, at), (left, at + int(rng.integers(1, 4))), level, 1)
    if rng.random() < 0.12:  # a gray bar right beside the image
        wide = max(2, int(w * rng.uniform(0.015, 0.05)))
        at = x + w + int(rng.integers(0, 8)) if rng.random() < 0.5 else x - wide - int(rng.integers(0, 8))
        wedge(
            rng, canvas, (max(0, at), y + int(rng.uniform(0, 0.5) * h), wide, int(h * rng.uniform(0.2, 0.5)))
        )
    if rng.random() < 0.4:
        at, top = x + w + int(rng.integers(0, 10)), y + int(h * rng.uniform(0.1, 0.9))
        corner = np.array([[at, top], [at + 6, top - 4], [at + 6, top + 4]])
        cv2.fillPoly(canvas, [corner.astype(np.int32)], level)
    if rng.random() < 0.5:
        logo_at = (x + int(rng.uniform(-0.05, 1.0) * w), y - int(rng.integers(0, 14)))
        if rng.random() < 0.5:
            cv2.circle(canvas, logo_at, int(rng.integers(2, 7)), level, -1 if rng.random() < 0.6 else 1)
        else:
            high = letter(rng, canvas)
            write(rng, canvas, *logo_at, high, level, str(rng.choice(["V", "P", "S", "G", "M", "o"])))


def over(rng: Rng, canvas: Gray, marks: Gray, image: Rect) -> None:
    """Letters, calipers and lines over the image; `marks` is drawn likewise, 255."""
    x, y, w, h = image
    level = int(rng.integers(150, 256))

    def spot() -> tuple[int, int]:
        return x + int(rng.uniform(0.05, 0.9) * w), y + int(rng.uniform(0.08, 0.95) * h)

    both = ((canvas, level), (marks, 255))
    for _ in range(int(rng.integers(0, 4))):
        seed = int(rng.integers(1 << 30))
        place, high = spot(), letter(rng, canvas)
        for plane, bright in both:
            write(np.random.default_rng(seed), plane, *place, high, bright)
    for _ in range(int(rng.choice([0, 0, 1, 2]))):  # a distance
        start, end, size = spot(), spot(), int(rng.integers(2, 5))
        for plane, bright in both:
            for cx, cy in (start, end):
                cv2.line(plane, (cx - size, cy), (cx + size, cy), bright, 1)
                cv2.line(plane, (cx, cy - size), (cx, cy + size), bright, 1)
            _dots(plane, start, end, 24, bright)
    kind = rng.random()
    if kind < 0.1:  # guide of a needle, line of an M-mode
        start, end, count = (spot()[0], y), (spot()[0], y + h), int(rng.integers(12, 60))
        for plane, bright in both:
            _dots(plane, start, end, count, bright)
    elif kind < 0.17:
        place, size, seed = spot(), max(4, min(w, h) // 12), int(rng.integers(1 << 30))
        for plane, bright in both:
            body_mark(np.random.default_rng(seed), plane, *place, size, bright)
    elif kind < 0.24:  # outline of a colour box without flow
        corners = np.array([spot(), spot()])
        low, top = corners.min(axis=0), corners.max(axis=0)
        lean = int(rng.integers(-20, 21))
        (x0, y0), (x1, y1) = low, top
        box = np.array([[x0 + lean, y0], [x1 + lean, y0], [x1 - lean, y1], [x0 - lean, y1]], np.int32)
        for plane, bright in both:
            cv2.polylines(plane, [box], True, bright, 1)


def _dots(canvas: Gray, start: tuple[int, int], end: tuple[int, int], count: int, level: int) -> None:
    for x, y in np.linspace(start, end, count).astype(int):
        cv2.circle(canvas, (int(x), int(y)), 0, level, -1)


def dialog(rng: Rng, canvas: Gray, image: Rect) -> None:
    """A menu, a keyboard or a page of measurements over a good part of the image, some of them clear."""
    x, y, w, h = image
    wide, high = int(w * rng.uniform(0.4, 1.0)), int(h * rng.uniform(0.35, 1.0))
    left, top = x + int(rng.uniform(0, 1) * (w - wide)), y + int(rng.uniform(0, 1) * (h - high))
    level = int(rng.integers(150, 256))
    if rng.random() < 0.8:
        face = int(rng.choice([rng.integers(0, 25), rng.integers(25, 120), rng.integers(120, 245)]))
        part = canvas[top : top + high, left : left + wide]
        clear = rng.uniform(0.05, 0.5) if rng.random() < 0.3 else 0.0
        part[:] = (face + clear * (part.astype(np.float32) - face)).astype(np.uint8)
        level = level if face < 130 else 20
        if rng.random() < 0.5:
            cv2.rectangle(canvas, (left, top), (left + wide, top + high), level, 1)
        if rng.random() < 0.3:  # the bar of its title
            canvas[top : top + max(3, high // 9), left : left + wide] = int(rng.integers(30, 220))
    size = letter(rng, canvas)
    step = max(5, int(size * rng.uniform(1.3, 2.2)))
    if rng.random() < 0.25:
        keys = step + int(rng.integers(2, 8))
        for row in range(top + 2, top + high - keys, keys):
            buttons(rng, canvas, (left, row, wide, keys), across=True)
        return
    for row in range(top + step, top + high, step):
        write(rng, canvas, left + 4, row, size, level, f"{words(rng)} {words(rng)}")
