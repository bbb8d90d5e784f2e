"""Faults of gain: too little or too much, wrong time gain, attenuation. They say how much light is left."""

import torch
from torch import Tensor

from tools.training.faults.fields import bump, rise, spot
from tools.training.faults.scene import Made, Scene


def left_of(scene: Scene, lost: Tensor) -> Tensor:
    """Share of the light that is left where so many gray levels are lost."""
    return (1.0 - lost / (1.3 * scene.mean)).clamp(0.03, 1.0)


def lowered(scene: Scene, lost: Tensor) -> Made:
    """The picture less so many gray levels."""
    gray = scene.gray - lost
    return Made(gray, left=left_of(scene, lost).expand_as(gray))


def dimmed(scene: Scene, level: Tensor, where: Tensor | float) -> Made:
    """Light taken off by `where` (0..1), as a factor or in decibels; a picture is dimmed in one way."""
    as_factor = scene.flag(0.5)
    darkest = scene.u(2.0, 3.6)
    factor = torch.exp(-darkest * level * where)
    lost = scene.u(16.0, 34.0) * scene.db * level * where
    gray = torch.where(as_factor, scene.gray * factor, scene.gray - lost)
    left = torch.where(as_factor, factor, left_of(scene, lost))
    return Made(gray, left=left.expand_as(gray))


def gain_factor(scene: Scene, level: Tensor) -> Made:
    """All gray levels times a factor, down to 3 to 12 %."""
    factor = torch.exp(-scene.u(2.1, 3.5) * level)
    gray = scene.gray * factor
    return Made(gray, left=factor.expand_as(gray))


def gain_db(scene: Scene, level: Tensor) -> Made:
    """Receive gain up to 14 to 30 dB too low: weak echoes drop below black first."""
    return lowered(scene, scene.u(14.0, 30.0) * scene.db * level)


def fade(scene: Scene, level: Tensor) -> Made:
    """Attenuation: light lost with depth, or towards the probe, from some depth on."""
    upward = scene.flag(0.3)
    depth = torch.where(upward, 1.0 - scene.depth, scene.depth)
    waves = 0.2 * scene.smooth(1, 4) - 0.1
    return dimmed(scene, level, rise(depth + waves, scene.u(-0.1, 0.7), scene.u(0.12, 0.8)))


def attenuation(scene: Scene, level: Tensor) -> Made:
    """More loss on the way than the time gain makes up for: decibels that grow with depth."""
    deepest = (4.0 + scene.u(16.0, 44.0) * level) * scene.db
    return lowered(scene, deepest * (scene.depth - scene.u(0.0, 0.3)).clamp_min(0.0) ** scene.u(0.8, 1.6))


def band(scene: Scene, level: Tensor) -> Made:
    """One or two sliders of the time gain too low."""
    where = bump(scene.depth - scene.u(0.05, 0.95), scene.u(0.03, 0.16), scene.u(0.02, 0.1))
    second = bump(scene.depth - scene.u(0.05, 0.95), scene.u(0.03, 0.12), scene.u(0.02, 0.1))
    return dimmed(scene, level, torch.maximum(where, second * scene.flag(0.4)))


def dark_side(scene: Scene, level: Tensor) -> Made:
    """Light that falls off towards one side, a corner, or in slow patches."""
    field = scene.chance.smooth(
        scene.count, scene.size, (2, 2) if scene.chance.rng.random() < 0.5 else (4, 4)
    )
    return dimmed(scene, level, rise(field, scene.u(0.1, 0.5), scene.u(0.2, 0.5)))


def dark_patch(scene: Scene, level: Tensor) -> Made:
    """An ellipse without light in the tissue."""
    return dimmed(scene, level, spot(scene, (0.1, 0.9), (0.06, 0.25), (0.05, 0.2), 0.5))


def _lifted(scene: Scene, level: Tensor, where: Tensor | float) -> Made:
    floor = scene.u(0.05, 0.6)
    echoes = floor + (1.0 - floor) * (scene.gray / 40.0).clamp(0.0, 1.0)
    in_db = scene.gray + scene.u(14.0, 22.0) * scene.db * level * where * echoes
    times = scene.gray * (1.0 + (0.1 + scene.u(1.2, 3.5) * level) * where)
    return Made(torch.where(scene.flag(0.6), in_db, times))


def gain_high(scene: Scene, level: Tensor) -> Made:
    """Receive gain too high."""
    return _lifted(scene, level, 1.0)


def band_high(scene: Scene, level: Tensor) -> Made:
    """One slider of the time gain too high, or all from some depth on."""
    band = bump(scene.depth - scene.u(0.05, 0.95), scene.u(0.03, 0.16), scene.u(0.02, 0.1))
    below = rise(scene.depth, scene.u(0.1, 0.7), scene.u(0.1, 0.4))
    return _lifted(scene, level, torch.where(scene.flag(0.7), band, below))
