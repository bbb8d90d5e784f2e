"""Write docs/man/scanmon.1 from the parsers of the commands: `python -m tools.write_reference`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scanmon.cli import COMMANDS, parser_of
from tools.write_commands import groups, names

PAGE = Path(__file__).resolve().parents[1] / "docs" / "man" / "scanmon.1"
_HEAD = r""".TH SCANMON 1
.SH NAME
scanmon \- real-time monitor of ultrasound image quality
.SH SYNOPSIS
.B scanmon
.I COMMAND
.RI [ options ]
.SH DESCRIPTION
Scores the frames of an ultrasound scanner, of a stream or of recordings, and shows the number, its course
over time and the worst place in the picture. Research use only. Not for diagnosis.
.PP
Results go to stdout, progress and errors to stderr. Every command takes
.B \-\-debug
and
.BR \-\-help .
.SH COMMANDS
"""
_TAIL = r""".SH EXIT STATUS
0: done. 1: it could not be done; one line says what, where, and what to do. 2: wrong usage.
"""


def page() -> str:
    return _HEAD + "".join("\n".join(_command(name)) + "\n" for name in COMMANDS) + _TAIL


def _command(name: str) -> Iterator[str]:
    parser = parser_of(name)
    yield f".SS scanmon {name}"
    yield _plain(str(parser.description))
    for title, actions in groups(parser):
        yield f".PP\n.I {_plain(title)}"
        for action in actions:
            yield f".TP\n.B {_plain(names(action).replace('`', ''))}\n{_plain(action.help or '')}"


def _plain(text: str) -> str:
    """Text in which roff sees no commands."""
    text = text.replace("%%", "%").replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", text)
