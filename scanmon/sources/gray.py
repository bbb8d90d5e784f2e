"""One gray for every kind of source: full-range BT.601 luma, so that equal pictures get equal scores.

Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), as `cv2.COLOR_BGR2GRAY` computes it.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.values import GrayImage

COLOURED = 12  # chroma from which on a picture is shown in colour; codecs leave less in gray ones
_BAND = 1 << 20  # samples
_CUT = 0.01  # share of the samples beyond a running scale that is clipped


class Picture(NamedTuple):
    """What a `Frame` needs of a decoded picture; both arrays are read-only."""

    gray: GrayImage  # (H, W)
    chroma: NDArray[np.uint8] | None  # (about H/2, about W/2): max(|Cb-128|, |Cr-128|); None: a gray format
    colour: NDArray[np.uint8] | None = None  # (about H/2, about W/2, 2): Cr, Cb; None: nothing is coloured


def gray_picture(
    gray: NDArray[np.uint8], chroma: NDArray[np.uint8] | None = None, colour: NDArray[np.uint8] | None = None
) -> Picture:
    """Seal the arrays of a picture."""
    for array in (gray, chroma, colour):
        if array is not None:
            array.setflags(write=False)
    return Picture(gray, chroma, colour)


def as_picture(samples: NDArray[np.uint8], *, bgr: bool = False) -> Picture:
    """(H, W) gray or (H, W, 3) colours, with what more there is (alpha) left out; one it takes over."""
    if samples.ndim == 3 and samples.shape[2] >= 3:
        return from_color(np.ascontiguousarray(samples[:, :, :3]), bgr=bgr)
    return gray_picture(np.ascontiguousarray(samples if samples.ndim == 2 else samples[:, :, 0]))


def from_color(pixels: NDArray[np.uint8], *, bgr: bool) -> Picture:
    """(H, W, 3) 8-bit colour -> gray at full size, colourfulness at half size."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if bgr else cv2.COLOR_RGB2GRAY)
    half = np.ascontiguousarray(pixels[::2, ::2])
    _, cr, cb = cv2.split(cv2.cvtColor(half, cv2.COLOR_BGR2YCrCb if bgr else cv2.COLOR_RGB2YCrCb))
    chroma = colorfulness(_bytes(cb), _bytes(cr))
    return gray_picture(_bytes(gray), chroma, shown_colour(_bytes(cb), _bytes(cr), chroma))


def shown_colour(
    cb: NDArray[np.uint8], cr: NDArray[np.uint8], chroma: NDArray[np.uint8], *, limited: bool = False
) -> NDArray[np.uint8] | None:
    """Cr and Cb for the screen; None for a gray picture, which then costs nothing more than it did."""
    if chroma.max(initial=0) < COLOURED:
        return None
    both = cv2.merge((cr, cb))
    if limited:
        gain = 255.0 / 224.0
        both = cv2.convertScaleAbs(both, alpha=gain, beta=128.0 - 128.0 * gain)
    return _bytes(both)


def colorfulness(cb: NDArray[np.uint8], cr: NDArray[np.uint8], *, limited: bool = False) -> NDArray[np.uint8]:
    """max(|Cb - 128|, |Cr - 128|) of full-range chroma; `limited` chroma (16..240) is expanded."""
    gain = 255.0 / 224.0 if limited else 1.0
    distances = (cv2.convertScaleAbs(plane, alpha=gain, beta=-128.0 * gain) for plane in (cb, cr))
    return _bytes(cv2.max(*distances))


def to_8_bit(pixels: NDArray[Any], bits: int | None, where: object) -> NDArray[np.uint8]:
    """Any integer or floating samples -> 8 bit by their own range, never clipped.

    `bits` is the stated depth. Without it the depth in use counts: the smallest one, 8 bits or more, that
    holds the largest sample, so that 12-bit data in a 16-bit file keeps its contrast while a dark 8-bit
    picture stays dark. Negative samples move the whole picture up. Floating samples are 0..1 or 0..255.
    Raises `SourceError` for other types and for samples that are not finite.
    """
    if pixels.dtype == np.uint8 and bits in (None, 8):
        return pixels.astype(np.uint8, copy=True)
    if pixels.dtype.kind == "f":
        if not np.isfinite(pixels).all():
            raise SourceError("holds samples that are no number", where, "save it with finite gray levels")
        if pixels.min() < 0 or pixels.max() > 255:
            raise SourceError(
                "floating-point pixels outside 0..1 and 0..255", where, "save it as 8 or 16 bit"
            )
        full = 1.0 if pixels.max() <= 1.0 else 255.0
        return _scaled(pixels, 0, 255.0 / full)
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize > 2:
        raise SourceError(f"pixels of type {pixels.dtype} are not supported", where, "save it as 8 or 16 bit")
    low = min(0, int(pixels.min()))
    top = int(pixels.max()) - low
    depth = bits if bits is not None and top < 1 << bits else max(8, top.bit_length())
    return _scaled(pixels, low, 255.0 / ((1 << depth) - 1))


@dataclass(frozen=True, slots=True)
class GrayScale:
    """Samples from `low` (black) to `high` (white), clipped; `high` below `low` inverts."""

    low: float
    high: float

    def __call__(self, samples: NDArray[Any]) -> NDArray[np.uint8]:
        """(H, W) of any number type -> (H, W) uint8."""
        gain = 255.0 / (self.high - self.low)
        shown = np.rint((samples.astype(np.float32) - np.float32(self.low)) * np.float32(gain))
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class RunningScale:
    """Deep samples of a live source -> 8 bit on one scale: that of the first picture, widened only where more
    than 1 % of a later one lies beyond it, and never made narrower.
    """

    def __init__(self) -> None:
        self._low, self._depth = 0, 0

    def __call__(self, pixels: NDArray[Any], where: object) -> NDArray[np.uint8]:
        """As `to_8_bit`, which see for what is raised."""
        if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize != 2:
            return to_8_bit(pixels, None, where)
        high = self._low + (1 << self._depth) - 1
        if not self._depth or np.mean((pixels < self._low) | (pixels > high)) > _CUT:
            self._low = min(self._low, int(pixels.min()))
            self._depth = max(8, self._depth, (int(pixels.max()) - self._low).bit_length())
            high = self._low + (1 << self._depth) - 1
        return _scaled(
            np.clip(pixels.astype(np.int32), self._low, high), self._low, 255.0 / (high - self._low)
        )


def _scaled(pixels: NDArray[Any], low: int, gain: float) -> NDArray[np.uint8]:
    """A band of rows at a time: a picture of 67 megapixels as float64 would be 1.6 GB in colour."""
    shown = np.empty(pixels.shape, np.uint8)
    rows = max(1, _BAND // max(1, pixels[0].size))
    for start in range(0, len(pixels), rows):
        band = pixels[start : start + rows]
        values = band if band.dtype.kind == "f" else band.astype(np.int32) - low
        shown[start : start + rows] = np.rint(values * gain)
    return shown


def _bytes(array: object) -> NDArray[np.uint8]:
    """cv2 promises less of its results than we know of them."""
    return np.asarray(array).astype(np.uint8, copy=False)
