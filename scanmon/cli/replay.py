"""`scanmon replay`: a recorded cine loop with a transport bar, or every frame of it as JSON lines."""

from __future__ import annotations

import argparse
from contextlib import closing

from scanmon.app.analyzers import Plan, analyzer_of_recording
from scanmon.app.opening import open_monitor, open_recorded
from scanmon.cli.headless import print_every_frame
from scanmon.cli.options import add_record_options, add_run_options, add_scoring_options, settings_from
from scanmon.cli.recording import WindowRecording, finish, recorder_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
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
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """In the window until it is closed; headless, every frame as fast as this machine can."""
    settings = settings_from(args)
    # a file that cannot be read is said here, in one line
    with closing(open_recorded(args.source)) as recording:
        if args.headless:
            plan = Plan(args.source)
            with closing(
                analyzer_of_recording(recording, settings, plan, again=args.score_again)
            ) as analyzer:
                recorder = recorder_of(
                    args,
                    settings,
                    every_frame=True,
                    rate_hz=recording.info.rate_hz,
                )
                try:
                    print_every_frame(recording, analyzer, args.seconds, recorder)
                finally:
                    finish(recorder)
            return 0
    from scanmon.ui.app import run_window

    recorders = WindowRecording(args, settings)
    try:
        return run_window(
            lambda source: recorders.added(
                open_monitor(
                    source,
                    settings,
                    live=False if source == args.source else None,
                    score_again=args.score_again,
                ),
                source,
            ),
            args.source,
            settings=settings,
            seconds=args.seconds,
        )
    finally:
        recorders.finish()
