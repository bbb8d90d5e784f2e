import numpy as np
import pytest
from scipy.ndimage import correlate1d

from scanmon.lab.compare.full_reference import ms_ssim, psnr, ssim
from tests.doubles.oracle import speckled


def test_psnr_is_that_of_the_mean_square_error() -> None:
    clean = np.full((20, 20), 100, np.uint8)
    assert psnr(clean, clean + np.uint8(10)) == pytest.approx(10 * np.log10(255**2 / 100))
    assert psnr(clean, clean) is None


def test_psnr_looks_inside_the_mask_alone() -> None:
    clean, inside = speckled(), np.zeros((120, 160), np.bool_)
    inside[:60] = True
    outside_black = np.where(inside, clean, 0).astype(np.uint8)
    assert psnr(clean, outside_black, inside) is None
    darker = np.where(inside, np.maximum(clean, 10) - 10, 0).astype(np.uint8)
    error = (clean[inside].astype(float) - darker[inside]) ** 2
    assert psnr(clean, darker, inside) == pytest.approx(10 * np.log10(255**2 / error.mean()))


def test_ssim_is_one_for_the_same_picture_and_falls_with_noise() -> None:
    clean = speckled()
    rng = np.random.default_rng(0)
    noisy = [
        np.clip(clean + s * rng.standard_normal(clean.shape), 0, 255).astype(np.uint8) for s in (5, 20, 60)
    ]
    values = [ssim(clean, clean), *(ssim(clean, other) for other in noisy)]
    assert values[0] == pytest.approx(1.0)
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.6


def test_ssim_agrees_with_scikit_image_where_that_is_installed() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    clean, other = speckled(0), speckled(1)
    expected = metrics.structural_similarity(
        clean, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert ssim(clean, other) == pytest.approx(expected, abs=1e-6)


def _plain_ms_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """From the paper, by SciPy: Gaussian windows that lie inside the picture, five scales."""
    place = np.arange(-5, 6)
    window = np.exp(-(place**2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values: np.ndarray) -> np.ndarray:
        both = correlate1d(correlate1d(values, window, axis=0), window, axis=1)
        return both[5:-5, 5:-5]

    product, c1, c2 = 1.0, 2.55**2, 7.65**2
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        mu_a, mu_b = mean(a), mean(b)
        structure = (2 * (mean(a * b) - mu_a * mu_b) + c2) / (
            mean(a * a) - mu_a**2 + mean(b * b) - mu_b**2 + c2
        )
        light = (2 * mu_a * mu_b + c1) / (mu_a**2 + mu_b**2 + c1)
        product *= max(0.0, float(np.mean(structure * light if scale == 4 else structure))) ** weight
        rows, columns = a.shape[0] // 2, a.shape[1] // 2
        a, b = (x[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3)) for x in (a, b))
    return product


def test_ms_ssim_agrees_with_the_formula_written_anew() -> None:
    rng = np.random.default_rng(4)
    clean = np.kron(rng.integers(30, 220, (25, 31)), np.ones((8, 9))).astype(np.uint8)
    noisy = np.clip(clean + 25 * rng.standard_normal(clean.shape), 0, 255).astype(np.uint8)
    expected = _plain_ms_ssim(clean.astype(float), noisy.astype(float))
    assert ms_ssim(clean, noisy) == pytest.approx(expected, abs=1e-9)
    assert 0.3 < expected < 0.99
    assert ms_ssim(clean, clean) == pytest.approx(1.0)


def test_ssim_has_no_value_for_a_picture_without_a_whole_window() -> None:
    small = np.zeros((10, 400), np.uint8)
    assert ssim(small, small) is None
    assert ssim(np.zeros((11, 11), np.uint8), np.zeros((11, 11), np.uint8)) == pytest.approx(1.0)


def test_ms_ssim_has_no_value_for_a_picture_without_five_scales() -> None:
    small = np.zeros((175, 400), np.uint8)
    assert ms_ssim(small, small) is None
    assert ms_ssim(np.zeros((176, 176), np.uint8), np.zeros((176, 176), np.uint8)) == pytest.approx(1.0)
