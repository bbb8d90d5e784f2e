"""Files that the window writes for itself, whole or set aside, and how the window was last seen."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from msgspec import Meta

from scanmon.core.documents import checked, read_toml, write_toml
from scanmon.core.errors import SettingsError
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.errors import error_text
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import THEMES

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
    remedy = f"it was set aside as {kept.name}, and the settings start anew"
    return SettingsError(error.what, str(path), remedy)


def _free_name(path: Path) -> Path:
    """`view.toml.damaged`, or with a number where there are such files already."""
    name = path.with_name(f"{path.name}.damaged")
    number = 2
    while name.exists():
        name, number = path.with_name(f"{path.name}.damaged{number}"), number + 1
    return name


@dataclass(frozen=True, slots=True)
class _View:
    """What the file holds."""

    heatmap: bool = ViewOptions().heatmap
    strength: Annotated[float, Meta(ge=0, le=1)] = ViewOptions().strength
    theme: Annotated[str, Meta(max_length=40)] = ""


def restore_view(window: MonitorWindow, path: Path) -> None:
    """Bring back heatmap, its strength and the colours. Raises `SettingsError` where the file is damaged."""
    view = read_own(path, lambda table: checked(_View, table, path, others=True))
    if view is None:
        return
    window.set_options(ViewOptions(heatmap=view.heatmap, strength=view.strength))
    window.set_theme(THEMES.get(view.theme, window.theme))


def save_view(window: MonitorWindow, path: Path) -> None:
    """Keep them; a folder that cannot be written to is no reason to stop anybody from leaving."""
    options = window.options
    try:
        write_toml(
            path, {"heatmap": options.heatmap, "strength": options.strength, "theme": window.theme.name}
        )
    except SettingsError as error:
        window.page.side.show_note(error_text(error))
