"""Finds the hint for a picture, a few times a second."""

from __future__ import annotations

from scanmon.core.values import Analysis
from scanmon.scoring.hints import Hint, hint_of

EVERY_S = 0.3


class HintWatch:
    """Keeps the hint between measurements."""

    def __init__(self) -> None:
        self._analysis: Analysis | None = None
        self._measured_s = -1e9
        self._hint: Hint | None = None

    def hint(self, analysis: Analysis | None, now_s: float) -> Hint | None:
        """The hint for `analysis`, at most `EVERY_S` old."""
        if analysis is None or not analysis.reading.scored:
            self._hint = None
        elif analysis is not self._analysis and now_s - self._measured_s >= EVERY_S:
            self._measured_s = now_s
            self._hint = hint_of(analysis, self._hint)
        self._analysis = analysis
        return self._hint
