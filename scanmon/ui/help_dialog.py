"""All keys on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from scanmon.ui.commands import Command, commands, menu_titles
from scanmon.ui.state.texts import disclaimer


class HelpDialog(QDialog):
    """Made from the same table as the menus, so that it cannot be out of date."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        column = QVBoxLayout(self)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        column.addLayout(columns)
        titles = menu_titles()
        for names in (("file", "play"), ("mark", "view", "help")):
            side = QVBoxLayout()
            for menu in names:
                chosen = [command for command in commands() if command.menu == menu and command.keys]
                grid = self._group(titles[menu].replace("&", ""), chosen)
                if menu == "view":
                    self._row(grid, grid.rowCount(), "1", self.tr("Presets 1 to 9"), "1 … 9")
                side.addLayout(grid)
                side.addSpacing(14)
            side.addStretch(100)
            columns.addLayout(side)
        foot = QLabel(self.tr("A foot switch that sends keys works with all of these.") + "  " + disclaimer())
        foot.setProperty("quiet", True)
        column.addWidget(foot)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def _group(self, title: str, chosen: list[Command]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(3)
        heading = QLabel(title)
        heading.setProperty("heading", True)
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, command in enumerate(chosen, start=1):
            self._row(grid, row, command.keys[0], command.text)
        return grid

    def _row(self, grid: QGridLayout, row: int, key: str, text: str, shown: str = "") -> None:
        native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        label = QLabel(f"<b>{shown or native}</b>")
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setMinimumWidth(96)
        grid.addWidget(label, row, 0)
        grid.addWidget(QLabel(text.replace("…", "")), row, 1)
        grid.setColumnStretch(1, 1)
