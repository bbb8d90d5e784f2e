"""Asks for a recording: a cine loop, a picture, or a recorded session by its store."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from scanmon.session.layout import STORE
from scanmon.session.version1 import ABOUT


class RecordingDialog(QFileDialog):
    """Begins where sessions are recorded to."""

    def __init__(self, parent: QWidget, title: str, folder: Path) -> None:
        super().__init__(parent, title, str(folder if folder.is_dir() else Path.home()))
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilters(
            [
                self.tr("Cine loops and images")
                + " (*.mp4 *.mkv *.avi *.mov *.webm *.dcm *.png *.jpg *.jpeg *.bmp *.tif *.tiff"
                f" {STORE} {ABOUT})",
                self.tr("All files") + " (*)",
            ]
        )
