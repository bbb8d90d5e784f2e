"""`scanmon evaluate`: how the score of a bundle behaves on known degradations."""

import argparse
import sys
from pathlib import Path

from scanmon.cli.options import add_material_options, add_scoring_options, settings_from, taken, whole
from scanmon.cli.output import ProgressLine, reported
from scanmon.core.text import shown
from scanmon.degradations import FAMILIES
from scanmon.lab.evaluate.command import EvaluateOptions, evaluate
from scanmon.lab.evaluate.screens import evaluate_screens
from scanmon.lab.evaluate.tables import Lookup, hopeless_passed, scorecard, summary
from scanmon.lab.pictures import patterns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="clean pictures, cine loops, DICOM: DATA/<organ>/*"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="tables, plots and page.html")
    parser.add_argument(
        "--screens", action="store_true", help="DATA holds labelled screens: judge how the image is found"
    )
    parser.add_argument(
        "--baselines",
        nargs="?",
        const="all",
        choices=("all", "simple"),
        help="also mean brightness and other simple numbers; all (the default): BRISQUE, NIQE, SER-FIQ too",
    )
    parser.add_argument("--heads", metavar="A,B", help="other heads of nrq, each as a metric of its own; all")
    parser.add_argument(
        "--families", metavar="A,B", help="degradations (default: all): " + ", ".join(FAMILIES)
    )
    parser.add_argument(
        "--per-organ", type=whole(0, 10**6), default=0, metavar="N", help="pictures of each organ; 0: all"
    )
    add_material_options(parser, 1, "1: the middle one")
    parser.add_argument(
        "--clips", nargs="+", type=Path, default=[], metavar="CLIP", help="cine loops, or folders of them"
    )
    parser.add_argument("--clip-frames", type=whole(), default=200, metavar="N", help="of each clip (200)")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="B",
        help="another back end, or the folder of another build of the bundle, to compare with; repeatable",
    )
    parser.add_argument(
        "--draw-seed", type=whole(0, 2**32 - 1), default=2026, metavar="S", help="of the degradations (2026)"
    )
    parser.add_argument("--no-plots", action="store_true", help="tables and page without plots")
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Make or complete the evaluation in `--out`; the summary goes to stdout."""
    if args.screens:
        return _screens(args.data, args.out)
    options = taken(
        EvaluateOptions,
        args,
        heads=tuple(args.heads.split(",")) if args.heads else (),
        families=tuple(args.families.split(",")) if args.families else tuple(FAMILIES),
        leave_out=patterns(args.leave_out),
        plots=not args.no_plots,
    )
    with ProgressLine() as line:
        found = evaluate(settings_from(args), options, line)
    look = Lookup(found.figures)
    for row in (*summary(look), *scorecard(look)):
        print("\t".join(map(shown, row)))
    for metric in look.metrics:
        if passed := hopeless_passed(look, metric):
            print(f"{metric}: calls hopeless pictures adequate: {', '.join(passed)}")
    print(f"page: {found.page}", file=sys.stderr)
    return reported(found.skipped.names)


def _screens(data: Path, out: Path) -> int:
    rows = evaluate_screens(data, out)
    for row in rows:
        print("\t".join(str(value) for value in row.values()))
    print(f"table and the worst: {out}", file=sys.stderr)
    return 0
