"""The published grid of windows over a picture, and the windows as one array.

The grid covers the picture with square windows `stride` pixels apart; where the last row or column of windows
does not end at the edge, one more row and column flush with the edge follow *after* the regular ones. That
order is part of the published metric: its random subsample draws positions in the list.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.values import GrayImage, Mask

MIN_SECTOR_SHARE = 0.25
"""Windows with less of the sector in them are left out: their black would count as tissue."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Where the windows of a picture of one size lie."""

    corners: NDArray[np.intp]  # (n, 2): top, left, in the padded picture; read-only, published order
    patch: int  # pixels, side of a window
    height: int  # pixels of the picture before padding
    width: int
    top: int  # pixels of padding above and to the left; as much or one more below and to the right
    left: int

    def __len__(self) -> int:
        return len(self.corners)


@lru_cache(maxsize=32)
def grid(height: int, width: int, patch: int = 224, stride: int = 112) -> Grid:
    """Windows of a picture of `height` x `width` pixels. Raises `SettingsError` where it has none."""
    if height < 1 or width < 1:
        raise SettingsError(
            "a picture without pixels has no score", f"{width}x{height}", "choose another region"
        )
    if patch < 1 or stride < 1:
        raise SettingsError("patch and stride must be positive", f"{patch}, {stride}", "use 224 and 112")
    padded_height, padded_width = max(height, patch), max(width, patch)
    bottom, right = padded_height - patch, padded_width - patch
    rows, columns = range(0, bottom + 1, stride), range(0, right + 1, stride)
    corners = [(y, x) for y in rows for x in columns]
    if rows[-1] != bottom:
        corners += [(bottom, x) for x in columns]
    if columns[-1] != right:
        corners += [(y, right) for y in rows]
    corners.append((bottom, right))
    unique = np.array(list(dict.fromkeys(corners)), dtype=np.intp)
    unique.setflags(write=False)
    return Grid(unique, patch, height, width, (padded_height - height) // 2, (padded_width - width) // 2)


def pad(image: GrayImage, grid: Grid) -> GrayImage:
    """The picture; mirrored on both sides (the edge not repeated) up to one window where it is smaller."""
    height, width = image.shape
    below, beside = max(0, grid.patch - height), max(0, grid.patch - width)
    if not below and not beside:
        return image
    padded = cv2.copyMakeBorder(
        image, grid.top, below - grid.top, grid.left, beside - grid.left, cv2.BORDER_REFLECT_101
    )
    return padded.astype(np.uint8, copy=False)


def windows(
    padded: GrayImage, grid: Grid, which: NDArray[np.intp] | None = None, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Windows `which` (all, where None) as a contiguous array (n, patch, patch): the only copy made.

    The array is fresh, or the first n windows of `out` (at least n, patch, patch), which are written over.
    """
    return cut(padded, grid.corners if which is None else grid.corners[which], grid.patch, out)


def cut(
    padded: GrayImage, corners: NDArray[np.intp], side: int, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """The squares of `side` pixels at `corners` (n, 2), as `windows` gives them."""
    if out is None or not len(corners):
        return sliding_window_view(padded, (side, side))[corners[:, 0], corners[:, 1]]
    # indexing with arrays cannot write into an array that is there; joining views can
    views = [padded[None, y : y + side, x : x + side] for y, x in corners.tolist()]
    return np.concatenate(views, out=out[: len(corners)])


def mask_share(mask: Mask, grid: Grid) -> NDArray[np.float64]:
    """(n,) share of each window's own pixels, 0..1, that lies inside `mask` (height, width).

    Padding counts as outside, so a small picture does not look fuller than it is.
    """
    top, left = grid.corners[:, 0] - grid.top, grid.corners[:, 1] - grid.left
    rows = np.clip(np.stack([top, top + grid.patch]), 0, grid.height)
    columns = np.clip(np.stack([left, left + grid.patch]), 0, grid.width)
    total = cv2.integral(mask.astype(np.uint8))  # (height + 1, width + 1)
    inside = (
        total[rows[1], columns[1]]
        - total[rows[0], columns[1]]
        - total[rows[1], columns[0]]
        + total[rows[0], columns[0]]
    )
    area = np.diff(rows, axis=0)[0] * np.diff(columns, axis=0)[0]
    return np.asarray(inside / area, dtype=np.float64)


def in_sector(mask: Mask | None, grid: Grid) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Which windows count, in the order of the grid, and the share of the sector in every window, each (n,).

    At least one counts: where none reaches `MIN_SECTOR_SHARE`, those that hold the most.
    """
    if mask is None:
        return np.arange(len(grid), dtype=np.intp), np.ones(len(grid))
    share = mask_share(mask, grid)
    return np.flatnonzero(share >= min(MIN_SECTOR_SHARE, share.max())), share


def subsample(count: int, maximum: int, seed: int) -> NDArray[np.intp]:
    """The published random choice of at most `maximum` (0: all) of `count` windows, for comparison only.

    Draws from a generator of its own; the caller's random state is left alone.
    """
    if maximum <= 0 or count <= maximum:
        return np.arange(count, dtype=np.intp)
    chosen = np.random.default_rng(seed).choice(count, size=maximum, replace=False)
    return np.asarray(chosen, dtype=np.intp)
