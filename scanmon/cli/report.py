"""`scanmon report`: the page of a recorded session or examination, beside the recording."""

import argparse
import sys
from functools import partial
from pathlib import Path

from scanmon.app.sessions import export_session
from scanmon.cli.output import ProgressLine, write_page
from scanmon.core.errors import SettingsError
from scanmon.session.export import PAGES

NAME = "report.pdf"  # in the folder of the session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", type=Path, metavar="SESSION", help="folder of a recorded session")
    parser.add_argument(
        "--to",
        type=Path,
        nargs="+",
        metavar="FILE",
        help=f"where it is written: .pdf, .png; without it {NAME} in the session",
    )


def run(args: argparse.Namespace) -> int:
    """One file after the other; Ctrl-C leaves nothing half-written behind."""
    for path in args.to or ():
        if path.suffix.lower() not in PAGES:
            raise SettingsError("has no ending of a page", path, f"use one of {', '.join(PAGES)}")
    for path in args.to or [args.session / NAME]:
        with ProgressLine() as progress:
            export_session(args.session, path, partial(progress, "report"), write_page)
        print(f"written: {path}", file=sys.stderr)
    return 0
