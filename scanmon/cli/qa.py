"""`scanmon qa`: quality control of a probe, in air or on a phantom."""

import argparse
import sys
from pathlib import Path

from scanmon.cli.options import number, taken, whole
from scanmon.cli.output import write_line
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.records import Row
from scanmon.lab.qa.chart import CHECKS
from scanmon.lab.qa.command import Request, check
from scanmon.lab.qa.material import Choice, scale_mm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind",
        choices=("air", "phantom"),
        help="air: the clean probe in air, gain up, its rings on the picture; phantom: a uniform phantom",
    )
    parser.add_argument(
        "path", type=Path, metavar="PATH", help="image, DICOM file, video, or folder of frames"
    )
    parser.add_argument(
        "--region", default="auto", metavar="R", help="auto, full, X,Y,W,H or a FILE with a shape"
    )
    parser.add_argument(
        "--elements", type=whole(8, 4096), metavar="N", help="of the probe: places are told as elements"
    )
    parser.add_argument("--pitch", type=number(1e-4, 1e4), metavar="MM", help="distance of two elements")
    parser.add_argument(
        "--dynamic-range",
        type=number(1, 200),
        default=60.0,
        metavar="DB",
        help="that the scanner shows from black to white (60): decibels rest on it",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--mm-per-pixel",
        "--mm-per-px",
        type=number(1e-4, 1e4),
        metavar="MM",
        help="where no DICOM header says it",
    )
    size.add_argument(
        "--scale", metavar="X1,Y1,X2,Y2,MM", help="two points of the picture and their distance"
    )
    parser.add_argument(
        "--noise", type=Path, metavar="PATH", help="phantom: the same settings without a phantom"
    )
    group = parser.add_argument_group("record (kept where --probe is given)")
    group.add_argument("--probe", default="", metavar="NAME", help="of the probe")
    group.add_argument("--scanner", default="", metavar="NAME", help="of the scanner")
    group.add_argument("--store", type=Path, metavar="FILE", help="where checks are kept (the user's own)")
    group.add_argument(
        "--baseline",
        choices=("yes", "no", "new"),
        default="yes",
        help="may this check belong to the baseline; new: a baseline begins with it, as after a repair",
    )
    group.add_argument(
        "--baseline-size",
        type=whole(2, 100),
        default=CHECKS,
        metavar="N",
        help=f"checks in a baseline ({CHECKS})",
    )
    group.add_argument(
        "--limits",
        type=number(1e-4, 1e4),
        metavar="PERCENT",
        help="of the baseline's mean (default: 2.66 times its mean moving range)",
    )
    group.add_argument(
        "--report", type=Path, metavar="FILE", help="page: .html, .pdf or .png (extra evaluate)"
    )


def run(args: argparse.Namespace) -> int:
    """One JSON object; 1 where a measure is outside its limits or, without a baseline, a place is silent."""
    if args.noise is not None and args.kind == "air":
        raise SettingsError("a noise picture belongs to a phantom", "--noise", "leave it out")
    mm = args.mm_per_pixel if args.scale is None else scale_mm(args.scale)
    choice = Choice(args.region, args.elements, args.pitch, args.dynamic_range)
    found = check(taken(Request, args, choice=choice, mm=mm, size=args.baseline_size, percent=args.limits))
    write_line(sys.stdout, found)
    if found["within"] is None:
        said = [f"dead or weak places: {len(found['dips'])}"] if found["dips"] else []
    else:
        said = [_said(name, found) for name in found["outside"]]
    if said:
        raise SourceError(
            f"the check has failed: {', '.join(said)}", args.path, "look at it, and check again"
        )
    return 0


def _said(name: str, found: Row) -> str:
    low, _, high = found["limits"][name]
    allowed = f"{low} to {high}" if low is not None else f"up to {high}"
    return f"{name} {found['measures'][name]}, allowed {allowed}"
