"""`scanmon bench`: speed of every stage on this machine."""

import argparse
import json
import os
import sys
from pathlib import Path

from scanmon.cli.bench_window import window_runs
from scanmon.cli.options import add_scoring_options, settings_from, whole
from scanmon.core.errors import SinkError, refusal
from scanmon.lab.bench.run import BenchOptions, bench
from scanmon.lab.bench.table import lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a picture (.png, .svg)")
    parser.add_argument(
        "--rounds", type=whole(), default=5, metavar="N", help="rounds of each measurement (5)"
    )
    parser.add_argument(
        "--frames", type=whole(), default=200, metavar="N", help="frames of the session (200)"
    )
    parser.add_argument(
        "--window-seconds",
        type=float,
        default=8.0,
        metavar="N",
        help="of each run of the window with a live source that is recorded; 0: no window (8)",
    )
    add_scoring_options(parser, watches=True)


def run(args: argparse.Namespace) -> int:
    """A table on stdout, and the files that were asked for."""
    options = BenchOptions(rounds=max(1, args.rounds), frames=max(4, args.frames))
    scoring = settings_from(args).scoring

    def progress(line: str) -> None:
        print(line, file=sys.stderr)

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None  # before the bench adds its own
    # first, while this process has not yet taken the memory and the cores of a bench
    window = window_runs(scoring.bundle, args.window_seconds, progress) if args.window_seconds > 0 else None
    result = {**bench(scoring, options, progress), "window": window, "load_before": load}
    print("\n".join(lines(result)))
    try:
        if args.json:
            args.json.write_text(json.dumps(_rounded(result), indent=2) + "\n", encoding="utf-8")
        if args.plot:
            from scanmon.lab.bench.table import write_plot

            write_plot(result, args.plot)
    except OSError as error:
        where = error.filename or args.json or args.plot
        raise SinkError(f"cannot be written ({refusal(error)})", where, "name another file") from error
    return 0


def _rounded(value: object) -> object:
    """Four digits: more of them say nothing, and hide in a diff what has changed."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
