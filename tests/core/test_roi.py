from dataclasses import replace
from math import erf, sqrt

import cv2
import numpy as np
import pytest
from scipy import ndimage, stats

from scanmon.cli.rois import roi_region, roi_shape
from scanmon.core.errors import SettingsError
from scanmon.core.roi import Rois, measured
from scanmon.core.values import Box, Region

LEFT, RIGHT = Region(Box(10, 20, 200, 300)), Region(Box(250, 20, 220, 310))


def _gaussians(first: float, second: float, sd: float) -> np.ndarray:
    """(360, 500) two halves of independent normal gray levels."""
    level = np.where(np.arange(500) < 230, first, second)
    noise = np.random.default_rng(1).normal(0, sd, (360, 500))
    return np.clip(np.rint(level + noise), 0, 255).astype(np.uint8)


def _speckle(down_px: float, across_px: float) -> np.ndarray:
    """(400, 400) envelope of fully developed speckle; the sigmas are those of the pulse."""
    rng = np.random.default_rng(2)
    field = rng.standard_normal((2, 400, 400))
    real, imaginary = (ndimage.gaussian_filter(part, (down_px, across_px), mode="wrap") for part in field)
    return np.hypot(real, imaginary)


def _shown(envelope: np.ndarray, dynamic_range_db: float) -> np.ndarray:
    decibels = 20 * np.log10(envelope / envelope.max())
    return np.clip(np.rint(255 * (1 + decibels / dynamic_range_db)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("distance", "sd"), [(10, 12), (30, 12), (60, 15), (0, 12)])
def test_cnr_and_gcnr_of_two_normal_regions_are_those_of_theory(distance: float, sd: float) -> None:
    found = measured(_gaussians(90, 90 + distance, sd), Rois(LEFT, RIGHT))
    assert found.cnr == pytest.approx(distance / (sqrt(2) * sd), abs=0.02)
    overlap = 1 - erf(distance / (2 * sqrt(2) * sd))
    assert found.gcnr == pytest.approx(1 - overlap, abs=0.03)
    assert found.contrast_db == pytest.approx(20 * np.log10(90 / (90 + distance)), abs=0.05)


def test_gcnr_is_one_less_the_probability_of_error_of_the_best_threshold() -> None:
    pixels = _gaussians(90, 115, 12)
    one, other = pixels[LEFT.box.rows, LEFT.box.columns], pixels[RIGHT.box.rows, RIGHT.box.columns]
    best = max(
        stats.percentileofscore(one.ravel(), t, "weak") / 100 - (other <= t).mean() for t in range(256)
    )
    assert measured(pixels, Rois(LEFT, RIGHT)).gcnr == pytest.approx(best, abs=0.02)


def test_a_law_that_keeps_the_order_of_gray_levels_leaves_gcnr_alone() -> None:
    pixels = _gaussians(60, 80, 8)
    stretched = (pixels.astype(np.uint16) * 2 + 3).clip(0, 255).astype(np.uint8)
    found = [measured(one, Rois(LEFT, RIGHT)) for one in (pixels, stretched)]
    assert found[0].gcnr == pytest.approx(found[1].gcnr)
    assert found[0].mean != pytest.approx(found[1].mean)


def test_fewer_bins_see_less_of_a_difference() -> None:
    pixels = _gaussians(90, 100, 12)
    gcnr = [measured(pixels, Rois(LEFT, RIGHT, bins=bins)).gcnr or 0.0 for bins in (256, 2)]
    assert gcnr[1] < gcnr[0]


def test_speckle_snr_of_the_amplitude_is_that_of_a_rayleigh_distribution() -> None:
    pixels = _shown(_speckle(1.0, 1.0), 80)
    found = measured(pixels, Rois(Region(Box(0, 0, 400, 400)), dynamic_range_db=80))
    assert found.snr == pytest.approx(stats.rayleigh.mean() / stats.rayleigh.std(), rel=0.02)  # 1.91
    assert found.clipped < 1e-3
    assert (
        measured(pixels, Rois(Region(Box(0, 0, 400, 400)))).snr or 0
    ) > 2.5  # compressed, it is another number


@pytest.mark.parametrize(("down", "across"), [(1.5, 3.0), (4.0, 2.0)])
def test_resolution_is_the_width_that_the_pulse_gives_speckle(down: float, across: float) -> None:
    found = measured(
        _shown(_speckle(down, across), 80), Rois(Region(Box(0, 0, 400, 400)), dynamic_range_db=80)
    )
    width = 2 * sqrt(2 * np.log(2))  # the autocovariance of the intensity has the sigma of the pulse
    assert found.axial_px == pytest.approx(width * down, rel=0.08)
    assert found.lateral_px == pytest.approx(width * across, rel=0.08)


def test_resolution_equals_that_of_products_lag_by_lag() -> None:
    pixels = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 256, (128, 128), np.uint8), (0, 0), 2.0)
    region = Region(Box(4, 4, 100, 90))
    values = pixels[4:94, 4:104] - pixels[4:94, 4:104].mean()
    course = np.array([(values[:, lag:] * values[:, : 100 - lag]).mean() for lag in range(50)]) / values.var()
    crossing = int(np.argmax(course < 0.5))
    half = np.interp(0.5, course[[crossing, crossing - 1]], [crossing, crossing - 1])
    assert measured(pixels, Rois(region)).lateral_px == pytest.approx(2 * half, rel=1e-9)


