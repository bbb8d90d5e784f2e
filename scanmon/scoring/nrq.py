"""TinyUSFM-NRQ: windows -> features -> log-likelihood on the clean manifolds -> mean of the worst 15 %."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.ports import CuttingEngine, Engine
from scanmon.core.values import WITHDRAWN_S, Box, Mask, Metric, Scored, View
from scanmon.scoring.familiar import Familiar
from scanmon.scoring.heads import Head, check_head, weighted_worst_mean, window_values
from scanmon.scoring.manifold import Fit, Floats, Manifolds
from scanmon.scoring.schedule import Budget, WindowScheduler
from scanmon.scoring.windows import Grid, grid, in_sector, pad, subsample, windows

_log = logging.getLogger(__name__)
_CHECKED = 32  # passes from one look at whether the organ models belong to the network to the next
CELL = 16  # pixels of the view per cell of the heatmap
# A trace of every window reaches everywhere: a cell that no window covers takes the nearest one's value.
_TAIL = 1e-6


@dataclass(frozen=True, slots=True)
class NrqParameters:
    """What the published metric lets one choose; the defaults are the published ones with every window."""

    patch: int = 224  # pixels
    stride: int = 112  # pixels
    topk_frac: float = 0.15
    organ: str | None = None  # None: the mixture of all organ models
    max_patches: int = 0  # 0: all; else the published random subsample, for comparison only
    seed: int = 2026  # of that subsample
    head: Head = field(default_factory=Head)  # the published one


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """What stays the same while the size of the view and the mask do."""

    grid: Grid
    mask: Mask | None
    used: NDArray[np.intp]  # (m,) positions in the grid of the windows that count
    weights: Floats  # (m,) share of each window that lies in the sector
    pixels: NDArray[np.uint8]  # (m, patch, patch) what goes into the engine, written over with every view
    spread: Spread


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A view whose windows were given to the engine."""

    layout: _Layout
    scheduler: WindowScheduler | None
    chosen: NDArray[np.intp] | None  # positions in the layout; None: all
    windows: int
    result: Callable[[], NDArray[np.float32]] | None  # features of these windows; None: there are none
    preprocess_ms: float
    engine_ms: float  # so far


