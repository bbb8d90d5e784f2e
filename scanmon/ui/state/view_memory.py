"""What the user chose to see, kept from one run to the next."""

from __future__ import annotations

from pathlib import Path

from scanmon.core.documents import read_toml, write_toml
from scanmon.core.errors import SettingsError
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import THEMES


def restore_view(window: MonitorWindow, path: Path) -> None:
    """Bring back heatmap, its strength and the colours. A file that is missing or damaged changes nothing."""
    try:
        table = read_toml(path)
    except SettingsError:
        return  # the defaults are good; it is written anew at the end
    strength, heatmap = table.get("strength"), table.get("heatmap")
    options = ViewOptions(
        heatmap=heatmap if isinstance(heatmap, bool) else ViewOptions().heatmap,
        strength=float(strength)
        if isinstance(strength, (int, float)) and 0 <= strength <= 1
        else ViewOptions().strength,
    )
    window.set_options(options)
    window.set_theme(THEMES.get(str(table.get("theme")), window.theme))


def save_view(window: MonitorWindow, path: Path) -> None:
    """Keep them; a folder that cannot be written to is no reason to stop anybody from leaving."""
    options = window.options
    try:
        write_toml(
            path, {"heatmap": options.heatmap, "strength": options.strength, "theme": window.theme.name}
        )
    except SettingsError as error:
        window.page.side.show_note(str(error))
