"""Noise of the echoes themselves (speckle), of the receiver behind them, and from the mains."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import add_power, power_of_db
from scanmon.degradations.geometry import Field, Gray, Mask, grain, speckle_power


def speckle_noise(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Multiplicative noise: an added term in the logarithm, so it acts where there are echoes."""
    size = rng.uniform(0.0, 0.004) * field.height_px
    pattern = grain(rng, gray.shape, 0.6 * size, size)
    echoes = np.clip(gray / 48.0, 0.0, 1.0)
    return np.asarray(gray + 44.0 * (0.05 + 0.95 * level) * pattern * echoes, np.float32), echoes


def electronic_noise(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Thermal noise of the receiver, lifted with depth by the time gain: it fills dark, deep tissue first."""
    growth_db = rng.uniform(10.0, 26.0)
    fine_px = rng.uniform(0.0, 0.0025) * field.height_px
    pattern = speckle_power(rng, gray.shape, fine_px, 1.5 * fine_px)
    deepest_db = -53.0 + 32.0 * level
    lift = np.exp(np.float32(np.log(10.0) / 10.0 * growth_db) * (field.depth - 1.0))
    noisy = add_power(gray, pattern * lift * power_of_db(deepest_db))
    return noisy, np.asarray(np.broadcast_to(lift ** np.float32(0.5), gray.shape), np.float32)


def mains_interference(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Electrical interference: dashes along the scan lines, a step on from line to line, more with depth."""
    period = rng.uniform(0.02, 0.12)  # of the depth
    slope = rng.uniform(-3.0, 3.0)
    lines = int(rng.integers(24, 120))
    growth_db, sharp = rng.uniform(4.0, 20.0), rng.uniform(2.0, 12.0)
    line = np.floor(field.lateral * lines)
    fade = rng.random(lines + 1).astype(np.float32)[line.astype(int)] ** 2
    wave = 0.5 + 0.5 * np.cos(2.0 * np.pi * (field.depth / period + slope * line / lines * 8.0))
    lift = np.exp(np.float32(np.log(10.0) / 10.0 * growth_db) * (field.depth - 1.0))
    weight = np.asarray(wave**sharp * (0.3 + 0.7 * fade) * lift, np.float32)
    return add_power(gray, weight * power_of_db(-52.0 + 36.0 * level)), np.sqrt(weight)
