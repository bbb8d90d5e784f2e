"""`scanmon bench`: speed of every stage on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scanmon.cli.options import add_scoring_options, settings_from
from scanmon.core.errors import SinkError
from scanmon.studies.bench import BenchOptions, Result, bench


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a picture (.png, .svg)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each measurement (5)")
    parser.add_argument("--frames", type=int, default=200, metavar="N", help="frames of the session (200)")
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """A table on stdout, and the files that were asked for."""
    options = BenchOptions(rounds=max(1, args.rounds), frames=max(4, args.frames))
    result = bench(settings_from(args).scoring, options, lambda line: print(line, file=sys.stderr))
    print("\n".join(_lines(result)))
    try:
        if args.json:
            args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        if args.plot:
            from scanmon.studies.bench_plot import write_plot

            write_plot(result, args.plot)
    except OSError as error:
        raise SinkError(
            f"cannot be written ({error.strerror})", error.filename, "name another file"
        ) from error
    return 0


def _lines(result: Result) -> list[str]:
    machine, start, session = result["machine"], result["start"], result["session"]
    lines = [
        f"{machine['processor']}, {machine['threads']} threads, sgemm {machine['sgemm_gflops']:.0f} GFLOP/s",
        f"{result['bundle']}: loaded in {start['load_ms']:.0f} ms, "
        f"first score {start['first_score_ms']:.0f} ms later",
        "",
        "metric  mode    size       frames/s    frame   engine all else   head windows  oldest",
    ]
    for row in result["frames"]:
        times = " ".join(f"{row[key]:5.1f} ms" for key in ("frame_ms", "engine_ms", "not_engine_ms"))
        lines.append(
            f"{row['metric']:7} {row['mode']:7} {row['size']:10} {row['frames_per_s']:8.1f} {times} "
            f"{row['head_ms']:6.1f} {row['windows']:7.0f} {row['oldest_s']:5.2f} s"
        )
    lines.append("")
    for row in result["engines"]:
        if "absent" in row:
            lines.append(f"{row['engine']:18} not here: {row['absent']}")
            continue
        ms = ", ".join(f"{value:.1f} ms at {batch}" for batch, value in row["ms_per_window"].items())
        share = f", {row['share_of_sgemm']:.0%} of sgemm" if row["share_of_sgemm"] else ""
        lines.append(f"{row['engine']:18} a window {ms}{share}")
    organs = ", ".join(f"{row['head_ms']:.1f} ms with {row['organs']}" for row in result.get("organs", []))
    lines += [f"organ models       {organs}"] if organs else []
    if session["resident_mb_at_the_end"] is not None:
        quarter, end = session["resident_mb_at_a_quarter"], session["resident_mb_at_the_end"]
        lines.append(
            f"memory             {quarter:.0f} MB, after {session['frames']} frames of 1080p {end:.0f} MB"
        )
    return lines
