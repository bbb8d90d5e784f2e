"""`scanmon replay`: a recorded cine loop with a transport bar, or every frame of it as JSON lines."""

from __future__ import annotations

import argparse
from contextlib import closing

from scanmon.cli.headless import print_every_frame
from scanmon.cli.options import add_run_options, add_scoring_options, settings_from
from scanmon.compose import make_scoring, material_of, open_monitor, open_recorded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "source", metavar="SOURCE", help="video or DICOM file, folder of images, session folder"
    )
    add_run_options(parser)
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """In the window until it is closed; headless, every frame as fast as this machine can."""
    settings = settings_from(args)
    with closing(
        open_recorded(args.source)
    ) as recording:  # a file that cannot be read is said here, in one line
        if args.headless:
            with closing(make_scoring(settings, args.source, material_of(recording))) as scoring:
                print_every_frame(recording, scoring, args.seconds)
            return 0
    from scanmon.ui.app import run_window

    return run_window(
        lambda source: open_monitor(source, settings, live=False if source == args.source else None),
        args.source,
        seconds=args.seconds,
    )
