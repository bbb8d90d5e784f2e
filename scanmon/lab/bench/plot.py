"""The figures of a bench as one picture. matplotlib comes with the extra `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanmon.core.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def write_plot(result: dict[str, Any], path: Path) -> None:
    """A frame by picture size, a window by engine, the stages without the engine; PNG or SVG by the ending.

    Raises `SettingsError` where matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SettingsError(
            "plots need matplotlib", "scanmon bench --plot", "pip install 'scanmon[evaluate]'"
        ) from error
    paper = Figure(figsize=(15, 4.5), dpi=100, layout="constrained")
    FigureCanvasAgg(paper)
    frames, engines, stages = paper.subplots(1, 3)
    _frames(frames, result["frames"])
    _engines(engines, result["engines"])
    _stages(stages, result["stages"])
    paper.suptitle(f"{result['machine']['processor']}, {result['machine']['threads']} threads")
    paper.savefig(path)


def _frames(axes: Axes, rows: list[dict[str, Any]]) -> None:
    labels = [f"{row['metric']} {row['mode']}\n{row['size']}" for row in rows]
    other = [row["frame_ms"] - row["engine_ms"] for row in rows]
    axes.barh(labels, [row["engine_ms"] for row in rows], label="engine")
    axes.barh(labels, other, left=[row["engine_ms"] for row in rows], label="all else")
    axes.set_xlabel("ms a frame")
    axes.invert_yaxis()
    if rows:
        axes.legend()


def _engines(axes: Axes, rows: list[dict[str, Any]]) -> None:
    ran = [row for row in rows if "ms_per_window" in row]
    for row in ran:
        batches = sorted(row["ms_per_window"], key=int)
        times = [row["ms_per_window"][batch] for batch in batches]
        axes.plot([int(batch) for batch in batches], times, "o-", label=row["engine"])
    axes.set_xlabel("windows a pass")
    axes.set_ylabel("ms a window")
    axes.set_ylim(bottom=0)
    if ran:
        axes.legend()


def _stages(axes: Axes, rows: list[dict[str, Any]]) -> None:
    labels = [f"{row['metric']}\n{row['size']}" for row in rows]
    left = [0.0] * len(rows)
    for name in rows[0]["cpu_ms"] if rows else ():
        costs = [row["cpu_ms"][name] for row in rows]
        axes.barh(labels, costs, left=left, label=name.replace("_", " "))
        left = [before + cost for before, cost in zip(left, costs, strict=True)]
    axes.set_xlabel("ms of processor time a frame, engine left out")
    if rows:
        axes.legend()
