"""`scanmon fit`: organ models of a site from its accepted pictures."""

import argparse
from pathlib import Path

from scanmon.cli.options import add_material_options, add_scoring_options, number, settings_from, taken, whole
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
    add_material_options(parser, 8, "8")
    parser.add_argument("--keep-organs", action="store_true", help="keep the bundle's own organ models too")
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fit, write the bundle, and print a line for each organ."""
    settings = settings_from(args)
    options = taken(
        FitStudy,
        args,
        fit=FitOptions(args.dimensions, args.parts, settings.scoring.seed, args.kept),
        windows_per_picture=args.windows,
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
