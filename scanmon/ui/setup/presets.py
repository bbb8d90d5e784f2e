"""Presets: source, region and scoring under a name and a number key, as TOML files that can be copied."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from scanmon.app.settings import Name, ScoringSettings
from scanmon.core.documents import checked, read_toml, write_toml
from scanmon.core.errors import SettingsError
from scanmon.picture.region import Shape, shape_from, shape_table
from scanmon.ui.state.own_files import set_aside

KEYS = range(1, 10)


@dataclass(frozen=True, slots=True)
class Preset:
    """What one scanner, probe and organ need. `shape` None: `scoring.region` says where the picture is."""

    name: str
    key: int  # 1..9
    source: str = ""  # empty: keep the source that is open
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    shape: Shape | None = None


class Presets:
    """A folder with one file for each preset: `<key>_<name>.toml`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> tuple[list[Preset], list[SettingsError]]:
        """All presets by key, and what is wrong with files that could not be used."""
        found: list[Preset] = []
        errors: list[SettingsError] = []
        for path in sorted(self._folder.glob("*.toml")) if self._folder.is_dir() else []:
            try:
                found.append(_preset(read_toml(path), path))
            except SettingsError as error:
                errors.append(error)
        return sorted(found, key=lambda preset: (preset.key, preset.name)), errors

    def get(self, key: int) -> Preset | None:
        """The preset on a number key. Raises `SettingsError` where its file is broken and nothing else is."""
        found, errors = self.load()
        for preset in found:
            if preset.key == key:
                return preset
        for error in errors:
            if Path(error.where.split(" ")[0]).name.startswith(f"{key}_"):
                raise error
        return None

    def save(self, preset: Preset) -> Path:
        """Write a preset; what was on its key before is replaced. Raises `SettingsError`."""
        if not preset.name.strip() or preset.key not in KEYS:
            raise SettingsError("a preset needs a name and a key from 1 to 9", preset.name, "give both")
        word = re.sub(r"[^\w-]+", "_", preset.name.strip().lower())[:40]
        path = self._folder / f"{preset.key}_{word}.toml"
        if path.exists():
            _retire(path)
        write_toml(path, _table(preset))
        for old in self._folder.glob(f"{preset.key}_*.toml"):
            if old != path:
                _retire(old)
        return path

    def delete(self, key: int) -> str:
        """Remove the preset on a key; returns its name. Raises `SettingsError`."""
        preset = self.get(key)
        if preset is None:
            raise SettingsError("there is no preset on this key", str(key), "choose one of the list")
        for path in self._folder.glob(f"{key}_*.toml"):
            try:
                path.unlink()
            except OSError as error:
                raise SettingsError(f"cannot be removed ({error.strerror})", path) from error
        return preset.name

    def region_option(self, preset: Preset) -> str | None:
        """What `--region` must say for this preset; a drawn shape goes into a file of its own."""
        if preset.shape is None:
            return preset.scoring.region
        return str(write_shape(self._folder.parent / "regions" / f"preset_{preset.key}.toml", preset.shape))


def _retire(path: Path) -> None:
    """Remove a preset that another one replaces; a damaged one is kept under another name."""
    try:
        _preset(read_toml(path), path)
    except SettingsError as error:
        set_aside(path, error)
    else:
        path.unlink()


def write_shape(path: Path, shape: Shape) -> Path:
    """Write a shape file as `--region FILE` reads it. Raises `SettingsError`."""
    write_toml(path, shape_table(shape))
    return path


def _table(preset: Preset) -> dict[str, Any]:
    plain, scoring = asdict(ScoringSettings()), asdict(preset.scoring)
    changed = {key: value for key, value in scoring.items() if value != plain[key]}
    if preset.shape is not None:
        changed.pop("region", None)
    table: dict[str, Any] = {
        "name": preset.name,
        "key": preset.key,
        "source": preset.source,
        "scoring": changed,
    }
    if preset.shape is not None:
        table["shape"] = shape_table(preset.shape)
    return table


@dataclass(frozen=True, slots=True)
class _File:
    """What a preset file holds."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    key: Annotated[int, Meta(ge=1, le=9)]
    source: Name = ""
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    shape: dict[str, Any] | None = None


def _preset(table: dict[str, Any], path: Path) -> Preset:
    found = checked(_File, table, path)
    shape = None if found.shape is None else shape_from(found.shape, f"{path} [shape]")
    return Preset(found.name, found.key, found.source, found.scoring, shape)
