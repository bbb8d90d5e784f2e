"""What is evaluated: anything that turns a view into a number, higher for better, perhaps with a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import Scorer
from scanmon.core.values import Box, View
from scanmon.degradations import KINDS
from scanmon.scoring.calibration import Calibration


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
    def name(self) -> str:
        """Short name, as the tables show it."""
        ...

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
