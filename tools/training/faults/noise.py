"""Noise: of the receiver, of the echoes, from the mains, as dots."""

import torch
from torch import Tensor

from tools.training.faults.fields import add_power, blurred, decibel, grain, speckle
from tools.training.faults.scene import Made, Scene


def electronic(scene: Scene, level: Tensor) -> Made:
    """Receiver noise lifted with depth by the time gain: it fills what is dark and deep first."""
    growth, fine = scene.u(0.0, 28.0), scene.u(0.1, 1.3)
    pattern = speckle(scene, fine, fine * scene.u(1.0, 2.0))
    lift = decibel(growth * (scene.depth - 1.0))
    return Made(add_power(scene, pattern * lift * decibel(-54.0 + scene.u(27.0, 36.0) * level)))


def of_speckle(scene: Scene, level: Tensor) -> Made:
    """Noise in the logarithm, where there are echoes."""
    size = scene.u(0.1, 1.8)
    pattern = grain(scene.chance, scene.count, scene.size, size * scene.u(0.4, 1.0), size)
    echoes = (scene.gray / scene.u(20.0, 60.0)).clamp(0.0, 1.0)
    return Made(scene.gray + scene.u(36.0, 60.0) * (0.03 + 0.97 * level) * pattern * echoes)


def coloured(scene: Scene, level: Tensor) -> Made:
    """Additive noise of any grain."""
    pattern = grain(scene.chance, scene.count, scene.size, scene.u(0.1, 2.5), scene.u(0.1, 3.5))
    return Made(scene.gray + scene.u(40.0, 80.0) * level**1.2 * pattern)


def mains(scene: Scene, level: Tensor) -> Made:
    """Interference: bright stripes or dashes at an even distance, across, along or at an angle."""
    height = scene.size[0]
    angle = scene.u(-0.4, 0.4) + torch.where(scene.flag(0.5), 0.0, 1.5708)
    period = scene.u(0.012, 0.16) * height
    at = scene.depth * height * torch.cos(angle) + scene.lateral * scene.size[1] * torch.sin(angle)
    wave = 0.5 + 0.5 * torch.cos(2.0 * torch.pi * at / period + scene.u(0.0, 6.3))
    dashes = blurred(scene.noise(), 4.0, 0.6, 12) * 6.0
    broken = torch.where(scene.flag(0.5), torch.ones_like(dashes), dashes.clamp(0.0, 2.0))
    pattern = wave ** scene.u(1.0, 12.0) * broken
    in_power = add_power(scene, pattern * decibel(-46.0 + 36.0 * level))
    return Made(torch.where(scene.flag(0.6), in_power, scene.gray + 80.0 * level**1.2 * pattern))


def dots(scene: Scene, level: Tensor) -> Made:
    """White, black or gray dots of one to three pixels."""
    size = int(scene.chance.rng.integers(1, 4))
    height, width = scene.size
    coarse = (-(-height // size), -(-width // size))
    chance = torch.rand(scene.count, 1, *coarse, generator=scene.chance.generator, device=level.device)
    chance = chance.repeat_interleave(size, 2).repeat_interleave(size, 3)[:, :, :height, :width]
    value = scene.u(-150.0, 400.0).clamp(0.0, 255.0)
    return Made(torch.where(chance < 0.22 * level**1.5 + 0.0015, value, scene.gray))
