"""Files that the window writes for itself: a damaged one is set aside, and a whole one takes its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from scanmon.core.documents import read_toml
from scanmon.core.errors import SettingsError
from scanmon.ui.state.texts import translate

T = TypeVar("T")


def read_own(path: Path, parse: Callable[[dict[str, Any]], T]) -> T | None:
    """What `parse` makes of a TOML file; None where there is no file.

    Raises `SettingsError` where it is damaged; the file then has a name of its own, which the error says.
    """
    if not path.exists():
        return None
    try:
        return parse(read_toml(path))
    except SettingsError as error:
        raise set_aside(path, error) from error


def set_aside(path: Path, error: SettingsError) -> SettingsError:
    """Rename a damaged file; returns what to tell."""
    kept = _free_name(path)
    try:
        path.rename(kept)
    except OSError:
        return error  # it stays where it is, and its own error says what to do
    remedy = translate("OwnFiles", "it was set aside as {0}, and the settings start anew").format(kept.name)
    return SettingsError(error.what, str(path), remedy)


def _free_name(path: Path) -> Path:
    """`view.toml.damaged`, or with a number where there are such files already."""
    name = path.with_name(f"{path.name}.damaged")
    number = 2
    while name.exists():
        name, number = path.with_name(f"{path.name}.damaged{number}"), number + 1
    return name
