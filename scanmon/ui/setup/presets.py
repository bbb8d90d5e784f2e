"""Presets, as TOML files that can be copied: source, region and scoring under a name and a number key."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scanmon.app.settings import Name, Plain, ScoringSettings
from scanmon.core.documents import checked, read_toml, write_toml
from scanmon.core.errors import SettingsError, disk_errors
from scanmon.picture.region import Shape, shape_from, shape_table
from scanmon.ui.state.own_files import set_aside
from scanmon.ui.widgets import lined

KEYS = range(1, 10)


@dataclass(frozen=True, slots=True)
class Preset:
    """What one scanner, probe and organ need. `shape` None: `scoring.region` says where the picture is."""

    name: str
    key: int  # 1..9
    source: str = ""  # empty: keep the source that is open
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    shape: Shape | None = None
    scanner: str = ""  # that sessions name; empty: as it is
    probe: str = ""


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
            with disk_errors(SettingsError, "cannot be removed", path):
                path.unlink()
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
        "scanner": preset.scanner,
        "probe": preset.probe,
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
    scanner: Plain = ""
    probe: Plain = ""


def _preset(table: dict[str, Any], path: Path) -> Preset:
    found = checked(_File, table, path)
    shape = None if found.shape is None else shape_from(found.shape, f"{path} [shape]")
    return Preset(found.name, found.key, found.source, found.scoring, shape, found.scanner, found.probe)


class PresetBar(QWidget):
    """List of presets and a row to save one."""

    preset_chosen = Signal(int)  # its key
    save_requested = Signal(str, int)  # name, key
    delete_requested = Signal(int)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Presets"))
        self.list.setMaximumHeight(120)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Scanner, probe, organ"))
        self.name.setAccessibleName(self.tr("Name of the preset"))
        self.key = QComboBox(self)
        self.key.setAccessibleName(self.tr("Key of the preset"))
        for key in KEYS:
            self.key.addItem(str(key), key)
        self.save = QPushButton(self.tr("Save preset"), self)
        self.save.setToolTip(self.tr("What was on this key before is replaced: so a preset is renamed"))
        self.use, self.delete = QPushButton(self.tr("Use"), self), QPushButton(self.tr("Delete"), self)
        for button in (self.use, self.delete):
            button.setEnabled(False)
        chosen = lined(QHBoxLayout(), self.use, self.delete)
        row = lined(QHBoxLayout(), (self.name, 1), self.key)
        label = QLabel(self.tr("Name and key (1 to 9):"), self)
        lined(QVBoxLayout(self), self.list, chosen, label, row, self.save, margins=(0, 0, 0, 0))
        self._keys: list[int] = []
        self._presets: tuple[Preset, ...] = ()
        self.list.itemActivated.connect(lambda item: self.preset_chosen.emit(self._keys[self.list.row(item)]))
        self.list.currentRowChanged.connect(self._chosen)
        self.use.clicked.connect(lambda: self.preset_chosen.emit(self._keys[self.list.currentRow()]))
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self._keys[self.list.currentRow()]))
        self.save.clicked.connect(lambda: self.save_requested.emit(self.name.text(), self.key.currentData()))

    def _chosen(self, row: int) -> None:
        """Its name and key stand ready to be changed."""
        there = 0 <= row < len(self._presets)
        self.use.setEnabled(there)
        self.delete.setEnabled(there)
        if there:
            self.name.setText(self._presets[row].name)
            self.key.setCurrentIndex(self.key.findData(self._presets[row].key))

    def show_presets(self, presets: Sequence[Preset]) -> None:
        """Fill the list, and offer the first free key."""
        self._presets = tuple(presets)
        self.list.clear()
        self._keys = [preset.key for preset in presets]
        for preset in presets:
            item = QListWidgetItem(f"{preset.key}   {preset.name}", self.list)
            item.setToolTip(item.text())
        free = next((key for key in KEYS if key not in self._keys), KEYS[0])
        self.key.setCurrentIndex(self.key.findData(free))
