"""Which windows are run for a frame when there is no time for all of them.

Every frame first takes the oldest windows, as many as it needs so that each comes round within `refresh_s`;
what is left of the budget goes half to the windows whose picture changed most since they were run and half to
the worst ones, which make the score. The first view, one after `reset` and a new scene run all windows;
beside another metric, which makes the number, a full pass is spread over as many frames as it needs.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from scanmon.core.values import WITHDRAWN_S, GrayImage
from scanmon.scoring.windows import Grid

_CELL = 16  # pixels of the picture for one of the thumbnail, in which changes are seen
_CHANGED = 2.0  # gray levels, of a window's thumbnail or its fine detail: below, it counts as the same
_NEW_SCENE = 20.0  # gray levels, median over the windows
_PAUSE = 5.0  # times the length of a full pass that lie between two of them
_WEIGHT = 0.2  # of the newest engine time in the running mean
_LEAST = 1 / 6  # of its share that nrq keeps beside another metric, however little time that one leaves


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be run for a frame."""

    windows: int = 0  # of a frame; 0: what fits into `share`, by the measured time of the engine
    share: float = 0.85  # of the time that the engine may take
    rate_hz: float = 10.0  # readings a second that are kept: no frame takes more than share / rate_hz
    refresh_s: float = 1.0  # no window's result gets older, as far as the budget reaches
    beside: bool = False  # another metric makes the number: no frame at all may take more than its share


