"""A metric of the caller's own: a function from a picture to local quality."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, GrayImage, Metric, Scored, View
from scanmon.scoring.analyzer import Judge
from scanmon.scoring.calibration import Calibration

_SAME = Calibration((0.0, 100.0), (0.0, 100.0))
_TOPK_FRAC = 0.15  # share of the worst cells that makes the score, as in the published metric


class OwnScorer:
    """A `Scorer`. The score is the mean of the worst cells inside the sector, and is the quality too."""

    def __init__(self, quality: Callable[[GrayImage], NDArray[Any]], topk_frac: float | None = None) -> None:
        self.name = getattr(quality, "__name__", type(quality).__name__)
        self._quality = quality
        self._topk_frac = topk_frac or _TOPK_FRAC

    @property
    def metric(self) -> Metric:
        return cast("Metric", self.name)  # a third name, which records and tables take as they take the two

    def judge(self) -> Judge:
        return Judge(self, _SAME)

    def score(self, view: View) -> Scored:
        """Raises `SettingsError` where the function gives anything but a (gh, gw) map of 0 to 100."""
        started = perf_counter()
        heat = np.array(self._quality(view.image), np.float32)
        if heat.ndim != 2 or not heat.size or not (heat.min() >= 0 and heat.max() <= 100):  # NaN is not
            raise SettingsError(
                f"the metric gives an array of shape {heat.shape} with values that are not all 0 to 100",
                self.name,
                "return local quality 0 to 100 in rows and columns",
            )
        heat.setflags(write=False)
        inside = _inside(view, heat.shape)
        values = np.sort(heat[inside])
        score = float(values[: max(1, round(values.size * self._topk_frac))].mean(dtype=np.float64))
        row, column = np.unravel_index(int(np.argmin(np.where(inside, heat, np.inf))), heat.shape)
        worst = _cell(int(row), int(column), heat.shape, view.image.shape)
        return Scored(score, heat, worst, engine_ms=(perf_counter() - started) * 1e3)

    def reset(self) -> None:
        """Nothing is remembered."""


def _inside(view: View, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if view.mask is not None:
        size = (shape[1], shape[0])
        inside = cv2.resize(view.mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(np.bool_)
        if inside.any():
            return inside
    return np.ones(shape, np.bool_)


def _cell(row: int, column: int, cells: tuple[int, ...], view: tuple[int, ...]) -> Box:
    """The pixels of a cell, at least one."""
    top, bottom = row * view[0] // cells[0], (row + 1) * view[0] // cells[0]
    left, right = column * view[1] // cells[1], (column + 1) * view[1] // cells[1]
    return Box(left, top, max(1, right - left), max(1, bottom - top))
