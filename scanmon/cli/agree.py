"""`scanmon agree`: how far every metric agrees with people."""

import argparse
import sys
from pathlib import Path

from scanmon.cli.options import add_scoring_options, settings_from
from scanmon.cli.output import ProgressLine, add_out_option, write_rows
from scanmon.lab.agree import COLUMNS, agree, plotted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.csv",
        help="columns image,rating or first,second,choice (first, second or equal); reader and organ may "
        "follow; paths are relative to the file",
    )
    add_out_option(parser, ".jsonl, .csv or .parquet in place of stdout")
    parser.add_argument("--plot", type=Path, metavar="DIR", help="writes agreement.png (extra evaluate)")
    parser.add_argument(
        "--baselines",
        choices=("simple", "all", "none"),
        default="simple",
        help="beside the metrics of the bundle; all: BRISQUE, NIQE (extra baselines) and SER-FIQ too",
    )
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """One line for each metric and organ; 1 where a picture could not be read."""
    with ProgressLine() as progress:
        found = agree(args.file, settings_from(args), args.baselines, progress)
    write_rows(found.rows, args.out, COLUMNS)
    if args.plot is not None:
        print(plotted(found.rows, args.plot), file=sys.stderr)
    if found.skipped:
        print(f"error: {len(found.skipped)} pictures could not be read", file=sys.stderr)
    return 1 if found.skipped else 0
