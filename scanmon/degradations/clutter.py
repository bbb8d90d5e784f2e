"""Echoes and noise where nothing is, over the picture or, as the local artefact, at one known place."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.degradations.gain import GRAY_PER_DB, add_power, power_of, power_of_db
from scanmon.degradations.geometry import (
    Changed,
    Field,
    Gray,
    Mask,
    Rng,
    grain,
    smooth_profile,
    speckle_power,
)


def haze(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Acoustic clutter from the near field: a speckled veil that decays with depth and varies sideways."""
    reach = rng.uniform(0.25, 0.8)
    size = rng.uniform(0.004, 0.009) * field.height_px
    sideways = 0.3 + 0.7 * smooth_profile(rng, gray.shape[1], int(rng.integers(3, 7)))[None, :]
    veil = np.exp(-np.float32(3.0) * (field.depth / reach) ** 2) * sideways
    texture = 0.35 + 0.65 * speckle_power(rng, gray.shape, 0.5 * size, size)
    strongest_db = -50.0 + 32.0 * level
    weight = np.asarray(veil, np.float32)
    return add_power(gray, weight * texture * power_of_db(strongest_db)), weight


def reverberation(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
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


def ghost(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """A second picture over the first: bent sideways by a layer, or mirrored at an interface."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    shift_px = side * rng.uniform(0.04, 0.25) * field.width_px
    down_px = rng.uniform(-0.04, 0.04) * field.height_px
    mirror, at = rng.random() < 0.3, rng.uniform(0.3, 0.6)
    place = np.array([[1, 0, shift_px], [0, 1, down_px]], np.float32)
    if mirror:
        axis_px = float(np.flatnonzero(field.depth.ravel() >= at)[0])
        place = np.array([[1, 0, 0.2 * shift_px], [0, -1, 2.0 * axis_px]], np.float32)
    second = cv2.warpAffine(np.where(mask, gray, 0.0).astype(np.float32), place, gray.shape[::-1])
    seen = np.where(field.depth > at, 1.0, 0.0) if mirror else 1.0
    weight = np.asarray(np.clip(second / 80.0, 0.0, 1.0) * seen, np.float32)
    return add_power(gray, power_of(second) * weight * power_of_db(-20.0 + 20.0 * level)), weight


def side_lobe_clutter(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Side and grating lobes: bright echoes smear sideways at their own depth."""
    reach_px = rng.uniform(0.08, 0.3) * field.width_px
    lobe_px, angle_px = rng.uniform(0.02, 0.05) * field.width_px, rng.uniform(0.5, 0.9) * reach_px
    offset = np.arange(-int(reach_px), int(reach_px) + 1, dtype=np.float32)
    falling = np.exp(-2.0 * np.abs(offset) / reach_px) * (0.6 + 0.4 * np.cos(2 * np.pi * offset / lobe_px))
    kernel = falling + 1.5 * np.exp(-0.5 * ((np.abs(offset) - angle_px) / (0.4 * lobe_px)) ** 2)
    kernel[np.abs(offset) < lobe_px] = 0.0
    kernel = np.asarray(kernel / max(float(kernel.sum()), 1e-6), np.float32)[None, :]
    echoes = power_of(np.where(mask, gray, 0.0).astype(np.float32))
    spread = np.asarray(cv2.filter2D(echoes, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT), np.float32)
    strongest = max(float(np.percentile(spread[mask], 95)) if mask.any() else 0.0, 1e-6)
    weight = np.asarray(np.clip(spread / np.float32(strongest), 0.0, 1.0), np.float32)
    return add_power(gray, spread * power_of_db(-20.0 + 24.0 * level)), weight


def speckle_noise(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Multiplicative noise: an added term in the logarithm, so it acts where there are echoes."""
    size = rng.uniform(0.0, 0.004) * field.height_px
    pattern = grain(rng, gray.shape, 0.6 * size, size)
    echoes = np.clip(gray / 48.0, 0.0, 1.0)
    return np.asarray(gray + 44.0 * (0.05 + 0.95 * level) * pattern * echoes, np.float32), echoes


def electronic_noise(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Thermal noise of the receiver, lifted with depth by the time gain: it fills dark, deep tissue first."""
    growth_db = rng.uniform(10.0, 26.0)
    fine_px = rng.uniform(0.0, 0.0025) * field.height_px
    pattern = speckle_power(rng, gray.shape, fine_px, 1.5 * fine_px)
    deepest_db = -53.0 + 32.0 * level
    lift = np.exp(np.float32(np.log(10.0) / 10.0 * growth_db) * (field.depth - 1.0))
    noisy = add_power(gray, pattern * lift * power_of_db(deepest_db))
    return noisy, np.asarray(np.broadcast_to(lift ** np.float32(0.5), gray.shape), np.float32)


def mains_interference(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
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


def _place(gray: Gray, rng: Rng, mask: Mask, field: Field) -> tuple[int, int, int, int]:
    """Centre and half axes (x, y, half width, half height) of an ellipse in tissue, not in black."""
    half_h = rng.uniform(0.1, 0.15) * field.height_px
    half_w = half_h * rng.uniform(0.8, 1.3)
    reach = (int(2 * half_w) | 1, int(2 * half_h) | 1)
    tissue = cv2.blur((mask & (gray > 20)).astype(np.float32), reach, borderType=cv2.BORDER_CONSTANT)
    inside = cv2.blur(mask.astype(np.float32), reach, borderType=cv2.BORDER_CONSTANT)
    worth = np.where(inside > 0.97, tissue, tissue * 0.1)
    candidates = np.flatnonzero(worth >= 0.6 * worth.max())
    chosen = int(candidates[int(rng.random() * candidates.size)])
    y, x = divmod(chosen, gray.shape[1])
    return x, y, int(half_w), int(half_h)


def local_artefact(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """An ellipse of a fifth to a third of the depth: defocused, noisy, veiled, or attenuated."""
    x, y, half_w, half_h = _place(gray, rng, mask, field)
    rows, columns = np.ogrid[: gray.shape[0], : gray.shape[1]]
    radius = np.sqrt(((columns - x) / max(half_w, 1)) ** 2 + ((rows - y) / max(half_h, 1)) ** 2)
    weight = np.clip((1.0 - radius) / 0.2, 0.0, 1.0).astype(np.float32)
    kind = int(rng.integers(4))
    if kind == 0:
        changed = cv2.GaussianBlur(gray, (0, 0), 0.03 * field.height_px * (0.15 + 0.85 * level))
    elif kind == 1:
        pattern = grain(rng, gray.shape, 0.5, 0.8)
        changed = gray + 60.0 * (0.1 + 0.9 * level) * pattern
    elif kind == 2:
        texture = 0.4 + 0.6 * speckle_power(rng, gray.shape, 0.8, 1.5)
        changed = add_power(gray, texture * power_of_db(-32.0 + 26.0 * level))
    else:
        changed = gray - 32.0 * (0.1 + 0.9 * level) * GRAY_PER_DB
    return np.asarray(gray + weight * (changed - gray), np.float32), weight