class NrqScorer:
    """Scores views with TinyUSFM-NRQ: every window of every view, or what a budget allows.

    Under a budget the score rests on the newest result of every window. `warning` holds a line for the user
    once the features lie far off every organ model.
    """

    metric: Metric = "nrq"

    def __init__(
        self,
        engine: Engine,
        manifolds: Manifolds,
        parameters: NrqParameters | None = None,
        budget: Budget | None = None,
        familiar: Familiar | None = None,
    ) -> None:
        self._engine = engine
        self._cutting = engine if isinstance(engine, CuttingEngine) else None
        self._familiar = familiar
        self._budget = budget
        self._manifolds = manifolds
        self._parameters = parameters or NrqParameters()
        organ = self._parameters.organ
        self._organ = None if organ is None else manifolds.index(organ)
        check_head(self._parameters.head, manifolds)
        self._layout: _Layout | None = None
        self._scheduler: WindowScheduler | None = None
        self._fit: Fit | None = None  # of all windows, each from when it was last run
        self._window_ms: float | None = None  # outlives a layout: the engine stays the same
        self.warning: str | None = None
        self._passes = 0
        self._unended = False  # a view was begun, and its result not asked for or not to be had

    def score(self, view: View) -> Scored:
        """One pass, over all windows or those that are due.

        Raises `EngineError` where the network gives no usable features.
        """
        return self.start(view)()

    def start(self, view: View) -> Callable[[], Scored]:
        """See `StartingScorer`."""
        if self._unended:  # windows are taken for run that were not
            self.reset()
        if self._cutting is None:
            return lambda: self._ended(self._begun(view))
        begun = self._begun(view)
        return lambda: self._ended(begun)

    def _begun(self, view: View) -> _Begun:
        started = perf_counter()
        layout = self._layout_of(view)
        padded = pad(view.image, layout.grid)
        scheduler, self._unended = self._scheduler, True
        chosen = scheduler.choose(padded, view.time_s, view.left_ms) if scheduler else None
        used = layout.used if chosen is None else layout.used[chosen]
        result: Callable[[], NDArray[np.float32]] | None = None
        if not len(used):  # under a budget there are frames in which none is due
            prepared = perf_counter()
        elif self._cutting is not None:
            prepared = perf_counter()
            result = self._cutting.start_at(padded, layout.grid.corners[used], layout.grid.patch)
        else:
            pixels = windows(padded, layout.grid, used, layout.pixels)
            prepared = perf_counter()
            result = partial(self._engine.run, pixels)
        times = (prepared - started) * 1e3, (perf_counter() - prepared) * 1e3
        return _Begun(layout, scheduler, chosen, len(used), result, *times)

    def _ended(self, begun: _Begun) -> Scored:
        layout, scheduler, chosen = begun.layout, begun.scheduler, begun.chosen
        waits = perf_counter()
        z = begun.result() if begun.result else None
        ran = perf_counter()
        engine_ms = begun.engine_ms + (ran - waits) * 1e3
        fit = self._merged(z, chosen)
        self._unended = False
        loglik = window_values(fit, self._parameters.head, self._manifolds.clean, self._organ)
        if scheduler and chosen is not None:
            scheduler.ran(chosen, loglik, engine_ms)
            self._window_ms = scheduler.window_ms
        heat = layout.spread(loglik)
        looks = fit.z.mean(axis=0)
        return Scored(
            score=self._pooled(loglik, layout),
            heat=heat,
            worst=_box(layout.grid, layout.used[int(np.argmin(loglik))]),
            familiar=self._familiar.of(looks) if self._familiar else None,
            looks=looks,
            organ=self._manifolds.names[int(np.argmax(fit.loglik.mean(axis=0)))],
            patches=begun.windows,
            coverage=scheduler.coverage if scheduler else 1.0,
            oldest_s=scheduler.oldest_s if scheduler else 0.0,
            outdated_s=scheduler.outdated_s if scheduler else 0.0,
            windows=len(layout.used),
            round_ms=scheduler.round_ms if scheduler else engine_ms,
            fewer=self._fewer(layout, scheduler, engine_ms) if scheduler else None,
            complete=scheduler.complete if scheduler else True,
            preprocess_ms=begun.preprocess_ms,
            engine_ms=engine_ms,
            head_ms=(perf_counter() - ran) * 1e3,
        )

    def reset(self) -> None:
        """Forget all results: the next view runs every window, or the first of them beside another metric."""
        self._layout = self._scheduler = self._fit = None
        self._unended = False

    def _merged(self, z: NDArray[np.float32] | None, chosen: NDArray[np.intp] | None) -> Fit:
        """What is known of all windows of the layout, the chosen ones' features being `z`."""
        if z is None:
            assert self._fit is not None  # the first view of a layout runs one window at least
            return self._fit
        if not np.isfinite(z).all():
            raise EngineError("the network gives NaN", self._engine.backend, "run scanmon check")
        # exact enough for half precision (tests/scoring/test_manifold.py), and half the work
        single = self._engine.precision == "fp16" and not self._parameters.head.residual
        fit = self._kept(self._manifolds.fit(z, single=single), chosen)
        self._warn(fit)
        return fit

    def _warn(self, fit: Fit) -> None:
        """Say once that the organ models do not belong to the network: a bundle stays the same."""
        self._passes += 1
        if self.warning is None and self._passes % _CHECKED == 1:
            self.warning = fit.warning()
            if self.warning is not None:
                _log.warning("%s", self.warning)

    def _kept(self, fit: Fit, chosen: NDArray[np.intp] | None) -> Fit:
        """The newest result of every window, `fit` being that of the chosen ones; kept for the next view."""
        if chosen is None:
            return fit
        assert self._layout is not None
        count = len(self._layout.used)
        if len(chosen) == count:
            self._fit = fit
            return fit
        if self._fit is None:  # what was not run yet stands as the mean of what was
            means = {entry.name: getattr(fit, entry.name).mean(axis=0) for entry in fields(Fit)}
            self._fit = Fit(**{name: np.tile(mean, (count, 1)) for name, mean in means.items()})
        for entry in fields(Fit):
            getattr(self._fit, entry.name)[chosen] = getattr(fit, entry.name)
        return self._fit

    def _pooled(self, values: Floats, layout: _Layout) -> float:
        if self._parameters.head.masked:
            return weighted_worst_mean(values, layout.weights, self._parameters.topk_frac)
        return worst_mean(values, self._parameters.topk_frac)

    def _fewer(self, layout: _Layout, scheduler: WindowScheduler, engine_ms: float) -> tuple[int, int] | None:
        """See `Scored`; looked for where a result comes too late."""
        if max(scheduler.outdated_s, engine_ms / 1e3) <= WITHDRAWN_S:
            return None
        cells, patch = layout.grid, layout.grid.patch
        for stride in (patch * 3 // 4, patch):  # every place is still seen once
            used, _ = in_sector(layout.mask, grid(cells.height, cells.width, patch, stride))
            if len(used) <= scheduler.at_once and len(used) < len(layout.used):
                return stride, len(used)
        return None

    def _layout_of(self, view: View) -> _Layout:
        height, width = view.image.shape
        layout = self._layout
        same = layout is not None and (layout.grid.height, layout.grid.width) == (height, width)
        if layout is None or not same or layout.mask is not view.mask:
            layout = self._layout = _layout(height, width, view.mask, self._parameters)
            self._fit = None
            if self._budget:
                self._scheduler = WindowScheduler(self._budget, layout.grid, layout.used, self._window_ms)
        return layout


def worst_mean(loglik: NDArray[np.float64], topk_frac: float) -> float:
    """Mean of the worst share of the windows, at least one; the count rounds half to even as published."""
    count = max(1, round(len(loglik) * topk_frac))
    return float(np.partition(loglik, count - 1)[:count].mean())


def _layout(height: int, width: int, mask: Mask | None, parameters: NrqParameters) -> _Layout:
    cells = grid(height, width, parameters.patch, parameters.stride)
    used, share = in_sector(mask, cells)
    used = used[subsample(len(used), parameters.max_patches, parameters.seed)]
    pixels = np.empty((len(used), parameters.patch, parameters.patch), np.uint8)
    return _Layout(cells, mask, used, share[used], pixels, Spread(cells, used))


def _box(grid: Grid, window: np.intp) -> Box:
    """The part of a window that lies in the view."""
    top, left = grid.corners[window] - (grid.top, grid.left)
    y, x = max(0, int(top)), max(0, int(left))
    return Box(x, y, min(grid.width, int(left) + grid.patch) - x, min(grid.height, int(top) + grid.patch) - y)


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
