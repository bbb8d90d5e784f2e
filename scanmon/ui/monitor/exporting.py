"""Exports the recorded session that is open, with progress and a way to stop it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from scanmon.session.reader import is_session
from scanmon.ui.controller import Controller
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.main_window import MonitorWindow

_PERCENT = re.compile(r"(\d+)\s*%")
_SHARE = re.compile(r"(\d+)\s*(?:/|of)\s*(\d+)")


class Exporting(QObject):
    """`scanmon export` from the window: table, film, report, DICOM or NRRD by the ending of the file."""

    def __init__(self, window: MonitorWindow, controller: Controller) -> None:
        super().__init__(window)
        self._window, self._controller = window, controller
        self._target = ""
        self._dialog: QProgressDialog | None = None
        self.process = CommandProcess(self)
        self.process.line_read.connect(self._progress)
        self.process.ended.connect(self._ended)
        controller.register("export", self._ask)
        controller.shutting_down.connect(self.process.shut_down)

    def begin(self, target: str) -> None:
        """Export the session that is open to a file."""
        session = self._controller.source
        if not is_session(Path(session)):
            self._not_a_session()
            return
        self._target = target
        self._dialog = QProgressDialog(
            self.tr("Exporting to {0}").format(Path(target).name), self.tr("Cancel"), 0, 0, self._window
        )
        self._dialog.setMinimumDuration(1000)
        self._dialog.setAutoClose(False)
        self._dialog.setAutoReset(False)
        self._dialog.canceled.connect(self.process.cancel)
        self.process.start(["export", session, "--to", target])

    def _ask(self) -> None:
        session = Path(self._controller.source)
        if not is_session(session):
            self._not_a_session()
            return
        dialog = QFileDialog(self._window, self.tr("Export session"), str(session.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [
                self.tr("Report") + " (*.pdf *.png)",
                self.tr("Film with overlay") + " (*.mp4)",
                self.tr("Table") + " (*.csv *.parquet)",
                self.tr("DICOM") + " (*.dcm)",
                self.tr("Sequence for 3D Slicer") + " (*.seq.nrrd)",
            ]
        )
        dialog.filterSelected.connect(lambda kind: _propose(dialog, session.name, kind))
        _propose(dialog, session.name, dialog.nameFilters()[0])
        dialog.fileSelected.connect(self.begin)
        dialog.open()

    def _not_a_session(self) -> None:
        self._window.page.side.show_note(self.tr("Only a recorded session can be exported (R records one)."))

    def _progress(self, line: str) -> None:
        percent, share = _PERCENT.search(line), _SHARE.search(line)
        if self._dialog is None or not (percent or share):
            return
        self._dialog.setMaximum(100)
        if percent:
            self._dialog.setValue(int(percent[1]))
        elif share and int(share[2]):
            self._dialog.setValue(100 * int(share[1]) // int(share[2]))

    def _ended(self, worked: bool) -> None:
        dialog, self._dialog = self._dialog, None
        cancelled = dialog is not None and dialog.wasCanceled()
        if dialog is not None:
            dialog.close()
            dialog.deleteLater()
        if worked:
            note = self.tr("Saved: {0}").format(self._target)
        elif cancelled:
            note = self.tr("Export stopped; nothing was kept.")
        else:
            note = self.process.last_line
        self._window.page.side.show_note(note)


def _propose(dialog: QFileDialog, name: str, kind: str) -> None:
    """The name of the session, with the first ending of the kind that is chosen."""
    ending = kind.rpartition("(*")[2].split(")")[0].split()[0]
    dialog.setDefaultSuffix(ending.lstrip("."))
    dialog.selectFile(name + ending)
