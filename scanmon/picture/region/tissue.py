"""A picture made small, with what the search asks of each place: is it textured, is it text.

Letters close up to thin lines there, and the cost of looking does not depend on the size of the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from scanmon.core.values import GrayImage
from scanmon.picture.region.morphology import closed, means, opened, peaks, ranges, shrunk

LONG_SIDE_PX = 400  # of the reduced picture
LETTER_LEVELS = 30  # a larger step between neighbours in a row is sharp
LETTER_SHARE = 0.11  # of sharp steps in a window that is text
GROUND_SHARE = 0.15  # of flat steps in the same window; text has more, echoes that look like it mostly less
_LETTER_WINDOW = (7, 5)
_RAMP_PX = 10  # length over which tissue is never one level across


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A picture made smaller by a whole factor, with the places where it is not flat."""

    image: GrayImage  # (h, w)
    textured: GrayImage  # (h, w), 1 where neighbours differ
    plain: GrayImage  # (h, w), 1 where there are no letters
    dense: GrayImage  # (h, w), 1 where there is no flat ground between strokes: then they are echoes
    step: int  # frame pixels per pixel
    tolerance: int  # levels; what differs by no more is the same
    clean: bool  # flat means exactly flat: a digital picture without noise
    brightest: GrayImage  # (h, w) the largest level of the pixels that one reduced pixel covers
    alive: GrayImage | None = None  # (h, w), 1 where it has changed since earlier looks


def step_of(pixels: GrayImage) -> int:
    """Pixels that become one when a screen of this size is reduced."""
    return max(1, round(float(max(pixels.shape)) / LONG_SIDE_PX))


def reduce(pixels: GrayImage, step: int) -> Reduced:
    """The reduced picture; what counts as flat follows the noise of the transmission."""
    height, width = pixels.shape
    even = pixels[: height // step * step, : width // step * step]
    small = shrunk(even, height // step, width // step) if step > 1 else pixels
    brightest = peaks(even, step) if step > 1 else small
    spread, top_spread = ranges(small), ranges(brightest)
    quietest = _tenth(spread)
    clean = _tenth(top_spread) == 0
    tolerance = 1 if quietest == 0 else min(7, quietest + 2)
    textured = (spread > tolerance).view(np.uint8)
    if clean:  # faint speckle in the depth is lost in a mean, but not in a maximum
        textured |= (top_spread > 1).view(np.uint8)
    plain, dense = _plain(even, small.shape, 1 if clean else max(1, tolerance - 1))
    return Reduced(small, textured, plain, dense, step, tolerance, clean, brightest)


def with_motion(reduced: Reduced, moved: GrayImage | None) -> Reduced:
    """The same, where what has changed since earlier looks (h, w) is tissue: however dark, never text."""
    if moved is None:
        return reduced
    alive = opened(moved, 3)  # a cursor or a digit is thinner
    if reduced.clean:  # what lies between faint echoes that come and go is image as well
        alive = opened(closed(alive, 13), 7)
    return replace(reduced, textured=reduced.textured | alive, plain=reduced.plain | alive, alive=alive)


def without_ramps(reduced: Reduced) -> Reduced:
    """The same, where gray wedges and colour bars are no tissue: every row, or every column, is one level."""
    ramps = np.zeros_like(reduced.textured)
    for along, block in (((3, 1), (2, _RAMP_PX)), ((1, 3), (_RAMP_PX, 2))):
        spread = cv2.morphologyEx(reduced.image, cv2.MORPH_GRADIENT, np.ones(along[::-1], np.uint8))
        even = (np.asarray(spread) <= reduced.tolerance).view(np.uint8) & reduced.textured
        ramps |= np.asarray(cv2.morphologyEx(even, cv2.MORPH_OPEN, np.ones(block[::-1], np.uint8)), np.uint8)
    if reduced.clean and reduced.alive is not None:  # a wedge stands still; faint echoes are even too
        ramps &= 1 - reduced.alive
    if not ramps.any():
        return reduced
    keep = 1 - np.asarray(cv2.dilate(ramps, np.ones((5, 5), np.uint8)), np.uint8)
    if reduced.clean and reduced.alive is not None:
        keep |= reduced.alive
    return replace(reduced, textured=reduced.textured & keep, plain=reduced.plain & keep)


def _plain(pixels: GrayImage, size: tuple[int, ...], flat_levels: int) -> tuple[GrayImage, GrayImage]:
    """1 where there is no text: strokes jump from one pixel to the next, which an echo seldom does sideways.

    (Lateral resolution is the coarse one: sharp edges in an image lie across the beam, not along it. Where
    beams run sideways, at the flanks of a wide sector, they may.) And 1 where nothing is flat in between.
    """
    height, width = size
    step = pixels.shape[0] // height
    # some rows tell as much as all; whole factors, for which shrinking is several times faster
    rows = pixels[:: 1 if step == 1 else 2 if step % 2 == 0 else step]
    sharp = np.zeros(rows.shape, np.uint8)
    jumps = cv2.absdiff(rows[:, 1:], rows[:, :-1])
    cv2.threshold(jumps, LETTER_LEVELS, 255, cv2.THRESH_BINARY, dst=sharp[:, 1:])
    flat = np.zeros(rows.shape, np.uint8)
    cv2.threshold(jumps, flat_levels, 255, cv2.THRESH_BINARY_INV, dst=flat[:, 1:])
    strokes, ground = (means(shrunk(plane, height, width), _LETTER_WINDOW) for plane in (sharp, flat))
    return (strokes < LETTER_SHARE * 255).view(np.uint8), (ground < GROUND_SHARE * 255).view(np.uint8)


def _tenth(levels: GrayImage) -> int:
    """The level that a tenth of the pixels do not exceed."""
    counts = cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel()
    return int(np.searchsorted(np.cumsum(counts), 0.1 * levels.size))
