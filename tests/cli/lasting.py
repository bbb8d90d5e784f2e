"""Live runs that last as long as it takes, and not for a time that is too short on a busy machine."""

from __future__ import annotations

import pytest

from scanmon.cli.headless import JsonLines
from scanmon.core.ports import LiveSource
from scanmon.core.values import Analysis
from scanmon.sources.opening import open_live


def end_after(scored: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Switch the source of `scanmon live --headless` off after so many scores; options for the command."""
    opened: list[LiveSource] = []

    def opening(source: str) -> LiveSource:
        opened.append(open_live(source))
        return opened[-1]

    class Counting(JsonLines):
        left = scored

        def write(self, analysis: Analysis) -> None:
            super().write(analysis)
            self.left -= analysis.reading.scored
            if self.left <= 0:
                opened[-1].close()

    monkeypatch.setattr("scanmon.cli.live.open_live", opening)
    monkeypatch.setattr("scanmon.cli.live.JsonLines", Counting)
    return ["--headless", "--seconds", "200"]
