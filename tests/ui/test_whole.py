"""What is kept, shown again and compared in the assembled window."""

import cv2
from PySide6.QtCore import QPoint, Qt

from scanmon.core.values import Box
from scanmon.picture.region import Rectangle
from scanmon.session.reader import read_session
from scanmon.ui.commands import HelpDialog
from scanmon.ui.compare import CompareController
from scanmon.ui.monitor.recording_controller import Exporting
from scanmon.ui.setup.remembered import RememberedRegions
from tests.doubles.assembled import kept, live, write_cine


def test_s_saves_the_sector_alone(shown, qtbot):
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: shown.note.startswith("Saved:"))
    (plain,) = [path for path in (shown.home / "pictures").glob("*.png") if "overlay" not in path.name]
    box = shown.region()
    assert cv2.imread(str(plain), cv2.IMREAD_GRAYSCALE).shape == (box.height, box.width)


def test_r_records_a_session_that_can_be_replayed(shown, qtbot):
    live(shown, qtbot)
    folder = kept(shown, qtbot, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: shown.note == f"Saved: {folder}")
    assert "bookmark" in [event["kind"] for event in read_session(folder).events]
    shown.controller.open(str(folder))
    qtbot.waitUntil(lambda: shown.controller.snapshot.playback is not None)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None)


def test_two_recordings_are_compared_at_the_same_time(shown, qtbot, tmp_path):
    first, second = write_cine(tmp_path / "one", 12), write_cine(tmp_path / "two", 8)
    shown.controller.open(str(first))
    qtbot.waitUntil(lambda: shown.controller.snapshot.frame is not None)
    shown.controller.command("first")
    if shown.controller.snapshot.playback.playing:
        shown.controller.command("freeze")
    comparing = shown.window.findChild(CompareController)
    comparing.begin(str(second))
    qtbot.waitUntil(lambda: comparing.page.pictures[1].frame is not None)
    fit = comparing.page.pictures[0].fit
    for wanted, expected in ((5, 5), (2, 2), (11, 7)):
        shown.controller.monitor.playback.seek(wanted)
        qtbot.waitUntil(lambda n=expected: comparing.page.pictures[1].frame.index == n)
        qtbot.waitUntil(lambda n=wanted: comparing.page.pictures[0].frame.index == n)
    one, other = comparing.page.pictures
    qtbot.keyClick(comparing.page, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert (one.fit.scale, other.fit.scale) == (1.25 * fit.scale, 1.25 * fit.scale)
    middle = other.rect().center()
    qtbot.mousePress(other, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(other, middle - QPoint(10, 0))
    qtbot.mouseRelease(other, Qt.MouseButton.LeftButton, pos=middle - QPoint(10, 0))
    assert one.fit.x == other.fit.x < 0
    assert "Display only" in comparing.page.look.text()
    qtbot.keyClick(comparing.page, Qt.Key.Key_0)
    assert not comparing.page.look.isVisible()
    qtbot.keyClick(comparing.page, Qt.Key.Key_Escape)
    assert shown.window.page.isVisible()


def test_each_of_two_recordings_has_the_region_that_was_drawn_for_it(shown, qtbot, tmp_path):
    first, second, third = (write_cine(tmp_path / name, 4) for name in ("one", "two", "three"))
    remembered = RememberedRegions(shown.config / "regions")
    drawn = {first: Box(8, 8, 100, 80), second: Box(20, 10, 120, 90)}
    for path, box in drawn.items():
        remembered.remember(str(path), (160, 120), Rectangle(box))
    shown.controller.open(str(first))
    qtbot.waitUntil(lambda: shown.region() == drawn[first])
    comparing = shown.window.findChild(CompareController)

    def beside() -> Box | None:
        analysis = comparing._second.snapshot().analysis if comparing._second else None
        return analysis.region.box if analysis else None

    comparing.begin(str(second))
    qtbot.waitUntil(lambda: beside() == drawn[second])
    comparing.begin(str(third))
    qtbot.waitUntil(lambda: beside() not in (None, *drawn.values()))
    assert shown.region() == drawn[first]


def test_recent_files_are_remembered_between_two_runs(shown, qtbot, tmp_path):
    cine = write_cine(tmp_path / "one", 3)
    shown.controller.open(str(cine))
    qtbot.waitUntil(lambda: len(shown.window.recent_menu.actions()) == 1)
    assert (shown.config / "recent.toml").exists()
    assert shown.window.recent_menu.actions()[0].text() == "one"


def test_f1_shows_every_key(shown, qtbot):
    qtbot.keyClick(shown.window, Qt.Key.Key_F1)
    dialog = shown.window.findChild(HelpDialog)
    qtbot.waitUntil(dialog.isVisible)
    dialog.reject()


def test_a_session_is_exported_from_the_window(shown, qtbot, tmp_path):
    exporting = shown.window.findChild(Exporting)
    exporting.begin(str(tmp_path / "out.csv"))
    assert "recorded session" in shown.note
    live(shown, qtbot)
    shown.controller.open(str(kept(shown, qtbot)))
    qtbot.waitUntil(lambda: shown.controller.snapshot.playback is not None)
    exporting.begin(str(tmp_path / "out.csv"))
    qtbot.waitUntil(lambda: not exporting.process.busy)
    assert shown.note == f"Saved: {tmp_path / 'out.csv'}"
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert len(lines) > 15
    assert "quality" in lines[0]


def test_a_held_live_picture_says_so(shown, qtbot):
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    message = shown.window.page.side.message
    qtbot.waitUntil(lambda: message.isVisible() and message.title.text() == "Picture held")
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: message.title.text() != "Picture held" or not message.isVisible())
