"""Pictures that every build is checked on: seeded B-mode-like phantoms.

They need no data and no licence. What matters is that they spread from clean to bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage
from scanmon.scoring.windows import grid, pad, windows

TISSUES = 6
_WINDOWS_PER_PICTURE = 8  # of a user's picture; more would say no more


def phantoms(side: int) -> list[GrayImage]:
    """Clean and degraded pictures of `side` x 1.5 `side` pixels, four of each tissue, always the same."""
    return with_faults([_tissue(np.random.default_rng(seed), side) for seed in range(TISSUES)])


def with_faults(pictures: Sequence[GrayImage]) -> list[GrayImage]:
    """Each picture and three degraded copies of it: clean ones alone have no range from clean to worst."""
    found: list[GrayImage] = []
    for number, clean in enumerate(pictures):
        found += [clean, *_degraded(clean, np.random.default_rng(100 + number))]
    return found


def windows_of(
    pictures: Iterable[GrayImage], patch: int, stride: int, limit: int = _WINDOWS_PER_PICTURE
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Windows (n, patch, patch), at most `limit` of each picture, and the picture that each is from (n,)."""
    parts: list[NDArray[np.uint8]] = []
    numbers: list[NDArray[np.intp]] = []
    for number, picture in enumerate(pictures):
        cells = grid(*picture.shape, patch, stride)
        chosen = np.unique(np.linspace(0, len(cells) - 1, min(limit, len(cells))).astype(np.intp))
        parts.append(windows(pad(picture, cells), cells, chosen))
        numbers.append(np.full(len(chosen), number, dtype=np.intp))
    return np.concatenate(parts), np.concatenate(numbers)


def _tissue(rng: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """Layers and cysts under log-compressed speckle that fades with depth."""
    height, width = side, side * 3 // 2
    y, x = np.mgrid[:height, :width] / side
    reflect = 1.0 + 0.6 * np.sin(2 * np.pi * (rng.uniform(2, 6) * y + 0.2 * np.sin(rng.uniform(2, 6) * x)))
    for _ in range(rng.integers(1, 4)):
        centre_y, centre_x, radius = rng.uniform(0.2, 0.8), rng.uniform(0.2, 1.3), rng.uniform(0.05, 0.2)
        reflect[(y - centre_y) ** 2 + (x - centre_x) ** 2 < radius**2] *= 0.03
    waves = rng.normal(size=(2, height, width))
    grain = rng.uniform(1.0, 2.5)
    speckle = np.hypot(*(cv2.GaussianBlur(wave, (0, 0), 1.6 * grain, sigmaY=0.7 * grain) for wave in waves))
    decibel = 20 * np.log10(speckle / speckle.mean() * np.sqrt(reflect + 0.02) + 1e-4) - 12 * y
    return _gray((decibel + 45) / 60)


def _degraded(clean: GrayImage, rng: np.random.Generator) -> Sequence[NDArray[np.uint8]]:
    """Blurred, noisy, and with a shadow and low gain."""
    light = clean / 255.0
    shadow = np.ones(clean.shape[1])
    start = int(rng.integers(0, clean.shape[1] // 2))
    shadow[start : start + clean.shape[1] // 3] = 0.15
    return (
        _gray(np.asarray(cv2.GaussianBlur(light, (0, 0), 4.0), dtype=np.float64)),
        _gray(light + rng.normal(0, 0.12, clean.shape)),
        _gray(0.7 * light * cv2.GaussianBlur(shadow[None], (0, 0), 6.0)),
    )


def _gray(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(light * 255, 0, 255).astype(np.uint8)
