"""Settings of a run as TOML, without anything that could tell who, where or which file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9 _.,:+=%()-]{0,80}")
_ADDRESS = re.compile(r"://|\d+\.\d+\.\d+\.\d+|\.[A-Za-z]{2,5}$")


def plain(value: str) -> bool:
    """Whether a text is a word of ours rather than a path, an address or a file name."""
    return _PLAIN.fullmatch(value) is not None and _ADDRESS.search(value) is None


def settings_text(settings: Mapping[str, Any]) -> str:
    """TOML: a table for each mapping, then its plain values. Texts that are not plain are left out."""
    lines = [line for key, value in settings.items() if (line := _line(key, value))]
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += [
                "",
                f"[{key}]",
                *(line for name, entry in value.items() if (line := _line(name, entry))),
            ]
    return "\n".join(lines).lstrip("\n") + "\n"


def plain_details(details: Mapping[str, str]) -> dict[str, str]:
    """The entries whose text is plain."""
    return {key: value for key, value in details.items() if plain(value)}


def _line(key: str, value: Any) -> str | None:
    if isinstance(value, str):
        return f"{key} = {json.dumps(value)}" if plain(value) else f"# {key}: left out"
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    if isinstance(value, int | float):
        return f"{key} = {value!r}"
    return None
