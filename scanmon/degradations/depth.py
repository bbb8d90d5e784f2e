"""Light that is wrong at some depths: time-gain sliders, fades, attenuation."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import GRAY_PER_DB
from scanmon.degradations.geometry import Field, Gray, Mask, bump, place_of_light


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


def depth_fade(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
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


def attenuation(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Tissue that takes more than the time gain gives back: 14 to 44 dB less at the deepest."""
    start, power = rng.uniform(0.0, 0.25), rng.uniform(0.8, 1.5)
    weight = np.clip((field.depth - start) / (1.0 - start), 0.0, 1.0) ** power
    weight = np.asarray(np.broadcast_to(weight, gray.shape), np.float32)
    return np.asarray(gray - (4.0 + 40.0 * level) * GRAY_PER_DB * weight, np.float32), weight
