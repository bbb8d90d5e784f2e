"""All metrics beside each other: what a bundle's metrics add to the baselines."""

from __future__ import annotations

import numpy as np

from scanmon.lab.evaluate.examples import ARTEFACT
from scanmon.lab.evaluate.figures import ALL, SEEN, UNSEEN
from scanmon.lab.evaluate.plots.canvas import COLOURS, Canvas, in_order, marked, numbers
from scanmon.lab.evaluate.tables import Lookup

_LOCAL = {
    "covers": "worst region covers the artefact",
    "point": "lowest point lies on it",
    "overlap": "worst tenth of the map lies on it",
}


def side_by_side(look: Lookup, canvas: Canvas) -> None:
    """Ordering and agreement with PSNR, family by metric."""
    families = in_order(look.scopes("ordering", "family"))
    if not families:
        return
    scopes = [*families, SEEN, UNSEEN, ALL]
    labels = [*(marked(family) for family in families), SEEN, UNSEEN, "all"]
    width = 3.5 + 0.62 * 2 * len(look.metrics)
    paper, grid = canvas.axes(max(width, 7.0), 1.6 + 0.3 * len(scopes), 1, 2)
    for axes, quantity, title, low in (
        (grid[0, 0], "ordering", "share of steps in which the score falls", 0.0),
        (grid[0, 1], "psnr_within", "Spearman with PSNR within a family", -1.0),
    ):
        table = np.array(
            [[_value(look, metric, quantity, scope) for metric in look.metrics] for scope in scopes]
        )
        axes.imshow(table, cmap="RdYlBu", vmin=low, vmax=1.0, aspect="auto")
        numbers(axes, table, low)
        axes.set_xticks(range(len(look.metrics)), look.metrics, rotation=40, ha="right", fontsize=8)
        axes.set_yticks(range(len(scopes)), labels if quantity == "ordering" else [], fontsize=8)
        axes.axhline(len(families) - 0.5, color="black", linewidth=1)
        axes.set_title(title, fontsize=9)
    canvas.save(
        paper,
        "ordering",
        "Every metric by family: 0.5 of the steps would fall by chance, 1 is wanted. "
        "A star marks families that no training has seen.",
    )


def localisation(look: Lookup, canvas: Canvas) -> None:
    """How often each metric finds the artefact, beside chance."""
    metrics = [m for m in look.metrics if look.value(m, "covers", family=ARTEFACT) is not None]
    if not metrics:
        return
    paper, grid = canvas.axes(10, 3.0, 1, len(_LOCAL))
    for axes, (quantity, title) in zip(grid.flat, _LOCAL.items(), strict=True):
        chance = "covers_chance" if quantity == "covers" else "overlap_chance"
        for index, metric in enumerate(metrics):
            axes.barh(index, _value(look, metric, quantity, ARTEFACT), color=COLOURS[0], height=0.7)
            by_luck = _value(look, metric, chance, ARTEFACT)
            axes.plot([by_luck] * 2, [index - 0.4, index + 0.4], color=COLOURS[5], linewidth=2)
        axes.set(xlim=(0, 1))
        axes.set_yticks(range(len(metrics)), metrics if quantity == "covers" else [], fontsize=8)
        axes.invert_yaxis()
        axes.set_title(title, fontsize=9)
    canvas.save(paper, "localisation", "Is the local artefact found? The red line is chance.")


def _value(look: Lookup, metric: str, quantity: str, family: str) -> float:
    found = look.value(metric, quantity, family=family)
    return float("nan") if found is None else found
