"""`scanmon replay`: a recorded cine loop with a transport bar, or every frame of it as JSON lines."""

import argparse

from scanmon.app.opening import open_recorded
from scanmon.cli.headless import run_source
from scanmon.cli.options import add_record_options, add_run_options, add_scoring_options, run_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="SOURCE", help="video or DICOM file, folder of images, session folder"
    )
    parser.add_argument(
        "--score-again",
        action="store_true",
        help="of a recorded session: new scores in place of those that it was recorded with",
    )
    add_run_options(parser)
    add_record_options(parser)
    add_scoring_options(parser, watches=True)


def run(args: argparse.Namespace) -> int:
    """In the window until it is closed; headless, every frame as fast as this machine can."""
    recorded = run_of(args, live=False)
    if not args.headless:
        open_recorded(args.source).close()  # a file that cannot be read is one line here, and no window
    return run_source(recorded)
