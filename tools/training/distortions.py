"""Distortions without a name: random kernels, fields, patches, curves, alone, in places, and mixed.

They keep the network from learning a list of faults. What resembles a held-out family is left out on
purpose: no shifted lines, no bands of gain across the picture, no echoes repeated in depth, no video codec.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations import FAMILIES, HELD_OUT, degrade_level

Gray: TypeAlias = NDArray[np.float32]
Distortion: TypeAlias = Callable[[Gray, float, np.random.Generator], Gray]

TRAINED = tuple(name for name in FAMILIES if name not in HELD_OUT)


def named(
    gray: NDArray[np.uint8], family: str, level: float, rng: np.random.Generator, mask: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """A trained family at a level 0..1. Raises ValueError for a held-out one: training must not see it."""
    if family in HELD_OUT:
        raise ValueError(f"{family} is held out of every training")
    return degrade_level(gray, family, level, rng, mask).image


def _field(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Gray:
    """Smooth random field (H, W) in about -1..1 with `cells` knots a side."""
    knots = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(knots, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def random_kernel(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Convolution with a random blob, a line (motion) or a random positive kernel."""
    size = 3 + 2 * round(1 + 6 * level)
    axis = np.arange(size, dtype=np.float32) - size // 2
    kind, angle, aspect = int(rng.integers(3)), rng.uniform(0, np.pi), rng.uniform(0.08, 1.0)
    along = axis[None, :] * np.cos(angle) + axis[:, None] * np.sin(angle)
    across = axis[:, None] * np.cos(angle) - axis[None, :] * np.sin(angle)
    spread = 0.35 + 3.2 * level
    if kind < 2:
        narrow = max(spread * (0.1 if kind else aspect), 0.35)
        kernel = np.exp(-0.5 * ((along / spread) ** 2 + (across / narrow) ** 2))
    else:
        kernel = rng.random((17, 17))[:size, :size] ** 3 * np.exp(-0.5 * (along**2 + across**2) / spread**2)
    return np.asarray(cv2.filter2D(gray, cv2.CV_32F, (kernel / kernel.sum()).astype(np.float32)))


