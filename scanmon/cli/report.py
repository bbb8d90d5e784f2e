"""`scanmon report`: the page of a recorded session or examination, beside the recording."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scanmon.app.sessions import export_session
from scanmon.cli.output import ProgressLine
from scanmon.core.errors import SettingsError, SinkError
from scanmon.session.export import PAGES, Material
from scanmon.session.export.material import Progress

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


def write_page(parts: Sequence[Material], path: Path, progress: Progress) -> None:
    """Raises `SinkError`, also where a library that Qt needs is missing."""
    try:
        from scanmon.ui.report import export_report  # Qt is loaded by who asks for a page
    except ImportError as error:
        raise SinkError(f"a page needs Qt ({error})", path, "scanmon doctor names what is missing") from error

    export_report(parts, path, progress)


def run(args: argparse.Namespace) -> int:
    """One file after the other; Ctrl-C leaves nothing half-written behind."""
    for path in args.to or ():
        if path.suffix.lower() not in PAGES:
            raise SettingsError("has no ending of a page", path, f"use one of {', '.join(PAGES)}")
    for path in args.to or [args.session / NAME]:
        progress = ProgressLine()
        export_session(
            args.session,
            path,
            lambda done, everything: progress("report", done, everything),  # noqa: B023
            write_page,
        )
        progress.end()
        print(f"written: {path}", file=sys.stderr)
    return 0
