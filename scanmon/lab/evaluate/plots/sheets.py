"""Contact sheets: the artefact and where it was found, the hopeless pictures, the faults themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scanmon.core.values import Box, Verdict
from scanmon.lab.evaluate.examples import ARTEFACT, Labelled, Shown, Sought
from scanmon.lab.evaluate.figures import ALL, SEEN, UNSEEN
from scanmon.lab.evaluate.plots.canvas import BAD, COLOURS, GOOD, Canvas, in_order, marked, numbers
from scanmon.lab.evaluate.tables import Lookup

_COLUMNS = 6
_LOCAL = {
    "covers": "worst region covers the artefact",
    "point": "lowest point lies on it",
    "overlap": "worst tenth of the map lies on it",
}


def sought(shown: Shown, canvas: Canvas) -> None:
    """For each metric: every organ's picture with its heatmap, the artefact's box and the worst region."""
    for metric in dict.fromkeys(one.metric for one in shown.sought):
        found = [one for one in shown.sought if one.metric == metric]
        paper, grid = canvas.axes(3.1 * len(found), 5.0, 2, len(found))
        for column, one in zip(grid.T, found, strict=True):
            _pair(column, one)
        canvas.save(
            paper,
            f"artefact_{metric}",
            f"{metric}: a local artefact of severity 3 (dashed), the worst region that the metric names "
            "(solid; green where it covers the artefact) and its heatmap, red where it is bad.",
        )


def _pair(column: Sequence[Any], one: Sought) -> None:
    plain, heated = column
    for axes in column:
        axes.imshow(one.image, cmap="gray", vmin=0, vmax=255)
        _box(axes, one.artefact, COLOURS[4], "--")
        _box(axes, one.worst, GOOD if one.covers else BAD, "-")
        axes.set_axis_off()
    inside = one.heat[np.isfinite(one.heat)]
    low, high = np.percentile(inside, [1, 99])
    shade = np.clip((high - one.heat) / max(high - low, 1e-9), 0, 1)
    heated.imshow(one.heat, cmap="RdYlGn", vmin=low, vmax=high, alpha=np.nan_to_num(0.1 + 0.5 * shade))
    plain.set_title(one.organ, fontsize=9)


def _box(axes: Any, box: Box, colour: str, line: str) -> None:
    xs = [box.x, box.right, box.right, box.x, box.x]
    ys = [box.y, box.y, box.bottom, box.bottom, box.y]
    axes.plot(np.asarray(xs) - 0.5, np.asarray(ys) - 0.5, line, color=colour, linewidth=2)


def hopeless(shown: Shown, canvas: Canvas) -> None:
    """Every hopeless picture with the quality that each metric gives it."""
    if not shown.hopeless or not shown.hopeless[0].said:
        return
    lines = -(-len(shown.hopeless) // _COLUMNS)
    tall = 1.55 + 0.2 * (1 + len(shown.hopeless[0].said))
    paper, grid = canvas.axes(12, tall * lines, lines, _COLUMNS)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, one in zip(grid.flat, shown.hopeless, strict=False):
        _labelled(axes, one, one.name.replace("_", " "))
    canvas.save(
        paper,
        "hopeless",
        "Pictures without any diagnostic value, and their quality. None may be adequate (red).",
    )


def faults(shown: Shown, canvas: Canvas) -> None:
    """Every family at its four severities on one picture."""
    if not shown.faults:
        return
    # two families side by side, so that the sheet is not longer than it is wide
    families = list(shown.faults)
    lines = -(-len(families) // 2)
    paper, grid = canvas.axes(14, 1.75 * lines, lines, 8)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, family in enumerate(families):
        half, line = divmod(index, lines)
        for axes, one in zip(grid[line, 4 * half : 4 * half + 4], shown.faults[family], strict=True):
            _labelled(axes, one, "")
        grid[line, 4 * half].set_title(f"{marked(family)}  {_said(one=shown.faults[family][0])}", **_TITLE)
    canvas.save(
        paper,
        "faults",
        f"The faults themselves on one picture ({shown.organ}), severity 1 to 4, with their quality.",
    )


_TITLE = {"fontsize": 8, "loc": "left"}


def _labelled(axes: Any, one: Labelled, name: str) -> None:
    axes.imshow(one.image, cmap="gray", vmin=0, vmax=255)
    passed = any(verdict == Verdict.ADEQUATE for _, verdict in one.said.values())
    text = f"{name}\n{_said(one)}" if name else _said(one)
    axes.set_title(text, color=BAD if name and passed else "black", **_TITLE)


def _said(one: Labelled) -> str:
    return ", ".join(f"{metric} {quality:.0f}" for metric, (quality, _) in one.said.items())


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
