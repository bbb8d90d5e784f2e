"""Where letters are burned into an image: a small network looks at it in three sizes, time makes sure.

Recall comes first: a name that stays is worse than tissue that is masked. Results are coarse, in cells of
`STEP` x `STEP` pixels over the whole picture.
"""

from collections import deque
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Mask

STEP = 4  # pixels of a cell
SURE, FAINT = 0.9, 0.5  # chance that begins a line of letters, and that goes on with it
SURE_IN_TIME = 0.7  # the same where it is the mean over many frames
SUSPECTED = 0.7  # of single cells: where nothing was masked, a person should look
HELD_FRAMES = 15  # that letters of a live picture stay masked after they were last seen
_FLOORS = (1, 2, 4)  # by how much the image is reduced: letters of 6 to 180 pixels
_MARGIN_PX = 32  # of the picture around the image: letters reach over its edge
_BAND_PX = 1 << 21  # that go through the network at once
_OVERLAP_PX = 96  # of bands, more than the network sees around a place
_LINE_SHARE = 0.45  # of its box that a line of letters fills
_EVEN = 2 * STEP  # sides that the network takes are multiples of it
_STILL_FRAMES = 8  # from which a mean of pictures is worth a look: speckle is gone from it, letters are not

Chances = NDArray[np.float32]
Cells = NDArray[np.bool_]


class TextNetwork(Protocol):
    """Runs the network: (1, h, w) uint8, sides multiples of 8 -> (1, h / 4, w / 4) chances of letters."""

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]: ...


class TextFinder:
    """Looks for letters with one network. One thread."""

    def __init__(self, network: TextNetwork) -> None:
        self._network = network

    def look(self, pixels: GrayImage, box: Box) -> Chances:
        """Chance of letters in each cell of the picture; 0 further than a margin from `box`."""
        height, width = pixels.shape
        chances = np.zeros((-(-height // STEP), -(-width // STEP)), np.float32)
        top, left = (max(0, start - _MARGIN_PX) // STEP for start in (box.y, box.x))
        bottom, right = min(height, box.bottom + _MARGIN_PX), min(width, box.right + _MARGIN_PX)
        part = np.ascontiguousarray(pixels[top * STEP : bottom, left * STEP : right])
        there = chances[top:, left:][: -(-part.shape[0] // STEP), : -(-part.shape[1] // STEP)]
        for floor in _FLOORS:
            size = (max(1, part.shape[1] // floor), max(1, part.shape[0] // floor))
            if floor > 1 and min(size) < 4 * _EVEN:
                break
            reduced = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
            found = cv2.resize(self._in_bands(reduced), there.shape[::-1], interpolation=cv2.INTER_LINEAR)
            np.maximum(there, found, out=there)
        return chances

    def letters(self, pixels: GrayImage, box: Box) -> Cells:
        """Cells of the picture that letters cover."""
        return covered(self.look(pixels, box))

    def _in_bands(self, part: GrayImage) -> Chances:
        height, width = part.shape
        found = np.zeros((-(-height // STEP), -(-width // STEP)), np.float32)
        rows = max(_EVEN, _BAND_PX // width // _EVEN * _EVEN)
        for start in range(0, height, rows):
            first = max(0, start - _OVERLAP_PX)
            band = part[first : start + rows + _OVERLAP_PX]
            down, across = (-extent % _EVEN for extent in band.shape)
            even = cv2.copyMakeBorder(band, 0, down, 0, across, cv2.BORDER_REPLICATE)
            chances = self._network.run(np.asarray(even, np.uint8)[None])[0]
            own = found[start // STEP : (start + rows) // STEP]
            skipped = (start - first) // STEP
            own[:] = chances[skipped : skipped + len(own), : found.shape[1]]
        return found


class TextInCine:
    """What is known of the letters of a cine loop once all of its frames were seen."""

    def __init__(self, finder: TextFinder) -> None:
        self._finder = finder
        self._frames = 0
        self._chances: Chances | None = None  # sum
        self._levels: NDArray[np.float32] | None = None  # sum
        self._box: Box | None = None  # around those of all frames

    def add(self, pixels: GrayImage, box: Box) -> Cells:
        """The letters of one frame. All frames have one size."""
        chances = self._finder.look(pixels, box)
        if self._chances is None or self._levels is None:
            self._chances, self._levels = np.zeros_like(chances), np.zeros(pixels.shape, np.float32)
        self._chances += chances
        cv2.accumulate(pixels, self._levels)
        known = self._box or box
        x, y = min(known.x, box.x), min(known.y, box.y)
        self._box = Box(x, y, max(known.right, box.right) - x, max(known.bottom, box.bottom) - y)
        self._frames += 1
        return covered(chances)

    def whole(self) -> tuple[Cells, Cells]:
        """Letters that are there all the time, and where there may be more than were found."""
        if self._chances is None or self._levels is None or self._box is None:
            raise ValueError("no frame was seen")
        mean = self._chances / np.float32(self._frames)
        cells = covered(mean, SURE_IN_TIME if self._frames > 1 else SURE)
        if self._frames >= _STILL_FRAMES:
            still = np.rint(self._levels / self._frames).astype(np.uint8)
            cells |= self._finder.letters(still, self._box)
        return cells, (mean > SUSPECTED) & ~cells


class HeldText:
    """The letters of a live picture: found anew in every frame, and held for some frames."""

    def __init__(self, finder: TextFinder) -> None:
        self._finder = finder
        self._held: deque[Cells] = deque(maxlen=HELD_FRAMES)

    def blank(self, kept: NDArray[np.uint8], pixels: GrayImage, box: Box) -> None:
        """Make `kept`, a copy of `pixels` or of its sector, black where letters are or were a moment ago."""
        cells = self._finder.letters(pixels, box)
        if self._held and self._held[0].shape != cells.shape:
            self._held.clear()
        self._held.append(cells)
        blank(kept, np.logical_or.reduce(list(self._held)))


def covered(chances: Chances, sure: float = SURE) -> Cells:
    """Cells that lines of letters cover: a box around each line, somewhat larger than it."""
    likely = (chances > FAINT).astype(np.uint8)
    cells = np.zeros(likely.shape, np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    certain = np.unique(labels[chances > sure])
    for number in certain[certain > 0]:
        x, y, wide, high, area = (int(value) for value in stats[number])
        pad = 1 + round(0.15 * min(high, wide))
        part = np.s_[max(0, y - pad) : y + high + pad, max(0, x - pad) : x + wide + pad]
        if area < _LINE_SHARE * wide * high:  # slanted, or no line at all: its box would cover much else
            reach = np.ones((2 * pad + 1, 2 * pad + 1), np.uint8)
            patch = (np.asarray(labels)[part] == number).astype(np.uint8)
            cells[part] |= np.asarray(cv2.dilate(patch, reach), np.uint8)
        else:
            cells[part] = 1
    return cells.view(np.bool_)


def blank(kept: NDArray[np.uint8], cells: Cells) -> None:
    """Make a picture (H, W) black where its cells say so."""
    kept[mask_of(cells, *kept.shape)] = 0


def mask_of(cells: Cells, height: int, width: int) -> Mask:
    """(height, width) True where the cells are."""
    return np.asarray(cells.repeat(STEP, 0).repeat(STEP, 1)[:height, :width])
