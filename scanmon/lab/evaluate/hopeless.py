"""Pictures that nobody can diagnose anything from, and that must never be called adequate.

They are made at the working height, so that no scaling softens them: what a metric sees is what stands here.
The grain pictures are the hard ones, for they have the texture of speckle and no tissue behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Region
from scanmon.lab.evaluate.plan import Picture

DEGENERATE = "degenerate"
_NATIVE_PX = 480  # height where the bundle works at native scale
_BARS = (191, 169, 134, 112, 79, 58, 22)  # BT.601 luma of colour bars at 75 %
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))

Floats: TypeAlias = NDArray[np.float64]
Make: TypeAlias = Callable[[np.random.Generator, int, int], GrayImage]  # (generator, height, width)


def _flat(level: int) -> Make:
    return lambda _, height, width: np.full((height, width), level, np.uint8)


def _uniform(low: int, high: int) -> Make:
    return lambda rng, height, width: rng.integers(low, high, (height, width), np.uint8)


def _salt_and_pepper(rng: np.random.Generator, height: int, width: int) -> GrayImage:
    return (rng.integers(0, 2, (height, width)) * 255).astype(np.uint8)


def _grain(down_px: float, across_px: float, spread: float) -> Make:
    """Normal noise with a correlation length, around mid gray."""

    def make(rng: np.random.Generator, height: int, width: int) -> GrayImage:
        field = _smooth(rng.standard_normal((height, width)), down_px, across_px)
        return _gray(110.0 + spread * field)

    return make


def _speckle(rng: np.random.Generator, height: int, width: int) -> GrayImage:
    """Fully developed speckle, log-compressed over 50 dB: what a phantom without anything in it gives."""
    real, imaginary = (_smooth(rng.standard_normal((height, width)), 1.2, 2.5) for _ in range(2))
    level_db = 10.0 * np.log10(real**2 + imaginary**2 + 1e-9)
    return _gray(255.0 * (level_db + 30.0) / 50.0)


def _static(rng: np.random.Generator, height: int, width: int) -> GrayImage:
    """A receiver without a station: noise that is wider than high, its lines of unequal brightness."""
    field = _smooth(rng.standard_normal((height, width)), 0.0, 1.5)
    lines = np.repeat(rng.normal(0.0, 25.0, (height + 1) // 2), 2)[:height, None]
    return _gray(120.0 + lines + 60.0 * field)


def _text(ink: int, paper: int) -> Make:
    """A page of words: a worklist, a report or a menu on the whole screen."""

    def make(rng: np.random.Generator, height: int, width: int) -> GrayImage:
        page = np.full((height, width), paper, np.uint8)
        for baseline in range(18, height - 4, 17):
            words = ("".join(rng.choice(_LETTERS, rng.integers(2, 10))) for _ in range(rng.integers(3, 14)))
            cv2.putText(
                page, " ".join(words), (10, baseline), cv2.FONT_HERSHEY_SIMPLEX, 0.42, ink, 1, cv2.LINE_AA
            )
        return page

    return make


def _colour_bars(_: np.random.Generator, height: int, width: int) -> GrayImage:
    """The test picture of a grabber without a signal."""
    bar = np.minimum(np.arange(width) * len(_BARS) // width, len(_BARS) - 1)
    return np.tile(np.asarray(_BARS, np.uint8)[bar], (height, 1))


def _ramp(axis: int) -> Make:
    def make(_: np.random.Generator, height: int, width: int) -> GrayImage:
        steps = np.linspace(0.0, 255.0, (height, width)[axis])
        return _gray(np.broadcast_to(steps[:, None] if axis == 0 else steps, (height, width)))

    return make


def _smooth(field: Floats, down_px: float, across_px: float) -> Floats:
    """Correlated along both axes, mean 0 and deviation 1."""
    smooth = np.asarray(cv2.GaussianBlur(field, (0, 0), sigmaX=across_px or 0.01, sigmaY=down_px or 0.01))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), np.float64)


def _gray(values: Floats) -> GrayImage:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


HOPELESS: dict[str, Make] = {
    "black": _flat(0),
    "gray": _flat(128),
    "white": _flat(255),
    "noise": _uniform(0, 256),
    "faint_noise": _uniform(0, 24),
    "salt_and_pepper": _salt_and_pepper,
    "static": _static,
    "fine_grain": _grain(0.8, 0.8, 40.0),
    "grain": _grain(1.5, 2.5, 40.0),
    "coarse_grain": _grain(4.0, 6.0, 40.0),
    "faint_grain": _grain(1.5, 2.5, 12.0),
    "speckle": _speckle,
    "text_page": _text(20, 235),
    "dark_text_page": _text(200, 12),
    "colour_bars": _colour_bars,
    "gradient_across": _ramp(1),
    "gradient_down": _ramp(0),
}


def hopeless_pictures(height_px: int = 0, seed: int = 2026) -> Iterator[Picture]:
    """The pictures of `HOPELESS`, always the same: 4:3, `height_px` high (0: 480), all of it the region."""
    height = height_px or _NATIVE_PX
    width = round(height * 4 / 3)
    whole = Region(Box(0, 0, width, height), kind="full", origin="full")
    for name, make in HOPELESS.items():
        pixels = make(np.random.default_rng(seed), height, width)
        yield Picture(f"{DEGENERATE}/{name}", DEGENERATE, pixels, whole)
