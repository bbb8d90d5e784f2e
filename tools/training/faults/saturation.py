"""Too much gain: echoes run into white, everywhere or at one depth."""

import torch
from torch import Tensor

from tools.training.faults.fields import bump, rise
from tools.training.faults.made import Made
from tools.training.faults.scene import Scene


def _lifted(scene: Scene, level: Tensor, where: Tensor | float) -> Made:
    floor = scene.u(0.05, 0.6)
    echoes = floor + (1.0 - floor) * (scene.gray / 40.0).clamp(0.0, 1.0)
    in_db = scene.gray + scene.u(14.0, 22.0) * scene.db * level * where * echoes
    times = scene.gray * (1.0 + (0.1 + scene.u(1.2, 3.5) * level) * where)
    return Made(torch.where(scene.chance.flag(scene.count, 0.6), in_db, times))


def gain_high(scene: Scene, level: Tensor) -> Made:
    """Receive gain too high."""
    return _lifted(scene, level, 1.0)


def band_high(scene: Scene, level: Tensor) -> Made:
    """One slider of the time gain too high, or all from some depth on."""
    band = bump(scene.depth - scene.u(0.05, 0.95), scene.u(0.03, 0.16), scene.u(0.02, 0.1))
    below = rise(scene.depth, scene.u(0.1, 0.7), scene.u(0.1, 0.4))
    return _lifted(scene, level, torch.where(scene.chance.flag(scene.count, 0.7), band, below))
