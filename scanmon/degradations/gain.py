"""Wrong gain: too low, too high, and wrong at one depth."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask, bump


def gain_low(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Receive gain 5 to 22 dB too low: weak echoes drop below black."""
    loss_db = 22.0 * level * rng.uniform(0.85, 1.0)
    return np.asarray(gray - loss_db * GRAY_PER_DB, np.float32), np.ones_like(gray)


def gain_high(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Receive gain 4 to 20 dB too high: strong echoes saturate; what was black stays nearly black."""
    excess_db = 20.0 * level * rng.uniform(0.85, 1.0)
    floor = rng.uniform(0.1, 0.3)
    weight = floor + (1.0 - floor) * np.clip(gray / 40.0, 0.0, 1.0)
    return np.asarray(gray + excess_db * GRAY_PER_DB * weight, np.float32), np.asarray(weight, np.float32)


def tgc_band(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """One or two time-gain sliders off by up to 20 dB: bands across the picture at fixed depths."""
    shift = np.zeros_like(field.depth)
    bands = int(rng.integers(1, 3))
    for _ in range(bands):
        centre, half = rng.uniform(0.15, 0.85), rng.uniform(0.05, 0.14)
        sign = 1.0 if rng.random() < 0.5 else -1.0
        shift = shift + sign * bump(field.depth - centre, half, rng.uniform(0.02, 0.08))
    shift = np.clip(shift, -1.0, 1.0)
    strength = 20.0 * level * GRAY_PER_DB
    echoes = np.where(shift > 0, 0.25 + 0.75 * np.clip(gray / 40.0, 0.0, 1.0), 1.0)
    weight = np.broadcast_to(np.abs(shift), gray.shape)
    return np.asarray(gray + strength * shift * echoes, np.float32), np.asarray(weight, np.float32)
