"""The figures of a bench as text, as the tables of docs/speed.md, and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanmon.lab.paper import paper, require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from collections.abc import Iterator

Result = dict[str, Any]
Row = tuple[str, ...]


def lines(result: Result) -> list[str]:
    shown = [heading(result)]
    for title, rows in tables(result):
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        shown += ["", title]
        shown += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
    return [line.rstrip() for line in shown]


def markdown(result: Result) -> str:
    parts = [heading(result), ""]
    for title, rows in tables(result):
        head, *body = ["| " + " | ".join(row) + " |" for row in rows]
        parts += [f"**{title}**", "", head, "|---" * len(rows[0]) + "|", *body, ""]
    return "\n".join(parts).rstrip() + "\n"


def heading(result: Result) -> str:
    machine, load = result["machine"], result.get("load_before")
    busy = (
        "" if load is None else f"; load before the bench {load:.1f}" + " (others kept it busy)" * (load > 1)
    )
    return (
        f"{machine['processor']}, {machine['threads']} threads, sgemm {machine['sgemm_gflops']:.0f} GFLOP/s; "
        f"bundle {result['bundle']}, working height {result['working_height_px']} px{busy}"
    )


def tables(result: Result) -> Iterator[tuple[str, list[Row]]]:
    """Title and rows, the first of them the names of the columns; without those that have no rows."""
    for title, columns, rows in _tables(result):
        if rows:
            yield (
                title,
                [tuple(columns), *(tuple(_cell(form, row) for form in columns.values()) for row in rows)],
            )


def _cell(form: str, row: Result) -> str:
    """`form` filled with the row; a dash where the row has nothing for it."""
    try:
        return form.format(**row)
    except (KeyError, TypeError):  # left out, or None, which has no format
        return "-"


_FRAMES = {
    "metric": "{metric}",
    "mode": "{mode}",
    "picture": "{size}",
    "engine's share": "{engine_share:.0%}",
    "frames/s": "{frames_per_s:.1f}",
    "ms a frame": "{frame_ms:.1f}",
    "engine ms": "{engine_ms:.1f}",
    "windows": "{windows:.1f}",
    "oldest s": "{oldest_s:.2f}",
}
_NRQ = {"engine": "{engine}", "share of sgemm": "{share_of_sgemm:.0%}", "windows/s": "{windows_per_s:.0f}"}
_MAP = {
    "engine": "{engine}",
    "times the first": "{over_first:.2f}",
    "ms": "{ms:.1f}",
    "share of convolution": "{share_of_convolution:.0%}",
    "largest difference": "{largest_difference:.1e}",
}
_START = {
    "until": "first {until}",
    "s, first start": "{wall[first]:.2f}",
    "s, later ones": "{wall[median]:.2f}",
    "s of processor time": "{cpu[median]:.2f}",
}
_RUNNING = {
    "first metric, picture": "{run}",
    "captured/s": "{captured_per_s:.1f}",
    "shown/s": "{shown_per_s:.1f}",
    "shown after ms": "{capture_to_display_p50_ms:.0f}",
    "readings/s": "{readings_per_s:.1f}",
    "without score": "{share_without_score:.0%}",
    "oldest window s": "{oldest_window_s:.1f}",
    "cores": "{cores_busy:.2f}",
    "MB": "{resident_mb:.0f}",
}
_SESSION = {
    "frames": "{frames}",
    "MB at a quarter": "{resident_mb_at_a_quarter:.0f}",
    "MB at the end": "{resident_mb_at_the_end:.0f}",
}


def _tables(result: Result) -> Iterator[tuple[str, dict[str, str], list[Result]]]:
    """Title, columns with what stands in them, and rows."""
    yield "Frame by frame, without a clock", _FRAMES, result["frames"]
    if stages := result["stages"]:
        costs = {name.replace("_", " "): f"{{cpu_ms[{name}]:.2f}}" for name in stages[0]["cpu_ms"]}
        sums = {"sum": "{sum_cpu_ms:.2f}", "without decoder": "{without_decoder_cpu_ms:.2f}"}
        title = f"Everything but the engine, ms of processor time a frame at {stages[0]['size']}"
        yield title, {"metric": "{metric}", **sums, **costs}, stages
    if ran := [row for row in result["engines"] if "ms_per_window" in row]:
        batches = {f"ms a window, {n} a pass": f"{{{n} a pass:.1f}}" for n in ran[0]["ms_per_window"]}
        timed = [row | {f"{n} a pass": ms for n, ms in row["ms_per_window"].items()} for row in ran]
        yield "Engines of nrq", _NRQ | batches, timed
    if ran := [row for row in result["map_engines"] if "ms" in row]:
        yield f"Engines of map, a picture of {ran[0]['size']}" + _needs(ran[0]), _MAP, ran
    if organs := result["organs"]:
        title = f"Head of nrq on {organs[0]['windows']} windows"
        yield title, {"organ models": "{organs}", "ms": "{head_ms:.2f}"}, organs
    if window := result.get("window"):
        start = window["start"]
        times = [
            {"until": what, "wall": start[f"first_{what}_s"], "cpu": start[f"first_{what}_cpu_s"]}
            for what in ("picture", "score")
        ]
        yield "From the start of the process, `scanmon demo`", _START, times
        yield "The window with a live source and a recording", _RUNNING, window["running"]
    if result["session"]["resident_mb_at_the_end"] is not None:
        yield "Memory of scoring alone, 1080p", _SESSION, [result["session"]]


def _needs(row: Result) -> str:
    if not row.get("share_of_convolution"):
        return ""
    return f": {row['gflop']:.2f} GFLOP; convolutions alone reach {row['convolution_gflops']:.0f} GFLOP/s"


def write_plot(result: dict[str, Any], path: Path) -> None:
    """A frame by picture size, a window by engine, the stages without the engine; PNG or SVG by the ending.

    Raises `SettingsError` where matplotlib is not installed.
    """
    require_matplotlib("scanmon bench --plot")
    sheet = paper(15, 4.5, dpi=100, layout="constrained")
    frames, engines, stages = sheet.subplots(1, 3)
    _drawn_frames(frames, result["frames"])
    _drawn_engines(engines, result["engines"])
    _drawn_stages(stages, result["stages"])
    sheet.suptitle(f"{result['machine']['processor']}, {result['machine']['threads']} threads")
    sheet.savefig(path)


def _drawn_frames(axes: Axes, rows: list[dict[str, Any]]) -> None:
    labels = [f"{row['metric']} {row['mode']}\n{row['size']}" for row in rows]
    other = [row["frame_ms"] - row["engine_ms"] for row in rows]
    axes.barh(labels, [row["engine_ms"] for row in rows], label="engine")
    axes.barh(labels, other, left=[row["engine_ms"] for row in rows], label="all else")
    axes.set_xlabel("ms a frame")
    axes.invert_yaxis()
    if rows:
        axes.legend()


def _drawn_engines(axes: Axes, rows: list[dict[str, Any]]) -> None:
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


def _drawn_stages(axes: Axes, rows: list[dict[str, Any]]) -> None:
    labels = [f"{row['metric']}\n{row['size']}" for row in rows]
    left = [0.0] * len(rows)
    for name in rows[0]["cpu_ms"] if rows else ():
        costs = [row["cpu_ms"][name] for row in rows]
        axes.barh(labels, costs, left=left, label=name.replace("_", " "))
        left = [before + cost for before, cost in zip(left, costs, strict=True)]
    axes.set_xlabel("ms of processor time a frame, engine left out")
    if rows:
        axes.legend()
