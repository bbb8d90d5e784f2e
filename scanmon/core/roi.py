"""Measures in one or two regions of interest of a picture, with their formulae.

All but gCNR are of the gray levels as they are shown, or, where the dynamic range of the display is given, of
the amplitude of the envelope: 0..255 then stands for so many decibels, and 255 is amplitude 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, GrayImage, Mask, Region, RoiMeasures

BINS: Final = 256  # of the histograms of gCNR over 0..255: one a gray level
MIN_PIXELS: Final = 25  # in fewer, no spread is worth a word
MOST_PX: Final = 100  # how far an autocovariance is followed: speckle is smaller

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]  # (256,) pixels of each gray level


@dataclass(frozen=True, slots=True)
class Rois:
    """What is measured: a region, and perhaps another one to hold it against."""

    roi: Region
    background: Region | None = None
    dynamic_range_db: float | None = None  # of the display; None: gray levels as they are
    bins: int = BINS


RoisIn = Callable[[int, int], Rois]  # in a picture of (height, width); raises `SettingsError`


MEASURES: Final = tuple(field.name for field in fields(RoiMeasures) if "box" not in field.name)


def measured(pixels: GrayImage, rois: Rois) -> RoiMeasures:
    """`pixels` (H, W). Raises `SettingsError` for a region outside the picture, or of too few pixels.

    Speckle SNR: Burckhardt 1978. Autocovariance: Wagner et al. 1983. CNR and gCNR: Rodriguez-Molares et al.,
    IEEE TUFFC 67 (2020) 745.
    """
    levels = _levels(rois.dynamic_range_db)
    gray, mask = _inside(pixels, rois.roi)
    counts = np.bincount(gray[mask], minlength=256)
    mean, sd = _moments(counts, levels)
    clipped = _clipped(counts)
    background_mean = background_sd = contrast_db = cnr = gcnr = None
    if rois.background is not None:
        other, other_mask = _inside(pixels, rois.background)
        other_counts = np.bincount(other[other_mask], minlength=256)
        background_mean, background_sd = _moments(other_counts, levels)
        clipped = max(clipped, _clipped(other_counts))
        if mean > 0 and background_mean > 0:
            contrast_db = float(20 * np.log10(mean / background_mean))
        spread = float(np.hypot(sd, background_sd))
        cnr = abs(mean - background_mean) / spread if spread > 0 else None
        gcnr = gcnr_of(counts, other_counts, rois.bins)
    deviation = np.where(mask, levels[gray] - mean, 0.0)
    return RoiMeasures(
        box=rois.roi.box,
        pixels=int(counts.sum()),
        mean=mean,
        sd=sd,
        snr=mean / sd if sd > 0 else None,
        axial_px=_width(deviation.T, mask.T, sd),
        lateral_px=_width(deviation, mask, sd),
        clipped=clipped,
        background_box=None if rois.background is None else rois.background.box,
        background_mean=background_mean,
        background_sd=background_sd,
        contrast_db=contrast_db,
        cnr=cnr,
        gcnr=gcnr,
    )


def _levels(dynamic_range_db: float | None) -> Floats:
    """(256,) what each gray level stands for: itself, or the envelope that it was compressed from."""
    gray: Floats = np.arange(256, dtype=np.float64)
    return gray if dynamic_range_db is None else 10.0 ** ((gray / 255.0 - 1.0) * dynamic_range_db / 20.0)


def _inside(pixels: GrayImage, region: Region) -> tuple[GrayImage, Mask]:
    box, (height, width) = region.box, pixels.shape
    if not box.within(height, width):
        raise SettingsError(f"the region is not inside the picture of {width}x{height}", box.text)
    mask = np.ones((box.height, box.width), np.bool_) if region.mask is None else region.mask
    if np.count_nonzero(mask) < MIN_PIXELS:
        raise SettingsError(f"a region of fewer than {MIN_PIXELS} pixels", box.text, "make it larger")
    return pixels[box.rows, box.columns], mask


def centres_inside(points: tuple[tuple[float, float], ...], box: Box) -> Mask:
    """The pixels of a box whose centres lie inside a closed line, by the even-odd rule."""
    xs, ys = (np.asarray(points) - (box.x, box.y)).T
    next_xs, next_ys = np.roll(xs, -1), np.roll(ys, -1)
    rows = np.arange(box.height) + 0.5
    edge, row = np.nonzero((ys[:, None] <= rows) != (next_ys[:, None] <= rows))
    share = (rows[row] - ys[edge]) / (next_ys - ys)[edge]
    column = np.ceil(xs[edge] + share * (next_xs - xs)[edge] - 0.5).clip(0, box.width).astype(np.intp)
    crossings = np.zeros((box.height, box.width + 1), np.uint8)
    np.add.at(crossings, (row, column), 1)
    return np.asarray(np.cumsum(crossings[:, :-1], axis=1) % 2 == 1)


def _moments(counts: Counts, levels: Floats) -> tuple[float, float]:
    """Mean and standard deviation of a histogram; of one level exactly that level and 0."""
    shares = counts / counts.sum()
    mean = float(shares @ levels)
    return mean, float(np.sqrt(shares @ (levels - mean) ** 2))


def _clipped(counts: Counts) -> float:
    return float((counts[0] + counts[255]) / counts.sum())


def gcnr_of(one: Counts, other: Counts, bins: int) -> float:
    """Of gray levels: an order-preserving law, as that of the display, does not change it."""
    place = np.arange(256) * bins // 256
    shares = [np.bincount(place, counts, bins) / counts.sum() for counts in (one, other)]
    return 1.0 - float(np.minimum(*shares).sum())


def _width(deviation: Floats, mask: Mask, sd: float) -> float | None:
    """Width at half maximum of the autocovariance along the rows, in pixels.

    Of each lag all pairs of pixels that both lie inside count. None where it stays above half as far as half
    the region or `MOST_PX` reaches, or where the region is of one level.
    """
    most = min(mask.shape[1] // 2, MOST_PX)
    if sd <= 0 or not most:
        return None
    pairs = (
        np.rint(_products(mask, most))
        if not mask.all()
        else mask.shape[0] * (mask.shape[1] - np.arange(most + 1))
    )
    course = _products(deviation, most) / np.maximum(pairs, 1) / sd**2
    below = np.flatnonzero((course < 0.5) & (pairs > 0))
    if not len(below) or (pairs[: below[0]] == 0).any():
        return None
    lag = int(below[0])
    return float(2 * (lag - 1 + (course[lag - 1] - 0.5) / (course[lag - 1] - course[lag])))


def _products(lines: Floats | Mask, most: int) -> Floats:
    """(most + 1,) sums over all lines of the products of places 0, 1, ... `most` apart."""
    length = -(-(lines.shape[1] + most) // 32) * 32  # zeros behind each line: nothing wraps around
    spectrum = np.fft.rfft(lines, length, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
    return np.asarray(np.fft.irfft(power, length)[: most + 1])
