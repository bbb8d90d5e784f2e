"""Clutter, noise and loss of resolution: echoes where nothing is, or spread wider than they are."""

import cv2
import numpy as np
from numpy.typing import NDArray

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
