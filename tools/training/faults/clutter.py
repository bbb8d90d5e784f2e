"""Echoes where nothing is: haze, reverberation, double pictures, bright patches."""

import torch
from torch import Tensor

from tools.training.faults.fields import add_power, as_power, decibel, moved, speckle, spot
from tools.training.faults.scene import Made, Scene


def haze(scene: Scene, level: Tensor) -> Made:
    """A speckled veil, strongest near the probe or at any depth, uneven sideways."""
    size = scene.u(0.4, 3.5)
    centre = torch.where(scene.flag(0.6), torch.zeros_like(size), scene.u(0.0, 1.0))
    veil = torch.exp(-3.0 * ((scene.depth - centre) / scene.u(0.25, 1.2)) ** 2)
    veil = veil * (0.3 + 0.7 * scene.smooth(1, 5))
    texture = 0.35 + 0.65 * speckle(scene, 0.5 * size, size)
    return Made(add_power(scene, veil * texture * decibel(-52.0 + scene.u(28.0, 36.0) * level)))


def veil(scene: Scene, level: Tensor) -> Made:
    """An even or drifting brightening of what is dark, with hardly a texture."""
    drift = 0.3 + 0.7 * scene.smooth(3, 3)
    return Made(add_power(scene, drift * decibel(-50.0 + scene.u(24.0, 36.0) * level)))


def reverberation(scene: Scene, level: Tensor) -> Made:
    """Echoes between probe and a strong interface: evenly spaced arcs, each weaker than the one before."""
    spacing, thickness, decay = scene.u(0.05, 0.22), scene.u(0.004, 0.016), scene.u(0.5, 4.0)
    bend = scene.u(-0.06, 0.06) * (2.0 * (scene.lateral - 0.5)) ** 2
    within = torch.exp(-(((scene.lateral - scene.u(0.2, 0.8)) / scene.u(0.15, 0.6)) ** 4))
    order = ((scene.depth - bend) / spacing).round().clamp_min(1.0)
    away = (scene.depth - bend - order * spacing) / thickness
    arcs = torch.exp(-0.5 * away * away) * decibel(-decay * (order - 1.0)) * within
    texture = 0.4 + 0.6 * speckle(scene, scene.u(0.4, 1.0), scene.u(2.0, 7.0))
    return Made(add_power(scene, arcs * texture * decibel(-46.0 + scene.u(32.0, 40.0) * level)))


def double(scene: Scene, level: Tensor) -> Made:
    """The picture a second time, sideways or a little deeper (refraction, mirror), added in power."""
    right = scene.u(0.02, 0.3) * scene.size[1]
    right = torch.where(scene.flag(0.5), right, -right)
    down = scene.u(0.0, 0.12) * scene.size[0] * scene.flag(0.5)
    second = scene.gray.flip(3) if scene.chance.rng.random() < 0.15 else scene.gray
    other = moved(second, right, down) - (34.0 - 33.0 * level) * scene.db
    return Made(add_power(scene, as_power(other, scene.db)))


def patch(scene: Scene, level: Tensor) -> Made:
    """Ellipses filled with speckle that does not belong there."""
    where = torch.zeros_like(scene.gray)
    for odds in (1.0, 0.5):
        inside = spot(scene, (0.05, 0.95), (0.05, 0.22), (0.04, 0.18), 0.4)
        where = torch.maximum(where, inside * scene.flag(odds))
    texture = 0.4 + 0.6 * speckle(scene, scene.u(0.3, 1.2), scene.u(0.8, 3.0))
    return Made(add_power(scene, where * texture * decibel(-40.0 + 36.0 * level)))
