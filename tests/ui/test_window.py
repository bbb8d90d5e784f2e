import pytest
from PySide6.QtCore import QSettings, Qt

from scanmon.runtime.snapshot import Counts, Latency, Snapshot
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.state.view_state import ViewOptions, view_state
from scanmon.ui.theme import DARK, LIGHT
from tests.doubles.commands import python
from tests.doubles.states import live, replaying


def test_the_disclaimer_is_always_visible(window):
    for prepare in (
        lambda: window.show_state(view_state(replaying())),
        lambda: window.show_state(view_state(live())),
        lambda: window.run("quiet"),
        lambda: window.resize(800, 600),
    ):
        prepare()
        assert window.status.disclaimer.isVisible()
        assert window.status.disclaimer.text() == "Research use only. Not for diagnosis."


def test_the_figures_are_not_cut_while_a_part_of_the_line_is_empty(window, qtbot):
    window.resize(1280, 728)
    state = live(counts=Counts(1000, 1000, 980, 20), capture_to_score=Latency(30, 60, 90))
    window.show_state(view_state(state))
    counts = window.status.counts
    qtbot.waitUntil(lambda: counts.width() >= counts.fontMetrics().horizontalAdvance(counts.text()))
    assert window.status.health.text() == "good"
    state = live(counts=Counts(10**6, 10**6, 10**6), capture_to_score=Latency(30000, 60000, 90000))
    window.show_state(view_state(state))
    window.resize(560, 400)
    word = window.status.health
    qtbot.waitUntil(lambda: word.width() >= word.fontMetrics().horizontalAdvance(word.text()))


def test_h_and_o_switch_heatmap_and_overlays(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert window.options == ViewOptions(heatmap=False)
    assert not window.page.side.heatmap.isChecked()
    qtbot.keyClick(window, Qt.Key.Key_H)
    qtbot.keyClick(window, Qt.Key.Key_O)
    assert window.options == ViewOptions(overlays=False)


def test_comma_and_period_change_the_strength_within_its_bounds(window, qtbot):
    for _ in range(12):
        qtbot.keyClick(window, Qt.Key.Key_Comma)
    assert window.options.strength == 0
    qtbot.keyClick(window, Qt.Key.Key_Period)
    assert window.options.strength == pytest.approx(0.1)
    assert window.page.side.strength.value() == 10


def test_quiet_leaves_the_number_alone(window, qtbot):
    window.show_state(view_state(replaying()))
    before = window.page.side.meter.number_px
    qtbot.keyClick(window, Qt.Key.Key_Q)
    window.show_state(view_state(replaying()))
    assert not window.page.video.isVisible()
    assert not window.page.trace.isVisible()
    assert not window.page.transport.isVisible()
    assert window.page.side.meter.isVisible()
    qtbot.waitUntil(lambda: window.page.side.meter.number_px > before)
    qtbot.keyClick(window, Qt.Key.Key_Q)
    window.show_state(view_state(replaying()))
    assert window.page.video.isVisible() and window.page.trace.isVisible()


def test_commands_without_a_picture_are_off(window):
    window.show_state(view_state(replaying()))
    assert window.actions_by_name["back"].isEnabled()
    window.show_state(view_state(live()))
    assert not window.actions_by_name["back"].isEnabled()
    assert window.actions_by_name["bookmark"].isEnabled()


def test_dark_is_the_first_choice_and_light_is_there(window):
    assert window.theme is DARK
    window.actions_by_name["light"].trigger()
    assert window.theme is LIGHT
    assert LIGHT.panel in window.styleSheet()


def test_presets_are_on_the_number_keys(window, qtbot):
    asked: list[int] = []
    window.preset_requested.connect(asked.append)
    qtbot.keyClick(window, Qt.Key.Key_3)
    qtbot.keyClick(window, Qt.Key.Key_9)
    assert asked == [3, 9]


def test_the_window_remembers_its_size(window, qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window.resize(760, 640)  # the offscreen screen has 800 x 800
    window.save_geometry(settings)
    other = MonitorWindow()
    qtbot.addWidget(other)
    other.restore_geometry(settings)
    assert (other.width(), other.height()) == (760, 640)


def test_the_picture_does_not_move_when_there_is_something_to_tell(window):
    window.show_state(view_state(replaying()))
    before = window.page.video.geometry()
    window.show_state(view_state(replaying(scoring="failed", analysis=None, error=ValueError("broken"))))
    assert window.page.side.message.isVisible()
    assert window.page.video.geometry() == before


def test_full_screen_leads_back_to_the_maximised_window_and_hides_the_menus_whoever_asked_for_it(
    window, qtbot
):
    window.showMaximized()
    window.run("full_screen")
    window.run("full_screen")
    assert window.isMaximized()
    window.showFullScreen()  # as a window manager does, or a geometry that was kept
    qtbot.waitUntil(lambda: not window.menuBar().isVisible())
    assert window.actions_by_name["full_screen"].isChecked()


def test_escape_leaves_the_full_screen_and_the_quiet_view(window, qtbot):
    window.run("full_screen")
    qtbot.waitUntil(window.isFullScreen)
    qtbot.keyClick(window.page, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.menuBar().isVisible()
    assert not window.actions_by_name["full_screen"].isChecked()
    window.actions_by_name["quiet"].trigger()
    assert not window.status.engine.isVisible()  # no figures either
    assert window.status.disclaimer.isVisible()
    qtbot.keyClick(window.page, Qt.Key.Key_Escape)
    assert not window.actions_by_name["quiet"].isChecked()
    assert window.page.video.isVisible()
    assert window.status.engine.isVisible()


_LAST = """
import sys
from pathlib import Path
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SourceError
from scanmon.ui.app import application, run_window
from scanmon.ui.setup.remembered import Recent
from scanmon.ui.state.places import config_folder

application()
Recent(config_folder() / "recent.toml").add("phantom:size=320x240")

def note(run):
    print("opened", run.source, flush=True)
    raise SourceError("is not there", run.source)

run_window(Run(settings=Settings(ScoringSettings(bundle=sys.argv[1])), last=True, seconds=1.0), note)
"""


def test_the_window_begins_with_the_source_that_was_opened_last(tmp_path, tiny_bundle):
    # in a process of its own: it runs the application's event loop to its end
    assert "opened phantom:size=320x240" in python("-c", _LAST, tiny_bundle, home=tmp_path).out


def test_the_title_names_word_and_source_for_the_task_bar(window):
    window.show_state(view_state(replaying()))
    assert window.windowTitle() == "adequate - cine - scanmon"
    window.show_state(view_state(Snapshot()))
    assert window.windowTitle() == "scanmon"
