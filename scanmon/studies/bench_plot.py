"""The figures of a bench as one picture. matplotlib comes with the extra `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scanmon.core.errors import SettingsError


def write_plot(result: dict[str, Any], path: Path) -> None:
    """Stages of a frame by picture size on the left, milliseconds a window by engine on the right.

    Raises `SettingsError` where matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SettingsError(
            "plots need matplotlib", "scanmon bench --plot", "pip install 'scanmon[evaluate]'"
        ) from error
    paper = Figure(figsize=(11, 4), dpi=100, layout="constrained")
    FigureCanvasAgg(paper)
    frames, engines = paper.subplots(1, 2)
    rows = result["frames"]
    labels = [f"{row['metric']} {row['mode']}\n{row['size']}" for row in rows]
    other = [row["frame_ms"] - row["engine_ms"] for row in rows]
    frames.barh(labels, [row["engine_ms"] for row in rows], label="engine")
    frames.barh(labels, other, left=[row["engine_ms"] for row in rows], label="all else")
    frames.set_xlabel("ms a frame")
    frames.invert_yaxis()
    frames.legend()
    ran = [row for row in result["engines"] if "ms_per_window" in row]
    for row in ran:
        batches = sorted(row["ms_per_window"], key=int)
        engines.plot(batches, [row["ms_per_window"][batch] for batch in batches], "o-", label=row["engine"])
    engines.set_xlabel("windows a pass")
    engines.set_ylabel("ms a window")
    engines.set_ylim(bottom=0)
    if ran:
        engines.legend()
    paper.suptitle(f"{result['machine']['processor']}, {result['machine']['threads']} threads")
    paper.savefig(path)
