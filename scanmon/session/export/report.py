"""One page of how a session or an examination went: PNG or PDF, through matplotlib (extra `evaluate`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.gaps import stretches
from scanmon.core.palette import ON_LIGHT
from scanmon.core.values import Analysis
from scanmon.scoring.overlay import with_heat
from scanmon.session.content import RecordedScores, SessionContent
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import NOTICE, STRENGTH
from scanmon.session.summary import SHARES, Examined, Stretch, Summary, ViewResult, examined, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE: Final = "Ultrasound image quality"
_MOMENTS: Final = 4
_COLUMNS: Final = ((4, 4), (6, 3), (8, 4), (12, 6), (24, 8))  # up to so many views: pictures in a row
_STATES: Final = {"saved": "saved", "skipped": "skipped", "open": "not reached"}
_INK: Final = "#1d2733"
_DIM: Final = "#6b7785"
_COLOURS: Final = {
    **{verdict.value: colour for verdict, colour in ON_LIGHT.items()},
    "no score": "#8d98a4",
    "not scored": "#dde1e5",
}
_LETTERS: Final = 40  # of a bookmark
_TITLES: Final = {"freeze": "frozen", "signal_lost": "no signal", "not_b_mode": "not B-mode"}


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
    _footing(figure, material)
    # fonts that viewers select and search in
    with replacing(path) as part, part.open("wb") as file, rc_context({"pdf.fonttype": 42}):
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, metadata=_metadata(path))


def _session(figure: Any, material: Material, found: Summary, path: Path, progress: Progress) -> None:
    moments = _moments(material, path, (*found.best, *found.worst), progress)
    grid = figure.add_gridspec(
        4, _MOMENTS, left=0.05, right=0.97, top=0.88, bottom=0.075, hspace=0.3, wspace=0.06,
        height_ratios=(0.2, 1.05, 1.7, 1.7),
    )  # fmt: skip
    _heading(figure, material, found, _TITLE)
    _shares(figure.add_subplot(grid[0, :]), found)
    _trace(figure.add_subplot(grid[1, :]), material)
    for row, (name, pictures) in enumerate((("best", found.best), ("worst", found.worst)), start=2):
        for column in range(_MOMENTS):
            axes = figure.add_subplot(grid[row, column])
            shown = moments.get(pictures[column]) if column < len(pictures) else None
            _moment(axes, f"{name} {column + 1}:  {_said(shown)}" if shown else "", shown)


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
    _heading(figure, material, found, views.protocol)
    saved = sum(view.state == "saved" for view in views.views)
    ended = "" if views.ended else "the examination was not ended"
    parts = (f"{saved} of {len(views.views)} views saved", ended, views.label)
    line = "   ·   ".join(part for part in parts if part)
    figure.text(0.05, 0.88, line, fontsize=11, weight="bold", color=_INK, parse_math=False)
    _shares(figure.add_subplot(grid[0, :]), found)
    trace = figure.add_subplot(grid[1, :])
    _trace(trace, material)
    _turns(trace, material, [view.name for view in views.views])
    for number, view in enumerate(views.views):
        axes = figure.add_subplot(grid[3 + number // columns, number % columns])
        shown = moments.get(view.picture) if view.picture is not None else None
        _moment(axes, _told(number, view), shown)
    axes = figure.add_subplot(grid[-1, :])
    axes.axis("off")
    stretches = [_stretch(one) for one in views.worst] or ["none was inadequate"]
    faults = [f"{100 * share:.0f} %  {fault}" for fault, share in views.faults[:4]] or ["nothing stood out"]
    for x, title, lines in (
        (0.0, "Worst stretches", stretches),
        (0.68, "Wrong most of the scored time", faults),
    ):
        put = partial(axes.text, x, color=_INK, va="top", transform=axes.transAxes, parse_math=False)
        put(1.0, title, fontsize=10, weight="bold")
        put(0.78, "\n".join(lines), fontsize=9, linespacing=1.4)


def _turns(axes: Any, material: Material, names: Sequence[str]) -> None:
    """Where on the time line another view was chosen, by its number."""
    table, before = material.content.table, None
    times_s = table.numbers("time_s")
    for row, view in enumerate(table.texts("view")):
        if view in names and view != before:
            axes.axvline(times_s[row], color=_DIM, lw=0.8, ls=":")
            axes.text(times_s[row], 102, f" {names.index(view) + 1}", fontsize=8, color=_DIM)
            before = view


def _told(number: int, view: ViewResult) -> str:
    """Above the picture of a view."""
    quality = "" if view.quality is None else f" {view.quality:.0f}"
    best = f", best{quality}" if view.state != "saved" and quality else quality
    time = f"adequate {view.adequate_s:.0f} of {view.seconds:.0f} s" if view.seconds else "not scanned"
    return f"{number + 1}  {view.name}\n{_STATES[view.state]}{best}  ·  {time}"


def _stretch(one: Stretch) -> str:
    parts = [
        f"{_clock(one.start_s)} to {_clock(one.end_s)}",
        one.view,
        "" if one.lowest is None else f"down to {one.lowest:.0f}",
        one.fault,
    ]
    return "   ·   ".join(part for part in parts if part)


def _metadata(path: Path) -> dict[str, Any]:
    """Nothing of this machine, and no date: the same session gives the same file."""
    if path.suffix.lower() == ".pdf":
        about = {"Title": _TITLE, "Subject": NOTICE}
        return {**about, "Creator": "scanmon", "Producer": None, "CreationDate": None}
    return {"Title": _TITLE, "Description": NOTICE, "Software": "scanmon"}


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


def _heading(figure: Any, material: Material, found: Summary, title: str) -> None:
    about = material.content.about
    median = "-" if found.median_quality is None else f"{found.median_quality:.0f}"
    figure.text(0.05, 0.945, title, fontsize=20, weight="bold", color=_INK, parse_math=False)
    when = str(about.get("started_utc", ""))[:16].replace("T", " ")
    line = f"{when} UTC   ·   {_duration(found.seconds)}   ·   {found.frames} frames, {found.scored} scored"
    line = f"{line}   ·   source: {about.get('source', '')}"
    figure.text(0.05, 0.91, line, fontsize=10, color=_DIM, parse_math=False)  # a session may hold a $
    figure.text(
        0.72, 0.925, f"{100 * found.shares[0]:.0f} %", fontsize=30, weight="bold", color=_INK, ha="right"
    )
    figure.text(0.73, 0.945, "of the time", fontsize=10, color=_DIM)
    figure.text(0.73, 0.922, "adequate", fontsize=12, weight="bold", color=_COLOURS["adequate"])
    figure.text(0.90, 0.925, median, fontsize=30, weight="bold", color=_INK, ha="right")
    figure.text(0.91, 0.945, "median", fontsize=10, color=_DIM)
    figure.text(0.91, 0.922, "quality", fontsize=12, weight="bold", color=_INK)
    if not material.content.complete:
        cut_off = "The recording was cut off."
        figure.text(0.97, 0.885, cut_off, fontsize=9, color=_COLOURS["inadequate"], ha="right")


def _shares(axes: Axes, found: Summary) -> None:
    start = 0.0
    for name, share in zip(SHARES, found.shares, strict=True):
        axes.barh([0], [share], left=[start], color=_COLOURS[name], height=1.0)
        if share > 0.08:
            label = f"{name} {100 * share:.0f} %"
            colour = _INK if name in ("no score", "not scored") else "white"
            axes.text(start + share / 2, 0, label, ha="center", va="center", fontsize=9, color=colour)
        start += share
    axes.set_xlim(0, max(start, 1e-9))
    axes.axis("off")


def _trace(axes: Axes, material: Material) -> None:
    content = material.content
    times_s, quality = content.table.numbers("time_s"), content.table.numbers("quality")
    end_s = float(np.nanmax(times_s, initial=1e-3))
    low, high = content.provenance().thresholds or (0.0, 0.0)
    if high:
        for name, bottom, top in (("inadequate", 0, low), ("marginal", low, high), ("adequate", high, 100)):
            axes.axhspan(bottom, top, color=_COLOURS[name], alpha=0.12, lw=0)
    known = np.isfinite(times_s)
    suspended = known & ~np.isfinite(quality) & (np.array(content.table.texts("reason")) != "dropped")
    axes.fill_between(
        times_s[known], 0, 100, where=suspended[known].tolist(), color=_COLOURS["no score"], alpha=0.5, lw=0
    )
    analysed = np.isfinite(quality) & known
    shown = content.shown()
    for rows in stretches(times_s, analysed):  # as in the window: what was not scored is a gap
        mark = "." if len(rows) == 1 else ""
        axes.plot(times_s[rows], quality[rows], color=_DIM, lw=0.5, alpha=0.6)
        axes.plot(times_s[rows], shown[rows], color=_INK, lw=1.4, marker=mark, markersize=2)
    for time_s in content.settings_s:
        axes.axvline(time_s, color=_DIM, lw=0.8, ls="--")
    for _, time_s, text in content.bookmarks:
        axes.axvline(time_s, color="#2f5bd0", lw=1)
        label = text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
        axes.text(time_s, 4, f" {label}", fontsize=7, color="#2f5bd0", parse_math=False, clip_on=True)
    for event in content.events:
        if event.get("kind") in _TITLES:
            axes.text(float(event["time_s"]), 96, _TITLES[event["kind"]], fontsize=7, color=_DIM, va="top")
    axes.set_xlim(0, max(end_s, 1e-3))
    axes.set_ylim(0, 100)
    axes.set_ylabel("quality", fontsize=9, color=_DIM)
    axes.set_xlabel("seconds", fontsize=8, color=_DIM, labelpad=0, loc="right")
    axes.tick_params(labelsize=8, colors=_DIM)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _moment(axes: Axes, title: str, analysis: Analysis | None) -> None:
    """A picture with its heatmap, and words above it; the words alone where there is no picture."""
    axes.axis("off")
    if title:
        axes.set_title(title, fontsize=9, color=_INK, pad=3, parse_math=False)
    if analysis is not None:
        axes.set_anchor("N")  # the words of all pictures on one line
        axes.imshow(_cut(with_heat(analysis, STRENGTH), analysis))


def _said(analysis: Analysis) -> str:
    """Number, word and time of one picture."""
    reading = analysis.reading
    verdict = reading.verdict and (analysis.provenance.word(reading.quality or 0.0) or reading.verdict)
    word = f" {verdict.value}" if verdict else ""
    return f"{reading.quality or 0:.0f}{word},  {reading.time_s:.1f} s"


def _cut(picture: NDArray[np.uint8], analysis: Analysis) -> NDArray[np.uint8]:
    """R, G, B on white outside the sector, so that it stands on the page."""
    colours = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    if analysis.region.mask is not None:
        colours[~analysis.region.mask] = 255
    return colours


def _footing(figure: Any, material: Material) -> None:
    provenance, about = material.content.provenance(), material.content.about
    metrics = sorted({metric for metric in material.content.table.texts("metric") if metric})
    organs = sorted({organ for organ in material.content.table.texts("organ") if organ})
    low, high = provenance.thresholds or (None, None)
    parts = [
        f"metric {', '.join(metrics) or '-'}",
        f"bundle {provenance.bundle} ({provenance.details.get('bundle_sha256', '')[:12]})",
        material.content.engines,
        _second_metric(material.content),
        f"organ models {', '.join(organs)}" if organs else "",
        f"marginal from {low:g}, adequate from {high:g}" if low is not None and high is not None else "",
        str(about.get("software", "")),
    ]
    line = "   ·   ".join(part for part in parts if part)
    figure.text(0.05, 0.04, line, fontsize=8, color=_DIM, parse_math=False)
    figure.text(0.05, 0.018, NOTICE, fontsize=9, weight="bold", color=_INK)


def _second_metric(content: SessionContent) -> str:
    """Which metric ran beside the one that made the verdicts, and on what."""
    metrics = sorted({metric for metric in content.table.texts("second_metric") if metric})
    return f"beside it {', '.join(metrics)} ({content.second_engines})" if metrics else ""


def _clock(seconds: float) -> str:
    """`m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
