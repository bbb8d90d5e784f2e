"""Plots of an evaluation, as PNG files. matplotlib comes with the extra `evaluate`."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.degradations import SEVERITIES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.examples import ARTEFACT, Shown, faults, hopeless, sought
from scanmon.lab.evaluate.figures import ALL, SEEN, UNSEEN, Figure
from scanmon.lab.evaluate.plan import CLEAN
from scanmon.lab.evaluate.stability import Series
from scanmon.lab.evaluate.tables import Lookup, in_order, marked
from scanmon.lab.paper import COLOURS, Canvas, numbers


def write_plots(
    figures: Sequence[Figure], rows: Sequence[CaseRow], series: Sequence[Series], shown: Shown, folder: Path
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


_STEPS = (0, *SEVERITIES)
_COLUMNS = 5
_LINES = ("-", "--", ":")
_MARKS = ("o", "s", "^")
_LOCAL = {
    "covers": "worst region covers the artefact",
    "point": "lowest point lies on it",
    "overlap": "worst tenth of the map lies on it",
}


def severities(metric: str, rows: Sequence[CaseRow], canvas: Canvas) -> None:
    """Quality over severity for each family: the median of each organ, and the quartiles of all pictures."""
    families = in_order([row.family for row in rows])
    organs = _organs(rows)
    if not families or not organs:
        return
    columns = min(_COLUMNS, len(families))
    lines = -(-len(families) // columns)
    paper, grid = canvas.axes(2.3 * columns + 1.2, 2.1 * lines + 0.5, lines, columns)
    for axes in grid.flat[len(families) :]:
        axes.set_visible(False)
    for axes, family in zip(grid.flat, families, strict=False):
        everything = [_qualities(rows, family, severity) for severity in _STEPS]
        low, high = _percentiles(everything, 25), _percentiles(everything, 75)
        axes.fill_between(_STEPS, low, high, color="black", alpha=0.12, linewidth=0)
        for index, organ in enumerate(organs):
            own = [row for row in rows if row.organ == organ]
            middle = _percentiles([_qualities(own, family, severity) for severity in _STEPS], 50)
            axes.plot(_STEPS, middle, ".-", color=COLOURS[index % len(COLOURS)], linewidth=1.3, label=organ)
        axes.set(ylim=(0, 100), xticks=_STEPS)
        axes.grid(alpha=0.25)
        axes.set_title(marked(family), fontsize=9)
    for axes in grid[:, 0]:
        axes.set_ylabel("quality", fontsize=8)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    paper.legend(handles, labels, loc="outside right upper", fontsize=8)
    canvas.save(
        paper,
        f"severity_{metric}",
        f"{metric}: quality over severity (0: clean). Lines: median of an organ; gray: the middle half of "
        "all pictures. Lines on top of each other mean that a fault costs every organ the same.",
    )


def organs(metric: str, rows: Sequence[CaseRow], canvas: Canvas) -> None:
    """Quality of clean pictures and of every severity, organ beside organ."""
    names = _organs(rows)
    if not names:
        return
    paper, grid = canvas.axes(10, 3.2)
    axes = grid[0, 0]
    for index, organ in enumerate(names):
        own = [row for row in rows if row.organ == organ]
        data = [[row.quality for row in own if row.severity == s and row.quality is not None] for s in _STEPS]
        places = np.arange(5) + (index + 0.5) / len(names) * 0.8 - 0.4
        filled = [(place, values) for place, values in zip(places, data, strict=True) if values]
        drawn = axes.boxplot(
            [values for _, values in filled],
            positions=[place for place, _ in filled],
            widths=0.7 / len(names),
            showfliers=False,
            patch_artist=True,
            medianprops={"color": "black"},
        )
        colour = COLOURS[index % len(COLOURS)]
        for box in drawn["boxes"]:
            box.set(facecolor=colour, alpha=0.6)
        axes.plot([], [], color=colour, label=organ, linewidth=6)
    axes.set_xticks(range(5), ["clean", *(f"severity {s}" for s in SEVERITIES)])
    axes.set(ylim=(0, 100), ylabel="quality")
    axes.grid(axis="y", alpha=0.25)
    paper.legend(loc="outside right upper", fontsize=8)
    canvas.save(
        paper,
        f"organs_{metric}",
        f"{metric}: is a quality the same thing for every organ? All families together; median, middle half, "
        "and range without outliers.",
    )


def clips(metric: str, series: Sequence[Series], canvas: Canvas) -> None:
    """Quality of every frame, and what the window would show."""
    if not series:
        return
    columns = 2 if len(series) > 1 else 1
    lines = -(-len(series) // columns)
    paper, grid = canvas.axes(11, 1.6 * lines + 0.5, lines, columns)
    for axes in grid.flat[len(series) :]:
        axes.set_visible(False)
    for axes, one in zip(grid.flat, series, strict=False):
        axes.plot(one.times_s, one.quality, color=COLOURS[0], linewidth=0.7, alpha=0.6, label="each frame")
        axes.plot(one.times_s, one.steady, color=COLOURS[5], linewidth=1.5, label="shown (smoothed)")
        axes.set(ylim=(0, 100), xlabel="s")
        axes.grid(alpha=0.25)
        axes.set_title(one.clip, fontsize=9, loc="left")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    paper.legend(handles, labels, loc="outside upper right", ncols=2, fontsize=8)
    canvas.save(paper, f"clips_{metric}", f"{metric}: quality over the clips.")


def _organs(rows: Sequence[CaseRow]) -> list[str]:
    return sorted({row.organ for row in rows if row.family == CLEAN})


def _qualities(rows: Sequence[CaseRow], family: str, severity: int) -> list[float]:
    wanted = (family, severity) if severity else (CLEAN, 0)
    return [row.quality for row in rows if (row.family, row.severity) == wanted and row.quality is not None]


def _percentiles(groups: Sequence[Sequence[float]], share: float) -> Any:
    return [float(np.percentile(np.asarray(group), share)) if group else np.nan for group in groups]


def against_psnr(metric: str, rows: Sequence[CaseRow], canvas: Canvas) -> None:
    """Median quality over median PSNR, a line for each family from severity 1 to 4."""
    known = [row for row in rows if row.psnr_db is not None and row.quality is not None]
    families = in_order([row.family for row in known])
    if not families:
        return
    paper, grid = canvas.axes(9, 4.6)
    axes = grid[0, 0]
    for index, family in enumerate(families):
        groups = [[r for r in known if (r.family, r.severity) == (family, s)] for s in SEVERITIES]
        filled = [group for group in groups if group]
        axes.plot(
            [np.median([row.psnr_db for row in group]) for group in filled],
            [np.median([row.quality for row in group]) for group in filled],
            marker=_MARKS[index // len(COLOURS) % len(_MARKS)],
            markersize=4,
            linestyle=_LINES[index // len(COLOURS) % len(_LINES)],
            color=COLOURS[index % len(COLOURS)],
            label=marked(family),
        )
    axes.set(xlabel="PSNR inside the region, dB (median)", ylabel="quality (median)", ylim=(0, 100))
    axes.grid(alpha=0.25)
    paper.legend(loc="outside right upper", fontsize=8)
    canvas.save(
        paper,
        f"psnr_{metric}",
        f"{metric}: quality over PSNR, severity 1 (right) to 4 (left). On one scale all lines would be one: "
        "a line above the others is a fault judged too mildly, one below too hard.",
    )


def confusion(metric: str, rows: Sequence[CaseRow], canvas: Canvas) -> None:
    """Share of pairs of versions that the score orders as PSNR does, family by family."""
    families = in_order([row.family for row in rows if row.psnr_db is not None])
    if len(families) < 2:
        return
    table = agreeing_pairs(rows, families)
    side = 2.2 + 0.42 * len(families)
    paper, grid = canvas.axes(side, side - 0.6)
    axes = grid[0, 0]
    axes.imshow(table, cmap="RdYlBu", vmin=0.0, vmax=1.0)
    numbers(axes, table, 0.0, size=7.0)
    names = [marked(family) for family in families]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    canvas.save(
        paper,
        f"confusion_{metric}",
        f"{metric}: which families are mixed up. Share of pairs of versions of one picture (row against "
        "column) that the score orders as PSNR does; 0.5 by chance. On the diagonal: within a family.",
    )


def agreeing_pairs(rows: Sequence[CaseRow], families: Sequence[str]) -> NDArray[np.float64]:
    """(n, n) for n families; NaN where there is no pair of different PSNR. Equal scores count as half."""
    place = {family: index for index, family in enumerate(families)}
    pictures: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for row in rows:
        if row.family in place and row.psnr_db is not None:
            pictures[row.picture].append((place[row.family], row.score, row.psnr_db))
    right, count = np.zeros((2, len(families), len(families)))
    for versions in pictures.values():
        kind, score, psnr = (np.asarray(column) for column in zip(*versions, strict=True))
        better_psnr = np.sign(psnr[:, None] - psnr)
        better_score = np.sign(score[:, None] - score)
        valid = better_psnr != 0
        agree = np.where(better_score == 0, 0.5, better_psnr == better_score)
        at = kind[:, None] * len(families) + kind
        cells = len(families) ** 2
        right += np.bincount(at[valid], agree[valid], cells).reshape(right.shape)
        count += np.bincount(at[valid], minlength=cells).reshape(right.shape)
    return np.where(count > 0, right / np.maximum(count, 1), np.nan)


def side_by_side(look: Lookup, canvas: Canvas) -> None:
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
