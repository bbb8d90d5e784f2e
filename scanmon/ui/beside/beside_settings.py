"""Which screens and which pedal: `beside.toml` of the configuration folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from scanmon.core.documents import checked, write_toml
from scanmon.ui.state.own_files import read_own

FOOT = ("record", "bookmark", "snapshot", "freeze", "best", "next_view", "compact", "second_screen")
_Side = Annotated[int, Meta(ge=-100_000, le=100_000)]
_Text = Annotated[str, Meta(max_length=200)]
Shows = Literal["picture", "compact"]


@dataclass(frozen=True, slots=True)
class BesideSettings:
    """What the user chose; names of screens are those of the system."""

    compact_screen: Annotated[_Text, Meta(description="screen of the compact panel; empty: the window's")] = (
        ""
    )
    compact_place: Annotated[
        tuple[_Side, _Side, _Side, _Side] | None,
        Meta(description="x, y, width, height of the compact panel, where it was left"),
    ] = None
    second_screen: Annotated[_Text, Meta(description="the second screen; empty: the first other one")] = ""
    second_shows: Annotated[
        Shows, Meta(description="picture: the picture with its heatmap; compact: the compact panel")
    ] = "picture"
    foot_switch: Annotated[
        dict[_Text, _Text],
        Meta(description=f"the key that a pedal sends for {', '.join(FOOT)}", max_length=20),
    ] = field(default_factory=dict)


def load_beside(path: Path) -> BesideSettings:
    """What was saved; the defaults where there is no file. Raises `SettingsError`: the file was set aside."""
    return read_own(path, lambda table: checked(BesideSettings, table, path, others=True)) or BesideSettings()


def save_beside(settings: BesideSettings, path: Path) -> None:
    """Raises `SettingsError` where it cannot be written."""
    write_toml(path, {key: value for key, value in asdict(settings).items() if value is not None})
