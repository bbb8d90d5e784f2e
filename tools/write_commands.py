"""Write docs/commands.md from the parsers of the commands: `python -m tools.write_reference`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from scanmon.cli import COMMANDS, parser_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
_HEAD = """# Commands

Results go to stdout, progress and errors to stderr. Exit codes: 0 done; 1 it could not be done, with one line
`error: what, where, what to do`; 2 wrong usage; 3 (`qa`, `trends`) measured, and outside of the limits or
getting worse. `--debug` behind any command logs everything. This page is written by
`python -m tools.write_reference` from the commands themselves.
"""


def page() -> str:
    return _HEAD + "".join(_command(name) for name in COMMANDS)


def _command(name: str) -> str:
    parser = parser_of(name)
    lines = [f"\n## scanmon {name}", "", str(parser.description)]
    for title, actions in groups(parser):
        lines += ["", f"| {title} | |", "|---|---|"]
        lines += [f"| {names(action)} | {_text(action.help or '')} |" for action in actions]
    return "\n".join([*lines, ""])


def groups(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """The titles of a parser with what is below each; there is no public way to walk a parser."""
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if _shown(action)]
        if actions:
            yield {"positional arguments": "arguments"}.get(str(group.title), str(group.title)), actions


def _shown(action: argparse.Action) -> bool:
    return action.help is not argparse.SUPPRESS and action.dest not in ("help", "help_all", "debug")


def names(action: argparse.Action) -> str:
    """An argument, or all spellings of an option, as code."""
    value = " ".join(_values(action))
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(f"`{f'{option} {value}'.strip()}`" for option in action.option_strings)


def _values(action: argparse.Action) -> Iterator[str]:
    if action.nargs == 0:
        return
    metavar = action.metavar if isinstance(action.metavar, str) else None
    name = metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    yield {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ..."}.get(str(action.nargs), name)


def _text(text: str) -> str:
    return text.replace("%%", "%").replace("|", "\\|").replace("<", "&lt;")
