"""Plots of an evaluation, as PNG files. matplotlib comes with the extra `evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scanmon.core.errors import SettingsError
from scanmon.evaluation.cases import CaseRow
from scanmon.evaluation.degradations import FAMILIES, HELD_OUT, SEVERITIES
from scanmon.evaluation.figures import Figure
from scanmon.evaluation.plan import CLEAN
from scanmon.evaluation.stability import Series
from scanmon.evaluation.tables import Lookup


def write_plots(
    figures: Sequence[Figure], rows: Sequence[CaseRow], series: Sequence[Series], folder: Path
) -> list[tuple[str, str]]:
    """Write the plots; return (file name, caption) in the order of the page.

    Raises `SettingsError` where matplotlib is not installed.
    """
    axes_of = _Canvas(folder)
    look = Lookup(figures)
    _ordering(look, axes_of)
    for metric in look.metrics:
        own = [row for row in rows if row.metric == metric]
        if any(row.quality is not None for row in own):
            _curves(metric, own, axes_of)
            _organs(metric, own, axes_of)
        _against_psnr(metric, own, axes_of)
    for metric in dict.fromkeys(one.metric for one in series):
        _clips(metric, [one for one in series if one.metric == metric], axes_of)
    return axes_of.written


class _Canvas:
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
        paper = self._paper(figsize=(width, height), dpi=100, layout="constrained")
        self._agg(paper)
        return paper, paper.subplots(rows, columns, squeeze=False)

    def save(self, paper: Any, name: str, caption: str) -> None:
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
        paper.savefig(self._folder / f"{safe}.png")
        self.written.append((f"{safe}.png", caption))


def _ordering(look: Lookup, canvas: _Canvas) -> None:
    known = look.scopes("ordering", "family")
    families = [name for name in FAMILIES if name in known]
    if not families:
        return
    paper, grid = canvas.axes(10, 1 + 0.18 * len(families) * (1 + len(look.metrics)))
    axes = grid[0, 0]
    height = 0.8 / len(look.metrics)
    for index, metric in enumerate(look.metrics):
        values = [look.value(metric, "ordering", family=family) or 0.0 for family in families]
        axes.barh(np.arange(len(families)) + index * height, values, height, label=metric)
    labels = [f"{family} *" if family in HELD_OUT else family for family in families]
    axes.set_yticks(np.arange(len(families)) + 0.4 - height / 2, labels)
    axes.invert_yaxis()
    axes.axvline(0.5, color="gray", linewidth=1, linestyle=":")
    axes.set(xlim=(0, 1), xlabel="share of steps in which the score falls (0.5: chance)")
    axes.legend(loc="lower right", fontsize="small")
    canvas.save(paper, "ordering", "Ordering by family. A star marks families that no training has seen.")


def _curves(metric: str, rows: Sequence[CaseRow], canvas: _Canvas) -> None:
    """Quality over severity for each family: median and quartiles over all pictures."""
    families = [name for name in FAMILIES if any(row.family == name for row in rows)]
    clean = [row.quality for row in rows if row.family == CLEAN]
    if not families or not clean:
        return
    columns = 5
    lines = -(-len(families) // columns)
    paper, grid = canvas.axes(12, 2.1 * lines, lines, columns)
    for axes in grid.flat[len(families) :]:
        axes.set_visible(False)
    for axes, family in zip(grid.flat, families, strict=False):
        levels = [clean] + [
            [row.quality for row in rows if (row.family, row.severity) == (family, s)] for s in SEVERITIES
        ]
        low, middle, high = (
            [float(np.percentile(np.asarray(v, float), q)) if v else np.nan for v in levels]
            for q in (25, 50, 75)
        )
        axes.fill_between(range(5), low, high, alpha=0.3)
        axes.plot(range(5), middle, marker="o", markersize=3)
        axes.set(ylim=(0, 100), xticks=range(5))
        axes.set_title(f"{family} *" if family in HELD_OUT else family, fontsize="small")
    canvas.save(
        paper, f"severity_{metric}", f"{metric}: quality over severity (0: clean), median and quartiles."
    )


def _organs(metric: str, rows: Sequence[CaseRow], canvas: _Canvas) -> None:
    """Quality of clean pictures and of every severity, organ beside organ."""
    organs = sorted({row.organ for row in rows if row.family == CLEAN})
    if not organs:
        return
    paper, grid = canvas.axes(10, 3.2)
    axes = grid[0, 0]
    for index, organ in enumerate(organs):
        data = [
            [
                row.quality
                for row in rows
                if row.organ == organ and row.severity == s and row.quality is not None
            ]
            for s in (0, *SEVERITIES)
        ]
        places = np.arange(5) + (index + 0.5) / len(organs) * 0.8 - 0.4
        filled = [(place, values) for place, values in zip(places, data, strict=True) if values]
        drawn = axes.boxplot(
            [values for _, values in filled],
            positions=[place for place, _ in filled],
            widths=0.7 / len(organs),
            showfliers=False,
            patch_artist=True,
        )
        for box in drawn["boxes"]:
            box.set(facecolor=f"C{index}", alpha=0.6)
        axes.plot([], [], color=f"C{index}", label=organ, linewidth=6)
    axes.set_xticks(range(5), ["clean", *(f"severity {s}" for s in SEVERITIES)])
    axes.set(ylim=(0, 100), ylabel="quality")
    axes.legend(fontsize="small")
    canvas.save(paper, f"organs_{metric}", f"{metric}: is a quality the same thing for every organ?")


def _against_psnr(metric: str, rows: Sequence[CaseRow], canvas: _Canvas) -> None:
    """Score over PSNR, one colour for each family."""
    known = [row for row in rows if row.psnr_db is not None]
    if not known:
        return
    paper, grid = canvas.axes(8, 4.5)
    axes = grid[0, 0]
    for index, family in enumerate(dict.fromkeys(row.family for row in known)):
        own = [row for row in known if row.family == family]
        axes.scatter(
            [row.psnr_db for row in own],
            [row.score for row in own],
            s=5,
            alpha=0.5,
            marker="ox^sv*D"[index % 7],
            label=family,
        )
    axes.set(xlabel="PSNR inside the region, dB", ylabel="score")
    axes.legend(fontsize="x-small", markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
    canvas.save(paper, f"psnr_{metric}", f"{metric}: score over PSNR; one scale for all families?")


def _clips(metric: str, series: Sequence[Series], canvas: _Canvas) -> None:
    paper, grid = canvas.axes(10, 1.7 * len(series), len(series), 1)
    for axes, one in zip(grid.flat, series, strict=True):
        axes.plot(one.times_s, one.quality, linewidth=0.6, alpha=0.6, label="each frame")
        axes.plot(one.times_s, one.steady, linewidth=1.4, label="smoothed")
        axes.set(ylim=(0, 100), ylabel="quality")
        axes.set_title(one.clip, fontsize="small", loc="left")
    grid.flat[-1].set_xlabel("s")
    grid.flat[0].legend(fontsize="x-small", loc="lower right")
    canvas.save(paper, f"clips_{metric}", f"{metric}: quality over the clips.")
