"""Are faults of different kinds on one scale? Quality over PSNR, and which families are mixed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scanmon.degradations import SEVERITIES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.plots.canvas import COLOURS, Canvas, in_order, marked, numbers

_LINES = ("-", "--", ":")
_MARKS = ("o", "s", "^")


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
