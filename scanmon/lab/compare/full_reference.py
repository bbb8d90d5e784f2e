"""A picture with its reference, by measures of pixels: PSNR, SSIM and MS-SSIM."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage, Mask

_SSIM_SIGMA = 1.5
_SSIM_WINDOW = 11
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # weights of Wang et al. 2003, full size first
MS_SSIM_SIDE_PX = _SSIM_WINDOW * 2 ** (len(_SCALES) - 1)  # one whole window at the smallest scale

Floats = NDArray[np.float64]


def psnr(clean: GrayImage, other: GrayImage, inside: Mask | None = None) -> float | None:
    """Peak signal to noise ratio in dB, peak 255, inside a mask (None: all); None where nothing differs."""
    error = clean.astype(np.float64) - other
    mean_square = float(np.mean(np.square(error if inside is None else error[inside])))
    return 10.0 * float(np.log10(255.0**2 / mean_square)) if mean_square > 0 else None


def ssim(clean: GrayImage, other: GrayImage) -> float | None:
    """Mean structural similarity (Wang et al. 2004): Gaussian window 11 px, sigma 1.5, whole windows.

    None for a picture with a side below 11 px, which has none.
    """
    if min(clean.shape) < _SSIM_WINDOW:
        return None
    light, structure = _similarity(clean.astype(np.float64), other.astype(np.float64))
    return float(np.mean(light * structure))


def ms_ssim(clean: GrayImage, other: GrayImage) -> float | None:
    """Multi-scale SSIM (Wang et al. 2003), five scales, each half of the one before by means of 2 x 2 pixels.

    A negative term of contrast and structure counts as 0, as in the usual implementations; an odd last row
    or column is left out when halving. None for a picture with a side below 176 px, which lacks the scales.
    """
    if min(clean.shape) < MS_SSIM_SIDE_PX:
        return None
    a, b = clean.astype(np.float64), other.astype(np.float64)
    product = 1.0
    for number, weight in enumerate(_SCALES, start=1):
        light, structure = _similarity(a, b)
        term = np.mean(structure if number < len(_SCALES) else light * structure)
        product *= max(0.0, float(term)) ** weight
        a, b = _halved(a), _halved(b)
    return product


def _similarity(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Luminance, and contrast with structure, of every whole window."""
    mean_a, mean_b = _smooth(a), _smooth(b)
    variance_a, variance_b = _smooth(a * a) - mean_a**2, _smooth(b * b) - mean_b**2
    covariance = _smooth(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    return light, (2 * covariance + _C2) / (variance_a + variance_b + _C2)


def _smooth(values: Floats) -> Floats:
    rim = _SSIM_WINDOW // 2
    full = cv2.GaussianBlur(values, (_SSIM_WINDOW, _SSIM_WINDOW), _SSIM_SIGMA)
    return np.asarray(full[rim:-rim, rim:-rim])


def _halved(values: Floats) -> Floats:
    height, width = (size // 2 * 2 for size in values.shape)
    even = values[:height, :width]
    return np.asarray((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4)
