"""Marks that faults leave in a picture and tissue never does: a second picture, woven lines, blocks.

Speckle does not repeat, no tissue moves every other line, and none knows the blocks of a codec. So these are
measured from the picture alone, of any organ and scanner, where a network would have to guess.
"""

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage, Mask, View

Plane = NDArray[np.float32]

_HEIGHT_PX, _WIDTH_PX = 224, 672  # at most, of the picture in which copies are sought: more shows no more
_FINE_PX, _AROUND_PX = 3, 13  # what is finer than this is speckle; its strength is evened out over that
_LEAST, _FARTHEST, _DEEPEST = 0.04, 0.4, 0.25  # shift of a second picture, shares of width and of height
_LEAST_PX = 14  # and of any picture: nearer than that speckle is like itself, the more the wider it is
_NARROWEST = 0.3  # width over height, below which there is hardly a place beside another
_MIDDLE_PX = 6  # beside the axis of a mirrored one
_PARTS, _OVERLAYS = 8, 0.2  # the picture in so many parts a side; the share of them that overlays may repeat
_TRIED, _STANDS_OUT = 3, 6.0  # strongest shifts that are looked at, where they are so many deviations high
_LINES, _FARTHEST_LAG = 32, 0.04  # lines that are compared with their neighbours; share of the width
_ALIKE = 0.1  # correlation of a line with its neighbours, below which they have no place
_BLOCK_PX, _APART = 8, 8  # of JPEG and video codecs; every eighth line says enough of them
_STEP_MOST, _WEAK_STEP = 12, 0.5  # gray levels up to which a step counts; in the mean of a picture with any

_NO_COPY, _NO_LAG_PX, _NO_BLOCKS = 0.04, 0.35, 0.1  # pictures without a fault stay below, if not coded before
_OF_COPY, _BEND = 1.1, 0.75  # severities below follow the PSNR of such faults in training pictures
_OF_LAG, _LAG_PX = 0.25, 6.0
_OF_BLOCKS = 0.2
_NEAR = np.ones((7, 7), np.uint8)  # of the edge of the sector, where texture is the edge's


class Marks(NamedTuple):
    """Severities 0..1 by kind."""

    clutter: float  # a second picture over the first
    capture: float  # lines of another moment, blocks of a codec


def marks(view: View) -> Marks:
    """Of a view: copies at the working scale, lines and blocks at the scale they were captured in."""
    captured = view.image if view.captured is None else view.captured
    copy = max(doubled(view.image, view.mask) - _NO_COPY, 0.0)
    lag = 1.0 - math.exp(-max(lag_px(captured) - _NO_LAG_PX, 0.0) / _LAG_PX)
    steps = max(blocks(captured) - _NO_BLOCKS, 0.0)
    capture = 1.0 - (1.0 - _OF_LAG * lag) * (1.0 - _OF_BLOCKS * steps / (1.0 + steps))
    return Marks(min(_OF_COPY * copy**_BEND, 1.0), capture)


