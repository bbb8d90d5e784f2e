"""Shows a reader's trials until all are judged or the reader leaves."""

from __future__ import annotations

import os

from PySide6.QtCore import QTimer

from scanmon.app.study.pictures import StudyPictures
from scanmon.app.study.store import Study
from scanmon.core.errors import SettingsError
from scanmon.core.program import has_display
from scanmon.ui.app import application
from scanmon.ui.end_requests import closed_by_signals, signals_kept
from scanmon.ui.study.study_page import StudyPage

BEAT_MS = 200


def show_study(study: Study, reader: str, pictures: StudyPictures) -> None:
    """Full screen; returns when it is closed. Raises `SettingsError` without a display."""
    if not has_display() and "QT_QPA_PLATFORM" not in os.environ:
        raise SettingsError("there is no display for the pictures", remedy="set DISPLAY")
    app = application()
    page = StudyPage(study, reader, pictures)
    page.ended.connect(page.close)
    beat = QTimer(page)  # lets Python see a signal
    beat.start(BEAT_MS)
    page.showFullScreen()
    with signals_kept(), closed_by_signals(page.close):
        app.exec()
