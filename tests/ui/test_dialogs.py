"""Where the dialogs for files begin, and what they take."""

from PySide6.QtWidgets import QFileDialog

from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording
from scanmon.ui.widgets import RecordingDialog
from tests.doubles.sessions import record


def dialog_of(shown, qtbot, command: str) -> QFileDialog:
    shown.window.run(command)
    dialog = shown.window.findChildren(QFileDialog)[-1]
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def test_a_session_is_opened_compared_and_exported_by_its_store(shown, qtbot):
    folder = record(shown.home / "sessions", 5)
    shown.controller.open(str(folder / "session.db"))
    assert shown.controller.source == str(folder)
    qtbot.waitUntil(lambda: shown.controller.snapshot.frame is not None)

    comparing = dialog_of(shown, qtbot, "compare")
    assert isinstance(comparing, RecordingDialog)
    assert "session.db" in comparing.nameFilters()[0]
    assert comparing.directory().path() == str(folder.parent)
    comparing.close()

    exporting = dialog_of(shown, qtbot, "export")
    assert exporting.selectedFiles() == [str(folder.parent / f"{folder.name}.pdf")]
    exporting.filterSelected.emit(exporting.nameFilters()[1])
    assert exporting.selectedFiles() == [str(folder.parent / f"{folder.name}.mp4")]
    assert exporting.defaultSuffix() == "mp4"
    exporting.close()


def test_commands_take_a_session_by_its_store_too(tmp_path):
    recording = open_recording(str(record(tmp_path / "sessions", 5) / "session.db"))
    assert isinstance(recording, SessionRecording)
    recording.close()