def test_a_circle_counts_its_own_pixels_alone() -> None:
    y, x = np.mgrid[0:200, 0:200] + 0.5
    inside = np.hypot(x - 100, y - 90) < 40
    pixels = np.where(inside, 30, 200).astype(np.uint8)
    circle = roi_region(roi_shape("100,90,39"), 200, 200)
    found = measured(pixels, Rois(circle, roi_region(roi_shape("5,140,60,50"), 200, 200)))
    assert found.pixels == pytest.approx((np.hypot(x - 100, y - 90) < 39).sum(), abs=8)  # 96 corners
    assert (found.mean, found.sd, found.background_mean, found.gcnr) == (30.0, 0.0, 200.0, 1.0)
    assert (found.snr, found.cnr, found.axial_px) == (None, None, None)  # nothing spreads


def test_one_level_has_no_spread_in_the_amplitude_either() -> None:
    pixels = np.full((160, 60), 37, np.uint8)
    pixels[:, 30:] = 101
    flat = Rois(Region(Box(0, 0, 5, 89)), Region(Box(31, 3, 3, 149)), dynamic_range_db=40.0)
    found = measured(pixels, flat)
    assert (found.sd, found.background_sd, found.snr, found.cnr) == (0.0, 0.0, None, None)


def test_the_share_of_black_and_white_is_told() -> None:
    pixels = np.full((50, 50), 100, np.uint8)
    pixels[:, 40:] = 255
    assert measured(pixels, Rois(Region(Box(0, 0, 50, 50)))).clipped == pytest.approx(0.2)
    worse = Rois(Region(Box(0, 0, 10, 10)), Region(Box(30, 0, 20, 20)))
    assert measured(pixels, worse).clipped == pytest.approx(0.5)


def test_a_region_outside_the_picture_or_of_a_few_pixels_is_refused() -> None:
    pixels = np.full((50, 60), 100, np.uint8)
    with pytest.raises(SettingsError, match="not inside the picture of 60x50"):
        measured(pixels, Rois(Region(Box(40, 0, 30, 30))))
    with pytest.raises(SettingsError, match="fewer than 25 pixels"):
        measured(pixels, Rois(Region(Box(0, 0, 4, 6))))
    with pytest.raises(SettingsError, match="reaches over the picture of 60x50"):
        roi_region(roi_shape("5,20,10"), 50, 60)
    mask = np.zeros((20, 20), np.bool_)
    with pytest.raises(SettingsError, match="fewer than 25"):
        measured(pixels, replace(Rois(Region(Box(0, 0, 20, 20), mask)), bins=8))


@pytest.mark.parametrize("text", ["1,2", "a,b,c", "1,2,-3", "1,2,nan", "1.5,2,3,4", "1,2,0", "nowhere.toml"])
def test_what_is_no_region_of_interest_is_refused_with_what_is_possible(text: str) -> None:
    with pytest.raises(SettingsError, match="X,Y,RADIUS for a circle"):
        roi_shape(text)
