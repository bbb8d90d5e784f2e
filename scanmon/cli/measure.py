"""`scanmon measure`: mean, contrast, CNR, gCNR, speckle SNR and resolution in regions of interest."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scanmon.app.archive import files_in
from scanmon.cli.options import add_roi_options, number, whole
from scanmon.cli.output import add_out_option, write_rows
from scanmon.core.roi import BINS
from scanmon.lab.measure import RoiRows, RoiStudy
from scanmon.sources.material import by_kind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="picture, DICOM file, video, session, or folder"
    )
    add_roi_options(parser, required=True)
    parser.add_argument(
        "--dynamic-range",
        type=number(1, 200),
        metavar="DB",
        help="of the scanner's display: gray levels are turned back into the amplitude of the envelope",
    )
    parser.add_argument(
        "--bins", type=whole(2, 256), default=BINS, metavar="N", help=f"of gCNR's histograms ({BINS})"
    )
    parser.add_argument(
        "--mm-per-pixel",
        "--mm-per-px",
        type=number(1e-4, 1e4),
        metavar="MM",
        help="for the resolution in millimetres, where no DICOM header says it",
    )
    parser.add_argument(
        "--frames",
        type=whole(1, 10**9),
        default=0,
        metavar="N",
        help="so many of a cine, evenly spread (default: all)",
    )
    add_out_option(parser)


def run(args: argparse.Namespace) -> int:
    """One line for each frame; 1 where a file could not be measured."""
    passed_over: list[Path] = []
    files = files_in(args.paths, passed_over)
    study = RoiStudy(args.roi, args.background, args.dynamic_range, args.bins, args.frames, args.mm_per_pixel)
    rows = RoiRows(study, files, passed_over)
    write_rows(rows, args.out, study.columns, "measured")
    if passed_over:
        print(f"passed over: {by_kind(passed_over)}", file=sys.stderr)
    if rows.failed:
        print(f"error: {rows.failed} of {len(files)} could not be measured, see their lines", file=sys.stderr)
    elif not set(files) - set(passed_over):
        print("error: no file holds a picture, give ultrasound images or cine loops", file=sys.stderr)
        return 1
    return 1 if rows.failed else 0
