"""`scanmon calibrate`: what a score means at this site."""

import argparse
from pathlib import Path

from scanmon.cli.options import add_material_options, add_scoring_options, settings_from, taken
from scanmon.cli.output import ProgressLine, reported
from scanmon.core.text import shown
from scanmon.lab.calibrate import CalibrateStudy, calibrate_site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clean", nargs="+", type=Path, metavar="CLEAN", help="good pictures and cine loops")
    parser.add_argument("--accepted", nargs="+", type=Path, default=[], metavar="PATH", help="judged usable")
    parser.add_argument(
        "--rejected", nargs="+", type=Path, default=[], metavar="PATH", help="judged unusable"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new bundle")
    add_material_options(parser, 8, "8", leave_out=False)
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Calibrate, write the bundle, and print a line for each metric."""
    groups = {name: tuple(getattr(args, name)) for name in ("clean", "accepted", "rejected")}
    options = taken(CalibrateStudy, args, **groups)
    with ProgressLine() as line:
        found = calibrate_site(settings_from(args), options, line)
    say = print  # the texts of `say` are translated: the page Engines shows them
    for metric, one in found.metrics.items():
        curve = one.calibration
        knots = ", ".join(f"{s:.4g} = {q:g}" for s, q in zip(curve.scores, curve.qualities, strict=True))
        told = "" if one.agreement is None else f", {one.agreement:.0%} of the judged pictures told apart"
        say(f"{metric}: {one.note}{told}")
        say(f"{metric}: {one.adequate_share:.0%} of {one.clean} clean pictures are adequate; score {knots}")
    bundle = found.bundle
    print(shown(f"{bundle.folder}: {bundle.name} {bundle.version}"))
    return reported(found.skipped.names)
