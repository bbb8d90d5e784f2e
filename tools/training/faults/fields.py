"""Tools of the batched faults: blurs with a width a picture, grain, echoes added in power, sampling."""

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.faults.scene import Chance, Scene


def _common(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape to which all these are broadcast."""
    return tuple(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]


def _blur_along(x: Tensor, sigma: Tensor, radius: int, down: bool) -> Tensor:
    """(1, n, H, W) blurred along one side with sigmas (n,) in pixels."""
    at = torch.arange(-radius, radius + 1, device=x.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (at[None, :] / sigma[:, None].clamp_min(0.05)) ** 2)
    return convolved(x, kernel / kernel.sum(1, keepdim=True), down)


def convolved(x: Tensor, kernel: Tensor, down: bool) -> Tensor:
    """(1, n, H, W) with a kernel (n, 2 r + 1) for each picture along one side; the border is repeated."""
    radius = kernel.shape[1] // 2
    shape = (len(kernel), 1, -1, 1) if down else (len(kernel), 1, 1, -1)
    pad = (0, 0, radius, radius) if down else (radius, radius, 0, 0)
    return functional.conv2d(functional.pad(x, pad, mode="replicate"), kernel.view(shape), groups=len(kernel))


def blurred(x: Tensor, across: Tensor | float, down: Tensor | float, radius: int) -> Tensor:
    """Gaussian blur of (g, k, H, W) with sigmas that broadcast to (g, k, 1, 1), in pixels.

    Wide blurs (radius over 14) are made at a quarter of the size.
    """
    across = torch.as_tensor(across, device=x.device, dtype=torch.float32)
    down = torch.as_tensor(down, device=x.device, dtype=torch.float32)
    if radius > 14:
        small = functional.avg_pool2d(x, 4, ceil_mode=True)
        soft = blurred(small, across / 4, down / 4, max(radius // 4, 2))
        return functional.interpolate(soft, x.shape[2:], mode="bilinear", align_corners=False)
    shape = _common(x.shape[:2], across.shape[:2] if across.ndim else (1, 1))
    x = x.expand(*shape, *x.shape[2:])
    flat = x.reshape(1, shape[0] * shape[1], *x.shape[2:])
    for sigma, along in ((across, False), (down, True)):
        widths = sigma.expand(*shape, 1, 1).reshape(-1) if sigma.ndim else sigma.expand(shape[0] * shape[1])
        flat = _blur_along(flat, widths, radius, along)
    return flat.view(*shape, *x.shape[2:])


def grain(chance: Chance, count: int, size: tuple[int, int], down: Tensor, across: Tensor) -> Tensor:
    """(count, 1, H, W) Gaussian fields, mean 0 and variance 1, correlated over so many pixels."""
    field = blurred(chance.normal(count, 1, *size), across, down, 9)
    return (field - field.mean((2, 3), keepdim=True)) / field.std((2, 3), keepdim=True).clamp_min(1e-6)


def speckle(scene: Scene, down: Tensor, across: Tensor) -> Tensor:
    """(g, 1, H, W) power of fully developed speckle: exponential, mean about 1."""
    one, two = (grain(scene.chance, scene.count, scene.size, down, across) for _ in range(2))
    return 0.5 * (one * one + two * two)


def add_power(scene: Scene, power: Tensor) -> Tensor:
    """Gray (g, k, H, W) after incoherent addition of `power`, where 1 is the power of full white."""
    own = as_power(scene.gray, scene.db)
    return scene.gray + 10.0 * scene.db * torch.log10(1.0 + power / own)


def as_power(gray: Tensor, db: Tensor) -> Tensor:
    """Power of log-compressed gray; white is 1."""
    return 10.0 ** ((gray - 255.0) / (10.0 * db))


def as_gray(power: Tensor, db: Tensor) -> Tensor:
    """Inverse of `as_power`."""
    return 255.0 + 10.0 * db * torch.log10(power.clamp_min(1e-12))


def decibel(level: Tensor | float) -> Tensor:
    """Power of a level in dB."""
    return 10.0 ** (torch.as_tensor(level) / 10.0)


def bump(distance: Tensor, half: Tensor, edge: Tensor) -> Tensor:
    """1 within `half`, 0 beyond `half + edge`, a raised cosine between."""
    t = ((distance.abs() - half) / edge.clamp_min(1e-4)).clamp(0.0, 1.0)
    return 0.5 + 0.5 * torch.cos(torch.pi * t)


def rise(value: Tensor, start: Tensor, reach: Tensor) -> Tensor:
    """0 before `start`, 1 after `start + reach`, smooth between."""
    t = ((value - start) / reach.clamp_min(1e-3)).clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


Span: TypeAlias = tuple[float, float]


def spot(scene: Scene, middle: Span, wide: Span, high: Span, soft: float) -> Tensor:
    """(g, 1, H, W) 1 in an ellipse drawn from these ranges, 0 beyond its edge, which is up to `soft` wide."""
    across = (scene.lateral - scene.u(*middle)) / scene.u(*wide)
    down = (scene.depth - scene.u(*middle)) / scene.u(*high)
    away = torch.sqrt(across**2 + down**2)
    return 1.0 - rise(away, scene.u(0.6, 0.95), scene.u(0.1, soft))


def moved(x: Tensor, right: Tensor, down: Tensor) -> Tensor:
    """(g, k, H, W) moved by fractions (g, k or 1, 1, 1) of a pixel count; what comes in is the border."""
    count, levels, height, width = x.shape
    shape = _common((count, levels, 1, 1), right.shape, down.shape)
    right, down = right.expand(shape).reshape(-1), down.expand(shape).reshape(-1)
    x = x.expand(shape[0], shape[1], height, width).reshape(-1, 1, height, width)
    theta = torch.zeros(len(x), 2, 3, device=x.device)
    theta[:, 0, 0] = theta[:, 1, 1] = 1.0
    theta[:, 0, 2], theta[:, 1, 2] = -2.0 * right / width, -2.0 * down / height
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    out = functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return out.view(*shape[:2], height, width)


def resampled(x: Tensor, step: Tensor, along: int, phase: Tensor, *, blocky: bool = False) -> Tensor:
    """(g, k, H, W) known only at every `step`-th (g, k, 1, 1) row (along 2) or column (along 3).

    Between them linear, or the nearest where `blocky`.
    """
    size = x.shape[along]
    shape = _common(x.shape[:2], step.shape[:2])
    places = torch.arange(size, device=x.device, dtype=torch.float32).view(1, 1, -1)
    step, phase = step.expand(*shape, 1, 1)[..., 0], phase[..., 0]
    t = (places - phase) / step
    low = torch.floor(t + 0.5) if blocky else torch.floor(t)
    ends = []
    for knot in (low,) if blocky else (low, low + 1):
        index = (knot * step + phase).round().clamp(0, size - 1).long()
        index = index[..., :, None] if along == 2 else index[..., None, :]
        whole = [*shape, x.shape[2], x.shape[3]]
        ends.append(torch.gather(x.expand(whole), along, index.expand(whole)))
    if blocky:
        return ends[0]
    share = (t - low)[..., :, None] if along == 2 else (t - low)[..., None, :]
    return ends[0] + share * (ends[1] - ends[0])
