"""The parts that the pages of a report are made of. Drawn with matplotlib, which the caller has imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import stretches
from scanmon.core.palette import ON_LIGHT
from scanmon.core.values import Analysis
from scanmon.scoring.overlay import with_heat
from scanmon.session.content import SessionContent
from scanmon.session.export.material import Material
from scanmon.session.export.movie import NOTICE, STRENGTH
from scanmon.session.summary import SHARES, Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#1d2733"
DIM: Final = "#6b7785"
COLOURS: Final = {
    **{verdict.value: colour for verdict, colour in ON_LIGHT.items()},
    "no score": "#8d98a4",
    "not scored": "#dde1e5",
}
_LETTERS: Final = 40  # of a bookmark
_TITLES: Final = {"freeze": "frozen", "signal_lost": "no signal", "not_b_mode": "not B-mode"}


def heading(figure: Any, material: Material, found: Summary, title: str) -> None:
    about = material.content.about
    median = "-" if found.median_quality is None else f"{found.median_quality:.0f}"
    figure.text(0.05, 0.945, title, fontsize=20, weight="bold", color=INK, parse_math=False)
    when = str(about.get("started_utc", ""))[:16].replace("T", " ")
    line = f"{when} UTC   ·   {duration(found.seconds)}   ·   {found.frames} frames, {found.scored} scored"
    line = f"{line}   ·   source: {about.get('source', '')}"
    figure.text(0.05, 0.91, line, fontsize=10, color=DIM, parse_math=False)  # a session may hold a $
    figure.text(
        0.72, 0.925, f"{100 * found.shares[0]:.0f} %", fontsize=30, weight="bold", color=INK, ha="right"
    )
    figure.text(0.73, 0.945, "of the time", fontsize=10, color=DIM)
    figure.text(0.73, 0.922, "adequate", fontsize=12, weight="bold", color=COLOURS["adequate"])
    figure.text(0.90, 0.925, median, fontsize=30, weight="bold", color=INK, ha="right")
    figure.text(0.91, 0.945, "median", fontsize=10, color=DIM)
    figure.text(0.91, 0.922, "quality", fontsize=12, weight="bold", color=INK)
    if not material.content.complete:
        cut_off = "The recording was cut off."
        figure.text(0.97, 0.885, cut_off, fontsize=9, color=COLOURS["inadequate"], ha="right")


def shares(axes: Axes, found: Summary) -> None:
    start = 0.0
    for name, share in zip(SHARES, found.shares, strict=True):
        axes.barh([0], [share], left=[start], color=COLOURS[name], height=1.0)
        if share > 0.08:
            label = f"{name} {100 * share:.0f} %"
            colour = INK if name in ("no score", "not scored") else "white"
            axes.text(start + share / 2, 0, label, ha="center", va="center", fontsize=9, color=colour)
        start += share
    axes.set_xlim(0, max(start, 1e-9))
    axes.axis("off")


def trace(axes: Axes, material: Material) -> None:
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
        axes.plot(times_s[rows], quality[rows], color=DIM, lw=0.5, alpha=0.6)
        axes.plot(times_s[rows], shown[rows], color=INK, lw=1.4, marker=mark, markersize=2)
    for time_s in content.settings_s:
        axes.axvline(time_s, color=DIM, lw=0.8, ls="--")
    for _, time_s, text in content.bookmarks:
        axes.axvline(time_s, color="#2f5bd0", lw=1)
        label = text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
        axes.text(time_s, 4, f" {label}", fontsize=7, color="#2f5bd0", parse_math=False, clip_on=True)
    for event in content.events:
        if event.get("kind") in _TITLES:
            axes.text(float(event["time_s"]), 96, _TITLES[event["kind"]], fontsize=7, color=DIM, va="top")
    axes.set_xlim(0, max(end_s, 1e-3))
    axes.set_ylim(0, 100)
    axes.set_ylabel("quality", fontsize=9, color=DIM)
    axes.set_xlabel("seconds", fontsize=8, color=DIM, labelpad=0, loc="right")
    axes.tick_params(labelsize=8, colors=DIM)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def moment(axes: Axes, title: str, analysis: Analysis | None) -> None:
    """A picture with its heatmap, and words above it; the words alone where there is no picture."""
    axes.axis("off")
    if title:
        axes.set_title(title, fontsize=9, color=INK, pad=3, parse_math=False)
    if analysis is not None:
        axes.set_anchor("N")  # the words of all pictures on one line
        axes.imshow(cut(with_heat(analysis, STRENGTH), analysis))


def said(analysis: Analysis) -> str:
    """Number, word and time of one picture."""
    reading = analysis.reading
    verdict = reading.verdict and (analysis.provenance.word(reading.quality or 0.0) or reading.verdict)
    word = f" {verdict.value}" if verdict else ""
    return f"{reading.quality or 0:.0f}{word},  {reading.time_s:.1f} s"


def cut(picture: NDArray[np.uint8], analysis: Analysis) -> NDArray[np.uint8]:
    """R, G, B on white outside the sector, so that it stands on the page."""
    colours = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    if analysis.region.mask is not None:
        colours[~analysis.region.mask] = 255
    return colours


def footing(figure: Any, material: Material) -> None:
    provenance, about = material.content.provenance(), material.content.about
    metrics = sorted({metric for metric in material.content.table.texts("metric") if metric})
    organs = sorted({organ for organ in material.content.table.texts("organ") if organ})
    low, high = provenance.thresholds or (None, None)
    parts = [
        f"metric {', '.join(metrics) or '-'}",
        f"bundle {provenance.bundle} ({provenance.details.get('bundle_sha256', '')[:12]})",
        material.content.engines,
        second_metric(material.content),
        f"organ models {', '.join(organs)}" if organs else "",
        f"marginal from {low:g}, adequate from {high:g}" if low is not None and high is not None else "",
        str(about.get("software", "")),
    ]
    line = "   ·   ".join(part for part in parts if part)
    figure.text(0.05, 0.04, line, fontsize=8, color=DIM, parse_math=False)
    figure.text(0.05, 0.018, NOTICE, fontsize=9, weight="bold", color=INK)


def second_metric(content: SessionContent) -> str:
    """Which metric ran beside the one that made the verdicts, and on what."""
    metrics = sorted({metric for metric in content.table.texts("second_metric") if metric})
    return f"beside it {', '.join(metrics)} ({content.second_engines})" if metrics else ""


def clock(seconds: float) -> str:
    """`m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
