"""`scanmon desktop`: menu entry, icon and file types for this user."""

from __future__ import annotations

import argparse

from scanmon.app.desktop_entry import install_entry, remove_entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--install", action="store_true", help="write them below ~/.local/share")
    what.add_argument("--remove", action="store_true", help="take them away again")


def run(args: argparse.Namespace) -> int:
    """Print each file that was written or deleted."""
    for path in install_entry() if args.install else remove_entry():
        print(path)
    return 0
