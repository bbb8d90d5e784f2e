"""What the sector network sees of a picture, and what it says of it; who runs it is not known here."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage

Map = NDArray[np.float32]
HIGH, WIDE = 160, 192  # of the network's maps
BLACK_SHARE = 0.02  # of a picture; what is darker is not black's own level
SPECKS_SHARE, NEARLY_BLACK = 0.13, 4  # as much may be darker than a level that hardly differs from black
MOST_BLACK = 32  # a picture that is brighter throughout has no black
LOOK_EVERY_S = 0.25  # the same for region and signal, so that they share their looks

_TALL, _SOME, _NEARLY = 1.5, 0.1, 0.85  # a screen's height to its width; of a row; of the height
_MARGIN, _UPRIGHT = 1.1, 1.25  # what is looked at: times the height of the image, of the width at least

# two views that touch, and between which the network sees no seam
_RECTANGLE = 0.9  # of the image that lies in columns as high as most: it is a rectangle
_VIEW = 800, 160  # columns at most, and about as many rows, in which a parting line is searched
_ACROSS = 3  # columns from one to the other of two that are compared
_LEAST_WIDE = 300  # columns; in a narrower one these are further apart than fine speckle goes on
_SKIPPED = 0.15  # of the depth: a probe's own echoes are the same in every image
_COARSE = 0.03  # of the depth, sigma: what is slower is gain or attenuation
_MIDDLE, _INNER, _NEAR = 0.03, (0.06, 0.42), (0.015, 0.0425)  # of the width, from its half; from a line
_UNLIKE = 0.35  # correlation of the textures on both sides of a line that parts two views
_BELOW_USUAL, _BELOW_NEAR = 0.1, 0.2  # that of nearly all of the image; that of every column near by


class Kind(IntEnum):
    """What kind of picture it is; the order is that of the network's answers."""

    B_MODE = 0
    COLOUR = 1
    SPECTRAL = 2
    M_MODE = 3
    NO_SIGNAL = 4
    MENU = 5


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture as the network reads it. Maps are (HIGH, WIDE), 0 to 1, over the stretched picture."""

    image: Map  # every B-mode view
    seam: Map  # between two views
    text: Map  # letters and marks over a view
    panel: Map  # spectral or M-mode trace
    kinds: NDArray[np.float32]  # (6,) chance of each `Kind`
    levels: NDArray[np.uint8]  # (3, HIGH, WIDE) what the network saw


class SectorNetwork(Protocol):
    """Runs the network: (1, 3, HIGH, WIDE) uint8 -> (1, 4 * HIGH * WIDE + 6), maps and then kinds."""

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...


class Looker:
    """Looks with one network. The last look is kept, as region and signal ask for the same one."""

    def __init__(self, network: SectorNetwork) -> None:
        self._network = network
        self._pixels: GrayImage | None = None
        self._look: Look | None = None

    def look(self, pixels: GrayImage, chroma: GrayImage | None) -> Look:
        """What the network says of a picture; `chroma` may be smaller."""
        if self._look is None or self._pixels is not pixels:
            self._look = self._closer(self._read(pixels, chroma), pixels, chroma)
            self._pixels = pixels
        return self._look

    def _read(self, pixels: GrayImage, chroma: GrayImage | None) -> Look:
        levels = planes(pixels, chroma)
        answer = self._network.run(levels[None])[0]
        image, seam, text, panel = answer[: -len(Kind)].reshape(-1, HIGH, WIDE)
        return Look(image, seam, text, panel, answer[-len(Kind) :], levels)

    def _closer(self, look: Look, pixels: GrayImage, chroma: GrayImage | None) -> Look:
        """A phone held upright is seen four times as wide: the rows around its image are looked at alone."""
        rows, (height, width) = np.flatnonzero((look.image > 0.5).mean(axis=1) > _SOME), pixels.shape
        high = max(_MARGIN * np.ptp(rows), _UPRIGHT * HIGH * width / height) if rows.size else HIGH
        if height < _TALL * width or high > _NEARLY * HIGH:
            return look
        top = round(min(max(0.0, (rows[0] + rows[-1] + 1 - high) / 2), HIGH - high))
        part, maps = slice(top, top + round(high)), np.zeros((4, HIGH, WIDE), np.float32)
        close, tint = _rows(pixels, part), None if chroma is None else _rows(chroma, part)
        if not close.size or (tint is not None and not tint.size):  # a strip of a few pixels
            return look
        near = self._read(close, tint)
        for at, seen in zip(maps, (near.image, near.seam, near.text, near.panel), strict=True):
            at[part] = cv2.resize(seen, (WIDE, round(high)), interpolation=cv2.INTER_AREA)
        image, seam, text, panel = maps
        return Look(image, seam, text, panel, look.kinds, look.levels)


def _rows(plane: GrayImage, part: slice) -> GrayImage:
    """Of a picture of any height what is in those rows of a map."""
    return plane[part.start * len(plane) // HIGH : part.stop * len(plane) // HIGH]


def planes(pixels: GrayImage, chroma: GrayImage | None) -> NDArray[np.uint8]:
    """(3, HIGH, WIDE): mean level, spread between neighbours, distance from gray of a stretched picture."""
    times = min(pixels.shape[0] // (2 * HIGH), pixels.shape[1] // (2 * WIDE))
    if times > 1:  # a mean of whole blocks first: that is several times faster
        height, width = (side // times * times for side in pixels.shape)
        size = (width // times, height // times)
        pixels = np.asarray(cv2.resize(pixels[:height, :width], size, interpolation=cv2.INTER_AREA), np.uint8)
    way = cv2.INTER_AREA if times else cv2.INTER_LINEAR
    double = np.asarray(cv2.resize(pixels, (2 * WIDE, 2 * HIGH), interpolation=way), np.uint8)
    black = _black(double)
    double = np.maximum(double, black) - black
    spread = cv2.morphologyEx(double, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    seen = np.zeros((3, HIGH, WIDE), np.uint8)
    for plane, source in zip(seen, (double, spread, chroma), strict=True):
        if source is not None:
            cv2.resize(source, (WIDE, HIGH), dst=plane, interpolation=cv2.INTER_AREA)
    return seen


def _black(picture: GrayImage) -> np.uint8:
    """The level that a scanner or a grabber draws for black: what is hardly ever darker is no echo."""
    counts = np.cumsum(cv2.calcHist([picture], [0], None, [256], [0, 256]).ravel()) / picture.size
    darkest = min(int(np.searchsorted(counts, BLACK_SHARE)), MOST_BLACK)
    usual = min(int(np.searchsorted(counts, SPECKS_SHARE)), NEARLY_BLACK)
    return np.uint8(max(darkest, usual))


def halved(image: Map, seam: Map, pixels: GrayImage) -> Map:
    """The seam, drawn where an upright line through the middle of a rectangle parts two pictures.

    Two views that touch are halves as a rule. Texture goes on across any line of one image, behind the edge
    of a shadow and where the gain changes too; where two images meet it does not.
    """
    inside = image > 0.5
    columns = inside.sum(0)
    high = np.flatnonzero(columns > 0.8 * max(1, columns.max()))
    if high.size < WIDE // 8:
        return seam
    left, right = int(high[0]), int(high[-1]) + 1
    rows = np.flatnonzero(inside[:, left:right].mean(1) > 0.5)
    if not rows.size or np.count_nonzero(inside[:, high]) < _RECTANGLE * np.count_nonzero(inside):
        return seam
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    down, across = pixels.shape[0] / HIGH, pixels.shape[1] / WIDE
    part = pixels[round(top * down) : round(bottom * down), round(left * across) : round(right * across)]
    at = _parted(part)
    if at is None:
        return seam
    middle = left + round(at * (right - left) - 0.5)
    seam = seam.copy()
    seam[top:bottom, middle - 1 : middle + 2] = 1.0
    return seam


def _parted(view: GrayImage) -> float | None:
    """Where, as a share of the width, an upright line in the middle of a rectangle parts two images."""
    step = max(1, round(view.shape[0] / _VIEW[1]))
    high, wide = view.shape[0] // step, min(view.shape[1], _VIEW[0])
    if wide < _LEAST_WIDE or high < _VIEW[1] // 2:
        return None
    fine = cv2.resize(view[: high * step], (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    size, sigma = (1, 2 * round(2.5 * _COARSE * high) + 1), _COARSE * high
    fine -= cv2.GaussianBlur(fine, size, 0.1, sigmaY=sigma)
    fine /= cv2.sqrt(cv2.GaussianBlur(cv2.multiply(fine, fine), size, 0.1, sigmaY=sigma) + 4)
    fine = fine[int(_SKIPPED * high) :]
    norm = np.sqrt(np.einsum("ij,ij->j", fine, fine)) + 0.1
    left, right = np.s_[..., :-_ACROSS], np.s_[..., _ACROSS:]
    alike = np.einsum("ij,ij->j", fine[left], fine[right]) / (norm[left] * norm[right])
    alike = np.maximum(alike[1:], alike[:-1])  # a line that is drawn is narrower than what parts two images
    place = (np.arange(len(alike)) + 1 + _ACROSS / 2) / wide
    off = np.abs(place - 0.5)
    middle = np.flatnonzero(off < _MIDDLE)
    at = int(middle[alike[middle].argmin()])
    away = np.abs(place - place[at])
    near = alike[(away > _NEAR[0]) & (away < _NEAR[1])].min()
    usual = np.percentile(alike[(off > _INNER[0]) & (off < _INNER[1])], 3)
    parted = alike[at] < min(_UNLIKE, usual - _BELOW_USUAL, near - _BELOW_NEAR)
    return float(place[at]) if parted else None
