"""B, then words: on the strip at once, in the session for ever."""

import pytest
from PySide6.QtCore import Qt

from scanmon.session.reader import read_session
from tests.doubles.assembled import live
from tests.doubles.sessions import record


def marks(shown) -> list[tuple[str, str]]:
    return [(mark.kind, mark.text) for mark in shown.controller.marks.all]


@pytest.fixture
def paused(shown, qtbot, tmp_path):
    """A recorded session, at its first frame."""
    folder = record(tmp_path / "sessions", 30)
    live(shown, qtbot, str(folder))
    shown.controller.command("back")  # a step pauses
    shown.controller.command("first")
    qtbot.waitUntil(lambda: at_first(shown))
    shown.folder = folder
    return shown


def at_first(shown) -> bool:
    frame = shown.controller.snapshot.frame
    return frame is not None and frame.index == 0


def test_keys_are_text_until_return_and_commands_again_after_it(paused, qtbot):
    window = paused.window
    qtbot.keyClick(window.page, Qt.Key.Key_B)
    field = window.page.bookmark
    assert field.isVisible()
    assert field.text.hasFocus()
    qtbot.keyClicks(field.text, "Rohr, a b s")
    qtbot.keyClick(field.text, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert window.page.hasFocus()
    assert marks(paused) == [("bookmark", "Rohr, a b s")]
    qtbot.waitUntil(lambda: read_session(paused.folder).bookmarks == ((0, 0.0, "Rohr, a b s"),))


def test_escape_keeps_the_mark_without_a_text_and_a_second_b_takes_it_away(paused, qtbot):
    window = paused.window
    qtbot.keyClick(window.page, Qt.Key.Key_B)
    qtbot.keyClicks(window.page.bookmark.text, "no")
    qtbot.keyClick(window.page.bookmark.text, Qt.Key.Key_Escape)
    assert marks(paused) == [("bookmark", "")]
    qtbot.waitUntil(lambda: len(read_session(paused.folder).bookmarks) == 1)
    qtbot.keyClick(window.page, Qt.Key.Key_B)
    assert marks(paused) == []
    assert not window.page.bookmark.isVisible()
    qtbot.waitUntil(lambda: not read_session(paused.folder).bookmarks)


def test_whoever_goes_elsewhere_meant_what_was_typed(paused, qtbot):
    qtbot.keyClick(paused.window.page, Qt.Key.Key_B)
    qtbot.keyClicks(paused.window.page.bookmark.text, "wall")
    paused.window.page.setFocus()
    assert marks(paused) == [("bookmark", "wall")]


def test_a_session_shows_its_bookmarks_when_it_is_opened_again(paused, qtbot):
    qtbot.keyClick(paused.window.page, Qt.Key.Key_B)
    qtbot.keyClicks(paused.window.page.bookmark.text, "valve")
    qtbot.keyClick(paused.window.page.bookmark.text, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [mark[2] for mark in read_session(paused.folder).bookmarks] == ["valve"])
    paused.controller.open(str(paused.folder))
    qtbot.waitUntil(lambda: marks(paused) == [("bookmark", "valve")])


def test_a_session_on_request_is_scored_again_and_its_former_curve_stays(paused, qtbot):
    controller = paused.controller
    assert controller.snapshot.share_scored is None  # recorded scores are shown
    controller.command("rescore")
    qtbot.waitUntil(lambda: controller.snapshot.share_scored == 1.0)
    assert controller.snapshot.trace.former is not None


def test_a_live_bookmark_is_in_the_session_with_its_text(shown, qtbot):
    live(shown, qtbot)
    keeper = shown.window.findChild(object, "recording")
    shown.controller.command("record")
    qtbot.waitUntil(lambda: keeper.recording and keeper.recorder.status().frames > 3)
    qtbot.keyClick(shown.window.page, Qt.Key.Key_B)
    qtbot.keyClicks(shown.window.page.bookmark.text, "now")
    qtbot.keyClick(shown.window.page.bookmark.text, Qt.Key.Key_Return)
    shown.controller.command("record")
    qtbot.waitUntil(lambda: not keeper.recording)
    (folder,) = (shown.home / "sessions").iterdir()
    assert [text for _, _, text in read_session(folder).bookmarks] == ["now"]
