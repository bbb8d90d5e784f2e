"""Loss of resolution: a beam out of focus, movement, few scan lines, a picture scaled down on its way."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.gain import GRAY_PER_DB
from scanmon.degradations.geometry import Changed, Field, Gray, Mask, Rng, smooth_profile

_ELEMENTS = 64
_REACH = 20  # main lobes to either side of a point that are computed


def lateral_blur(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Defocus: the beam widens with the distance from a focal depth.

    The beam is taken as horizontal, which is exact for a linear probe and an approximation for a sector.
    """
    focus = rng.uniform(0.1, 0.9)
    floor = rng.uniform(0.35, 0.6)
    widening = floor + (1.0 - floor) * np.abs(field.depth - focus) / max(focus, 1.0 - focus)
    widest_px = 0.022 * field.height_px * (0.12 + 0.88 * level**1.5)
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    stack = [gray] + [cv2.GaussianBlur(gray, (0, 0), max(widest_px * s, 0.2), sigmaY=0.25) for s in steps[1:]]
    position = np.clip(widening, 0.0, 1.0) * (len(steps) - 1)
    blurred = sum(
        np.clip(1.0 - np.abs(position - index), 0.0, 1.0) * layer for index, layer in enumerate(stack)
    )
    weight = np.broadcast_to(widening, gray.shape)
    return np.asarray(blurred, np.float32), np.asarray(weight, np.float32)


def scaling_blur(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """A capture chain that halves and doubles the picture: shrunk by 1.5 to 6, and enlarged again."""
    interpolation = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
    factor = 1.0 + 0.0085 * field.height_px * (0.1 + 0.9 * level)
    height, width = gray.shape
    small = (max(round(width / factor), 2), max(round(height / factor), 2))
    shrunk = cv2.resize(gray, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height), interpolation=interpolation)), np.ones_like(gray)


def motion(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """A frame averaged while something moves: seven moments along a path of up to 3.5 % of the height."""
    angle, fade = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.6, 1.0)
    path = field.height_px * (0.004 + 0.031 * level**1.4)
    weights = fade ** np.arange(7)
    total = np.zeros_like(gray)
    for weight, part in zip(weights / weights.sum(), np.linspace(0.0, 1.0, 7), strict=True):
        moved = np.array(
            [[1, 0, path * part * np.cos(angle)], [0, 1, path * part * np.sin(angle)]], np.float32
        )
        total += weight * cv2.warpAffine(gray, moved, gray.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return total, np.ones_like(gray)


def low_line_density(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Too few scan lines, a line every 0.6 to 6 % of the width, with straight interpolation between them."""
    pitch = max(field.width_px * (0.006 + 0.054 * level), 1.5)
    width = gray.shape[1]
    lines = rng.random() * pitch + pitch * np.arange(-1.0, width / pitch + 2.0)
    line = np.searchsorted(lines, np.arange(width), side="right") - 1
    share = ((np.arange(width) - lines[line]) / pitch).astype(np.float32)
    low, high = (np.clip(np.rint(lines[line + step]), 0, width - 1).astype(int) for step in (0, 1))
    return np.asarray(gray[:, low] * (1.0 - share) + gray[:, high] * share, np.float32), np.ones_like(gray)


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


def aberration(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """A phase screen before the aperture, 0.15 to 1.55 rad: a wider, lopsided beam with side lobes."""
    lobe_px = max(rng.uniform(0.004, 0.008) * field.height_px, 1.0)
    screen = smooth_profile(rng, _ELEMENTS, int(rng.integers(6, 16))).astype(np.float64)
    screen = (screen - screen.mean()) / max(float(screen.std()), 1e-6)
    window = np.hanning(_ELEMENTS + 2)[1:-1]
    kernel = beam(window * np.exp(1j * (0.15 + 1.4 * level) * screen), lobe_px)
    return _spread(gray, kernel), np.ones_like(gray)


def lost_elements(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
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
