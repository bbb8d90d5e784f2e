"""One page of how a session or an examination went: PNG or PDF, through matplotlib (extra `evaluate`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis
from scanmon.session.content import RecordedScores
from scanmon.session.examined import Examined, Stretch, ViewResult, examined
from scanmon.session.export import page
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import NOTICE
from scanmon.session.summary import Summary, summary

TITLE: Final = "Ultrasound image quality"
_MOMENTS: Final = 4
_COLUMNS: Final = ((4, 4), (6, 3), (8, 4), (12, 6), (24, 8))  # up to so many views: pictures in a row
_STATES: Final = {"saved": "saved", "skipped": "skipped", "open": "not reached"}


def export_report(material: Material, path: Path, progress: Progress) -> None:
    """A4, across. Raises `SinkError`, also where matplotlib is missing."""
    try:
        from matplotlib import rc_context  # noqa: PLC0415 as below
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 an extra, and slow to load
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        remedy = 'pip install "scanmon[evaluate]"'
        raise SinkError("reports need matplotlib, which is not installed", path, remedy) from error
    figure = Figure(figsize=(11.69, 8.27), facecolor="white")
    FigureCanvasAgg(figure)
    found, views = summary(material.content, _MOMENTS), examined(material.content)
    if views is None:
        _session(figure, material, found, path, progress)
    else:
        _examination(figure, material, found, views, path, progress)
    page.footing(figure, material)
    # fonts that viewers select and search in
    with replacing(path) as part, part.open("wb") as file, rc_context({"pdf.fonttype": 42}):
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, metadata=_metadata(path))


def _session(figure: Any, material: Material, found: Summary, path: Path, progress: Progress) -> None:
    moments = _moments(material, path, (*found.best, *found.worst), progress)
    grid = figure.add_gridspec(
        4, _MOMENTS, left=0.05, right=0.97, top=0.88, bottom=0.075, hspace=0.3, wspace=0.06,
        height_ratios=(0.2, 1.05, 1.7, 1.7),
    )  # fmt: skip
    page.heading(figure, material, found, TITLE)
    page.shares(figure.add_subplot(grid[0, :]), found)
    page.trace(figure.add_subplot(grid[1, :]), material)
    for row, (name, pictures) in enumerate((("best", found.best), ("worst", found.worst)), start=2):
        for column in range(_MOMENTS):
            axes = figure.add_subplot(grid[row, column])
            shown = moments.get(pictures[column]) if column < len(pictures) else None
            page.moment(axes, f"{name} {column + 1}:  {page.said(shown)}" if shown else "", shown)


def _examination(
    figure: Any, material: Material, found: Summary, views: Examined, path: Path, progress: Progress
) -> None:
    moments = _moments(material, path, [v.picture for v in views.views if v.picture is not None], progress)
    columns = next(columns for most, columns in _COLUMNS if len(views.views) <= most)
    rows = -(-len(views.views) // columns)
    curve = 1.6 if rows == 1 else 0.8
    grid = figure.add_gridspec(
        4 + rows, columns, left=0.05, right=0.97, top=0.86, bottom=0.075, hspace=0.45, wspace=0.06,
        height_ratios=(0.18, curve, 0.02, *[(4.0 - curve) / rows] * rows, 0.7),
    )  # fmt: skip
    page.heading(figure, material, found, views.protocol)
    saved = sum(view.state == "saved" for view in views.views)
    ended = "" if views.ended else "the examination was not ended"
    parts = (f"{saved} of {len(views.views)} views saved", ended, views.label)
    line = "   ·   ".join(part for part in parts if part)
    figure.text(0.05, 0.88, line, fontsize=11, weight="bold", color=page.INK, parse_math=False)
    page.shares(figure.add_subplot(grid[0, :]), found)
    trace = figure.add_subplot(grid[1, :])
    page.trace(trace, material)
    _turns(trace, material, [view.name for view in views.views])
    for number, view in enumerate(views.views):
        axes = figure.add_subplot(grid[3 + number // columns, number % columns])
        shown = moments.get(view.picture) if view.picture is not None else None
        page.moment(axes, _told(number, view), shown)
    axes = figure.add_subplot(grid[-1, :])
    axes.axis("off")
    stretches = [_stretch(one) for one in views.worst] or ["none was inadequate"]
    faults = [f"{100 * share:.0f} %  {fault}" for fault, share in views.faults[:4]] or ["nothing stood out"]
    for x, title, lines in (
        (0.0, "Worst stretches", stretches),
        (0.68, "Wrong most of the scored time", faults),
    ):
        put = partial(axes.text, x, color=page.INK, va="top", transform=axes.transAxes, parse_math=False)
        put(1.0, title, fontsize=10, weight="bold")
        put(0.78, "\n".join(lines), fontsize=9, linespacing=1.4)


def _turns(axes: Any, material: Material, names: Sequence[str]) -> None:
    """Where on the time line another view was chosen, by its number."""
    table, before = material.content.table, None
    times_s = table.numbers("time_s")
    for row, view in enumerate(table.texts("view")):
        if view in names and view != before:
            axes.axvline(times_s[row], color=page.DIM, lw=0.8, ls=":")
            axes.text(times_s[row], 102, f" {names.index(view) + 1}", fontsize=8, color=page.DIM)
            before = view


def _told(number: int, view: ViewResult) -> str:
    """Above the picture of a view."""
    quality = "" if view.quality is None else f" {view.quality:.0f}"
    best = f", best{quality}" if view.state != "saved" and quality else quality
    time = f"adequate {view.adequate_s:.0f} of {view.seconds:.0f} s" if view.seconds else "not scanned"
    return f"{number + 1}  {view.name}\n{_STATES[view.state]}{best}  ·  {time}"


def _stretch(one: Stretch) -> str:
    parts = [
        f"{page.clock(one.start_s)} to {page.clock(one.end_s)}",
        one.view,
        "" if one.lowest is None else f"down to {one.lowest:.0f}",
        one.fault,
    ]
    return "   ·   ".join(part for part in parts if part)


def _metadata(path: Path) -> dict[str, Any]:
    """Nothing of this machine, and no date: the same session gives the same file."""
    if path.suffix.lower() == ".pdf":
        about = {"Title": TITLE, "Subject": NOTICE}
        return {**about, "Creator": "scanmon", "Producer": None, "CreationDate": None}
    return {"Title": TITLE, "Description": NOTICE, "Software": "scanmon"}


def _moments(
    material: Material, path: Path, pictures: Iterable[int], progress: Progress
) -> dict[int, Analysis]:
    """The analysed pictures to be shown, by number; none where the session has no pictures."""
    if material.recording is None:
        return {}
    scores = RecordedScores(material.content)
    wanted = sorted(set(pictures))
    moments: dict[int, Analysis] = {}
    for done, picture in enumerate(wanted):
        progress(done + 1, len(wanted))
        frame = next(iter(material.pictures(path).frames_from(picture)))
        moments[picture] = scores.analyze(frame)
    return moments
