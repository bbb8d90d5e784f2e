"""Write docs/settings.md from the declarations of the settings: `python -m tools.write_reference`."""

from __future__ import annotations

import typing
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from scanmon.app.settings import RecordingSettings, ScoringSettings
from scanmon.cli.options import described
from scanmon.core.documents import allowed
from scanmon.scoring.calibration import Steadiness
from scanmon.ui.beside.beside_settings import BesideSettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
_HEAD = """# Settings

`--config FILE` reads a TOML file with these tables. A key that is not here, or a value that is not allowed,
is refused with the file, the key and what is allowed. Each key of `[scoring]` is an option too
(`--topk-frac 0.2`), and the option wins. This page is written by `python -m tools.write_reference` from the
declarations in the code.
"""


_BESIDE = """What the window keeps of screens and foot switch (`F4`), in its configuration folder.
"""


def page() -> str:
    return (
        _HEAD
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
