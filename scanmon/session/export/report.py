"""One page that says how a session went: PNG or PDF, through matplotlib (extra `evaluate`)."""

from __future__ import annotations

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
from scanmon.session.summary import SHARES, Summary, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK: Final = "#1d2733"
_DIM: Final = "#6b7785"
COLOURS: Final = {
    **{verdict.value: colour for verdict, colour in ON_LIGHT.items()},
    "no score": "#8d98a4",
    "not scored": "#dde1e5",
}
TITLE: Final = "Ultrasound image quality"
_MOMENTS: Final = 4
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
    found = summary(material.content, _MOMENTS)
    moments = _moments(material, path, found, progress)
    figure = Figure(figsize=(11.69, 8.27), facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        4, _MOMENTS, left=0.05, right=0.97, top=0.88, bottom=0.075, hspace=0.3, wspace=0.06,
        height_ratios=(0.2, 1.05, 1.7, 1.7),
    )  # fmt: skip
    _heading(figure, material, found)
    _shares(figure.add_subplot(grid[0, :]), found)
    _trace(figure.add_subplot(grid[1, :]), material)
    for row, (name, pictures) in enumerate((("best", found.best), ("worst", found.worst)), start=2):
        for column in range(_MOMENTS):
            axes = figure.add_subplot(grid[row, column])
            _moment(axes, f"{name} {column + 1}", moments, pictures[column : column + 1])
    _footing(figure, material)
    # fonts that viewers select and search in
    with replacing(path) as part, part.open("wb") as file, rc_context({"pdf.fonttype": 42}):
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, metadata=_metadata(path))
    progress(1, 1)


def _metadata(path: Path) -> dict[str, Any]:
    """Nothing of this machine, and no date: the same session gives the same file."""
    if path.suffix.lower() == ".pdf":
        about = {"Title": TITLE, "Subject": NOTICE}
        return {**about, "Creator": "scanmon", "Producer": None, "CreationDate": None}
    return {"Title": TITLE, "Description": NOTICE, "Software": "scanmon"}


def _moments(material: Material, path: Path, found: Summary, progress: Progress) -> dict[int, Analysis]:
    """The analysed pictures to be shown, by number; none where the session has no pictures."""
    if material.recording is None:
        return {}
    scores = RecordedScores(material.content)
    wanted = sorted({*found.best, *found.worst})
    moments: dict[int, Analysis] = {}
    for done, picture in enumerate(wanted):
        progress(done, len(wanted) + 1)
        frame = next(iter(material.pictures(path).frames_from(picture)))
        moments[picture] = scores.analyze(frame)
    return moments


def _heading(figure: Any, material: Material, found: Summary) -> None:
    about = material.content.about
    median = "-" if found.median_quality is None else f"{found.median_quality:.0f}"
    figure.text(0.05, 0.945, TITLE, fontsize=20, weight="bold", color=_INK)
    when = str(about.get("started_utc", ""))[:16].replace("T", " ")
    line = f"{when} UTC   ·   {_duration(found.seconds)}   ·   {found.frames} frames, {found.scored} scored"
    line = f"{line}   ·   source: {about.get('source', '')}"
    figure.text(0.05, 0.91, line, fontsize=10, color=_DIM, parse_math=False)  # a session may hold a $
    figure.text(
        0.72, 0.925, f"{100 * found.shares[0]:.0f} %", fontsize=30, weight="bold", color=_INK, ha="right"
    )
    figure.text(0.73, 0.945, "of the time", fontsize=10, color=_DIM)
    figure.text(0.73, 0.922, "adequate", fontsize=12, weight="bold", color=COLOURS["adequate"])
    figure.text(0.90, 0.925, median, fontsize=30, weight="bold", color=_INK, ha="right")
    figure.text(0.91, 0.945, "median", fontsize=10, color=_DIM)
    figure.text(0.91, 0.922, "quality", fontsize=12, weight="bold", color=_INK)
    if not material.content.complete:
        figure.text(0.05, 0.885, "The recording was cut off.", fontsize=9, color=COLOURS["inadequate"])


def _shares(axes: Axes, found: Summary) -> None:
    start = 0.0
    for name, share in zip(SHARES, found.shares, strict=True):
        axes.barh([0], [share], left=[start], color=COLOURS[name], height=1.0)
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
            axes.axhspan(bottom, top, color=COLOURS[name], alpha=0.12, lw=0)
    known = np.isfinite(times_s)
    suspended = known & ~np.isfinite(quality) & (np.array(content.table.texts("reason")) != "dropped")
    axes.fill_between(
        times_s[known], 0, 100, where=suspended[known].tolist(), color=COLOURS["no score"], alpha=0.5, lw=0
    )
    analysed = np.isfinite(quality) & known
    shown = content.shown()
    for rows in stretches(times_s, analysed):  # as in the window: what was not scored is a gap
        mark = "." if len(rows) == 1 else ""
        axes.plot(times_s[rows], quality[rows], color=_DIM, lw=0.5, alpha=0.6)
        axes.plot(times_s[rows], shown[rows], color=_INK, lw=1.4, marker=mark, markersize=2)
    for event in content.events:
        if event.get("kind") == "bookmark":
            axes.axvline(float(event["time_s"]), color="#2f5bd0", lw=1)
        elif event.get("kind") in _TITLES:
            axes.text(float(event["time_s"]), 96, _TITLES[event["kind"]], fontsize=7, color=_DIM, va="top")
    axes.set_xlim(0, max(end_s, 1e-3))
    axes.set_ylim(0, 100)
    axes.set_ylabel("quality", fontsize=9, color=_DIM)
    axes.set_xlabel("seconds", fontsize=8, color=_DIM, labelpad=0, loc="right")
    axes.tick_params(labelsize=8, colors=_DIM)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _moment(axes: Axes, name: str, moments: dict[int, Analysis], picture: tuple[int, ...]) -> None:
    axes.axis("off")
    if not picture or picture[0] not in moments:
        return
    analysis = moments[picture[0]]
    reading = analysis.reading
    axes.imshow(_cut(with_heat(analysis, STRENGTH), analysis))
    verdict = reading.verdict and (analysis.provenance.word(reading.quality or 0.0) or reading.verdict)
    word = f" {verdict.value}" if verdict else ""
    title = f"{name}:  {reading.quality or 0:.0f}{word},  {reading.time_s:.1f} s"
    axes.set_title(title, fontsize=9, color=_INK, pad=3)


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


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
