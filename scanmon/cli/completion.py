"""`scanmon completion`: what the shell needs to complete commands and options."""

import argparse
from pathlib import Path

SHELLS = ("bash", "zsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="whose language; install.md says where the output goes")


def run(args: argparse.Namespace) -> int:
    import shtab

    from scanmon.cli import COMMANDS, parser_with, subparsers

    parser = parser_with(COMMANDS)
    for child in subparsers(parser).values():
        for action in child._actions:
            if action.type is Path or action.metavar == "FILE":
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell=args.shell))
    return 0