class WindowScheduler:
    """The state of the windows of one layout. Times are those of the frames, so a replay repeats itself.

    With a budget of 0 the choice depends on how fast the engine was, and does not repeat itself.
    """

    def __init__(
        self, budget: Budget, grid: Grid, used: NDArray[np.intp], window_ms: float | None = None
    ) -> None:
        """`window_ms`: what a window took the engine in an earlier layout, where that is known."""
        self._budget, self._count = budget, len(used)
        self._side = max(1, grid.patch // _CELL)
        self._cells = grid.corners[used] // _CELL
        self._seen, self._fine = (
            np.zeros((self._count, self._side, self._side), np.float32) for _ in range(2)
        )
        self._steps: GrayImage = np.zeros((0, 0), np.uint8)
        self._run_s = np.full(self._count, -np.inf)
        self._changes = np.zeros(self._count)
        self._values = np.zeros(self._count)
        self._time_s = -math.inf
        self._all_s = -math.inf
        self._last_s = -math.inf  # when any was run
        self._window_ms = window_ms
        self._saved_ms = 0.0  # of the engine's share of the time, not used yet

    def choose(self, padded: GrayImage, time_s: float, left_ms: float | None = None) -> NDArray[np.intp]:
        """Positions, growing, of the windows to run for this picture, for which there are `left_ms`."""
        now, fine = self._thumbnails(padded), self._thumbnails(self._detail(padded))
        coarse = np.abs(now - self._seen).mean(axis=(1, 2))
        # noise and blur leave the thumbnail as it was
        self._changes = np.maximum(coarse, np.abs((fine - self._fine).mean(axis=(1, 2))))
        step_s = time_s - self._time_s
        self._time_s = time_s
        if step_s < 0:  # another place of a recording: nothing that is known belongs to it
            self._run_s[:] = -np.inf
        # a probe that sweeps is a new scene in every frame: it may cost a full pass once in a while
        pause_s = max(self._budget.refresh_s, _PAUSE * self._count * (self._window_ms or 0.0) / 1e3)
        scene = np.median(coarse) > _NEW_SCENE and time_s - self._all_s >= pause_s
        allowed = self._allowed(step_s, left_ms)
        whole = (scene or not self.complete) and not self._budget.beside
        if whole or allowed >= self._count:
            chosen = np.arange(self._count, dtype=np.intp)
            self._all_s = time_s
        else:
            chosen = self._due(allowed, time_s - self._last_s)
        self._seen[chosen], self._fine[chosen] = now[chosen], fine[chosen]
        self._run_s[chosen] = time_s
        if len(chosen):
            self._last_s = time_s
        self._changes[chosen] = 0.0
        return chosen

    def _detail(self, padded: GrayImage) -> GrayImage:
        """Steps between neighbours across, of the same size: what speckle, noise and blur are made of."""
        if self._steps.shape != padded.shape:  # once: a layout has one size
            self._steps = np.zeros_like(padded)
        cv2.absdiff(padded[:, 1:], padded[:, :-1], self._steps[:, 1:])
        return self._steps

    def ran(self, chosen: NDArray[np.intp], values: NDArray[np.float64], engine_ms: float) -> None:
        """Take note of all windows' values, higher is better, and of how long the chosen ones took."""
        self._values = values
        if not len(chosen):
            return
        self._saved_ms = max(0.0, self._saved_ms - engine_ms)
        each = engine_ms / len(chosen)
        mean = self._window_ms
        self._window_ms = each if mean is None else (1 - _WEIGHT) * mean + _WEIGHT * each

    @property
    def complete(self) -> bool:
        """Whether every window was run since the first view, or since the time ran backwards."""
        return bool(np.isfinite(self._run_s).all())

    @property
    def window_ms(self) -> float | None:
        """Running mean of what a window takes the engine; None before the first."""
        return self._window_ms

    @property
    def coverage(self) -> float:
        """Share of the windows that show what they showed when they were run."""
        return float((self._changes <= _CHANGED).mean())

    @property
    def oldest_s(self) -> float:
        return float(self._time_s - self._run_s.min())

    @property
    def outdated_s(self) -> float:
        """Age of the oldest window that shows something else by now; what stands still is never outdated."""
        return float(self._time_s - self._run_s[self._changes > _CHANGED].min(initial=self._time_s))

    @property
    def round_ms(self) -> float | None:
        """Until all windows were run, with the share of the time that there is; None before the first."""
        return None if self._window_ms is None else self._window_ms * self._count / self._budget.share

    @property
    def at_once(self) -> int:
        """How many windows the engine runs within the time that a result is shown, by the share it has."""
        return int(1e3 * WITHDRAWN_S * self._budget.share / max(self._window_ms or 0.0, 1e-3))

    def _allowed(self, step_s: float, left_ms: float | None) -> int:
        if self._budget.windows:
            return self._budget.windows
        if self._window_ms is None:
            return 1 if self._budget.beside else self._count
        most_ms = max(self._budget.share * 1e3 / self._budget.rate_hz, self._window_ms)
        share_ms = self._budget.share * 1e3 * max(step_s, 0.0)
        if left_ms is not None:
            share_ms = min(share_ms, max(left_ms, _LEAST * share_ms))
        self._saved_ms = min(self._saved_ms + share_ms, most_ms)
        return int(self._saved_ms / max(self._window_ms, 1e-3) + 1e-9)

    def _due(self, allowed: int, since_s: float) -> NDArray[np.intp]:
        """`allowed` windows; `since_s` after any was run."""
        needed = allowed  # until each was run once
        if self.complete:
            needed = min(allowed, math.ceil(self._count * since_s / self._budget.refresh_s))
        # old ones first; where two are as old, the one that changed more
        taken = np.zeros(self._count, dtype=np.bool_)
        taken[np.lexsort((-self._changes, self._run_s))[:needed]] = True
        left = allowed - needed
        changed = np.argsort(-np.where(taken, 0.0, self._changes), kind="stable")[: left - left // 2]
        taken[changed[self._changes[changed] > _CHANGED]] = True
        worst = np.argsort(np.where(taken, np.inf, self._values), kind="stable")
        taken[worst[: allowed - int(taken.sum())]] = True
        return np.flatnonzero(taken)

    def _thumbnails(self, padded: GrayImage) -> NDArray[np.float32]:
        """(n, side, side) what each window shows, coarsely; a window begins at the cell of its corner."""
        height, width = (extent // _CELL * _CELL for extent in padded.shape)
        # whole cells, for which OpenCV averages several times faster
        small = cv2.resize(
            padded[:height, :width], (width // _CELL, height // _CELL), interpolation=cv2.INTER_AREA
        )
        every = sliding_window_view(small, (self._side, self._side))
        return np.asarray(every[self._cells[:, 0], self._cells[:, 1]], dtype=np.float32)
