"""What the aperture does to a picture: aberration by fat and muscle before it, elements that are dead.

The point spread function is that of an array of point elements, two ways: power = |sum a exp(i phase)|^4
along the lateral direction, the far field of the aperture (Fraunhofer; Goodman, Introduction to Fourier
Optics, chapter 4). It is applied to echo power, so that bright echoes spread into dark tissue.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask, smooth_profile

_ELEMENTS = 64
_REACH = 20  # main lobes to either side of a point that are computed


def beam(weights: NDArray[np.complex128], lobe_px: float) -> Gray:
    """Lateral point spread (1, n) of power, sum 1, for complex element weights and a lobe of that width."""
    half = int(np.ceil(_REACH * lobe_px))
    offsets = np.arange(-half, half + 1) / (lobe_px * weights.size)
    phases = np.exp(-2j * np.pi * np.outer(offsets, np.arange(weights.size)))
    power = np.abs(phases @ weights) ** 4
    return np.asarray(power[None, :] / max(float(power.sum()), 1e-30), np.float32)


def _spread(gray: Gray, kernel: Gray) -> Gray:
    """Gray levels after convolution of the echo power with a kernel along the rows."""
    to_power = np.float32(np.log(10.0) / (10.0 * GRAY_PER_DB))
    power = cv2.filter2D(np.exp(gray * to_power), cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.log(np.maximum(power, 1e-6)) / to_power, np.float32)


def aberration(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """A phase screen before the aperture, 0.15 to 1.55 rad: a wider, lopsided beam with side lobes."""
    lobe_px = max(rng.uniform(0.004, 0.008) * field.height_px, 1.0)
    screen = smooth_profile(rng, _ELEMENTS, int(rng.integers(6, 16))).astype(np.float64)
    screen = (screen - screen.mean()) / max(float(screen.std()), 1e-6)
    window = np.hanning(_ELEMENTS + 2)[1:-1]
    kernel = beam(window * np.exp(1j * (0.15 + 1.4 * level) * screen), lobe_px)
    return _spread(gray, kernel), np.ones_like(gray)


def lost_elements(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """6 to 70 % of the elements dead, in groups: side lobes, less sensitivity, streaks in the near field."""
    lobe_px = max(rng.uniform(0.004, 0.007) * field.height_px, 1.0)
    order = np.argsort(smooth_profile(rng, _ELEMENTS, 24) + 0.3 * rng.random(_ELEMENTS), kind="stable")
    dead = round(_ELEMENTS * (0.06 + 0.64 * level))
    alive = np.ones(_ELEMENTS)
    alive[order[:dead]] = 0.0
    weights = (alive * np.hanning(_ELEMENTS + 2)[1:-1]).astype(np.complex128)
    blurred = _spread(gray, beam(weights, lobe_px))
    streaks = np.interp(field.lateral.ravel() * (_ELEMENTS - 1), np.arange(_ELEMENTS), 1.0 - alive)
    near = np.exp(-field.depth / np.float32(0.15)) * streaks[None, :]
    lost_db = -10.0 * np.log10(1.0 - dead / _ELEMENTS) + 15.0 * near
    return np.asarray(blurred - lost_db * GRAY_PER_DB, np.float32), np.ones_like(gray)
