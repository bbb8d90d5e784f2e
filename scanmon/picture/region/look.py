"""What the sector network sees of a picture, and what it says of it; who runs it is not known here."""

from __future__ import annotations

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
            levels = planes(pixels, chroma)
            answer = self._network.run(levels[None])[0]
            image, seam, text, panel = answer[: -len(Kind)].reshape(-1, HIGH, WIDE)
            self._look = Look(image, seam, text, panel, answer[-len(Kind) :], levels)
            self._pixels = pixels
        return self._look


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
