"""Lost contact and shadows: black below the dead part of the probe, bright rings at its surface."""

import torch
from torch import Tensor

from tools.training.faults.fields import as_gray, as_power, bump, decibel, rise, speckle
from tools.training.faults.light import dimmed, left_of
from tools.training.faults.scene import Made, Scene


def rings(scene: Scene) -> Tensor:
    """(g, 1, H, W) power of ringing between probe and air: even lines below the surface, each weaker."""
    spacing, decay = scene.u(0.012, 0.06), scene.u(0.006, 0.06)
    phase = scene.depth / spacing
    lines = torch.cos(torch.pi * phase) ** 2
    sharp = lines ** scene.u(1.0, 6.0)
    texture = speckle(scene, scene.u(0.3, 1.0), scene.u(2.0, 8.0))
    return (0.15 + sharp) * torch.exp(-scene.depth / decay) * (0.5 + 0.5 * texture)


def _without(scene: Scene, level: Tensor, where: Tensor) -> Made:
    """Contact lost at `where`: up to 20 to 60 dB of loss, growing over the first millimetres, and rings."""
    loss_db = (
        scene.u(22.0, 60.0)
        * level
        * where
        * (0.35 + 0.65 * rise(scene.depth, scene.u(-0.05, 0.0), scene.u(0.02, 0.2)))
    )
    strongest = decibel(scene.u(-30.0, -2.0) - 24.0 * (1.0 - level))
    power = as_power(scene.gray, scene.db) * decibel(-loss_db) + rings(scene) * strongest * where
    gray = as_gray(power, scene.db)
    return Made(gray, left=left_of(scene, loss_db * scene.db).expand_as(gray))


def partial(scene: Scene, level: Tensor) -> Made:
    """One side, both sides or the middle of the probe off the skin."""
    side = scene.flag(0.6)
    edge = torch.where(scene.flag(0.5), scene.lateral, 1.0 - scene.lateral)
    share, soft = scene.u(0.1, 0.75), scene.u(0.02, 0.15)
    at_edge = 1.0 - rise(edge, share, soft)
    inner = bump(scene.lateral - scene.u(0.25, 0.75), scene.u(0.05, 0.3), soft)
    both = torch.maximum(at_edge, 1.0 - rise(1.0 - edge, scene.u(0.0, 0.3), soft))
    outer = torch.where(scene.flag(0.4), both, at_edge)
    return _without(scene, level, torch.where(side, outer, inner))


def whole(scene: Scene, level: Tensor) -> Made:
    """The probe lifts off: the whole width goes dark and rings."""
    uneven = 0.7 + 0.3 * scene.smooth(1, 5)
    return _without(scene, level, uneven)


def shadow(scene: Scene, level: Tensor) -> Made:
    """One to three strips dark from some depth on, soft or sharp, straight or fanned out."""
    where = torch.zeros_like(scene.gray)
    for odds in (1.0, 0.4, 0.2):
        start = torch.where(scene.flag(0.4), scene.u(-0.2, 0.0), scene.u(0.05, 0.6))
        across = scene.lateral - scene.u(0.0, 1.0) - scene.u(-0.1, 0.1) * scene.depth
        strip = bump(across, scene.u(0.02, 0.22), scene.u(0.02, 0.12))
        strip = strip * rise(scene.depth, start, scene.u(0.01, 0.08))
        where = torch.maximum(where, strip * scene.flag(odds))
    return dimmed(scene, level, where)
