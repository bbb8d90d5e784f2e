"""`scanmon compare`: a picture against its reference."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from scanmon.cli.headless import write_line
from scanmon.cli.options import add_scoring_options, settings_from
from scanmon.lab.compare.command import compare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", type=Path, metavar="REF", help="the undisturbed picture")
    parser.add_argument("image", type=Path, metavar="IMG", help="a picture of the same size")
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """One JSON line: ulpips (0: the same), psnr_db (null: the same), ssim (1: the same)."""
    found = compare(args.reference, args.image, settings_from(args))
    write_line(sys.stdout, {"reference": str(args.reference), "image": str(args.image), **asdict(found)})
    return 0
