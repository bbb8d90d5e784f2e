"""Features of clean pictures, for fitting: the published choice of windows, the network run over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Engine
from scanmon.core.values import View
from scanmon.scoring.windows import grid, in_sector, pad, subsample, windows

_SPREAD = 1315423911  # published: the seed of picture i is seed + i * this, in 32 bits


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which windows are taken; the defaults are the published ones."""

    patch: int = 224  # pixels
    stride: int = 112  # pixels
    windows_per_picture: int = 4
    seed: int = 2026


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features (n, D) of one organ, and the number of the picture that each row comes from (n,)."""

    z: NDArray[np.float64]
    picture: NDArray[np.intp]

    @property
    def pictures(self) -> int:
        """How many pictures gave features."""
        return int(np.unique(self.picture).size)


def features(
    views: Iterable[View], engine: Engine, sampling: Sampling, progress: Callable[[int], None]
) -> Features:
    """Run the network over windows of all views of one organ, in order. `progress` gets the pictures done.

    Windows that are mostly outside the sector are left out, as in scoring.
    """
    found: list[NDArray[np.float64]] = []
    numbers: list[NDArray[np.intp]] = []
    for number, view in enumerate(views):
        chosen = _windows(view, sampling, (sampling.seed + number * _SPREAD) & 0xFFFFFFFF)
        found.append(engine.run(chosen).astype(np.float64))
        numbers.append(np.full(len(chosen), number, np.intp))
        progress(number + 1)
    if not found:
        return Features(np.empty((0, 0)), np.empty(0, np.intp))
    return Features(np.concatenate(found), np.concatenate(numbers))


def _windows(view: View, sampling: Sampling, seed: int) -> NDArray[np.uint8]:
    height, width = view.image.shape
    cells = grid(height, width, sampling.patch, sampling.stride)
    used, _ = in_sector(view.mask, cells)
    chosen = used[subsample(len(used), sampling.windows_per_picture, seed)]
    return windows(pad(view.image, cells), cells, chosen)
