"""Window values spread back over the pixels that each window covers: the heatmap of the nrq metric."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scanmon.scoring.windows import Grid

CELL = 16  # pixels of the view per cell of the heatmap
# A trace of every window reaches everywhere: a cell that no window covers takes the nearest one's value.
_TAIL = 1e-6


class Spread:
    """Weighted mean over the windows that cover a cell.

    The weight of a window falls as sin^2 from its centre to zero at its edge, per axis, so that no seam shows
    where a window ends. Weights are separable; applying them is two small matrix products.
    """

    def __init__(self, grid: Grid, used: NDArray[np.intp]) -> None:
        corners = grid.corners[used]
        rows, columns = math.ceil(grid.height / CELL), math.ceil(grid.width / CELL)
        self._down = _profile(corners[:, 0] - grid.top, grid.patch, grid.height, rows)
        self._across = _profile(corners[:, 1] - grid.left, grid.patch, grid.width, columns)
        self._total = self._down @ self._across.T

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """(n,) values of the windows -> (gh, gw) over the whole view, read-only."""
        heat = ((self._down * values) @ self._across.T / self._total).astype(np.float32)
        heat.setflags(write=False)
        return heat


def _profile(starts: NDArray[np.intp], patch: int, length: int, cells: int) -> NDArray[np.float64]:
    """(cells, n) weight of each window, that begins at `starts` pixels, in each cell along one axis."""
    centres = (np.arange(cells) + 0.5) * (length / cells)
    position = (centres[:, None] - starts[None, :]) / patch  # 0..1 inside the window
    inside = np.where((position > 0) & (position < 1), np.sin(np.pi * position) ** 2, 0.0)
    return np.asarray(inside + _TAIL * np.exp(-np.abs(position - 0.5)))
