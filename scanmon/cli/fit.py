"""`scanmon fit`: organ models of a site from its accepted pictures."""

import argparse
from pathlib import Path

from scanmon.cli.options import add_scoring_options, number, settings_from, whole
from scanmon.cli.output import ProgressLine, reported
from scanmon.core.text import shown
from scanmon.lab.fit import FitOptions, FitStudy, fit_site
from scanmon.lab.pictures import patterns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "clean", type=Path, metavar="CLEAN_ROOT", help="accepted material: CLEAN_ROOT/<organ>/*"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new bundle")
    parser.add_argument("--dimensions", type=whole(), default=128, metavar="N", help="of the subspace (128)")
    parser.add_argument("--parts", type=whole(), default=4, metavar="K", help="Gaussians of the mixture (4)")
    parser.add_argument(
        "--kept", type=number(0.05, 1.0), default=1.0, metavar="F", help="share of the windows, likeliest (1)"
    )
    parser.add_argument("--windows", type=whole(), default=4, metavar="N", help="windows of each picture (4)")
    parser.add_argument(
        "--frames-per-cine", type=whole(), default=8, metavar="N", help="of each cine loop (8)"
    )
    parser.add_argument("--keep-organs", action="store_true", help="keep the bundle's own organ models too")
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="PATTERN",
        help="organ/file to pass over, or @FILE with one a line; repeatable",
    )
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fit, write the bundle, and print a line for each organ."""
    settings = settings_from(args)
    options = FitStudy(
        clean=args.clean,
        out=args.out,
        fit=FitOptions(args.dimensions, args.parts, settings.scoring.seed, args.kept),
        windows_per_picture=args.windows,
        frames_per_cine=args.frames_per_cine,
        keep=args.keep_organs,
        leave_out=patterns(args.leave_out),
    )
    with ProgressLine() as line:
        fitted = fit_site(settings, options, line)
    print("organ\tpictures\twindows\tlog-likelihood\theld out")
    for one in fitted.organs:
        print(
            f"{shown(one.model.name)}\t{one.pictures}\t{one.rows}\t{one.own_loglik:.2f}\t{one.held_out_loglik:.2f}"
        )
    folder = fitted.bundle.folder
    print(f"{folder}: quality and verdicts of nrq are not set, run scanmon calibrate with this bundle")
    return reported(fitted.skipped.names)
