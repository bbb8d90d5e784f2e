"""`scanmon live`: a live source in the window, or its scores as JSON lines."""

import argparse
from pathlib import Path

from scanmon.cli.headless import WORDS, run_source
from scanmon.cli.options import (
    add_publish_options,
    add_record_options,
    add_run_options,
    add_scoring_options,
    run_of,
)
from scanmon.core.errors import SettingsError
from scanmon.examination.protocol import read_protocol


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        nargs="?",
        default="",
        metavar="SOURCE",
        help="grabber:ID, rtsp://, http://, udp://, tcp://, igtl://HOST:PORT/NAME, FILE.sdp, screen:X,Y,W,H, "
        "phantom:; without it the set-up page",
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--preset", type=int, choices=range(1, 10), metavar="1..9", help="begin with a preset")
    start.add_argument("--last", action="store_true", help="begin with the source that was opened last")
    parser.add_argument(
        "--protocol",
        type=lambda text: read_protocol(Path(text)),
        metavar="FILE",
        help="with --headless: rows name the view of this protocol that lines on standard input choose "
        f"({', '.join(WORDS)}, or its number)",
    )
    add_run_options(parser)
    add_record_options(parser)
    add_publish_options(parser)
    add_scoring_options(parser, watches=True)


def run(args: argparse.Namespace) -> int:
    """Until the window is closed, the source ends, or `--seconds` are over."""
    if args.headless and not args.source:
        raise SettingsError("--headless needs a SOURCE", remedy="scanmon devices lists the grabbers")
    if args.protocol is not None and not args.headless:
        raise SettingsError("--protocol needs --headless", remedy="in the window E begins an examination")
    asked = run_of(args, live=True if args.source else None)
    return run_source(asked)
