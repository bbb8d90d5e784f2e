"""Wrong gain of the whole picture, in decibels and as a factor."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask


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


def gain_factor(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Gray levels multiplied by 0.88 down to 0.08: what a display or a grabber does. Nothing is drawn."""
    return np.asarray(gray * np.float32(0.88 - 0.8 * level), np.float32), np.ones_like(gray)


def overexposure(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Gray levels multiplied by 1.12 up to 2.12 and cut off at white. Nothing is drawn."""
    return np.asarray(gray * np.float32(1.12 + level), np.float32), np.ones_like(gray)
