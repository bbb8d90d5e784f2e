"""What a monitor is given to score with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scanmon.core.ports import FrameAnalyzer
from scanmon.core.values import Provenance


def _fixed(points: float) -> None:
    """Scores whose thresholds cannot be moved, such as recorded ones."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """An analyzer that is ready to run, where its scores come from, and how it is given back.

    `whence` is asked after each analysis, on its thread: an engine that fails may give way to another one.
    `shift` moves the thresholds to so many points from those of the bundle, on the same thread.
    """

    analyzer: FrameAnalyzer
    whence: Callable[[], Provenance]
    close: Callable[[], None]
    shift: Callable[[float], None] = _fixed

    @property
    def provenance(self) -> Provenance:
        """Of the last analysis; of the first engine while there is none."""
        return self.whence()


ScoringFactory = Callable[[], Scoring]
