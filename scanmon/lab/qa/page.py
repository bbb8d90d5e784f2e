"""The pages of one check and of many over days: pictures, curves, measures and their control charts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scanmon.core.palette import ON_LIGHT
from scanmon.core.values import Verdict
from scanmon.lab.paper import A4, NOTICE, paper, write_page
from scanmon.lab.qa.chart import MEASURES, Limits, Trend, asked_limits
from scanmon.lab.qa.history import STEP, UNWELL, History, measured, trend_of
from scanmon.lab.qa.store import Record

GOOD, BAD = ON_LIGHT[Verdict.ADEQUATE], ON_LIGHT[Verdict.INADEQUATE]
INK, DIM = "#1d2733", "#6b7785"
_CHARTS = 6
MOST_SHOWN = 36  # charts on a page of trends
_COLUMNS = 3


def write_check_page(
    path: Path,
    record: Record,
    earlier: Sequence[Record],
    known: Mapping[str, Limits],
    picture: Any,
    marks: Sequence[tuple[float, float]],
    curves: Sequence[tuple[str, str, Any]],
) -> None:
    """`marks` (x, y) on the picture; `curves` (title, axis, values) below it. Raises `SinkError`."""
    sheet = paper(*A4, facecolor="white")
    grid = sheet.add_gridspec(
        5, 6, left=0.09, right=0.96, top=0.9, bottom=0.06, hspace=0.6, wspace=1.1,
        height_ratios=(2.4, 1.1, 1.9, 1.0, 1.0),
    )  # fmt: skip
    title = f"Probe {record.probe or '(no name)'}, {'in air' if record.kind == 'air' else 'on a phantom'}"
    sheet.text(0.09, 0.955, title, fontsize=17, weight="bold", color=INK, parse_math=False)
    line = f"scanner {record.scanner or '-'}   ·   {record.made_utc[:16].replace('T', ' ')} UTC"
    sheet.text(0.09, 0.932, line, fontsize=9, color=DIM, parse_math=False)
    suspected = [(dip["x"], dip["y"]) for dip in record.about.get("suspected", ())]
    _picture(sheet.add_subplot(grid[0, :]), picture, marks, suspected)
    for number, (name, axis, values) in enumerate(curves[:2]):
        place = sheet.add_subplot(grid[1, 3 * number : 3 * number + 3])
        place.plot(values, color=INK, linewidth=1)
        place.set_title(name, fontsize=8, color=INK)
        place.set_xlabel(axis, fontsize=7, color=DIM, labelpad=1)
        plain(place)
    _table(sheet.add_subplot(grid[2, :]), record, known)
    charted = [name for name in record.measures if name in MEASURES][:_CHARTS]
    for number, name in enumerate(charted):
        row, column = divmod(number, 3)
        place = sheet.add_subplot(grid[3 + row, 2 * column : 2 * column + 2])
        chart(place, [*earlier, record], name, known.get(name))
    sheet.text(0.09, 0.02, NOTICE, fontsize=8, weight="bold", color=INK)
    write_page(sheet, path, title)


def chart(place: Any, records: Sequence[Record], name: str, limit: Limits | None) -> None:
    """One measure over the checks, with its limits."""
    points = [(record.day, record.measures[name]) for record in records if name in record.measures]
    days = np.array([day for day, _ in points])
    values = np.array([value for _, value in points])
    inside = np.array([limit is None or limit.holds(value) for value in values], bool)
    days = days - days.min() if len(days) else days
    place.plot(days, values, color=DIM, linewidth=0.8)
    place.plot(days[inside], values[inside], "o", color=GOOD, markersize=3)
    place.plot(days[~inside], values[~inside], "s", color=BAD, markersize=4)
    if limit is not None:
        place.axhline(limit.centre, color=DIM, linewidth=0.8)
        for edge in (limit.low, limit.high):
            if edge is not None:
                place.axhline(edge, color=BAD, linewidth=0.8, linestyle="--")
    place.set_title(MEASURES[name].title, fontsize=7, color=INK)
    place.set_xlabel("days", fontsize=6, color=DIM, labelpad=0)
    plain(place)


def plain(place: Any) -> None:
    """Small numbers, no frame."""
    place.tick_params(labelsize=6, colors=DIM)
    place.yaxis.get_offset_text().set(fontsize=6, color=DIM)
    for side in ("top", "right"):
        place.spines[side].set_visible(False)


def _picture(place: Any, picture: Any, *marks: Sequence[tuple[float, float]]) -> None:
    """Filled marks, then hollow ones."""
    place.imshow(picture, cmap="gray", vmin=0, vmax=255)
    for fill, points in zip(("full", "none"), marks, strict=True):
        for x, y in points:
            place.plot(x, y, "v", color="#e69f00", markersize=7, clip_on=False, fillstyle=fill)
    place.set_xlim(-0.5, picture.shape[1] - 0.5)
    place.axis("off")


def _table(place: Any, record: Record, known: Mapping[str, Limits]) -> None:
    place.axis("off")
    lines = []
    for name, value in record.measures.items():
        limit = known.get(name)
        allowed = "no baseline yet"
        if limit is not None:
            allowed = (
                f"{limit.low:.4g} to {limit.high:.4g}" if limit.low is not None else f"up to {limit.high:.4g}"
            )
        word = "" if limit is None else "within" if limit.holds(value) else "OUTSIDE"
        title = MEASURES[name].title if name in MEASURES else name
        lines.append((title, f"{value:.4g}", allowed, word))
    suspected = record.about.get("suspected", ())
    for number, dip in enumerate([*record.dips, *suspected]):
        where = f"{100 * dip['place']:.1f} % of the face"
        if dip.get("elements"):
            where += f", element {', '.join(map(str, dip['elements']))}"
        if dip.get("place_mm") is not None:
            where += f", {dip['place_mm']:.1f} mm"
        found = number < len(record.dips)
        kind = (
            f"{dip['kind']} place {number + 1}"
            if found
            else f"suspected, {dip['kind']}: take another picture"
        )
        lines.append((kind, f"-{dip['loss_db']:.1f} dB", where, ""))
    step = min(0.1, 1.0 / max(1, len(lines)))
    for number, cells in enumerate(lines):
        for x, cell in zip((0.0, 0.5, 0.63, 0.92), cells, strict=True):
            colour = BAD if cell == "OUTSIDE" or "place " in cells[0] else INK
            place.text(x, 1 - step * number, cell, fontsize=7.5, color=colour, va="top", parse_math=False)


def write_trends_page(history: History, path: Path) -> None:
    """A chart for each measure, with its limits and the word on its course. Raises `SinkError`."""
    shown = [(key, own, name) for key, own in history.groups() for name in measured(own)][:MOST_SHOWN]
    lines = -(-len(shown) // _COLUMNS)
    high = 1.9 + 2.1 * lines
    sheet = paper(11.0, high, facecolor="white")
    title = "Probes over time"
    sheet.text(0.05, 1 - 0.45 / high, title, fontsize=17, weight="bold", color=INK)
    grid = sheet.add_gridspec(
        lines, _COLUMNS, left=0.06, right=0.98, top=1 - 1.0 / high, bottom=0.9 / high, hspace=0.75, wspace=0.2
    )
    for number, ((scanner, probe, kind), own, name) in enumerate(shown):
        place = sheet.add_subplot(grid[number // _COLUMNS, number % _COLUMNS])
        chart(place, own, name, asked_limits(own).get(name))
        found = trend_of(own, name)
        colour = BAD if found.word in UNWELL else DIM
        who = " ".join(part for part in (scanner, probe, kind) if part)
        place.set_title(f"{who}: {MEASURES[name].title}", fontsize=7, color=INK, parse_math=False)
        below = {"xycoords": "axes fraction", "xytext": (0, -28), "textcoords": "offset points"}
        place.annotate(_said(found), (0, 0), **below, fontsize=7, color=colour)
    sheet.text(0.05, 0.15 / high, NOTICE, fontsize=8, weight="bold", color=INK)
    write_page(sheet, path, title)


def _said(found: Trend) -> str:
    if found.slope is None or found.word == STEP:
        return found.word
    return f"{found.word}: {found.slope:+.2g} in 30 days ({found.low:+.2g} to {found.high:+.2g})"
