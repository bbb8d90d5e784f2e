"""Tissue for `tools/unseen_screens.py`: log-compressed speckle of five examinations, (depth, beams)."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage

Rng = np.random.Generator
Floats = NDArray[np.float32]
Tissue = Callable[[Rng], GrayImage]


def _grain(rng: Rng, high: int = 420, wide: int = 160) -> Floats:
    """Envelope of band-passed noise that widens with depth, mean 1."""
    noise = rng.normal(size=(2, high, wide)).astype(np.float32)
    near, far = (
        np.hypot(*(cv2.GaussianBlur(part, (0, 0), sigma, sigmaY=1.1) for part in noise))
        for sigma in (0.8, 2.4)
    )
    share = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    mixed = near / near.mean() * (1 - share) + far / far.mean() * share
    return np.asarray(mixed, np.float32)


def _echoes(rng: Rng, bright: Floats, span_db: float = 55.0) -> GrayImage:
    """Log-compressed gray of speckle times `bright` (1: mid gray)."""
    level_db = 20 * np.log10(_grain(rng, *bright.shape) * bright + 1e-5)
    return np.asarray(np.clip(115 + 255 / span_db * level_db, 0, 255), np.uint8)


def abdomen(rng: Rng) -> GrayImage:
    high, wide = 420, 160
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    bright = np.ones((high, wide), np.float32)
    for _ in range(int(rng.integers(4, 12))):  # vessels, bladder, boundaries
        cy, cx, ry, rx = rng.uniform(0.1, 1) * high, rng.uniform(0, 1) * wide, *rng.uniform(4, 50, 2)
        away = ((rows - cy) / ry) ** 2 + ((columns - cx) / rx) ** 2
        bright[away < 1] *= rng.choice([0.02, 0.3, 2.0])
        bright[(away > 1) & (away < 1.15)] *= 2.5
    return _echoes(rng, bright * np.exp(-rows / high * rng.uniform(0, 2.2)), rng.uniform(45, 65))


def heart(rng: Rng) -> GrayImage:
    """Black chambers between bright walls."""
    high, wide = 420, 160
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    bright = np.full((high, wide), 0.5, np.float32)
    for _ in range(int(rng.integers(2, 5))):
        cy, cx = rng.uniform(0.25, 0.85) * high, rng.uniform(0.2, 0.8) * wide
        ry, rx = rng.uniform(40, 90), rng.uniform(18, 45)
        away = ((rows - cy) / ry) ** 2 + ((columns - cx) / rx) ** 2
        bright[away < 1] = 0.006
        bright[(away > 1) & (away < 1.3)] = rng.uniform(1, 3)
    return _echoes(rng, bright, rng.uniform(40, 55))


def lung(rng: Rng) -> GrayImage:
    """Muscle, a bright pleura, and below it A lines, B lines or hardly anything."""
    high, wide = 420, 160
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    pleura = rng.uniform(0.15, 0.35) * high + 8 * np.sin(columns / wide * 6 + rng.uniform(0, 6))
    bright = np.where(
        rows < pleura, 0.9, 0.25 * np.exp(-(rows - pleura) / (high * rng.uniform(0.1, 0.4)))
    ).astype(np.float32)
    for number in range(1, 4):
        bright += 4.0 / number**2 * np.exp(-(((rows - number * pleura) / 3) ** 2))
    for centre in rng.uniform(0, wide, int(rng.choice([0, 0, 2, 4]))):
        bright += np.where(rows > pleura, 0.8 * np.exp(-(((columns - centre) / 5) ** 2)), 0)
    for centre in rng.uniform(0, wide, int(rng.integers(0, 3))):  # shadows of ribs
        bright[(np.abs(columns - centre) < rng.uniform(8, 18)) & (rows > 0.6 * pleura)] *= 0.01
    return _echoes(rng, bright, rng.uniform(45, 60))


def tongue(rng: Rng) -> GrayImage:
    """A bright arc over tissue, air beyond it, and the shadows of both jaw bones."""
    high, wide = 420, 160
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    across = columns / wide - 0.5
    surface = high * (0.75 - 1.3 * across**2 + 0.08 * np.sin(9 * across))
    bright = np.where(rows < surface, 0.35, 0.05) + 5 * np.exp(-(((rows - surface) / 5) ** 2))
    bright = bright * np.where(np.abs(across) > rng.uniform(0.3, 0.45), 0.03, 1)
    return _echoes(rng, bright.astype(np.float32), rng.uniform(45, 60))


def superficial(rng: Rng) -> GrayImage:
    """Skin, fat, fibres of a muscle, a bone with its shadow."""
    high, wide = 420, 160
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    tilt = rng.uniform(-0.5, 0.5)
    bright = 0.5 + 1.5 * (np.sin((rows + tilt * columns) / rng.uniform(3, 9)) > 0.75)
    bright = bright * np.where(rows < 0.06 * high, 2.5, 1.0)
    if rng.random() < 0.5:
        bone = rng.uniform(0.5, 0.8) * high + 40 * (columns / wide - 0.5) ** 2
        bright = np.where(rows > bone + 6, 0.01, np.where(rows > bone, 6.0, bright))
    return _echoes(rng, bright.astype(np.float32), rng.uniform(45, 60))


TISSUES: tuple[Tissue, ...] = (abdomen, heart, lung, tongue, superficial)


def dark_flanks(rng: Rng, picture: GrayImage) -> GrayImage:
    """Both sides of the probe without contact, one of them more."""
    wide = picture.shape[1]
    across = np.linspace(0, 1, wide)
    left, right = rng.uniform(0.05, 0.3, 2)
    light = np.clip(across / left, 0, 1) ** 2 * np.clip((1 - across) / right, 0, 1) ** 2
    return np.asarray(picture * light[None, :], np.uint8)
