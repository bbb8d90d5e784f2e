"""The examination in the window: start, checklist, page, and what happens when something is lost."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox

from scanmon.core.errors import SinkError
from scanmon.core.values import Frame
from scanmon.examination.examination import Examination
from scanmon.examination.protocol import Protocol, ProtocolView
from scanmon.session.reader import read_session
from scanmon.session.summary import examined
from scanmon.ui.examination.checklist import Checklist
from scanmon.ui.examination.examination_controller import StartDialog
from tests.doubles.assembled import Assembled, live, write_cine
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.states import analysis, picture

NAMES = ("one", "two", "three")
LOW = Protocol("Short", tuple(ProtocolView(name, quality=0.0, hold_s=0.2) for name in NAMES))


def begin(shown: Assembled, qtbot, protocol: Protocol = LOW) -> None:
    shown.examining.begin(protocol, "room 3")
    qtbot.waitUntil(shown.window.page.checklist.isVisible)


def session(shown: Assembled) -> Path:
    (folder,) = (shown.home / "sessions").iterdir()
    return folder


def mark(shown: Assembled, row: int) -> str:
    item = shown.window.page.checklist.views.topLevelItem(row)
    return "" if item is None else item.text(1)


def one_saved(shown: Assembled, qtbot) -> None:
    """An examination of a live source whose first view is saved."""
    live(shown, qtbot)
    begin(shown, qtbot)
    qtbot.waitUntil(lambda: mark(shown, 0).startswith("✓"))


def test_the_bar_says_what_there_is_to_wait_for(qtbot):
    """`needs 70` beside a number of 85 would be false."""
    checklist = Checklist()
    qtbot.addWidget(checklist)
    examination = Examination.begin(Protocol("One", (ProtocolView("a", quality=70.0),)))
    shown = []
    for time_s, quality in ((0.0, 60.0), (0.1, 85.0), (0.2, 85.0), (3.2, 85.0)):
        at = Frame(picture().pixels, round(1000 * time_s), time_s, 0.0)
        examination = examination.offered(analysis(at, quality=quality))
        checklist.show_examination(examination)
        shown.append(checklist.hold.text())
    assert shown == ["needs 70", "hold still: 1.5 s", "hold still: 1.4 s", "a score only every 3.0 s"]
    assert "half a second" in checklist.hold.toolTip()


def test_views_are_saved_by_themselves_and_keys_choose_them(shown, qtbot):
    one_saved(shown, qtbot)
    checklist = shown.window.page.checklist
    assert checklist.hold.text().startswith("saved: ")
    qtbot.keyClick(shown.window, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: mark(shown, 1).startswith("✓"))
    qtbot.keyClick(shown.window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: shown.examining.now.current == 2)
    qtbot.keyClick(shown.window, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: mark(shown, 2) == "–")
    item = checklist.views.topLevelItem(0)
    place = checklist.views.visualItemRect(item).center()
    qtbot.mouseClick(checklist.views.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.examining.now.current == 0
    shown.window.run("quiet")
    assert shown.examining.running


def test_the_end_is_asked_for_and_gives_a_session_with_its_page(shown, qtbot):
    one_saved(shown, qtbot)
    shown.window.run("examination")
    box = shown.window.findChild(QMessageBox)
    assert "1 of 3" in box.text()
    next(button for button in box.buttons() if button.text() == "End it").click()
    assert not shown.examining.running
    assert shown.window.page.checklist.isHidden()
    qtbot.waitUntil(lambda: shown.window.pages.currentWidget() is shown.examining.page)
    found = examined(read_session(session(shown)))
    assert (found.ended, found.label, found.views[0].state) == (True, "room 3", "saved")
    assert (session(shown) / "report.pdf").read_bytes().startswith(b"%PDF")
    assert not shown.examining.page.picture.pixmap().isNull()
    qtbot.keyClick(shown.examining.page, Qt.Key.Key_Escape)
    assert shown.window.pages.currentWidget() is shown.window.page


def test_a_source_that_is_closed_in_the_middle_leaves_a_whole_session_that_was_not_ended(shown, qtbot):
    one_saved(shown, qtbot)
    shown.controller.close_source()
    qtbot.waitUntil(lambda: not shown.examining.running)
    assert "before the examination was ended" in shown.note
    assert shown.window.page.checklist.isHidden()
    qtbot.waitUntil(lambda: read_session(session(shown)).complete)
    found = examined(read_session(session(shown)))
    assert (found.ended, found.views[0].state) == (False, "saved")


def test_a_window_that_is_closed_in_the_middle_leaves_a_whole_session_that_was_not_ended(shown, qtbot):
    one_saved(shown, qtbot)
    assert not shown.window.actions_by_name["record"].isEnabled()  # a stray key does not end the recording
    shown.controller.shut_down(PATIENCE_S)
    content = read_session(session(shown))
    assert content.complete
    assert (examined(content).ended, examined(content).views[0].state) == (False, "saved")


def test_a_disk_that_fails_ends_the_recording_and_not_the_examination(shown, qtbot, monkeypatch):
    live(shown, qtbot)
    begin(shown, qtbot)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scanmon.session.store.SessionStore.commit", full)
    qtbot.waitUntil(lambda: "No space left" in shown.window.page.side.failures.label.text())
    qtbot.waitUntil(lambda: mark(shown, 0).startswith("✓"))
    assert isinstance(shown.examining._recorder.status().error, SinkError)
    shown.examining.end()
    assert not shown.examining.running


def test_a_recording_can_be_examined_too(shown, qtbot, tmp_path):
    live(shown, qtbot, str(write_cine(tmp_path / "cine", 6)))
    begin(shown, qtbot, Protocol("Stills", (ProtocolView("one", quality=100.0),)))
    shown.controller.command("forward")
    qtbot.waitUntil(lambda: shown.examining.now.progress.best is not None)
    qtbot.waitUntil(lambda: shown.window.page.checklist.hold.text() == "needs 100")
    shown.examining.end()
    qtbot.waitUntil(lambda: read_session(session(shown)).complete)
    assert examined(read_session(session(shown))).views[0].state == "open"


def test_the_dialog_offers_samples_and_names_what_is_wrong_with_a_file(qtbot, tmp_path):
    (tmp_path / "mine.toml").write_text('title = "Mine"\n[[views]]\nname = "A"\n')
    (tmp_path / "poor.toml").write_text('title = "Poor"\n[[views]]\nname = "A"\nhold_s = 99\n')
    dialog = StartDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.open()
    titles = [dialog.protocols.itemText(row) for row in range(dialog.protocols.count())]
    assert titles[0] == "Mine"
    assert len(titles) == 5
    assert all("sample" in title for title in titles[1:])
    assert "views[0].hold_s = 99 is not allowed" in dialog.fault.text()
    dialog.choose(tmp_path / "none.toml")
    assert "none.toml" in dialog.fault.text()
    begun = []
    dialog.begun.connect(lambda protocol, label: begun.append((protocol.title, label)))
    dialog.label.setText("room 3")
    dialog.findChild(QDialogButtonBox).accepted.emit()
    assert begun == [("Mine", "room 3")]
