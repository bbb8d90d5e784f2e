"""`scanmon export`: a recorded session as a file for other programs."""

import argparse
import sys
from pathlib import Path

from scanmon.app.sessions import export_session
from scanmon.cli.output import ProgressLine, write_page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", type=Path, metavar="SESSION", help="folder of a recorded session")
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help=".csv, .jsonl, .parquet (extra parquet): the table; .mp4: film with overlay; "
        ".png, .pdf: one-page report; .dcm: DICOM report and pictures; .seq.nrrd: for 3D Slicer",
    )


def run(args: argparse.Namespace) -> int:
    """Ctrl-C cancels and leaves nothing behind."""
    with ProgressLine() as progress:
        export_session(
            args.session, args.to, lambda done, everything: progress("export", done, everything), write_page
        )
    print(f"written: {args.to}", file=sys.stderr)
    return 0
