"""Finds the hint for a picture, a few times a second."""

from __future__ import annotations

from scanmon.core.values import Analysis
from scanmon.scoring.hints import Hint, hint_of

EVERY_S = 0.3


class HintWatch:
    """Keeps the hint between two measurements, while verdict, bundle and picture size stay."""

    def __init__(self) -> None:
        self._measured: Analysis | None = None
        self._measured_s = -1e9
        self._hint: Hint | None = None

    def held(self, analysis: Analysis | None) -> Hint | None:
        """What was measured last, where it still holds for `analysis`."""
        if analysis is None or self._measured is None or _about(analysis) != _about(self._measured):
            return None
        return self._hint

    def measure(self, analysis: Analysis | None, now_s: float) -> None:
        """Measure anew where the hint no longer holds, or is `EVERY_S` old."""
        if analysis is None or not analysis.reading.scored:
            self._measured = self._hint = None
            return
        before = self.held(analysis)
        same = self._measured is not None and _about(analysis) == _about(self._measured)
        if analysis is not self._measured and not (same and now_s - self._measured_s < EVERY_S):
            self._measured, self._measured_s = analysis, now_s
            self._hint = hint_of(analysis, before)


def _about(analysis: Analysis) -> tuple[object, ...]:
    provenance, reading = analysis.provenance, analysis.reading
    return reading.verdict, reading.scored, provenance.source, provenance.bundle, analysis.frame.pixels.shape
