"""Measures in one or two regions of interest of a picture, with their formulae.

All but gCNR are of the gray levels as they are shown, or, where the dynamic range of the display is given, of
the amplitude of the envelope: 0..255 then stands for so many decibels, and 255 is amplitude 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, GrayImage, Mask, Region

BINS: Final = 256  # of the histograms of gCNR over 0..255: one a gray level
MIN_PIXELS: Final = 25  # in fewer, no spread is worth a word

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rois:
    """What is measured: a region, and perhaps another one to hold it against."""

    roi: Region
    background: Region | None = None
    dynamic_range_db: float | None = None  # of the display; None: gray levels as they are
    bins: int = BINS


@dataclass(frozen=True, slots=True)
class RoiMeasures:
    """Of one picture. What has no value, as contrast without a background, is None."""

    box: Box
    pixels: int
    mean: float
    sd: float
    snr: float | None  # mean / sd, of speckle: 1.91 in the amplitude where it is fully developed
    axial_px: float | None  # full width at half maximum of the autocovariance, downwards
    lateral_px: float | None  # the same across
    clipped: float  # share of pixels that are 0 or 255, in the worse of both regions
    background_box: Box | None = None
    background_mean: float | None = None
    background_sd: float | None = None
    contrast_db: float | None = None  # 20 log10 (mean / background mean)
    cnr: float | None = None  # |mean - background mean| / sqrt(sd^2 + background sd^2)
    gcnr: float | None = None  # 1 - overlap of both histograms, 0..1


MEASURES: Final = tuple(field.name for field in fields(RoiMeasures) if "box" not in field.name)


def measured(pixels: GrayImage, rois: Rois) -> RoiMeasures:
    """`pixels` (H, W). Raises `SettingsError` for a region outside the picture, or of too few pixels.

    Speckle SNR: Burckhardt 1978. Autocovariance: Wagner et al. 1983. CNR and gCNR: Rodriguez-Molares et al.,
    IEEE TUFFC 67 (2020) 745.
    """
    gray, mask = _inside(pixels, rois.roi)
    values = _amplitude(gray, rois.dynamic_range_db)
    inside = values[mask]
    mean, sd = float(inside.mean()), float(inside.std())
    deviation = np.where(mask, values - mean, 0.0)
    contrast_db = cnr = gcnr = background_mean = background_sd = None
    clipped = _clipped(gray[mask])
    if rois.background is not None:
        other_gray, other_mask = _inside(pixels, rois.background)
        outside = _amplitude(other_gray, rois.dynamic_range_db)[other_mask]
        background_mean, background_sd = float(outside.mean()), float(outside.std())
        clipped = max(clipped, _clipped(other_gray[other_mask]))
        if mean > 0 and background_mean > 0:
            contrast_db = float(20 * np.log10(mean / background_mean))
        spread = float(np.hypot(sd, background_sd))
        cnr = abs(mean - background_mean) / spread if spread > 0 else None
        gcnr = _gcnr(gray[mask], other_gray[other_mask], rois.bins)
    return RoiMeasures(
        box=rois.roi.box,
        pixels=len(inside),
        mean=mean,
        sd=sd,
        snr=mean / sd if sd > 0 else None,
        axial_px=_width(deviation, mask),
        lateral_px=_width(deviation.T, mask.T),
        clipped=clipped,
        background_box=None if rois.background is None else rois.background.box,
        background_mean=background_mean,
        background_sd=background_sd,
        contrast_db=contrast_db,
        cnr=cnr,
        gcnr=gcnr,
    )


def _inside(pixels: GrayImage, region: Region) -> tuple[GrayImage, Mask]:
    box, (height, width) = region.box, pixels.shape
    if not box.within(height, width):
        raise SettingsError(f"the region is not inside the picture of {width}x{height}", box.text)
    mask = np.ones((box.height, box.width), np.bool_) if region.mask is None else region.mask
    if np.count_nonzero(mask) < MIN_PIXELS:
        raise SettingsError(f"a region of fewer than {MIN_PIXELS} pixels", box.text, "make it larger")
    return pixels[box.rows, box.columns], mask


def _amplitude(gray: GrayImage, dynamic_range_db: float | None) -> Floats:
    """(h, w): gray levels, or the envelope that they were compressed from, 1 at 255."""
    if dynamic_range_db is None:
        return gray.astype(np.float64)
    table: Floats = 10.0 ** ((np.arange(256) / 255.0 - 1.0) * dynamic_range_db / 20.0)
    return table[gray]


def _clipped(gray: GrayImage) -> float:
    return float(np.mean((gray == 0) | (gray == 255)))


def _gcnr(one: GrayImage, other: GrayImage, bins: int) -> float:
    """Of gray levels: an order-preserving law, as that of the display, does not change it."""
    shares = [np.histogram(gray, bins, (0, 256))[0] / len(gray) for gray in (one, other)]
    return 1.0 - float(np.minimum(*shares).sum())


def _width(deviation: Floats, mask: Mask) -> float | None:
    """Width at half maximum of the autocovariance along the first axis, in pixels.

    Of each lag all pairs of pixels that both lie inside count. None where it stays above half as far as half
    the region reaches, or where the region is of one level.
    """
    before, variance = 1.0, float(np.square(deviation).sum() / np.count_nonzero(mask))
    if variance <= 0:
        return None
    for lag in range(1, len(mask) // 2 + 1):
        pairs = np.count_nonzero(mask[lag:] & mask[:-lag])
        if not pairs:
            return None
        now = float((deviation[lag:] * deviation[:-lag]).sum()) / pairs / variance
        if now < 0.5:
            return 2 * (lag - 1 + (before - 0.5) / (before - now))
        before = now
    return None
