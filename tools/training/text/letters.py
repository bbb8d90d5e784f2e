"""Lines of burned-in text as scanners draw them: fonts, sizes, boxes; where each character is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Gray = NDArray[np.uint8]
Rng = np.random.Generator
HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)
HELD_HERSHEY = (cv2.FONT_HERSHEY_TRIPLEX,)  # never learned from
FAINT_SHARE = 0.25  # of the lines
HELD_FONTS = ("OpenSans", "FreeSans", "LiberationMono")
_WANTED = "AZaz09äöüß.:-"
_NAMES = (
    "Müller", "Schmidt", "Weiß", "Öztürk", "Jäger", "Groß", "Nowak", "Garcia", "Smith", "Johnson", "Brown",
    "Nguyen", "Rossi", "Dubois", "Silva", "Kim", "Lee", "Ivanova", "Hansen", "Virtanen", "Kowalski", "Yilmaz",
    "O'Brien", "Erika", "Anna", "Jürgen", "Björn", "Zoë", "José", "Maria", "Hans", "Li", "Mohammed", "Ella",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Font:
    """A Hershey font by number, or a TrueType file."""

    face: int | Path

    @property
    def umlauts(self) -> bool:
        return isinstance(self.face, Path)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how much ink each pixel holds, and where characters end."""

    ink: Gray  # (h, w), 255: full
    edges: tuple[int, ...]  # columns: the first of each character, and the end of the last
    text: str
    high: float  # pixels of a capital letter


def fonts_in(folders: Sequence[Path], *, held: bool = False) -> list[Font]:
    """Hershey fonts and Latin TrueType fonts below `folders`: those learned from, or the `held` ones."""
    found = [Font(face) for face in (HELD_HERSHEY if held else HERSHEY)]
    for path in sorted(file for folder in folders for file in folder.rglob("*.[to]tf")):
        if held == any(name in path.name for name in HELD_FONTS) and _is_latin(path):
            found.append(Font(path))
    return found


def _is_latin(path: Path) -> bool:
    try:
        font = ImageFont.truetype(str(path), 20)
    except OSError:
        return False
    missing = bytes(font.getmask("\U0010fffd"))
    drawn = [bytes(font.getmask(letter)) for letter in _WANTED]
    return missing not in drawn and len(set(drawn)) == len(drawn)


def words(rng: Rng) -> str:
    """A name, a date, a number, a label."""
    kind = rng.random()
    if kind < 0.4:
        text = str(rng.choice([", ", " ", "^", "_"])).join(rng.choice(_NAMES, int(rng.integers(1, 4))))
    elif kind < 0.55:
        day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1925, 2027)
        forms = [f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}", f"{month:02}/{day:02}/{year}"]
        text = str(rng.choice(forms))
        text += f" {rng.integers(24):02}:{rng.integers(60):02}" if rng.random() < 0.3 else ""
    elif kind < 0.75:
        text = "".join(rng.choice(list("0123456789"), int(rng.integers(1, 12))))
        text = str(rng.choice(["", "ID ", "ID: ", "PID", "#", "KH-"])) + text
    else:
        letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789äöüÄÖÜß .:-/()")
        text = "".join(rng.choice(letters, int(rng.integers(1, 14)))).strip() or "L"
    return (text, text.upper(), text.lower())[rng.integers(3)] if rng.random() < 0.7 else text


def line(rng: Rng, text: str, font: Font, high: float) -> Line:
    """Draw `text` with capitals of about `high` pixels; some coarse, as an enlarged screen shows them."""
    coarse = int(rng.choice([1, 1, 1, 2, 3])) if high >= 14 else 1
    if isinstance(font.face, Path):
        ink, edges = _true_type(text, font.face, high / coarse)
    else:
        ink, edges = _hershey(rng, text, font.face, high / coarse)
    if coarse > 1:
        way = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR
        ink = np.asarray(cv2.resize(ink, None, fx=coarse, fy=coarse, interpolation=way), np.uint8)
        edges = tuple(edge * coarse for edge in edges)
    elif rng.random() < 0.15:
        ink = np.where(ink > 110, 255, 0).astype(np.uint8)  # without smoothing
    return Line(ink, edges, text, high)


