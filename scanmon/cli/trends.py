"""`scanmon trends`: checks and examinations over days."""

import argparse
import sys
from pathlib import Path

from scanmon.cli.output import add_out_option, write_line, write_rows
from scanmon.core.text import shown
from scanmon.lab.paper import check_page
from scanmon.lab.qa.history import POINTS, UNWELL, read_history
from scanmon.lab.qa.page import write_trends_page
from scanmon.lab.qa.store import default_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store", type=Path, metavar="FILE", help="that scanmon qa wrote to (the user's own)"
    )
    parser.add_argument("--scanner", metavar="NAME", help="of this scanner alone")
    parser.add_argument("--probe", metavar="NAME", help="of this probe alone")
    parser.add_argument(
        "--sessions",
        type=Path,
        nargs="+",
        default=(),
        metavar="DIR",
        help="recorded sessions, or folders of them: examinations with this probe",
    )
    add_out_option(parser, "every point as .csv, .jsonl or .parquet (extra parquet)")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="page: .html, .pdf or .png (extra evaluate)"
    )


def run(args: argparse.Namespace) -> int:
    """One line for each measure; 1 where one is or gets worse, or a session could not be read."""
    if args.report is not None:
        check_page(args.report)
    history = read_history(args.store or default_store(), args.scanner, args.probe, args.sessions)
    rows = list(history.rows())
    for row in rows:
        write_line(sys.stdout, row)
    if args.out is not None:
        write_rows(history.points(), args.out, POINTS)
    if args.report is not None:
        write_trends_page(history, args.report)
    for line in history.skipped:
        print(shown(f"passed over: {line}"), file=sys.stderr)
    if history.skipped:
        print(f"error: {len(history.skipped)} sessions could not be read", file=sys.stderr)
        return 1
    said = {
        word: ", ".join(
            " ".join(filter(None, (row["scanner"], row["probe"], row["measure"])))
            for row in rows
            if row["trend"] == word
        )
        for word in UNWELL
    }
    line = "; ".join(f"{word}: {shown(names)}" for word, names in said.items() if names)
    if line:
        print(f"error: {line}; look at the page of --report", file=sys.stderr)
    return 1 if line else 0
