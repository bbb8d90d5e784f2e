"""CompareController a picture with its reference: PSNR, SSIM and TinyUSFM-uLPIPS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage, Mask

SIDE_PX = 224  # uLPIPS squeezes both pictures to this square, whatever their shape; published
RADIUS = 3  # tokens on each side of a neighbourhood; published
TEMPERATURE = 20.0  # of the softmax over a neighbourhood; published
_SSIM_SIGMA = 1.5
_SSIM_WINDOW = 11
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Floats = NDArray[np.float64]


def psnr(clean: GrayImage, other: GrayImage, inside: Mask | None = None) -> float | None:
    """Peak signal to noise ratio in dB, peak 255, inside a mask (None: all); None where nothing differs."""
    error = clean.astype(np.float64) - other
    mean_square = float(np.mean(np.square(error if inside is None else error[inside])))
    return 10.0 * float(np.log10(255.0**2 / mean_square)) if mean_square > 0 else None


def ssim(clean: GrayImage, other: GrayImage) -> float:
    """Mean structural similarity (Wang et al. 2004): Gaussian window 11 px, sigma 1.5, whole windows."""
    a, b = clean.astype(np.float64), other.astype(np.float64)
    mean_a, mean_b = _smooth(a), _smooth(b)
    variance_a, variance_b = _smooth(a * a) - mean_a**2, _smooth(b * b) - mean_b**2
    covariance = _smooth(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    structure = (2 * covariance + _C2) / (variance_a + variance_b + _C2)
    return float(np.mean(light * structure))


def _smooth(values: Floats) -> Floats:
    rim = _SSIM_WINDOW // 2
    full = cv2.GaussianBlur(values, (_SSIM_WINDOW, _SSIM_WINDOW), _SSIM_SIGMA)
    if min(values.shape) < _SSIM_WINDOW:
        return np.asarray(full)
    return np.asarray(full[rim:-rim, rim:-rim])


def ulpips_input(image: GrayImage, side_px: int = SIDE_PX) -> NDArray[np.float32]:
    """The picture as uLPIPS sees it: gray 0..255, squeezed to a square by area averaging in float."""
    shares = image.astype(np.float32) / np.float32(255.0)
    small = cv2.resize(shares, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(small * np.float32(255.0), np.float32)


@dataclass(frozen=True, slots=True)
class LayerDistance:
    """What one layer adds to uLPIPS."""

    structure: float
    gram: float


def ulpips_terms(
    reference: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]
) -> list[LayerDistance]:
    """Distances of the tokens (1 + side * side, width), class token first, of each layer."""
    return [_layer(_unit(a[1:]), _unit(b[1:])) for a, b in zip(reference, other, strict=True)]


def ulpips(reference: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> float:
    """TinyUSFM-uLPIPS: mean over layers of structure and Gram distance; 0 for the same picture."""
    terms = ulpips_terms(reference, other)
    return sum(term.structure + term.gram for term in terms) / len(terms)


def _unit(tokens: NDArray[np.float32]) -> Floats:
    wide = tokens.astype(np.float64)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12))


def _layer(a: Floats, b: Floats) -> LayerDistance:
    """The published formula, with every similarity computed once for all neighbourhoods."""
    count, width = a.shape
    side = round(count**0.5)
    similar_a, similar_b = TEMPERATURE * (a @ a.T), TEMPERATURE * (b @ b.T)
    grid = np.arange(count).reshape(side, side)
    total = 0.0
    for row in range(side):
        for column in range(side):
            near = grid[
                max(0, row - RADIUS) : row + RADIUS + 1, max(0, column - RADIUS) : column + RADIUS + 1
            ].ravel()
            table = np.ix_(near, near)
            total += float(np.mean(np.abs(_softmax(similar_a[table]) - _softmax(similar_b[table]))))
    gram = np.mean(np.abs(a.T @ a - b.T @ b)) / (count * width)
    return LayerDistance(total / count, float(gram))


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
