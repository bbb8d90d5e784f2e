"""`scanmon deidentify`: a folder of DICOM files, videos and pictures, without what names a person."""

import argparse
import sys
from pathlib import Path

from scanmon.app.deidentify.run import Deidentifier, write_mapping
from scanmon.cli.output import ProgressLine
from scanmon.core.text import label, shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", type=Path, metavar="PATH", help="DICOM file, video, picture, or folder of them"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="new folder: numbered files, report.txt, report.json and contact_NN.png; nothing is overwritten",
    )
    parser.add_argument(
        "--region", default="auto", metavar="R", help="auto, other, X,Y,W,H or a FILE with a shape (auto)"
    )
    parser.add_argument(
        "--mapping",
        action="store_true",
        help="write mapping.csv too, which names each file: take it out before you pass DIR on",
    )


def run(args: argparse.Namespace) -> int:
    """Every file is tried; names of files go to stderr alone. Exit code 1 where one could not be read."""
    work = Deidentifier(args.path, args.out, args.region)
    entries = []
    try:
        with ProgressLine() as progress:
            for file, done in work.run(lambda number, everything: progress("files", number, everything)):
                entries.append((file, done))
    finally:
        if args.mapping:
            write_mapping(args.out, entries)
        for file, done in entries:
            if done.eye:
                print(
                    shown(f"look at {done.number:04} ({label(file)}): {'; '.join(done.eye)}"), file=sys.stderr
                )
    written = sum(bool(done.output) for _, done in entries)
    print(
        shown(f"{written} of {len(entries)} files written to {label(args.out)}, see its report.txt"),
        file=sys.stderr,
    )
    failed = sum(done.outcome in ("unreadable", "in part") for _, done in entries)
    if failed:
        print(
            f"error: {failed} of {len(entries)} could not be read, or not to the end; see report.txt",
            file=sys.stderr,
        )
    elif not written:
        print("error: nothing was written; report.txt says why", file=sys.stderr)
    return 1 if failed or not written else 0
