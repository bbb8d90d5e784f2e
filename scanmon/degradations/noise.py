"""Noise of the echoes themselves (speckle) and of the receiver behind them (electronic)."""

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
