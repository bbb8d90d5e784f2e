"""Plots of an evaluation, as PNG files. matplotlib comes with the extra `evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.examples import Shown
from scanmon.lab.evaluate.figures import Figure
from scanmon.lab.evaluate.plots.canvas import Canvas
from scanmon.lab.evaluate.plots.curves import against_psnr, clips, confusion, organs, severities
from scanmon.lab.evaluate.plots.sheets import faults, hopeless, localisation, side_by_side, sought
from scanmon.lab.evaluate.stability import Series
from scanmon.lab.evaluate.tables import Lookup

__all__ = ["write_plots"]


def write_plots(
    figures: Sequence[Figure],
    rows: Sequence[CaseRow],
    series: Sequence[Series],
    shown: Shown,
    folder: Path,
) -> list[tuple[str, str]]:
    """Write the plots; return (file name, caption) in the order of the page.

    Raises `SettingsError` where matplotlib is not installed.
    """
    canvas = Canvas(folder)
    look = Lookup(figures)
    side_by_side(look, canvas)
    localisation(look, canvas)
    sought(shown, canvas)
    for metric in look.metrics:
        own = [row for row in rows if row.metric == metric]
        if any(row.quality is not None for row in own):
            severities(metric, own, canvas)
            organs(metric, own, canvas)
            against_psnr(metric, own, canvas)
        confusion(metric, own, canvas)
    hopeless(shown, canvas)
    for metric in dict.fromkeys(one.metric for one in series):
        clips(metric, [one for one in series if one.metric == metric and one.quality.size > 1], canvas)
    faults(shown, canvas)
    return canvas.written
