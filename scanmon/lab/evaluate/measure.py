"""What is evaluated: anything that turns a view into a number, higher for better, perhaps with a map."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError, EngineError, SettingsError
from scanmon.core.ports import Scorer
from scanmon.core.values import Box, View
from scanmon.degradations import KINDS
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.loaded_bundle import LoadedBundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.heads import OPTIONS, Head, parse_head, window_values
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.windows import grid, in_sector, pad, windows


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One number of a view. `heat` (gh, gw) covers the view, low where it is bad; `worst` in its pixels."""

    score: float
    heat: NDArray[np.float32] | None = None
    worst: Box | None = None
    familiar: float | None = None
    word: bool = True  # False: so unfamiliar that no verdict is given
    kind: str | None = None  # of fault that is worst


class Measure(Protocol):
    """A metric under test. `identity` changes whenever its numbers may change."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str:
        """For instance sha256 of the bundle, back end and precision."""
        ...

    @property
    def calibration(self) -> Calibration | None:
        """Score to quality; None: a bare number."""
        ...

    def measure(self, view: View, *, local: bool) -> Measured:
        """The score; with `local` also where it is worst, if the metric can tell."""
        ...


@dataclass(frozen=True, slots=True)
class ScorerMeasure:
    """A metric of a bundle. Views are unrelated to each other, so nothing is remembered between them."""

    name: str
    identity: str
    scorer: Scorer
    calibration: Calibration | None
    word_from: float = 0.0  # of familiarity

    def measure(self, view: View, *, local: bool) -> Measured:
        """Score and local map of `view`; `local` costs nothing here."""
        self.scorer.reset()
        scored = self.scorer.score(view)
        word = scored.familiar is None or scored.familiar >= self.word_from
        kind = KINDS[int(np.argmin(scored.kinds))] if scored.kinds else None
        return Measured(scored.score, scored.heat, scored.worst, scored.familiar, word, kind)


_log = logging.getLogger(__name__)

TOKENS = "tokens"  # the bundle's own head with a finer heatmap
ALL_HEADS = (
    *OPTIONS,
    "posterior+masked",
    "posterior+residual",
    "posterior+typical",
    "posterior+residual+typical+masked",
    TOKENS,
)
AROUND = 5  # tokens a side of a neighbourhood
CELL_PX = 16  # of the heatmap, and side of a token
_WORST_CELLS = 5  # side of the worst region, in cells

Floats = NDArray[np.float32]


def head_measures(loaded: LoadedBundle, heads: Sequence[str]) -> list[Measure]:
    """A measure for each of `heads`; `("all",)`: those of `ALL_HEADS` that this bundle suffices for.

    Raises `SettingsError` where nrq is not loaded, `BundleError` or `EngineError` for a head that cannot run.
    """
    if heads and "nrq" not in loaded.judges:
        raise SettingsError("heads are those of nrq", "--heads", "use --metric auto or nrq")
    every = tuple(heads) == ("all",)
    found = []
    for head in ALL_HEADS if every else heads:
        try:
            if head == TOKENS:
                found.append(_tokens(loaded))
            else:
                scorer = loaded.with_head(head).scorer
                found.append(ScorerMeasure(f"nrq {head}", loaded.identity("nrq"), scorer, None))
        except (BundleError, EngineError) as error:
            if not every:
                raise
            _log.warning("head %s is left out: %s", head, error)
    return found


def _tokens(loaded: LoadedBundle) -> Measure:
    part = loaded.bundle.nrq
    assert part is not None  # nrq is loaded
    manifolds = Manifolds(organs_of(loaded.bundle, part))
    scoring = loaded.settings.scoring
    own = ScorerMeasure("nrq", "", loaded.judges["nrq"].scorer, None)
    return TokenHeat(
        f"nrq {TOKENS}",
        loaded.identity("nrq"),
        own,
        TokenEngine(loaded.bundle.read(part.file), part.layers, part.patch),
        manifolds,
        parse_head(part.head),
        part.patch,
        scoring.stride or part.stride,
        None if scoring.organ == "auto" else manifolds.index(scoring.organ),
    )


@dataclass(frozen=True, slots=True)
class TokenHeat:
    """A metric with the score of `scored` and a heatmap and worst region from tokens."""

    name: str
    identity: str
    scored: Measure
    tokens: TokenEngine
    manifolds: Manifolds
    head: Head
    patch: int
    stride: int
    organ: int | None = None
    calibration: Calibration | None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        """The score; with `local` also the finer map, which costs a second pass of the backbone."""
        score = self.scored.measure(view, local=False).score
        if not local:
            return Measured(score)
        heat = self._heat(view)
        return Measured(score, heat, _worst(heat, view))

    def _heat(self, view: View) -> Floats:
        """(gh, gw) over the view, in cells of 16 px."""
        height, width = view.image.shape
        cells = grid(height, width, self.patch, self.stride)
        used, _ = in_sector(view.mask, cells)
        pixels = windows(pad(view.image, cells), cells, used)
        values = np.stack([self._values(self.tokens.run(one[None].astype(np.float32))) for one in pixels])
        side = self.patch // CELL_PX
        centres = (np.arange(side) + 0.5) * CELL_PX
        total = np.zeros((-(-height // CELL_PX), -(-width // CELL_PX)))
        count = np.zeros_like(total)
        for (top, left), window in zip(cells.corners[used], values, strict=True):
            rows = ((top - cells.top + centres) // CELL_PX).astype(int)
            columns = ((left - cells.left + centres) // CELL_PX).astype(int)
            inside = np.ix_(
                (rows >= 0) & (rows < total.shape[0]), (columns >= 0) & (columns < total.shape[1])
            )
            place = np.ix_(rows[inside[0].ravel()], columns[inside[1].ravel()])
            np.add.at(total, place, window.reshape(side, side)[inside])
            np.add.at(count, place, 1.0)
        known = count > 0
        heat = np.where(known, total / np.maximum(count, 1.0), total[known].max() if known.any() else 0.0)
        return heat.astype(np.float32)

    def _values(self, layers: Sequence[Floats]) -> NDArray[np.float64]:
        """(cells,) likelihood of the neighbourhood of every token of one window."""
        features = np.concatenate([_around(layer[0, 1:]) for layer in layers], axis=1)
        length = np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        return window_values(
            self.manifolds.fit(features / length), self.head, self.manifolds.clean, self.organ
        )


def _around(tokens: Floats) -> Floats:
    """(cells, width) -> the mean over the neighbourhood of each, mirrored at the window's edge."""
    side = round(len(tokens) ** 0.5)
    square = tokens.reshape(side, side, -1)
    planes = [
        cv2.blur(np.ascontiguousarray(square[:, :, k]), (AROUND, AROUND)) for k in range(square.shape[2])
    ]
    return np.stack([np.asarray(plane, np.float32).reshape(-1) for plane in planes], axis=1)


def _worst(heat: Floats, view: View) -> Box:
    """The square of 80 px around the lowest cell of the sector, inside the view."""
    height, width = view.image.shape
    masked = heat
    if view.mask is not None:
        inside = cv2.resize(view.mask.view(np.uint8), heat.shape[::-1], interpolation=cv2.INTER_AREA) > 0
        masked = np.where(inside, heat, np.inf).astype(np.float32)
    row, column = (int(i) for i in np.unravel_index(int(np.argmin(masked)), heat.shape))
    side = _WORST_CELLS * CELL_PX
    left = min(max((column - _WORST_CELLS // 2) * CELL_PX, 0), max(width - side, 0))
    top = min(max((row - _WORST_CELLS // 2) * CELL_PX, 0), max(height - side, 0))
    return Box(left, top, min(side, width), min(side, height))
