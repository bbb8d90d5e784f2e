"""Pictures that nobody can diagnose anything from, and that must never be called adequate.

The grain pictures are the hard ones, for they have the texture of speckle and no tissue behind it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.degradations.contact import ringing
from scanmon.degradations.gain import add_power, power_of_db
from scanmon.degradations.geometry import Field, Rng, field_of

_BARS = (191, 169, 134, 112, 79, 58, 22)  # BT.601 luma of colour bars at 75 %
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))

Pixels: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Make: TypeAlias = Callable[[Rng, int, int], Pixels]  # (generator, height, width)


def _flat(level: int) -> Make:
    return lambda _, height, width: np.full((height, width), level, np.uint8)


def _uniform(low: int, high: int) -> Make:
    return lambda rng, height, width: rng.integers(low, high, (height, width), np.uint8)


def _salt_and_pepper(rng: Rng, height: int, width: int) -> Pixels:
    return (rng.integers(0, 2, (height, width)) * 255).astype(np.uint8)


def _grain(down_px: float, across_px: float, spread: float) -> Make:
    """Normal noise with a correlation length, around mid gray."""

    def make(rng: Rng, height: int, width: int) -> Pixels:
        field = _smooth(rng.standard_normal((height, width)), down_px, across_px)
        return _gray(110.0 + spread * field)

    return make


def _speckle(rng: Rng, height: int, width: int) -> Pixels:
    """Fully developed speckle, log-compressed over 50 dB: what a phantom without anything in it gives."""
    real, imaginary = (_smooth(rng.standard_normal((height, width)), 1.2, 2.5) for _ in range(2))
    level_db = 10.0 * np.log10(real**2 + imaginary**2 + 1e-9)
    return _gray(255.0 * (level_db + 30.0) / 50.0)


def _static(rng: Rng, height: int, width: int) -> Pixels:
    """A receiver without a station: noise that is wider than high, its lines of unequal brightness."""
    field = _smooth(rng.standard_normal((height, width)), 0.0, 1.5)
    lines = np.repeat(rng.normal(0.0, 25.0, (height + 1) // 2), 2)[:height, None]
    return _gray(120.0 + lines + 60.0 * field)


def _text(ink: int, paper: int) -> Make:
    """A page of words: a worklist, a report or a menu on the whole screen."""

    def make(rng: Rng, height: int, width: int) -> Pixels:
        page = np.full((height, width), paper, np.uint8)
        for baseline in range(18, height - 4, 17):
            words = ("".join(rng.choice(_LETTERS, rng.integers(2, 10))) for _ in range(rng.integers(3, 14)))
            cv2.putText(
                page, " ".join(words), (10, baseline), cv2.FONT_HERSHEY_SIMPLEX, 0.42, ink, 1, cv2.LINE_AA
            )
        return page

    return make


def _colour_bars(_: Rng, height: int, width: int) -> Pixels:
    """The test picture of a grabber without a signal."""
    bar = np.minimum(np.arange(width) * len(_BARS) // width, len(_BARS) - 1)
    return np.tile(np.asarray(_BARS, np.uint8)[bar], (height, 1))


def _ramp(axis: int) -> Make:
    def make(_: Rng, height: int, width: int) -> Pixels:
        steps = np.linspace(0.0, 255.0, (height, width)[axis])
        return _gray(np.broadcast_to(steps[:, None] if axis == 0 else steps, (height, width)))

    return make


def _smooth(field: Floats, down_px: float, across_px: float) -> Floats:
    """Correlated along both axes, mean 0 and deviation 1."""
    smooth = np.asarray(cv2.GaussianBlur(field, (0, 0), sigmaX=across_px or 0.01, sigmaY=down_px or 0.01))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), np.float64)


def _gray(values: Floats) -> Pixels:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _air(strongest_db: float) -> Make:
    """A flat probe in air: ringing of its lens at the top, and nothing below."""

    def make(rng: Rng, height: int, width: int) -> Pixels:
        black = np.zeros((height, width), np.float32)
        power = ringing(rng, black.shape, field_of(black == 0)) * power_of_db(strongest_db)
        return _gray(add_power(black, power).astype(np.float64))

    return make


def _air_curved(rng: Rng, height: int, width: int) -> Pixels:
    """A curved probe in air: the ringing follows its face, some noise shows deep down."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    apex = -0.45 * height
    radius = (np.hypot(columns - width / 2, rows - apex) + apex - 0.02 * height) / height
    across = np.arctan2(columns - width / 2, rows - apex)
    field = Field(np.clip(radius, 0, 1), np.clip(across / 1.2 + 0.5, 0, 1), height, width)
    power = ringing(rng, (height, width), field) * power_of_db(-12.0)
    power = power + rng.exponential(10.0**-5.6, power.shape) * np.clip(2.0 * radius - 0.8, 0.0, None)
    seen = (np.abs(across) < 0.6) & (radius > 0) & (radius < 0.97)
    shown = add_power(np.zeros((height, width), np.float32), power.astype(np.float32))
    return _gray(np.where(seen, shown, 0.0).astype(np.float64))


