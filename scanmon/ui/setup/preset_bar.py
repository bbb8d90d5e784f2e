"""Save what is set under a name and a number key; call it up again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scanmon.ui.setup.presets import KEYS, Preset


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
        row = QHBoxLayout()
        for widget, stretch in ((self.name, 1), (self.key, 0), (self.save, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        chosen = QHBoxLayout()
        for widget in (self.use, self.delete):
            chosen.addWidget(widget)
        column.addLayout(chosen)
        column.addWidget(QLabel(self.tr("Name and key (1 to 9):"), self))
        column.addLayout(row)
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
            self.list.addItem(f"{preset.key}   {preset.name}")
        free = next((key for key in KEYS if key not in self._keys), KEYS[0])
        self.key.setCurrentIndex(self.key.findData(free))
