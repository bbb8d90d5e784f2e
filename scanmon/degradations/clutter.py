"""Echoes that do not belong where they are shown: near-field haze and reverberation."""

from __future__ import annotations

import numpy as np

from scanmon.degradations.decibel import add_power, power_of_db
from scanmon.degradations.geometry import Field, Gray, Mask, smooth_profile, speckle_power


def haze(gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field) -> tuple[Gray, Gray]:
    """Acoustic clutter from the near field: a speckled veil that decays with depth and varies sideways."""
    reach = rng.uniform(0.25, 0.8)
    size = rng.uniform(0.004, 0.009) * field.height_px
    sideways = 0.3 + 0.7 * smooth_profile(rng, gray.shape[1], int(rng.integers(3, 7)))[None, :]
    veil = np.exp(-np.float32(3.0) * (field.depth / reach) ** 2) * sideways
    texture = 0.35 + 0.65 * speckle_power(rng, gray.shape, 0.5 * size, size)
    strongest_db = -50.0 + 32.0 * level
    weight = np.asarray(veil, np.float32)
    return add_power(gray, weight * texture * power_of_db(strongest_db)), weight


def reverberation(
    gray: Gray, level: float, rng: np.random.Generator, mask: Mask, field: Field
) -> tuple[Gray, Gray]:
    """Echoes bouncing between probe and a strong interface: evenly spaced arcs, each weaker than the last."""
    spacing = rng.uniform(0.08, 0.2)
    thickness = rng.uniform(0.006, 0.016)
    curvature = rng.uniform(-0.05, 0.05)
    decay_db = rng.uniform(1.5, 4.0)
    centre, half = rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.6)
    strongest_db = -46.0 + 36.0 * level
    bend = curvature * (2.0 * (field.lateral - 0.5)) ** 2
    inside = np.exp(-(((field.lateral - centre) / half) ** 4))
    texture = 0.4 + 0.6 * speckle_power(rng, gray.shape, 0.8, 0.012 * field.width_px)
    power = np.zeros_like(gray)
    for order in range(1, int(0.95 / spacing) + 1):
        distance = (field.depth - bend - order * spacing) / thickness
        power += np.exp(-0.5 * distance * distance) * np.float32(power_of_db(-decay_db * (order - 1)))
    weight = np.asarray(power * inside, np.float32)
    return add_power(gray, weight * texture * power_of_db(strongest_db)), np.asarray(
        np.clip(weight, 0, 1), np.float32
    )
