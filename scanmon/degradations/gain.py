"""Wrong gain: of the whole picture or over depth, in decibels of the display and as a factor."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.geometry import Changed, Field, Gray, Mask, Rng, bump, place_of_light

DYNAMIC_RANGE_DB = 60.0
GRAY_PER_DB = 255.0 / DYNAMIC_RANGE_DB


def gain_low(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Receive gain 5 to 22 dB too low: weak echoes drop below black."""
    loss_db = 22.0 * level * rng.uniform(0.85, 1.0)
    return np.asarray(gray - loss_db * GRAY_PER_DB, np.float32), np.ones_like(gray)


def gain_high(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Receive gain 4 to 20 dB too high: strong echoes saturate; what was black stays nearly black."""
    excess_db = 20.0 * level * rng.uniform(0.85, 1.0)
    floor = rng.uniform(0.1, 0.3)
    weight = floor + (1.0 - floor) * np.clip(gray / 40.0, 0.0, 1.0)
    return np.asarray(gray + excess_db * GRAY_PER_DB * weight, np.float32), np.asarray(weight, np.float32)


def gain_factor(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Gray levels multiplied by 0.88 down to 0.08: what a display or a grabber does. Nothing is drawn."""
    return np.asarray(gray * np.float32(0.88 - 0.8 * level), np.float32), np.ones_like(gray)


def overexposure(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Gray levels multiplied by 1.12 up to 2.12 and cut off at white. Nothing is drawn."""
    return np.asarray(gray * np.float32(1.12 + level), np.float32), np.ones_like(gray)


def tgc_band(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
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


def depth_fade(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Gray levels multiplied down by 24 to 95 % at some depths: the deep end, the near field, or a band.

    The place is a share of the picture's light, so that the fade never falls where there was none.
    """
    kind, share = rng.random(), rng.uniform(0.15, 0.65)
    ramp, half = rng.uniform(0.05, 0.4), rng.uniform(0.05, 0.16)
    at = field.depth.ravel()[place_of_light(gray, mask, 1, share)]
    if kind < 0.5:
        profile = np.clip((field.depth - at) / ramp, 0.0, 1.0)
    elif kind < 0.7:
        profile = np.clip((at - field.depth) / ramp + 0.5, 0.0, 1.0)
    else:
        profile = bump(field.depth - at, half, 0.5 * half)
    smooth = profile * profile * (3.0 - 2.0 * profile)
    weight = np.asarray(np.broadcast_to(smooth, gray.shape), np.float32)
    return np.asarray(gray * (1.0 - 0.95 * level * weight), np.float32), weight


def attenuation(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Tissue that takes more than the time gain gives back: 14 to 44 dB less at the deepest."""
    start, power = rng.uniform(0.0, 0.25), rng.uniform(0.8, 1.5)
    weight = np.clip((field.depth - start) / (1.0 - start), 0.0, 1.0) ** power
    weight = np.asarray(np.broadcast_to(weight, gray.shape), np.float32)
    return np.asarray(gray - (4.0 + 40.0 * level) * GRAY_PER_DB * weight, np.float32), weight


def add_power(gray: Gray, power: Gray) -> Gray:
    """Gray (H, W) 0..255 after incoherent addition of `power` (H, W), where 1.0 is the power of full white.

    Zero power leaves the picture as it is; the result never is darker than the picture.
    """
    ratio = np.log1p(power / power_of(gray)) * np.float32(10.0 / np.log(10.0) * GRAY_PER_DB)
    return np.asarray(gray + ratio, np.float32)


def power_of(gray: NDArray[Any]) -> Gray:
    """Echo power of gray levels, 1.0 for full white."""
    return np.asarray(np.exp((gray - 255.0) * np.float32(np.log(10.0) / (10.0 * GRAY_PER_DB))), np.float32)


def power_of_db(level_db: float) -> np.float32:
    """Power of a level in dB below full white (0 dB = 1.0)."""
    return np.float32(10.0 ** (level_db / 10.0))
