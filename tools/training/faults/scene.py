"""What a batched fault works on: pictures, their sectors, where depth lies, and what is drawn by chance.

All arrays are (g, 1, H, W) for g pictures; faults answer with (g, k, H, W) for k levels of each. What is
drawn has k = 1, so that place and pattern are shared by all levels of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

POLAR_ODDS = 0.7
"""Share of the sectors whose depth is measured from an apex above the picture, not from its upper edge."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Random numbers of one batch: `rng` for what a batch shares, `generator` for each picture's own."""

    rng: np.random.Generator
    generator: torch.Generator

    @property
    def device(self) -> torch.device:
        """Where tensors are drawn."""
        return self.generator.device

    def uniform(self, count: int, low: float, high: float) -> Tensor:
        """(count, 1, 1, 1) numbers."""
        drawn = torch.rand(count, 1, 1, 1, generator=self.generator, device=self.device)
        return low + (high - low) * drawn

    def flag(self, count: int, odds: float) -> Tensor:
        """(count, 1, 1, 1) bool."""
        return self.uniform(count, 0.0, 1.0) < odds

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def smooth(self, count: int, size: tuple[int, int], cells: tuple[int, int]) -> Tensor:
        """(count, 1, H, W) smooth fields in about 0..1 through so many random knots."""
        knots = torch.rand(count, 1, *cells, generator=self.generator, device=self.device)
        field = functional.interpolate(knots, size, mode="bicubic", align_corners=True)
        return field.clamp(0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """`gray` 0..255 float with its black level taken off, `mask` 0 or 1 float, `depth` and `lateral` 0..1."""

    gray: Tensor
    mask: Tensor
    depth: Tensor
    lateral: Tensor
    mean: Tensor  # (g, 1, 1, 1) mean gray of the sector
    db: Tensor  # (g, 1, 1, 1) gray levels of a decibel: the dynamic range on show
    chance: Chance

    @property
    def count(self) -> int:
        return self.gray.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        return self.gray.shape[2], self.gray.shape[3]

    def u(self, low: float, high: float) -> Tensor:
        """(g, 1, 1, 1) numbers, one a picture."""
        return self.chance.uniform(self.count, low, high)

    def flag(self, odds: float) -> Tensor:
        """(g, 1, 1, 1) bool, one a picture."""
        return self.chance.flag(self.count, odds)

    def noise(self) -> Tensor:
        """(g, 1, H, W) standard normal numbers."""
        return self.chance.normal(self.count, 1, *self.size)

    def smooth(self, down: int, across: int) -> Tensor:
        """(g, 1, H, W) smooth fields in about 0..1 through so many random knots."""
        return self.chance.smooth(self.count, self.size, (down, across))

    def part(self, of: slice) -> Scene:
        gray, mask, depth = self.gray[of], self.mask[of], self.depth[of]
        return Scene(gray, mask, depth, self.lateral[of], self.mean[of], self.db[of], self.chance)

    def shown(self, gray: Tensor) -> Scene:
        return replace(self, gray=gray, mean=_mean(gray, self.mask))


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Faulty pictures (g, k, H, W), float, not yet cut to 0..255.

    `left`: share of the light that is left at each place, same shape, for faults that take light away.
    """

    gray: Tensor
    left: Tensor | None = None


def _mean(gray: Tensor, inside: Tensor) -> Tensor:
    """Mean gray of each sector, at least 6."""
    share = inside.mean((2, 3), keepdim=True).clamp_min(1e-3)
    return ((gray * inside).mean((2, 3), keepdim=True) / share).clamp_min(6.0)


def scene_of(gray: Tensor, mask: Tensor, chance: Chance) -> Scene:
    """The scene of pictures (g, 1, H, W) 0..255 and their masks. Nothing waits for the device."""
    count, _, height, width = gray.shape
    inside = mask.float()
    share = inside.mean((2, 3), keepdim=True).clamp_min(1e-3)
    rows = torch.arange(height, device=gray.device, dtype=torch.float32).view(1, 1, -1, 1)
    columns = torch.arange(width, device=gray.device, dtype=torch.float32).view(1, 1, 1, -1)
    has_row, has_column = inside.amax(3, keepdim=True), inside.amax(2, keepdim=True)
    top, bottom = _ends(has_row, rows, 2)
    left, right = _ends(has_column, columns, 3)
    deep, wide = (bottom - top).clamp_min(8), (right - left).clamp_min(8)
    polar = (share / (deep * wide / (height * width)) < 0.9) & chance.flag(count, POLAR_ODDS)
    above = chance.uniform(count, 0.05, 0.9) * deep
    x, y = columns - 0.5 * (left + right), rows - top + above
    radius, angle = torch.sqrt(x * x + y * y), torch.atan2(x, y.clamp_min(1.0))
    half = torch.atan2(0.5 * wide, 0.75 * deep + above)
    depth = torch.where(polar, (radius - above) / deep, (rows - top) / deep).clamp(0, 1)
    lateral = torch.where(polar, 0.5 + 0.5 * angle / half, (columns - left) / wide).clamp(0, 1)
    db = 255.0 / chance.uniform(count, 48.0, 72.0)
    return Scene(gray, inside, depth, lateral, _mean(gray, inside), db, chance)


def _ends(lit: Tensor, places: Tensor, along: int) -> tuple[Tensor, Tensor]:
    """First and last place (n, 1, 1, 1) where `lit` is not 0."""
    size = places.numel()
    first = torch.where(lit > 0, places, float(size)).amin(along, keepdim=True).clamp_max(size - 9.0)
    last = torch.where(lit > 0, places, -1.0).amax(along, keepdim=True).clamp_min(8.0)
    return first, last
