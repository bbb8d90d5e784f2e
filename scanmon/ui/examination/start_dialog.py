"""Asks for the protocol of an examination and a label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scanmon.core.errors import SettingsError
from scanmon.examination.examination import MOST_LETTERS
from scanmon.examination.protocol import Protocol, own_protocols, read_protocol, samples
from scanmon.ui.widgets import Scrolled, WrappedLabel, fit


class StartDialog(QDialog):
    """The protocols of the user come first, then the samples."""

    begun = Signal(object, str)  # Protocol, label

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Examination"))
        self._folder = folder
        own, faults = own_protocols(folder)
        self._protocols: list[Protocol] = []
        self.protocols = QComboBox(self)
        self.protocols.setAccessibleName(self.tr("Protocol"))
        self.other = QPushButton(self.tr("Open a protocol…"), self)
        self.views, self.note, self.place, self.fault = (WrappedLabel(self) for _ in range(4))
        for label in (self.views, self.note, self.place):
            label.setProperty("quiet", True)
        self.fault.setProperty("warn", True)
        self.label = QLineEdit(self)
        self.label.setMaxLength(MOST_LETTERS)
        self.label.setPlaceholderText(self.tr("optional"))
        warning = WrappedLabel(self)
        warning.setText(
            self.tr("The label is stored and printed. No names and no numbers of patients, please.")
        )
        form = QFormLayout()
        form.addRow(self.tr("Protocol"), self.protocols)
        form.addRow("", self.other)
        form.addRow(self.tr("Views"), self.views)
        form.addRow("", self.note)
        form.addRow("", self.place)
        form.addRow(self.tr("Label"), self.label)
        form.addRow("", warning)
        content = QVBoxLayout()
        content.addLayout(form)
        content.addWidget(self.fault)
        content.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(Scrolled(content, self), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.start = buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.start.setDefault(True)
        column.addWidget(buttons)
        fit(self, QSize(480, 440))
        self.protocols.currentIndexChanged.connect(lambda _: self._describe())
        self.other.clicked.connect(self._ask)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.place.setText(self.tr("Protocols of your own are read from {0}").format(folder))
        self._add([*own, *samples(self.tr("en"))])
        self.fault.setText("\n".join(map(str, faults)))

    def choose(self, path: Path) -> None:
        """Take the protocol in a file, or say what is wrong with it."""
        try:
            self._add([read_protocol(path)])
        except SettingsError as error:
            self.fault.setText(str(error))
        else:
            self.fault.setText("")
            self.protocols.setCurrentIndex(self.protocols.count() - 1)

    def accept(self) -> None:
        self.begun.emit(self._protocols[self.protocols.currentIndex()], self.label.text())
        super().accept()

    def _add(self, protocols: Sequence[Protocol]) -> None:
        self._protocols += protocols
        self.protocols.addItems([protocol.title for protocol in protocols])

    def _describe(self) -> None:
        protocol = self._protocols[self.protocols.currentIndex()]
        self.views.setText(
            "   ".join(f"{n}\u00a0{view.name}" for n, view in enumerate(protocol.views, start=1))
        )
        self.note.setText(protocol.note)

    def _ask(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a protocol"), str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Protocols") + " (*.toml)"])
        dialog.fileSelected.connect(lambda path: self.choose(Path(path)))
        dialog.open()
