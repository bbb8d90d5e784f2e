"""Write every page that follows from the code or from a stored bench, after a change of either.

python -m tools.write_reference
"""

import argparse
import json
import re
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from scanmon.app.settings import RecordingSettings, ScoringSettings
from scanmon.cli import COMMANDS, parser_of
from scanmon.cli.options import described
from scanmon.core.documents import allowed
from scanmon.core.schema import BOOKMARK, RESULT, SESSION, Column, flat
from scanmon.lab.bench.table import markdown
from scanmon.scoring.calibration import Steadiness
from scanmon.ui.beside.beside_dialog import BesideSettings

DOCS = Path(__file__).resolve().parents[1] / "docs"

# ------------------------------------- commands -------------------------------------

_COMMANDS = """# Commands

Results go to stdout, progress and errors to stderr. Exit codes: 0 done; 1 it could not be done, or (`qa`,
`trends`) a measure is outside of its limits or gets worse, with one line `error: where: what; what to do`; 2
wrong usage. `--debug` behind any command logs everything. This page is written by
`python -m tools.write_reference` from the commands themselves.
"""


def commands() -> str:
    return _COMMANDS + "".join(_section(name) for name in COMMANDS)


def _section(name: str) -> str:
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


# ------------------------------------ manual page -----------------------------------

_MANUAL = r""".TH SCANMON 1
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
0: done. 1: it could not be done; one line says where, what, and what to do. 2: wrong usage.
"""


def manual() -> str:
    return _MANUAL + "".join("\n".join(_manual_section(name)) + "\n" for name in COMMANDS) + _TAIL


def _manual_section(name: str) -> Iterator[str]:
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


# ------------------------------------- settings -------------------------------------

_SETTINGS = """# Settings

`--config FILE` reads a TOML file with these tables. A key that is not here, or a value that is not allowed,
is refused with the file, the key and what is allowed. Each key of `[scoring]` is an option too
(`--topk-frac 0.2`), and the option wins. This page is written by `python -m tools.write_reference` from the
declarations in the code.
"""
_BESIDE = """What the window keeps of screens and foot switch (`F4`), in its configuration folder.
"""


def settings() -> str:
    return (
        _SETTINGS
        + _table("[scoring]", ScoringSettings)
        + _table("[recording]", RecordingSettings)
        + _table("[steadiness]", Steadiness)
        + _table("beside.toml", BesideSettings, _BESIDE)
    )


def _table(name: str, kind: type[Any], about: str = "") -> str:
    lines = [
        f"\n## {name}\n",
        *filter(None, [about]),
        "| key | takes | default | meaning |",
        "|---|---|---|---|",
    ]
    hints = typing.get_type_hints(kind, include_extras=True)
    for entry in fields(kind):
        hint = hints[entry.name]
        lines.append(f"| `{entry.name}` | {allowed(hint)} | {_default(entry.default)} | {described(hint)} |")
    return "\n".join([*lines, ""])


def _default(value: object) -> str:
    if value is None or value is MISSING or value == "":
        return "not set"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# --------------------------------------- speed --------------------------------------

BEGIN, END = "<!-- {0}: begin -->", "<!-- {0}: end -->"
PLOT = "![A frame by size, a window by engine, the stages without the engine](img/bench.png)"
NONE = "No bench of an idle machine is stored."


def figures(stored: Path) -> str:
    """What stands between the marks: plot and tables of a stored bench; a sentence where none is stored."""
    if not stored.exists():
        return NONE
    return f"{PLOT}\n\n{markdown(json.loads(stored.read_text(encoding='utf-8')))}"


def between(page: str, name: str, shown: str) -> str:
    """The page with `shown` in place of what stands between the marks of `name`."""
    begin, end = BEGIN.format(name), END.format(name)
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"the page lacks {begin} or {end}")
    return f"{before}{begin}\n\n{shown.strip()}\n\n{end}{after}"


def speed() -> str:
    page = (DOCS / "speed.md").read_text(encoding="utf-8")
    return between(page, "bench", figures(DOCS / "bench.json"))


# -------------------------------------- columns -------------------------------------


def columns() -> str:
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    own = [column for column in SESSION if column not in flat(RESULT)]
    page = between(page, "columns of a result", _columns(RESULT))
    return between(page, "columns of a session", _columns((*own, BOOKMARK)))


def _columns(shown: Sequence[Column]) -> str:
    return "\n".join(["| column | |", "|---|---|", *(f"| `{one.name}` | {one.doc} |" for one in shown)])


PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "commands.md": commands,
    DOCS / "man" / "scanmon.1": manual,
    DOCS / "settings.md": settings,
    DOCS / "speed.md": speed,
    DOCS / "formats.md": columns,
}

if __name__ == "__main__":
    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")
