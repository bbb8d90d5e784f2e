"""The fast metric: one pass of a convolutional network -> severity map -> score, heatmap, worst place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.ports import Engine
from scanmon.core.values import Box, GrayImage, Mask, Metric, Parts, Scored, View
from scanmon.scoring.bundle import MapPart
from scanmon.scoring.familiar import Familiar
from scanmon.scoring.marks import marks

KINDS = len(Parts._fields)
MIN_CELLS = 2  # a smaller view is mirrored up to this many cells per side
_WORST_SHARE = 0.5  # the worst area is what reaches this share of the worst cell's severity
_SHARE = 0.01
_MOST = 40

_STRONG_SHARE = 0.95  # of the sector's pixels are below its strong echoes
_DARK_BELOW, _BLACK_BELOW = 60, 20  # gray levels of the strong echoes above black: too dark, and all dark
_LIT_ABOVE, _LIT_LEAST = 20, 0.15  # gray levels above black, and the least share of the sector that is lit
_WHITE_FROM, _WHITE_ALLOWED, _PER_WHITE = (
    250,
    0.002,
    10.0,
)  # gray level; share of the sector; severity a share
_BESIDE = tuple(map(Parts._fields.index, ("resolution", "noise", "clutter", "saturation", "capture")))
_BESIDE_FROM = 3  # power of the total by which these count on: 0.03 of them at 0.3, a half at 0.8
_MOST_ADDED = 0.98  # share of what is left that each rule takes: a picture may be black and still get worse


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Which cells of the severity map count; stays the same while size and mask do."""

    shape: tuple[int, int]  # of the view
    mask: Mask | None
    inside: NDArray[np.bool_]  # (gh, gw)
    floor: GrayImage  # (H, W) in whole cells: 1 inside the sector, 0 outside
    pixels: GrayImage  # (1, H, W) what the network gets; written anew for every view


class MapScorer:
    """Scores a whole view in one pass.

    score = -((1 - mean_weight) * mean of the worst `topk_frac` of the cells + mean_weight * mean of all),
    over the cells whose centre lies in the sector; where the bundle asks for it, with what other kinds than
    light and contact say of a picture that is bad already, with what the gray levels alone say of too
    little light and of white, and with the marks of a second picture and of the chain.
    """

    metric: Metric = "map"

    def __init__(self, engine: Engine, part: MapPart, familiar: Familiar | None = None) -> None:
        self._engine = engine
        self._part = part
        self._familiar = familiar
        self._cells: _Cells | None = None

    def score(self, view: View) -> Scored:
        """One pass. Raises `EngineError` where the network gives no usable map."""
        started = perf_counter()
        cells = self._cells_of(view)
        # 0 says "outside the sector" to the network; black inside it is 1, so a shadow is not taken for that
        image = view.image
        rules = Rules()
        if self._part.black_level or self._part.exposure:
            counts = level_counts(image, view.mask)
            black = black_level(counts)
            if self._part.exposure:
                rules = exposure(counts, black)
            if self._part.black_level:
                image = np.maximum(image, np.uint8(black)) - np.uint8(black)
        if self._part.marks:
            rules = rules._replace(**marks(view)._asdict())
        np.maximum(_padded(image, cells.pixels[0]), cells.floor, out=cells.pixels[0])
        prepared = perf_counter()
        found = self._engine.run(cells.pixels)
        ran = perf_counter()
        channels = found if found.ndim == 4 else found[:, None]
        whole = channels.shape[1] == 1 or channels.shape[1] > KINDS  # the total alone, or all kinds
        fits = channels.shape[2:] == cells.inside.shape and len(channels) == 1 and whole
        if not fits or not np.isfinite(found).all():
            raise EngineError(
                f"the map network gives {found.shape} or NaN, expected {(1, *cells.inside.shape)}",
                self._engine.backend,
                "run scanmon check",
            )
        severity, kinds, looks = np.split(channels[0], [1, 1 + KINDS])
        heat = _stretched(np.negative(severity[0], dtype=np.float32), view.image.shape, self._part.stride)
        heat.setflags(write=False)
        inside = cells.inside
        seen = looks[:, inside].mean(axis=1) if len(looks) else None
        total, *of_kinds = (self._pooled(channel[inside]) for channel in (severity[0], *kinds))
        if self._part.kinds_beside:
            total = beside(total, of_kinds)
        return Scored(
            score=-rules.added(total),
            heat=heat,
            worst=_worst(severity[0], cells, self._part.stride),
            kinds=_of_kinds(of_kinds, rules),
            # a sector that is all dark needs no acquaintance
            familiar=max(self._familiar.of(seen), rules.light)
            if self._familiar and seen is not None
            else None,
            looks=seen,
            preprocess_ms=(prepared - started) * 1e3,
            engine_ms=(ran - prepared) * 1e3,
            head_ms=(perf_counter() - ran) * 1e3,
        )

    def reset(self) -> None:
        """Nothing is remembered from view to view but the layout, which any view replaces."""

    def _pooled(self, severity: NDArray[np.float32]) -> float:
        count = max(1, round(severity.size * self._part.topk_frac))
        worst = np.partition(severity, severity.size - count)[-count:].mean(dtype=np.float64)
        mean = severity.mean(dtype=np.float64)
        return float((1.0 - self._part.mean_weight) * worst + self._part.mean_weight * mean)

    def _cells_of(self, view: View) -> _Cells:
        cells = self._cells
        if cells is None or cells.shape != view.image.shape or cells.mask is not view.mask:
            cells = self._cells = _cells(view, self._part.stride)
        return cells


