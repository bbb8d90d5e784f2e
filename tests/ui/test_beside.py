"""Compact panel, second screen and foot switch: what stands beside the scanner."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication

from scanmon.core.documents import read_toml
from scanmon.core.errors import SettingsError, SourceError
from scanmon.ui.beside.beside_controller import BesideController
from scanmon.ui.beside.beside_dialog import BesideDialog, BesideSettings, load_beside, save_beside
from scanmon.ui.commands import HelpDialog
from scanmon.ui.controller import Controller
from scanmon.ui.state.view_state import view_state
from tests.doubles.commands import python
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.states import live

F13, F14 = Qt.Key.Key_F13, Qt.Key.Key_F14


@pytest.fixture
def beside(window, tmp_path):
    def never(source: str):
        raise SourceError("is not there", source)

    controller = Controller(window, never)
    controller._pulse.stop()
    made = BesideController(window, controller, tmp_path / "beside.toml")
    made.controller, made.window, made.path = controller, window, tmp_path / "beside.toml"
    yield made
    window.close()
    controller.shut_down(PATIENCE_S)


def commanded(window) -> list[str]:
    heard: list[str] = []
    window.commanded.connect(heard.append)
    return heard


def test_one_key_goes_to_the_panel_and_back(beside, qtbot):
    window = beside.window
    qtbot.keyClick(window.page, Qt.Key.Key_C)
    panel = beside.panel
    assert panel.isVisible()
    assert window.isHidden()
    assert window.actions_by_name["compact"].isChecked()
    flags = panel.windowFlags()
    assert flags & Qt.WindowType.FramelessWindowHint
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    window.actions_by_name["compact"].trigger()
    assert window.isVisible()
    assert panel.isHidden()
    assert not window.actions_by_name["compact"].isChecked()


@pytest.mark.parametrize("way", ["escape", "button", "close"])
def test_the_panel_is_left_in_every_way_that_a_person_tries(beside, qtbot, way):
    beside.toggle_compact()
    if way == "escape":
        qtbot.keyClick(beside.panel, Qt.Key.Key_Escape)
    elif way == "button":
        qtbot.mouseClick(beside.panel.back, Qt.MouseButton.LeftButton)
    else:
        beside.panel.close()
    assert beside.window.isVisible()
    assert not beside.compact


def test_it_shows_number_word_and_what_to_do_and_nothing_is_drawn_for_nobody(beside, qtbot):
    window = beside.window
    beside.toggle_compact()
    drawn = []
    window.page.video.show_picture = lambda *_: drawn.append(1)
    window.show_state(view_state(live(), hint="light"))
    meter = beside.panel.meter._state
    assert (meter.number, meter.word) == ("82", "adequate")
    assert beside.panel.told.text() == "raise the gain"
    assert not drawn
    lost = view_state(live(state="reconnecting", trouble="the stream ended"))
    window.show_state(lost)
    assert beside.panel.told.text() == lost.message.title


def test_size_and_place_are_remembered(beside, tmp_path):
    beside.toggle_compact()
    beside.panel.setGeometry(120, 130, 210, 190)
    beside.toggle_compact()
    beside.toggle_compact()
    assert beside.panel.geometry().getRect() == (120, 130, 210, 190)
    assert load_beside(beside.path).compact_place == (120, 130, 210, 190)
    beside.toggle_compact()
    beside._keep(replace(beside.settings, compact_place=(90_000, 90_000, 210, 190)))  # a screen that has gone
    beside.toggle_compact()
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.contains(beside.panel.geometry())


def test_a_page_that_is_asked_for_from_the_panel_comes_with_the_window(beside):
    beside.toggle_compact()
    from PySide6.QtWidgets import QWidget

    beside.window.show_page(QWidget())
    assert beside.window.isVisible()
    assert beside.panel.isHidden()


def test_a_dialog_that_is_asked_for_from_the_panel_comes_with_the_window(beside, qtbot):
    beside.toggle_compact()
    dialog = HelpDialog(beside.window)
    dialog.open()
    qtbot.waitUntil(lambda: not beside.compact)
    assert beside.panel.isHidden()
    assert dialog.isVisible()
    dialog.close()
    beside.toggle_compact()
    beside._ask()  # which belongs to the panel
    QCoreApplication.processEvents()
    assert beside.compact
    beside.panel.findChild(BesideDialog).close()


def test_without_a_second_screen_it_is_said(beside):
    if len(QGuiApplication.screens()) > 1:
        pytest.skip("this machine has two")
    beside.window.actions_by_name["second_screen"].trigger()
    assert beside.second is None
    assert "no second screen" in beside.window.page.side.note.text()
    assert not beside.window.actions_by_name["second_screen"].isChecked()


def test_a_pedal_runs_its_command_once_however_long_a_foot_rests_on_it(beside, qtbot):
    window, heard = beside.window, commanded(beside.window)
    window._enable_actions(picture=True, recording=False)
    beside._changed(BesideSettings(foot_switch={"record": "F13", "bookmark": "F14"}))
    qtbot.keyClick(window.page, F13)
    qtbot.keyClick(window.page, F14)
    assert heard == ["record", "bookmark_at_once"]  # a foot types no text
    assert all(not pedal.autoRepeat() for pedal in beside._pedals)
    beside.toggle_compact()
    qtbot.waitUntil(beside.panel.isActiveWindow)
    qtbot.keyClick(beside.panel, F13)
    assert heard[-1] == "record"


def test_a_pedal_does_nothing_where_its_command_is_not_to_be_had(beside, qtbot):
    heard = commanded(beside.window)
    beside.window._enable_actions(picture=False, recording=False)
    beside._changed(BesideSettings(foot_switch={"record": "F13"}))
    qtbot.keyClick(beside.window.page, F13)
    assert heard == []


def test_a_pedal_that_sends_the_key_of_another_command_takes_it_and_gives_it_back(beside, qtbot):
    window, heard = beside.window, commanded(beside.window)
    window._enable_actions(picture=True, recording=True)
    beside._changed(BesideSettings(foot_switch={"record": "S", "freeze": "1"}))
    qtbot.keyClick(window.page, Qt.Key.Key_S)
    qtbot.keyClick(window.page, Qt.Key.Key_1)
    assert heard == ["record", "freeze"]
    beside._changed(BesideSettings())
    qtbot.keyClick(window.page, Qt.Key.Key_S)
    assert heard[-1] == "snapshot"


@pytest.fixture
def dialog(qtbot):
    texts = {"record": "Record", "bookmark": "Bookmark"}
    dialog = BesideDialog(BesideSettings(), [("HDMI-1  1920×1080", "HDMI-1")], texts)
    qtbot.addWidget(dialog)
    dialog.heard = []
    dialog.changed.connect(dialog.heard.append)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def test_a_pedal_is_learned_by_pressing_it(dialog, qtbot):
    qtbot.mouseClick(dialog.learn["record"], Qt.MouseButton.LeftButton)
    assert "press the pedal" in dialog.keys["record"].text()
    qtbot.keyClick(dialog, Qt.Key.Key_Shift)  # only a part of a key
    qtbot.keyClick(dialog, Qt.Key.Key_PageDown)
    assert dialog.heard[-1].foot_switch == {"record": "PgDown"}
    qtbot.mouseClick(dialog.learn["bookmark"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(dialog, Qt.Key.Key_PageDown)
    assert dialog.heard[-1].foot_switch == {"bookmark": "PgDown"}  # one key, one command
    qtbot.mouseClick(dialog.forget["bookmark"], Qt.MouseButton.LeftButton)
    assert dialog.heard[-1].foot_switch == {}


def test_escape_ends_learning_and_not_the_dialog(dialog, qtbot):
    qtbot.mouseClick(dialog.learn["record"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not dialog.heard
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_screens_are_chosen_by_name_and_one_that_is_unplugged_stays_chosen(qtbot):
    dialog = BesideDialog(BesideSettings(second_screen="DP-9"), [("HDMI-1", "HDMI-1")], {})
    qtbot.addWidget(dialog)
    assert dialog.second_screen.currentData() == "DP-9"
    heard = []
    dialog.changed.connect(heard.append)
    dialog.compact_screen.setCurrentIndex(1)
    dialog.compact_screen.activated.emit(1)
    assert (heard[-1].compact_screen, heard[-1].second_screen) == ("HDMI-1", "DP-9")


def test_what_is_chosen_is_kept_and_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "beside.toml"
    chosen = BesideSettings("HDMI-1", (1, 2, 300, 200), "DP-1", "compact", {"record": "F13"})
    save_beside(chosen, path)
    assert load_beside(path) == chosen
    assert read_toml(path)["foot_switch"] == {"record": "F13"}
    path.write_text('second_shows = "television"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="second_shows"):
        load_beside(path)
    assert (tmp_path / "beside.toml.damaged").exists()


def test_a_key_of_another_version_is_named_and_costs_no_pedal(tmp_path, caplog):
    path = tmp_path / "beside.toml"
    path.write_text('second_show = "compact"\nthird = 1\n[foot_switch]\nrecord = "F13"\n', encoding="utf-8")
    assert load_beside(path) == BesideSettings(foot_switch={"record": "F13"})
    assert "'second_show' is an unknown key" in caplog.text
    assert "'third' is an unknown key" in caplog.text
    assert path.exists()


TWO_SCREENS = """
import json, os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from scanmon.ui.app import application
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.controller import Controller
from scanmon.ui.beside.beside_controller import BesideController
from scanmon.ui.beside.beside_dialog import BesideSettings
from scanmon.ui.state.view_state import view_state
from tests.doubles.states import live
app = application()
window = MonitorWindow()
window.show()
controller = Controller(window, lambda source: None)
controller._pulse.stop()
beside = BesideController(window, controller, Path(sys.argv[1]))
found = {"screens": [screen.name() for screen in app.screens()]}
window.actions_by_name["second_screen"].trigger()
window.show_state(view_state(live(), window.options))
app.processEvents()
second = beside.second
found["place"] = second.geometry().getRect()
heard = []
window.commanded.connect(heard.append)
second.message.command_requested.emit("other_metric")
found["helps"] = list(heard)
found["pixels"] = int(second.grab().toImage().pixelColor(400, 300).lightness())
found["checked"] = window.actions_by_name["second_screen"].isChecked()
window.actions_by_name["second_screen"].trigger()
found["gone"] = second.isHidden()
beside._changed(__import__("dataclasses").replace(beside.settings, second_shows="compact"))
window.actions_by_name["second_screen"].trigger()
found["panel"] = beside.panel.geometry().getRect()
found["both"] = window.isVisible() and beside.panel.isVisible()
window.actions_by_name["second_screen"].trigger()
beside._changed(BesideSettings(compact_screen="right"))
window.actions_by_name["compact"].trigger()
found["chosen"] = beside.panel.geometry().getRect()
found["alone"] = window.isHidden()
window.close()
sys.stdout.write(json.dumps(found))
sys.stdout.flush()
os._exit(0)
"""


def test_the_picture_fills_the_other_of_two_screens_or_the_panel_stands_there(tmp_path):
    config = tmp_path / "screens.json"
    one = {"name": "left", "x": 0, "y": 0, "width": 1024, "height": 768, "logicalDpi": 96, "dpr": 1}
    other = {**one, "name": "right", "x": 1024, "width": 800, "height": 600}
    config.write_text(json.dumps({"screens": [one, other]}))
    platform = f"offscreen:configfile={config}"
    found = python("-c", TWO_SCREENS, tmp_path / "beside.toml", QT_QPA_PLATFORM=platform).row
    assert found["screens"] == ["left", "right"]
    assert found["place"] == [1024, 0, 800, 600]
    assert found["helps"] == ["other_metric"]
    assert found["pixels"] > 5
    assert found["checked"]
    assert found["gone"]
    assert found["both"]
    assert found["alone"]
    for x, y, width, height in (found["panel"], found["chosen"]):
        assert x >= 1024
        assert x + width <= 1824
        assert y + height <= 600
