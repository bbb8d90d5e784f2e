"""Faults of the capture chain: lossy compression, lost lines, echoes on the cable, few gray levels."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.faults.fields import blurred, moved, resampled
from tools.training.faults.scene import Made, Scene

LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
"""Quantisation of JPEG (ITU T.81, annex K.1) at quality 50."""


def _waves(side: int, device: torch.device) -> Tensor:
    """(side, side) orthonormal cosine transform."""
    at = torch.arange(side, device=device, dtype=torch.float32)
    basis = torch.cos(math.pi * (at[None, :] + 0.5) * at[:, None] / side) * math.sqrt(2.0 / side)
    basis[0] /= math.sqrt(2.0)
    return basis


def quantised(x: Tensor, steps: Tensor, dead: float = 0.5) -> Tensor:
    """(g, k, H, W) with its blockwise cosine transform rounded to `steps` (g, k, side, side)."""
    side = steps.shape[-1]
    height, width = x.shape[2:]
    padded = functional.pad(x, (0, -width % side, 0, -height % side), mode="replicate")
    rows, columns = padded.shape[2] // side, padded.shape[3] // side
    blocks = padded.view(*x.shape[:2], rows, side, columns, side).transpose(3, 4)
    waves = _waves(side, x.device)
    found = waves @ (blocks - 128.0) @ waves.T
    unit = found / steps[:, :, None, None]
    kept = torch.sign(unit) * torch.floor(unit.abs() + dead) * steps[:, :, None, None]
    back = (waves.T @ kept @ waves + 128.0).transpose(3, 4).reshape(*x.shape[:2], *padded.shape[2:])
    return back[:, :, :height, :width]


def jpeg_at(x: Tensor, quality: Tensor) -> Tensor:
    """(g, k, H, W) after JPEG at qualities (g, k, 1, 1)."""
    scale = torch.where(quality < 50.0, 50.0 / quality, 2.0 - quality / 50.0)
    table = torch.tensor(LUMINANCE, device=x.device, dtype=torch.float32)
    return quantised(x, (table * scale).clamp(1.0, 255.0))


def jpeg(scene: Scene, level: Tensor) -> Made:
    """JPEG at quality 55 down to 3, blocks anywhere."""
    shift = (int(scene.chance.rng.integers(8)), int(scene.chance.rng.integers(8)))
    x = scene.gray.expand(-1, level.shape[1], -1, -1).roll(shift, (2, 3))
    return Made(jpeg_at(x, 60.0 * (3.0 / 60.0) ** level).roll((-shift[0], -shift[1]), (2, 3)))


def blocky_video(scene: Scene, level: Tensor) -> Made:
    """A video codec without bits: a dead zone, blocks of 4 to 16 pixels, softened edges between them."""
    side = int(scene.chance.rng.choice([4, 8, 16]))
    at = torch.arange(side, device=level.device, dtype=torch.float32)
    slope = 1.0 + scene.u(0.0, 1.5) * (at[:, None] + at[None, :]) / side
    steps = (3.0 * 24.0**level) * slope
    x = scene.gray.expand(-1, level.shape[1], -1, -1)
    coarse = quantised(x, steps, dead=0.33)
    soft = blurred(coarse, 0.9, 0.9, 3)
    rows = torch.arange(scene.size[0], device=level.device)[:, None] % side
    columns = torch.arange(scene.size[1], device=level.device)[None, :] % side
    edge = ((rows == 0) | (rows == side - 1) | (columns == 0) | (columns == side - 1)).float()
    return Made(coarse + edge * scene.u(0.0, 1.0) * (soft - coarse))


def dropped_lines(scene: Scene, level: Tensor) -> Made:
    """Lines lost in short runs: black, or the last good line again; sometimes scan lines, not rows."""
    rng = scene.chance.rng
    run, turned = int(rng.integers(1, 5)), bool(rng.random() < 0.25)
    x = scene.gray.transpose(2, 3) if turned else scene.gray
    rows = x.shape[2]
    order = torch.rand(scene.count, 1, -(-rows // run), generator=scene.chance.generator, device=x.device)
    order = order.repeat_interleave(run, 2)[:, :, :rows]
    lost = order < 0.5 * (0.03 + 0.97 * level[..., 0] ** 1.5)
    if rng.random() < 0.5:
        gray = torch.where(lost[..., None], torch.zeros_like(x), x)
    else:
        at = torch.arange(rows, device=x.device).expand_as(lost)
        last = torch.where(lost, torch.zeros_like(at), at).cummax(2).values
        whole = [*lost.shape, x.shape[3]]
        gray = torch.gather(x.expand(whole), 2, last[..., None].expand(whole))
    return Made(gray.transpose(2, 3) if turned else gray)


def comb(scene: Scene, level: Tensor) -> Made:
    """Two fields of a moving picture woven into one: every other line lags sideways."""
    lag = scene.u(0.6, 1.0) * 0.027 * scene.size[0] * (0.02 + 0.98 * level**1.6)
    other = moved(scene.gray, torch.where(scene.flag(0.5), lag, -lag), 0 * lag)
    run = int(scene.chance.rng.choice([1, 1, 2]))
    odd = (torch.arange(scene.size[0], device=level.device)[:, None] // run) % 2 == 1
    return Made(torch.where(odd, other, scene.gray))


def cable_ghost(scene: Scene, level: Tensor) -> Made:
    """A reflection on the cable: the picture again, a little to one side, added to the gray levels."""
    right = scene.u(0.008, 0.12) * scene.size[1]
    other = moved(scene.gray, right, 0 * right)
    share = 0.6 * level
    sign = torch.where(scene.flag(0.25), -1.0, 1.0)
    return Made(scene.gray * (1.0 - 0.3 * share) + sign * share * other)


def few_grays(scene: Scene, level: Tensor) -> Made:
    step = 5.0 + 75.0 * level**1.4
    return Made(torch.floor(scene.gray / step + 0.5) * step)


def mosaic(scene: Scene, level: Tensor) -> Made:
    step = 1.0 + 0.02 * scene.size[0] * (0.04 + 0.96 * level)
    soft = blurred(scene.gray, 0.3 * step, 0.3 * step, 8)
    phase = scene.u(0.0, 4.0)
    return Made(resampled(resampled(soft, step, 2, phase, blocky=True), step, 3, phase, blocky=True))


def over_sharpened(scene: Scene, level: Tensor) -> Made:
    """Edges with bright and dark seams, from a grabber or a screen that sharpens."""
    soft = blurred(scene.gray, scene.u(0.6, 2.5), scene.u(0.6, 2.5), 8)
    return Made(scene.gray + 4.5 * level**1.2 * (scene.gray - soft))
