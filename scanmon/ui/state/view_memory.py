"""What the user chose to see, kept from one run to the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from scanmon.core.documents import checked, write_toml
from scanmon.core.errors import SettingsError
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.own_files import read_own
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import THEMES


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
        window.page.side.show_note(str(error))