def _true_type(text: str, path: Path, high: float) -> tuple[Gray, tuple[int, ...]]:
    font = ImageFont.truetype(str(path), max(5, round(high / 0.72)))
    left, top, right, bottom = font.getbbox(text)
    wide, tall = max(1, int(right - left)) + 4, max(1, int(bottom - top)) + 4
    picture = Image.new("L", (wide, tall), 0)
    ImageDraw.Draw(picture).text((2 - left, 2 - top), text, fill=255, font=font)
    edges = [round(2 - left + font.getlength(text[:count])) for count in range(len(text) + 1)]
    edges[0], edges[-1] = 0, wide
    return np.asarray(picture, np.uint8), tuple(edges)


def _hershey(rng: Rng, text: str, face: int, high: float) -> tuple[Gray, tuple[int, ...]]:
    unit = cv2.getTextSize("H", face, 1.0, 1)[0][1]
    size, thick = high / unit, int(rng.integers(1, 2 + max(0, int(high / 7))))
    plain = text.encode("ascii", "replace").decode()
    (wide, tall), base = cv2.getTextSize(plain, face, size, thick)
    ink = np.zeros((tall + base + 2 * thick + 4, wide + 2 * thick + 4), np.uint8)
    smooth = cv2.LINE_AA if rng.random() < 0.7 else cv2.LINE_8
    cv2.putText(ink, plain, (thick + 2, tall + thick + 2), face, size, 255, thick, smooth)
    edges = [
        thick + 2 + cv2.getTextSize(plain[:count], face, size, thick)[0][0] for count in range(len(plain) + 1)
    ]
    edges[0], edges[-1] = 0, ink.shape[1]
    return ink, tuple(edges)


def put(rng: Rng, canvas: Gray, written: Line, x: int, y: int) -> None:
    """Draw a line into `canvas` (h, w) in one of the ways of scanners; what lies outside is cut off."""
    tall, wide = written.ink.shape
    if rng.random() < FAINT_SHARE:
        faint(rng, canvas, written, x, y)
        return
    pad = int(rng.uniform(0.1, 0.5) * written.high)
    level = float(rng.choice([255, 235, int(rng.integers(140, 256))], p=[0.4, 0.2, 0.4]))
    style = rng.random()
    if style < 0.2:  # a box behind it
        face = float(rng.choice([0, int(rng.integers(0, 70))]))
        _fill(canvas, (x - pad, y - pad, wide + 2 * pad, tall + 2 * pad), face, rng.uniform(0.5, 1.0))
    elif style < 0.26:  # dark letters in a bright box
        _fill(canvas, (x - pad, y - pad, wide + 2 * pad, tall + 2 * pad), level, 1.0)
        level = float(rng.integers(0, 70))
    elif style < 0.45:  # an outline or a shadow
        thick = max(1, round(0.08 * written.high))
        edge, way = thick + 1, int(rng.integers(0, 2))
        wider = cv2.copyMakeBorder(written.ink, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
        spread = np.asarray(cv2.dilate(wider, np.ones((2 * thick + 1,) * 2)), np.uint8)
        _blend(canvas, spread, x - edge + way, y - edge + way, 0.0, rng.uniform(0.6, 1.0))
    _blend(canvas, written.ink, x, y, level, float(rng.choice([1.0, rng.uniform(0.6, 1.0)])))


def faint(rng: Rng, canvas: Gray, written: Line, x: int, y: int) -> None:
    """Letters that are little brighter than what they lie on."""
    part, ink = met(canvas, written.ink, x, y)
    added = ink.astype(np.float32) / 255 * rng.uniform(20, 100)
    part[:] = np.clip(part + added, 0, 255).astype(np.uint8)


def _fill(canvas: Gray, place: tuple[int, int, int, int], level: float, share: float) -> None:
    x, y, w, h = place
    _blend(canvas, np.full((max(1, h), max(1, w)), 255, np.uint8), x, y, level, share)


def _blend(canvas: Gray, ink: Gray, x: int, y: int, level: float, share: float) -> None:
    part, over = met(canvas, ink, x, y)
    weight = over.astype(np.float32) * (share / 255)
    part[:] = np.rint(part + weight * (level - part)).astype(np.uint8)


def met(canvas: Gray, drawn: Gray, x: int, y: int) -> tuple[Gray, Gray]:
    """The parts of both that lie over each other where `drawn` begins at (x, y); empty where none do."""
    left, top = max(0, x), max(0, y)
    right = max(left, min(canvas.shape[1], x + drawn.shape[1]))
    bottom = max(top, min(canvas.shape[0], y + drawn.shape[0]))
    return canvas[top:bottom, left:right], drawn[top - y : bottom - y, left - x : right - x]