def coloured_noise(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Additive noise of a random grain and direction, everywhere or following the brightness."""
    white = rng.standard_normal(gray.shape, dtype=np.float32)
    noise = cv2.GaussianBlur(white, (0, 0), rng.uniform(0.2, 4.0), sigmaY=rng.uniform(0.2, 2.5))
    noise = np.asarray(noise / max(float(noise.std()), 1e-6), np.float32)
    power = float(rng.choice([0.0, 0.0, 0.5, 1.0]))
    return np.asarray(gray + 70.0 * level**1.3 * noise * (gray / 255.0 + 0.02) ** power, np.float32)


def impulses(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Bright, dark or random dots of one to three pixels."""
    size = int(rng.integers(1, 4))
    height, width = gray.shape
    chance = rng.random((-(-height // size), -(-width // size)), dtype=np.float32)
    hit = cv2.resize(
        (chance < 0.25 * level**1.5).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
    )
    value = (255.0, 0.0, rng.uniform(0, 255))[int(rng.integers(3))]
    return np.where(hit > 0, np.float32(value), gray)


def stripes(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """A sinusoidal interference pattern at a steep angle, added or multiplied."""
    angle, period = rng.uniform(-1.1, 1.1), rng.uniform(3, 60)
    rows, columns = np.ogrid[: gray.shape[0], : gray.shape[1]]
    phase = (columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / period) + rng.uniform(0, 6.3)
    wave = np.sin(phase).astype(np.float32)
    if rng.random() < 0.5:
        wave = np.maximum(wave, 0.0)
    return np.asarray(
        gray + 90.0 * level**1.2 * wave * (1.0 if rng.random() < 0.5 else gray / 160.0), np.float32
    )


def patches(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Ellipses and rectangles brighter, darker, flat, or filled with noise."""
    out = gray.copy()
    height, width = gray.shape
    for _ in range(int(rng.integers(1, 7))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        axes = (int(rng.uniform(0.03, 0.2) * width), int(rng.uniform(0.03, 0.2) * height))
        spot = np.zeros(gray.shape, np.float32)
        if rng.random() < 0.6:
            cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        else:
            cv2.rectangle(spot, centre, (centre[0] + axes[0], centre[1] + axes[1]), 1.0, -1)
        spot = np.asarray(cv2.GaussianBlur(spot, (0, 0), rng.uniform(0.5, 6.0)), np.float32)
        kind, sign, grain = (
            int(rng.integers(3)),
            float(rng.choice([-1.0, 1.0])),
            rng.standard_normal(gray.shape, np.float32),
        )
        flat = rng.uniform(0, 255)
        aim = (gray + sign * 130.0, np.full_like(gray, flat), gray + 60.0 * grain)[kind]
        out += level * spot * (aim - gray)
    return out


def gain_field(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Brightness that drifts over the picture in blobs."""
    field = _field(rng, gray.shape, int(rng.integers(3, 7)))
    echoes = np.clip(gray / 40.0, rng.uniform(0.1, 1.0), 1.0)
    return np.asarray(gray + 110.0 * level * field * echoes, np.float32)


def tone_curve(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """A strong wrong curve: offset, contrast, or few gray levels.

    Gamma is left out: it is a matter of display, and clean pictures vary in it.
    """
    kind = int(rng.integers(3))
    if kind == 0:
        return gray + float(rng.choice([-1.0, 1.0])) * 90.0 * level
    if kind == 1:
        return (gray - 128.0) * (1.0 - 0.85 * level) + 128.0 * rng.uniform(0.3, 1.0)
    step = 8.0 + 90.0 * level**1.5
    return np.asarray(np.floor(gray / step + 0.5) * step, np.float32)


def warp(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Pixels displaced by a rough random field: torn texture."""
    cells = int(rng.integers(8, 60))
    rows, columns = np.mgrid[: gray.shape[0], : gray.shape[1]].astype(np.float32)
    reach = 0.6 + 9.0 * level**1.3
    return np.asarray(
        cv2.remap(
            gray,
            columns + reach * _field(rng, gray.shape, cells),
            rows + reach * _field(rng, gray.shape, cells),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
    )


def morphology(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Median, dilation, erosion, or an over-sharpened edge."""
    kind, size = int(rng.integers(4)), 3 + 2 * round(2 * level)
    if kind == 0:
        levels = np.clip(gray, 0, 255).astype(np.uint8)
        changed = np.asarray(cv2.medianBlur(levels, size + 2), np.float32)
    elif kind == 3:
        soft = cv2.GaussianBlur(gray, (0, 0), rng.uniform(0.6, 2.5))
        changed = np.asarray(gray + (1.0 + 3.0 * level) * (gray - soft), np.float32)
    else:
        operation = cv2.dilate if kind == 1 else cv2.erode
        changed = np.asarray(operation(gray, np.ones((size, size), np.uint8)), np.float32)
    return np.asarray(gray + (0.15 + 0.85 * level) * (changed - gray), np.float32)


def pixelate(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """Blocks of one value, square or not."""
    height, width = gray.shape
    factor_y, factor_x = 1.0 + 8.0 * level * rng.uniform(0.4, 1), 1.0 + 8.0 * level * rng.uniform(0.2, 1)
    small = cv2.resize(
        gray, (int(width / factor_x) + 1, int(height / factor_y) + 1), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST))


def side_ghost(gray: Gray, level: float, rng: np.random.Generator) -> Gray:
    """A second picture beside itself, as from side lobes or a mirror: sideways only."""
    offset = rng.uniform(0.03, 0.3) * gray.shape[1] * float(rng.choice([-1.0, 1.0]))
    second = gray[:, ::-1] if rng.random() < 0.3 else gray
    shift = np.array([[1, 0, offset], [0, 1, 0]], np.float32)
    moved = cv2.warpAffine(np.ascontiguousarray(second), shift, gray.shape[::-1])
    return (
        np.maximum(gray, moved - 120.0 * (1.0 - level)) if rng.random() < 0.5 else gray + 0.8 * level * moved
    )


GENERIC: tuple[Distortion, ...] = (
    random_kernel,
    random_kernel,
    coloured_noise,
    coloured_noise,
    impulses,
    stripes,
    patches,
    patches,
    gain_field,
    tone_curve,
    warp,
    morphology,
    pixelate,
    side_ghost,
)


def place(rng: np.random.Generator, shape: tuple[int, int]) -> Gray:
    """A random part of the picture (H, W) 0..1: blobs, a soft half, or one ellipse."""
    kind = int(rng.integers(3))
    if kind == 0:
        field = _field(rng, shape, int(rng.integers(3, 8)))
        raised = (field - rng.uniform(-0.2, 0.5)) * rng.uniform(2, 8)
        return np.asarray(np.clip(raised, 0, 1), np.float32)
    height, width = shape
    spot = np.zeros(shape, np.float32)
    centre = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
    axes = (int(rng.uniform(0.06, 0.4) * width) + 2, int(rng.uniform(0.06, 0.4) * height) + 2)
    if kind == 1:
        cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
    else:
        cv2.rectangle(
            spot,
            (centre[0] - axes[0], centre[1] - axes[1]),
            (centre[0] + axes[0], centre[1] + axes[1]),
            1.0,
            -1,
        )
    return np.asarray(cv2.GaussianBlur(spot, (0, 0), rng.uniform(0.5, 8.0)), np.float32)


def generic(
    gray: NDArray[np.uint8], kind: int, level: float, rng: np.random.Generator, mask: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Distortion number `kind` of GENERIC at a level, in 55 % of the draws in a random part only."""
    clean = gray.astype(np.float32)
    where = place(rng, gray.shape) if rng.random() < 0.55 else None
    changed = GENERIC[kind](clean, level, rng)
    if where is not None:
        changed = clean + where * (changed - clean)
    return np.where(mask, np.clip(np.rint(changed), 0, 255), gray).astype(np.uint8)
