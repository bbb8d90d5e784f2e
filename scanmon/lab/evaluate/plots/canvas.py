"""One PNG after the other, with the few things that all plots share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scanmon.core.errors import SettingsError
from scanmon.degradations import FAMILIES, HELD_OUT

GOOD, BAD = "#2a7f3f", "#c0392b"
# told apart by people who see no red or green (Okabe and Ito 2008)
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#555555")


class Canvas:
    """Makes one figure after the other and keeps the list of what was written."""

    def __init__(self, folder: Path) -> None:
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure as Paper
        except ImportError as error:
            raise SettingsError(
                "plots need matplotlib",
                "scanmon evaluate",
                "pip install 'scanmon[evaluate]', or give --no-plots",
            ) from error
        self._paper, self._agg = Paper, FigureCanvasAgg
        self._folder = folder
        self.written: list[tuple[str, str]] = []

    def axes(self, width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
        """A figure of so many inches with a grid of axes, (rows, columns)."""
        paper = self._paper(figsize=(width, height), dpi=100, layout="constrained")
        self._agg(paper)
        return paper, paper.subplots(rows, columns, squeeze=False)

    def save(self, paper: Any, name: str, caption: str) -> None:
        """Write the figure; the name becomes one that every system takes."""
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
        paper.savefig(self._folder / f"{safe}.png")
        self.written.append((f"{safe}.png", caption))


def in_order(known: Sequence[str]) -> list[str]:
    """Families as the evaluation lists them."""
    return [name for name in FAMILIES if name in known]


def marked(family: str) -> str:
    """A name for people; a star where no training has seen the family."""
    return family.replace("_", " ") + (" *" if family in HELD_OUT else "")


def numbers(axes: Any, table: Any, low: float, *, size: float = 8.0) -> None:
    """The value in every cell of a matrix that was drawn with `imshow` from `low` to 1."""
    rows, columns = table.shape
    for row in range(rows):
        for column in range(columns):
            value = float(table[row, column])
            if math.isfinite(value):
                dark = abs(value - (low + 1.0) / 2) > 0.35 * (1.0 - low)
                axes.text(
                    column,
                    row,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=size,
                    color="white" if dark else "black",
                )