def _checker(_: Rng, height: int, width: int) -> Pixels:
    rows, columns = np.ogrid[:height, :width]
    return np.asarray((rows // 32 + columns // 32) % 2 * 200 + 20, np.uint8)


def _test_card(_: Rng, height: int, width: int) -> Pixels:
    """A grid with a circle, gray steps, and lines that get finer."""
    card = np.full((height, width), 60, np.uint8)
    card[::40], card[:, ::40] = 190, 190
    cv2.circle(card, (width // 2, height // 2), round(0.42 * height), 230, 2)
    for step in range(11):
        left, top = round(width * (0.15 + 0.064 * step)), round(0.4 * height)
        cv2.rectangle(card, (left, top), (left + width // 18, round(0.55 * height)), step * 25, -1)
    columns = np.arange(round(0.2 * width), round(0.8 * width))
    sweep = 127 + 120 * np.sign(np.sin(columns**2 / (2.0 * width)))
    card[round(0.65 * height) : round(0.75 * height), columns] = sweep.astype(np.uint8)
    return card


def _photograph(blur: float) -> Make:
    """Dead leaves: shaded discs of all sizes over each other, which have the statistics of photographs.

    Lee, Mumford and Huang, Occlusion models for natural images, Int. J. Computer Vision 41 (2001) 35-59.
    """

    def make(rng: Rng, height: int, width: int) -> Pixels:
        scene = np.zeros((height, width), np.float64)
        for size in rng.uniform(1 / 0.6**2, 1 / 0.03**2, 260) ** -0.5 * height:
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            level, slope = rng.uniform(15, 240), rng.uniform(-0.4, 0.4)
            top, left = max(int(y - size), 0), max(int(x - size), 0)
            part = scene[top : int(y + size) + 1, left : int(x + size) + 1]
            rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
            down, across = rows + top - y, columns + left - x
            shade = np.broadcast_to(level * (1.0 + slope * down / size), part.shape)
            part[:] = np.where(down * down + across * across < size * size, shade, part)
        return _gray(cv2.GaussianBlur(scene, (0, 0), blur) + rng.normal(0, 2.0, scene.shape))

    return make


NEGATIVES: Mapping[str, Make] = MappingProxyType(
    {
        "black": _flat(0),
        "gray": _flat(128),
        "white": _flat(255),
        "noise": _uniform(0, 256),
        "faint_noise": _uniform(0, 24),
        "salt_and_pepper": _salt_and_pepper,
        "static": _static,
        "fine_grain": _grain(0.8, 0.8, 40.0),
        "grain": _grain(1.5, 2.5, 40.0),
        "coarse_grain": _grain(4.0, 6.0, 40.0),
        "faint_grain": _grain(1.5, 2.5, 12.0),
        "speckle": _speckle,
        "text_page": _text(20, 235),
        "dark_text_page": _text(200, 12),
        "colour_bars": _colour_bars,
        "gradient_across": _ramp(1),
        "gradient_down": _ramp(0),
        "black_raised": _flat(8),
        "black_pedestal": _flat(20),
        "air": _air(-10.0),
        "faint_air": _air(-40.0),
        "air_curved": _air_curved,
        "checker": _checker,
        "test_card": _test_card,
        "photograph": _photograph(0.8),
        "soft_photograph": _photograph(3.0),
    }
)


def negative(name: str, height: int, width: int, seed: int = 2026) -> Pixels:
    """(height, width) uint8, always the same for a seed."""
    return NEGATIVES[name](np.random.default_rng(seed), height, width)
