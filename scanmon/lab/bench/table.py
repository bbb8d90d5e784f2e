"""The figures of a bench as text, as the tables of docs/speed.md, and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanmon.core.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from collections.abc import Iterator, Sequence

Result = dict[str, Any]
Row = Sequence[object]


def lines(result: Result) -> list[str]:
    """Every table, one after the other, in columns."""
    shown = [heading(result)]
    for title, rows in tables(result):
        cells = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        shown += ["", title]
        shown += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells
        ]
    return [line.rstrip() for line in shown]


def markdown(result: Result) -> str:
    parts = [heading(result), ""]
    for title, rows in tables(result):
        head, *body = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        parts += [f"**{title}**", "", head, "|---" * len(rows[0]) + "|", *body, ""]
    return "\n".join(parts).rstrip() + "\n"


def heading(result: Result) -> str:
    """Where this was measured, and of what."""
    machine, load = result["machine"], result.get("load_before")
    busy = (
        ""
        if load is None
        else f"; load before the bench {load:.1f}" + (" (others kept it busy)" * (load > 1))
    )
    return (
        f"{machine['processor']}, {machine['threads']} threads, sgemm {machine['sgemm_gflops']:.0f} GFLOP/s; "
        f"bundle {result['bundle']}, working height {result['working_height_px']} px{busy}"
    )


def tables(result: Result) -> Iterator[tuple[str, list[Row]]]:
    """Title and rows, the first of them the names of the columns."""
    yield (
        "Frame by frame, without a clock",
        [
            (
                "metric",
                "mode",
                "picture",
                "engine's share",
                "frames/s",
                "ms a frame",
                "engine ms",
                "windows",
                "oldest s",
            ),
            *(
                (
                    row["metric"],
                    row["mode"],
                    row["size"],
                    f"{row['engine_share']:.0%}",
                    f"{row['frames_per_s']:.1f}",
                    f"{row['frame_ms']:.1f}",
                    f"{row['engine_ms']:.1f}",
                    f"{row['windows']:.1f}",
                    f"{row['oldest_s']:.2f}",
                )
                for row in result["frames"]
            ),
        ],
    )
    yield from _stages(result)
    yield from _engines(result)
    if result.get("window"):
        yield from _window(result["window"])
    session = result["session"]
    if session["resident_mb_at_the_end"] is not None:
        quarter, end = session["resident_mb_at_a_quarter"], session["resident_mb_at_the_end"]
        yield (
            "Memory of scoring alone, 1080p",
            [
                ("frames", "MB at a quarter", "MB at the end"),
                (session["frames"], f"{quarter:.0f}", f"{end:.0f}"),
            ],
        )


def _stages(result: Result) -> Iterator[tuple[str, list[Row]]]:
    found = result["stages"]
    if found:
        names = list(found[0]["cpu_ms"])
        yield (
            f"Everything but the engine, ms of processor time a frame at {found[0]['size']}",
            [
                ("metric", "sum", "without decoder", *(name.replace("_", " ") for name in names)),
                *(
                    (
                        row["metric"],
                        f"{row['sum_cpu_ms']:.2f}",
                        f"{row['without_decoder_cpu_ms']:.2f}",
                        *(f"{row['cpu_ms'][name]:.2f}" for name in names),
                    )
                    for row in found
                ),
            ],
        )


def _engines(result: Result) -> Iterator[tuple[str, list[Row]]]:
    ran = [row for row in result["engines"] if "ms_per_window" in row]
    if ran:
        batches = list(ran[0]["ms_per_window"])
        yield (
            "Engines of nrq",
            [
                (
                    "engine",
                    "share of sgemm",
                    "windows/s",
                    *(f"ms a window, {batch} a pass" for batch in batches),
                ),
                *(
                    (
                        row["engine"],
                        f"{row['share_of_sgemm']:.0%}" if row["share_of_sgemm"] else "-",
                        f"{row['windows_per_s']:.0f}",
                        *(f"{row['ms_per_window'][batch]:.1f}" for batch in batches),
                    )
                    for row in ran
                ),
            ],
        )
    ran = [row for row in result["map_engines"] if "ms" in row]
    if ran:
        yield (
            f"Engines of map, a picture of {ran[0]['size']}" + _needs(ran[0]),
            [
                ("engine", "times the first", "ms", "share of convolution", "largest difference"),
                *(
                    (
                        row["engine"],
                        f"{row['over_first']:.2f}",
                        f"{row['ms']:.1f}",
                        f"{row['share_of_convolution']:.0%}" if row.get("share_of_convolution") else "-",
                        f"{row['largest_difference']:.1e}",
                    )
                    for row in ran
                ),
            ],
        )
    if result["organs"]:
        yield (
            f"Head of nrq on {result['organs'][0]['windows']} windows",
            [
                ("organ models", "ms"),
                *((row["organs"], f"{row['head_ms']:.2f}") for row in result["organs"]),
            ],
        )


def _needs(row: Result) -> str:
    """What a map is measured against."""
    if not row.get("share_of_convolution"):
        return ""
    return f": {row['gflop']:.2f} GFLOP; convolutions alone reach {row['convolution_gflops']:.0f} GFLOP/s"


def _window(window: Result) -> Iterator[tuple[str, list[Row]]]:
    yield (
        "From the start of the process, `scanmon demo`",
        [
            ("until", "s, first start", "s, later ones", "s of processor time"),
            *(
                (
                    f"first {what}",
                    f"{window['start'][f'first_{what}_s']['first']:.2f}",
                    f"{window['start'][f'first_{what}_s']['median']:.2f}",
                    f"{window['start'][f'first_{what}_cpu_s']['median']:.2f}",
                )
                for what in ("picture", "score")
            ),
        ],
    )
    yield (
        "The window with a live source and a recording",
        [
            (
                "first metric, picture",
                "captured/s",
                "shown/s",
                "shown after ms",
                "readings/s",
                "without score",
                "oldest window s",
                "cores",
                "MB",
            ),
            *(
                (
                    row["run"],
                    f"{row['captured_per_s']:.1f}",
                    f"{row['shown_per_s']:.1f}",
                    f"{row['capture_to_display_p50_ms']:.0f}" if row["capture_to_display_p50_ms"] else "-",
                    f"{row['readings_per_s']:.1f}",
                    f"{row['share_without_score']:.0%}" if "share_without_score" in row else "-",
                    f"{row['oldest_window_s']:.1f}",
                    f"{row['cores_busy']:.2f}",
                    f"{row['resident_mb']:.0f}" if row["resident_mb"] else "-",
                )
                for row in window["running"]
            ),
        ],
    )


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
    _drawn_engines(engines, result["engines"])
    _drawn_stages(stages, result["stages"])
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