def beside(total: float, of_kinds: Sequence[float]) -> float:
    """The severity 0..1 of a picture with those of its kinds: none, or one for each of `Parts`.

    The total of a dark picture is near its end, and hardly rises where noise or a blur is added. These have
    channels of their own; they count on as independent faults, the more the worse the picture is anyway.
    """
    if not of_kinds:
        return total
    total, *of_kinds = (min(max(severity, 0.0), 1.0) for severity in (total, *of_kinds))
    others = 1.0 - math.prod(1.0 - of_kinds[kind] for kind in _BESIDE)
    return 1.0 - (1.0 - total) * (1.0 - total**_BESIDE_FROM * others)


def _of_kinds(severities: list[float], rules: Rules) -> tuple[float, ...]:
    """Scores of the kinds, each with what its rule says."""
    named = zip(Parts._fields, severities, strict=False)  # a network without kinds gives none
    return tuple(-Rules(getattr(rules, kind, 0.0)).added(severity) for kind, severity in named)


def _padded(image: GrayImage, buffer: GrayImage) -> GrayImage:
    """The picture; mirrored below and to the right, in `buffer`, where that is larger."""
    below, beside = buffer.shape[0] - image.shape[0], buffer.shape[1] - image.shape[1]
    if not below and not beside:
        return image
    cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_REFLECT_101, dst=buffer)
    return buffer


def _cells(view: View, stride: int) -> _Cells:
    height, width = view.image.shape
    rows = max(MIN_CELLS, -(-height // stride))
    columns = max(MIN_CELLS, -(-width // stride))
    centres_y = np.minimum(np.arange(rows) * stride + stride // 2, height - 1)
    centres_x = np.minimum(np.arange(columns) * stride + stride // 2, width - 1)
    inside = np.ones((rows, columns), dtype=np.bool_)
    if view.mask is not None:
        inside = view.mask[np.ix_(centres_y, centres_x)]
        if not inside.any():  # a sliver between the centres: take it all
            inside = np.ones_like(inside)
    marked = np.ones((height, width), np.uint8) if view.mask is None else view.mask.view(np.uint8)
    floor = _padded(marked, np.empty((rows * stride, columns * stride), np.uint8))
    return _Cells((height, width), view.mask, inside, floor, np.empty_like(floor)[None])


def _stretched(heat: NDArray[np.float32], shape: tuple[int, ...], stride: int) -> NDArray[np.float32]:
    """The map over exactly the view: the share of the last cells that is padding is taken off."""
    down, across = shape[0] / (heat.shape[0] * stride), shape[1] / (heat.shape[1] * stride)
    if down == across == 1.0:
        return heat
    steps = np.array([[across, 0.0, 0.5 * across - 0.5], [0.0, down, 0.5 * down - 0.5]])
    return cv2.warpAffine(
        heat,
        steps,
        heat.shape[::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32, copy=False)


def _worst(severity: NDArray[np.float32], cells: _Cells, stride: int) -> Box:
    """Box, in pixels of the view, around the connected area of the worst cell."""
    masked = np.where(cells.inside, severity, -np.inf)
    row, column = np.unravel_index(int(np.argmax(masked)), masked.shape)
    peak = float(masked[row, column])
    floor = float(severity[cells.inside].min())
    high = masked >= floor + _WORST_SHARE * (peak - floor)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(high.astype(np.uint8), connectivity=8)
    left, top, width, height = (int(value) * stride for value in stats[labels[row, column]][:4])
    view_height, view_width = cells.shape
    left, top = min(left, view_width - 1), min(top, view_height - 1)
    return Box(left, top, min(left + width, view_width) - left, min(top + height, view_height) - top)


class Rules(NamedTuple):
    """Severities 0..1 that need no network, by kind: from gray levels and from marks that no tissue makes."""

    light: float = 0.0  # too little in the whole sector
    saturation: float = 0.0  # white in it
    clutter: float = 0.0  # a second picture over the first
    capture: float = 0.0  # lines of another moment, blocks of a codec

    def added(self, severity: float) -> float:
        """A severity 0..1 of other faults with these: independent faults add up, and none hides another."""
        return 1.0 - (1.0 - severity) * math.prod(1.0 - min(own, _MOST_ADDED) for own in self)


def level_counts(image: GrayImage, mask: Mask | None) -> NDArray[np.float32]:
    """How many pixels (256,) of the sector have each gray level; of all of the picture without a mask."""
    inside = None if mask is None else mask.view(np.uint8)
    return np.asarray(cv2.calcHist([image], [0], inside, [256], [0, 256]).ravel(), np.float32)


def black_level(counts: NDArray[np.float32]) -> int:
    """The gray level that 1 % of the sector lies at or below; at most 40."""
    return int(np.count_nonzero(np.cumsum(counts)[:_MOST] < _SHARE * counts.sum()))


def exposure(counts: NDArray[np.float32], black: int) -> Rules:
    """From the counts of the levels and the black level: rules that hold for every organ and scanner.

    A network may be wrong about a dark that it has not seen; these rules are not.
    """
    total = float(counts.sum())
    if total <= 0:
        return Rules()
    strong = int(np.searchsorted(np.cumsum(counts), _STRONG_SHARE * total)) - black
    lit = float(counts[black + _LIT_ABOVE + 1 :].sum()) / total
    dark = max((_DARK_BELOW - strong) / (_DARK_BELOW - _BLACK_BELOW), (_LIT_LEAST - lit) / _LIT_LEAST, 0.0)
    white = max(float(counts[_WHITE_FROM:].sum()) / total - _WHITE_ALLOWED, 0.0)
    return Rules(light=min(dark, 1.0), saturation=min(_PER_WHITE * white, 1.0))
