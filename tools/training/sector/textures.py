"""What fills an image: real pictures and phantoms, with everything that can be wrong with them."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rng = np.random.Generator
_SIDE = 256  # of a texture, pixels


def gray(level: ArrayLike) -> Gray:
    """Levels cut to 0 to 255."""
    return np.asarray(np.clip(level, 0, 255), np.uint8)


def floats(level: ArrayLike) -> Floats:
    """Levels that may run over."""
    return np.asarray(level, np.float32)


def jpeg(picture: Gray, quality: int) -> Gray:
    """The picture as a JPEG of that quality shows it."""
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)


def phantom(rng: Rng, side: int = 320) -> Gray:
    """(side, side) log-compressed speckle in layers, with cysts, bright lines and attenuation."""
    field = rng.normal(size=(2, side, side)).astype(np.float32)
    grain = rng.uniform(0.7, 2.5)
    envelope = np.hypot(
        *(cv2.GaussianBlur(part, (0, 0), rng.uniform(1, 2.5) * grain, sigmaY=grain) for part in field)
    )
    depth = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    tilt = rng.uniform(-0.2, 0.2) * np.linspace(-1, 1, side, dtype=np.float32)[None, :]
    steps = np.cumsum(rng.normal(0, 5, 12)).astype(np.float32)
    level_db = (
        20 * np.log10(envelope / envelope.mean() + 1e-4)
        + steps[np.clip((depth + tilt) * 10, 0, 11).astype(int)]
    )
    level_db -= depth * rng.uniform(0, 25)
    for _ in range(int(rng.integers(0, 4))):
        centre = tuple(int(value) for value in rng.uniform(0, side, 2))
        axes = tuple(int(value) for value in rng.uniform(0.03, 0.25, 2) * side)
        spot = cv2.ellipse(
            np.zeros((side, side), np.float32), centre, axes, rng.uniform(0, 180), 0, 360, 1, -1
        )
        level_db += cv2.GaussianBlur(spot, (0, 0), 1.5) * rng.choice([-40, -20, -12, 8])
    for _ in range(int(rng.integers(0, 5))):
        y = rng.uniform(0, side)
        line = np.zeros((side, side), np.float32)
        cv2.line(line, (0, int(y)), (side, int(y + rng.uniform(-60, 60))), 1, int(rng.integers(1, 6)))
        level_db += cv2.GaussianBlur(line, (0, 0), 1.0) * rng.uniform(5, 25)
    level = rng.uniform(70, 150) + 255 / rng.uniform(40, 65) * level_db
    return gray(level)


class Textures:
    """Draws textures without end from a set of pictures and a bank of phantoms made on the way."""

    def __init__(self, pictures: Sequence[Gray], seed: int, phantoms: int = 24) -> None:
        rng = np.random.default_rng([seed, 7])
        self._pictures = list(pictures)
        self._phantoms = [phantom(rng) for _ in range(phantoms)]

    def draw(self, rng: Rng) -> Gray:
        """A clean texture: depth down, width across."""
        if self._pictures and rng.random() < 0.72:
            picture = self._pictures[rng.integers(len(self._pictures))]
        else:
            picture = self._phantoms[rng.integers(len(self._phantoms))]
        high, wide = picture.shape
        share = rng.uniform(0.45, 1.0, 2) if rng.random() < 0.5 else np.ones(2)
        down, across = max(8, int(share[0] * high)), max(8, int(share[1] * wide))
        top = int(rng.integers(0, high - down + 1)) if rng.random() < 0.4 else 0
        left = int(rng.integers(0, wide - across + 1))
        part = picture[top : top + down, left : left + across]
        part = part[:, ::-1] if rng.random() < 0.5 else part
        way = cv2.INTER_AREA if max(part.shape) > _SIDE else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(part, (_SIDE, _SIDE), interpolation=way), np.uint8)

    def small(self, rng: Rng) -> Gray:
        return self.draw(rng)[::3, ::3]


def degraded(rng: Rng, texture: Gray) -> tuple[Gray, list[str]]:
    """The same with faults, and their names: of light above all, since these make an edge hard to see."""
    level = texture.astype(np.float32)
    count = int(rng.choice([0, 1, 2, 3], p=[0.25, 0.35, 0.25, 0.15]))
    names = []
    for index in rng.choice(len(_FAULTS), count, p=_WEIGHTS, replace=False):
        level = _FAULTS[index](rng, level)
        names.append(_FAULTS[index].__name__.removeprefix("_"))
    return gray(level), names


def _ramp(rng: Rng, length: int) -> Floats:
    """(length,) 1 falling to a smaller value somewhere, in a step or slowly."""
    at, wide = rng.uniform(0.15, 1.0), rng.uniform(0.01, 0.5)
    low = rng.choice([0.0, rng.uniform(0, 0.3)])
    places = np.linspace(0, 1, length, dtype=np.float32)
    return floats(1 - (1 - low) * np.clip((places - at) / wide + 0.5, 0, 1))


def _gain(rng: Rng, level: Floats) -> Floats:
    return level * np.float32(
        rng.choice([rng.uniform(0.04, 0.3), rng.uniform(0.3, 0.8), rng.uniform(1.2, 2.0)])
    )


def _pedestal(rng: Rng, level: Floats) -> Floats:
    return level - np.float32(rng.uniform(15, 90))


def _deep(rng: Rng, level: Floats) -> Floats:
    return level * _ramp(rng, len(level))[:, None]


def _near(rng: Rng, level: Floats) -> Floats:
    return level * _ramp(rng, len(level))[::-1, None]


def _flanks(rng: Rng, level: Floats) -> Floats:
    across = level.shape[1]
    gain = np.ones(across, np.float32)
    sides = rng.random(2) < 0.7
    if sides[0]:
        gain = gain * _ramp(rng, across)
    if sides[1]:
        gain = gain * _ramp(rng, across)[::-1]
    return level * gain[None, :]


def _half(rng: Rng, level: Floats) -> Floats:
    """Half of the probe has no contact, or lies on a rib: nothing comes from that side."""
    places = np.linspace(0, 1, level.shape[1], dtype=np.float32)
    places = places if rng.random() < 0.5 else 1 - places
    rise = np.clip((places - rng.uniform(0.25, 0.7)) / rng.choice([0.005, rng.uniform(0.01, 0.15)]), 0, 1)
    low = np.float32(rng.choice([0.0, rng.uniform(0, 0.12)]))
    return floats(level * (low + (1 - low) * rise)[None, :])


def _third(rng: Rng, level: Floats) -> Floats:
    places = np.linspace(0, 1, len(level), dtype=np.float32)
    start, size = rng.uniform(0, 0.7), rng.uniform(0.2, 0.5)
    soft = rng.uniform(0.005, 0.1)
    band = np.clip((places - start) / soft, 0, 1) * np.clip((start + size - places) / soft, 0, 1)
    gain = 1 - (1 - np.float32(rng.choice([0.0, rng.uniform(0, 0.3)]))) * band
    return floats(level * (gain[:, None] if rng.random() < 0.5 else gain[None, :]))


def _shadows(rng: Rng, level: Floats) -> Floats:
    high, wide = level.shape
    gain = np.ones((high, wide), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        left, size = int(rng.uniform(-0.1, 1.0) * wide), int(rng.uniform(0.03, 0.3) * wide)
        gain[int(rng.uniform(0, 0.6) * high) :, max(0, left) : left + size] *= np.float32(
            rng.uniform(0, 0.35)
        )
    return level * cv2.GaussianBlur(gain, (0, 0), rng.uniform(0.5, 6))


def _anechoic(rng: Rng, level: Floats) -> Floats:
    """A layer of fluid from side to side between two bands, its surfaces curved."""
    high, wide = level.shape
    across = np.linspace(-1, 1, wide, dtype=np.float32)
    top = rng.uniform(0.02, 0.5) * high + rng.normal(0, 12) * across + rng.normal(0, 15) * across**2
    size = rng.uniform(0.08, 0.5) * high
    rows = np.arange(high, dtype=np.float32)[:, None]
    soft = rng.uniform(1, 5)
    layer = np.clip((rows - top) / soft, 0, 1) * np.clip((top + size - rows) / soft, 0, 1)
    return floats(level * (1 - layer * np.float32(rng.uniform(0.85, 1.0))))


def _cavity(rng: Rng, level: Floats) -> Floats:
    high, wide = level.shape
    spot = np.zeros((high, wide), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        centre = (int(rng.uniform(0.1, 0.9) * wide), int(rng.uniform(0.1, 0.9) * high))
        axes = (int(rng.uniform(0.1, 0.5) * wide), int(rng.uniform(0.08, 0.4) * high))
        cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 1, -1)
    return level * (1 - cv2.GaussianBlur(spot, (0, 0), 2.0))


def _air(rng: Rng, level: Floats) -> Floats:
    """No contact over all or part of the width: bright lines at the probe, then nothing."""
    high, wide = level.shape
    rows = np.arange(high, dtype=np.float32)[:, None]
    period, decay = rng.uniform(5, 22), rng.uniform(10, 60)
    lines = 200 * np.exp(-rows / decay) * (0.5 + 0.5 * np.cos(2 * np.pi * rows / period)) ** 2
    lines = lines * rng.uniform(0.7, 1.1, (1, wide)).astype(np.float32)
    if rng.random() < 0.5:
        return floats(lines)
    part = _ramp(rng, wide)[None, :]
    part = part if rng.random() < 0.5 else part[:, ::-1]
    return floats(level * part + lines * (1 - part))


def _haze(rng: Rng, level: Floats) -> Floats:
    """Smooth streaks along the beams, as in lungs."""
    streaks = cv2.GaussianBlur(
        rng.normal(0, 1, (1, level.shape[1])).astype(np.float32), (0, 0), rng.uniform(2, 12)
    )
    streaks = (streaks - streaks.min()) / (np.ptp(streaks) + 1e-6)
    decay = np.exp(-np.linspace(0, rng.uniform(0, 4), len(level), dtype=np.float32))[:, None]
    share = np.float32(rng.uniform(0.5, 1.0))
    return floats(level * (1 - share) + share * rng.uniform(80, 220) * decay * streaks)


def _noise(rng: Rng, level: Floats) -> Floats:
    grain = rng.normal(0, 1, level.shape).astype(np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.8) * 2.2
    sigma = rng.choice([rng.uniform(1, 8), rng.uniform(8, 60)])
    return level + np.float32(sigma) * (np.abs(grain) if rng.random() < 0.4 else grain)


def _lines(rng: Rng, level: Floats) -> Floats:
    """Interference: bright bands, dashes or single lines across the image."""
    result = level.copy()
    for _ in range(int(rng.integers(1, 8))):
        bright, size = rng.uniform(60, 255), int(rng.choice([1, 1, 2, 4, 12, 30]))
        if rng.random() < 0.5:
            at = int(rng.integers(0, len(level)))
            band = result[at : at + size]
        else:
            at = int(rng.integers(0, level.shape[1]))
            band = result[:, at : at + size]
        dashes = rng.random(band.shape) < rng.choice([1.0, 0.5])
        band[dashes] = np.maximum(band[dashes], bright)
    return result


def _stretch(rng: Rng, level: Floats) -> Floats:
    pivot = np.float32(rng.uniform(20, 120))
    return (level - pivot) * np.float32(rng.choice([rng.uniform(0.3, 0.8), rng.uniform(1.3, 3.0)])) + pivot


def _blur(rng: Rng, level: Floats) -> Floats:
    return np.asarray(
        cv2.GaussianBlur(level, (0, 0), rng.uniform(0.6, 5), sigmaY=rng.uniform(0.3, 3)), np.float32
    )


_FAULTS: tuple[Callable[[Rng, Floats], Floats], ...] = (
    _gain, _pedestal, _deep, _near, _flanks, _half, _third, _shadows, _anechoic,
    _cavity, _air, _haze, _noise, _lines, _stretch, _blur,
)  # fmt: skip
_SHARES = np.array([3, 2.5, 4, 1, 2, 3, 2, 2, 2, 1.5, 1, 1, 1.5, 1, 1, 0.7])
_WEIGHTS = _SHARES / _SHARES.sum()
