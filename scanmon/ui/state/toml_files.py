"""Small TOML files of the user: written whole or not at all, read with a size limit."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanmon.core.errors import SettingsError

MAX_BYTES = 1 << 20


def write_toml(path: Path, document: Mapping[str, Any]) -> None:
    """Write scalars, lists and tables of them. None is left out. Raises `SettingsError`."""
    text = "".join(_lines(document, ""))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise SettingsError(
            f"cannot be saved ({error.strerror})", path, "check the rights of its folder"
        ) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Raises `SettingsError` that names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SettingsError("is too large for a settings file", path)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot be read ({error.strerror})", path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"is not valid TOML ({error})", path, "mend or remove it") from error


def _lines(table: Mapping[str, Any], prefix: str) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = [
        f"{_json(key) if not _bare(key) else key} = {_value(value)}\n"
        for key, value in plain.items()
        if value is not None
    ]
    for key, value in table.items():
        if isinstance(value, Mapping):
            inner = _lines(value, f"{prefix}{key}.")
            if inner:
                lines += [f"\n[{prefix}{key}]\n", *inner]
    return lines


def _bare(key: str) -> bool:
    return key.replace("_", "").replace("-", "").isalnum() and key.isascii()


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return _json(value)  # strings, numbers and booleans look alike in JSON and TOML


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # which TOML wants escaped