def doubled(image: GrayImage, mask: Mask | None) -> float:
    """Correlation 0..1 of the fine texture with a copy of itself, shifted or mirrored downwards.

    The whitened autocorrelation names the shifts. Each is then looked at part by part: what overlays, wires
    and fibres repeat is in few parts, a second picture in all of them. It is there once: what comes again at
    twice the shift is a grid, or panels.
    """
    texture = _texture(image, mask)
    height, width = texture.shape
    if width < _NARROWEST * height:
        return 0.0
    sides = cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width)
    spectrum = _spectrum(texture, sides)
    power = cv2.mulSpectrums(spectrum, spectrum, 0, conjB=True)
    # imaginary parts, which are 0, stand beside the real ones
    white = spectrum / (2.0 * cv2.blur(power, (31, 15)) + (1e-3 * float(power.mean()) + 1e-9))
    down, across = int(_DEEPEST * height), int(_FARTHEST * width)
    least = max(int(_LEAST * width), _LEAST_PX)
    # straight below are echoes of echoes
    shifted = _likeness(white, spectrum)
    shifted = np.concatenate((shifted[-down:, least:across], shifted[: down + 1, least:across]))
    shares = []
    for place in _peaks(shifted):
        at, column = place[0] - down, place[1] + least
        shared = _shared(texture, texture, at, column)
        if shared > _NO_COPY:
            around = product((-1, 0, 1), repeat=2)  # shifts are whole pixels, and so off by half of one
            shared -= max(_shared(texture, texture, 2 * at + y, 2 * column + x) for y, x in around)
        shares.append(shared)
    turned = texture[::-1]
    for place in _peaks(_likeness(white, _spectrum(turned, sides))):
        at, column = (to - side * (to > side // 2) for to, side in zip(place, sides, strict=True))
        if abs(column) <= across:
            shares.append(_shared(texture, turned, at, column, mirrored=True))
    return max(shares, default=0.0)


def lag_px(captured: GrayImage) -> float:
    """How far odd lines lie beside even ones: 0 but in a moving picture that is woven of two fields.

    Each line is compared with the mean of its neighbours, so that slanted tissue has none; fine lines that
    run two pixels aside with each have a small one.
    """
    height, width = captured.shape
    reach = int(_FARTHEST_LAG * width)
    if height < 3 or reach < 1:
        return 0.0
    lines = np.unique(np.linspace(1, height - 2, 2 * _LINES).astype(int))
    own = _high(captured[lines])
    beside = _high(cv2.addWeighted(captured[lines - 1], 0.5, captured[lines + 1], 0.5, 0.0, dtype=cv2.CV_32F))
    strength = cv2.norm(own) * cv2.norm(beside)
    even = lines % 2 == 0  # their neighbours are the odd ones
    own[even], beside[even] = beside[even], own[even]
    sides = len(lines), cv2.getOptimalDFTSize(width)
    likeness = _likeness(_spectrum(own, sides, lines=True), _spectrum(beside, sides, lines=True), lines=True)
    near = np.concatenate((likeness[-reach:], likeness[: reach + 1]))
    at = int(near.argmax())
    if not 0 < at < 2 * reach or near[at] <= _ALIKE * strength:
        return 0.0
    before, peak, after = (float(value) for value in near[at - 1 : at + 2])
    return abs(at - reach + 0.5 * (before - after) / min(before - 2 * peak + after, -1e-9))


def blocks(captured: GrayImage) -> float:
    """By what share steps between blocks of 8 x 8 exceed the largest of those within, in both directions."""
    least = math.inf
    for picture in (captured, captured.T):
        lines = picture[::_APART].astype(np.int16)
        steps = np.minimum(np.abs(np.diff(lines, axis=1)), _STEP_MOST).sum(0)
        whole = len(steps) // _BLOCK_PX * _BLOCK_PX
        within, edge = np.sort(steps[:whole].reshape(-1, _BLOCK_PX).sum(0))[-2:]
        weak = _WEAK_STEP * len(lines) * whole / _BLOCK_PX  # flat pictures have no steps to compare with
        least = min(least, float(edge / max(within, weak, 1.0) - 1.0))
    return max(least, 0.0)


def _texture(image: GrayImage, mask: Mask | None) -> Plane:
    """What is finer than `_FINE_PX`, of even strength; 0 outside the mask and at its edge."""
    height, width = image.shape
    scale = min(_HEIGHT_PX / height, _WIDTH_PX / width)
    size = (max(1, int(width * scale)), max(1, round(height * scale)))
    if scale == 0.5:
        image = image[:, : width // 2 * 2]  # halves of whole pixels are much faster
    if scale < 1.0:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    inside = np.ones(image.shape, np.uint8)
    if mask is not None:
        inside = mask.view(np.uint8)
        if scale < 1.0:
            inside = np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    soft = cv2.blur(cv2.blur(image, (_FINE_PX, _FINE_PX)), (_FINE_PX, _FINE_PX))
    fine = cv2.subtract(image, soft, dtype=cv2.CV_32F)
    strength = cv2.sqrt(cv2.sqrBoxFilter(fine, cv2.CV_32F, (_AROUND_PX, _AROUND_PX)) + 4.0)
    texture = np.clip(fine / strength, -3.0, 3.0)
    kept = cv2.erode(inside, _NEAR, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(np.float32)
    texture *= kept
    # what is the same along a whole line, as where lines were dropped, is no copy
    texture -= kept * (texture.sum(1, keepdims=True) / np.maximum(kept.sum(1, keepdims=True), 1.0))
    return np.asarray(texture, np.float32)


def _spectrum(plane: Plane, sides: tuple[int, int], *, lines: bool = False) -> Plane:
    """Of a plane, 0 beyond it up to those sides, or of each of its lines: packed, as OpenCV has it."""
    filled = np.zeros(sides, np.float32)
    filled[: plane.shape[0], : plane.shape[1]] = plane
    return np.asarray(cv2.dft(filled, flags=cv2.DFT_ROWS if lines else 0), np.float32)


def _likeness(first: Plane, second: Plane, *, lines: bool = False) -> Plane:
    """Correlation of two spectra at every shift; of `lines` the sum of theirs."""
    cross = cv2.mulSpectrums(first, second, cv2.DFT_ROWS if lines else 0, conjB=True)
    if lines:
        cross = cross.sum(0, keepdims=True)
    found = np.asarray(cv2.idft(cross, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT), np.float32)
    return found[0] if lines else found


def _high(lines: NDArray[np.generic]) -> Plane:
    rows = np.asarray(lines, np.float32)
    return np.asarray(rows - cv2.blur(rows, (25, 1)), np.float32)


def _peaks(plane: NDArray[np.floating]) -> Iterator[tuple[int, int]]:
    """Places of the highest values that stand out; the plane is changed."""
    least = _STANDS_OUT * float(plane.std()) if plane.size else math.inf
    for _ in range(_TRIED if plane.size else 0):
        row, column = (int(at) for at in np.unravel_index(int(plane.argmax()), plane.shape))
        if plane[row, column] <= least:
            return
        plane[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = 0.0
        yield row, column


def _shared(first: Plane, second: Plane, down: int, right: int, *, mirrored: bool = False) -> float:
    """Correlation of two textures where the second is moved, without the parts that have most in common.

    Of mirrored ones both halves say the same, and the middle is its own image.
    """
    height, width = first.shape
    first = first[max(down, 0) : height + min(down, 0) : 2, max(right, 0) : width + min(right, 0)]
    second = second[max(-down, 0) : height + min(-down, 0) : 2, max(-right, 0) : width + min(-right, 0)]
    if mirrored:
        half = max((len(first) - _MIDDLE_PX) // 2, 0)
        first, second = first[:half], second[:half]
    if min(first.shape) < 4 * _PARTS:
        return 0.0
    size = (_PARTS, _PARTS)
    rows, columns = (side // _PARTS * _PARTS for side in first.shape)  # whole parts are added up much faster
    first, second = first[:rows, :columns], second[:rows, :columns]
    common = cv2.resize(first * second, size, interpolation=cv2.INTER_AREA)
    energy = cv2.resize(0.5 * (first * first + second * second), size, interpolation=cv2.INTER_AREA)
    filled = energy > 0.25
    if filled.sum() < 12:
        return 0.0
    shares = np.sort(common[filled] / energy[filled])
    return max(0.0, float(shares[: int(len(shares) * (1.0 - _OVERLAYS))].mean()))
