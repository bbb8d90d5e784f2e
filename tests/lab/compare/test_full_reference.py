import numpy as np
import pytest

from scanmon.lab.compare.full_reference import psnr, ssim, ulpips, ulpips_input
from tests.doubles.oracle import speckled


def _tokens(seed: int, side: int = 14, width: int = 12) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((1 + side * side, width)).astype(np.float32) for _ in range(2)]


def test_psnr_is_that_of_the_mean_square_error() -> None:
    clean = np.full((20, 20), 100, np.uint8)
    assert psnr(clean, clean + np.uint8(10)) == pytest.approx(10 * np.log10(255**2 / 100))
    assert psnr(clean, clean) is None


def test_psnr_looks_inside_the_mask_alone() -> None:
    clean = speckled()
    other = clean.copy()
    inside = np.zeros(clean.shape, np.bool_)
    inside[:60] = True
    other[60:] = 0
    assert psnr(clean, other, inside) is None


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


def test_ulpips_is_symmetric_and_zero_for_the_same_tokens() -> None:
    one, other = _tokens(0), _tokens(1)
    assert ulpips(one, one) == 0.0
    assert ulpips(one, other) == pytest.approx(ulpips(other, one), abs=1e-15)
    assert 0 < ulpips(one, other) < 0.1


def test_ulpips_input_is_squeezed_to_the_published_square() -> None:
    small = ulpips_input(np.full((100, 333), 51, np.uint8))
    assert small.shape == (224, 224)
    np.testing.assert_allclose(small, 51, atol=1e-4)
