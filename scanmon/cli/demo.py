"""`scanmon demo`: a real cine loop with faults that come and go, in the window or without one."""

import argparse
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.demo import DEMO
from scanmon.app.opening import open_recorded
from scanmon.app.run import Run
from scanmon.app.settings import Settings
from scanmon.cli.options import add_run_options, add_scoring_options, settings_from
from scanmon.cli.output import ProgressLine, write_line
from scanmon.core.errors import SinkError, disk_errors
from scanmon.core.program import has_display
from scanmon.core.records import row
from scanmon.core.values import Analysis
from scanmon.session.results_table import TableFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("scanmon-demo"),
        metavar="DIR",
        help="without a display: folder for window.png and results.jsonl (default: scanmon-demo)",
    )
    add_run_options(parser)
    add_scoring_options(parser, watches=True)


def run(args: argparse.Namespace) -> int:
    """The window; where there is no display, a picture of it and the results as files."""
    settings = settings_from(args)
    if args.headless or not has_display():
        return demo_headless(settings, args.out, args.seconds, lines=args.headless)
    from scanmon.ui.app import run_window

    run_window(Run(DEMO, settings, seconds=args.seconds))
    return 0


def demo_headless(settings: Settings, out: Path, seconds: float | None, *, lines: bool) -> int:
    """Score every frame of the demo, by both metrics where the bundle has them: a line for each.

    Paints the window at the worst score, and says where results and picture are.
    """
    from scanmon.ui.app import portrait

    results, picture = out / "results.jsonl", out / "window.png"
    with disk_errors(SinkError, "folder cannot be made", out, "name another with --out"):
        out.mkdir(parents=True, exist_ok=True)
    recording = open_recorded(DEMO)
    analyses: list[Analysis] = []
    with (
        ProgressLine() as progress,
        closing(recording),
        closing(open_analyzer(settings, Plan(DEMO, both=True))) as analyzer,
        TableFile(results) as table,
    ):
        end_s = None if seconds is None else time.monotonic() + seconds
        for frame in recording:
            analysis = analyzer.analyze(frame)
            for reading in analysis.readings:
                record = row(replace(analysis, readings=(reading,)))
                table.add(record)
                if lines:
                    write_line(sys.stdout, record)
            analyses.append(analysis)
            progress("frames", len(analyses), len(recording.times_s))
            if end_s is not None and time.monotonic() >= end_s:
                break
        portrait(analyses, recording, picture)
    print(f"scores of {len(analyses)} frames: {results}\npicture of the window: {picture}", file=sys.stderr)
    return 0
