"""The window with everything behind it: real bundle (tiny), real sources, real threads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from scanmon.core.region import Rectangle
from scanmon.core.values import Box, Verdict
from scanmon.settings import ScoringSettings, Settings
from scanmon.ui.assembly import assemble
from scanmon.ui.controller import Controller
from scanmon.ui.help_dialog import HelpDialog
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.presets import Preset, Presets
from scanmon.ui.setting_up import SettingUp
from tests.scenes import PATIENCE_S

PHANTOM = "phantom:size=640x480,rate=30"
LONG = PATIENCE_S * 1e3


class Assembled:
    def __init__(
        self, window: MonitorWindow, controller: Controller, setting_up: SettingUp, home: Path
    ) -> None:
        self.window, self.controller, self.setting_up, self.home = window, controller, setting_up, home
        self.config = home / "config" / "scanmon" / "scanmon"

    @property
    def note(self) -> str:
        return self.window.page.side.note.text()

    def region(self) -> Box | None:
        analysis = self.controller.snapshot.analysis
        return analysis.region.box if analysis else None


@pytest.fixture
def home(tmp_path, monkeypatch, qapp) -> Path:
    for name, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("HOME", "home")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setattr(
        "scanmon.ui.assembly.config_folder", lambda: tmp_path / "config" / "scanmon" / "scanmon"
    )
    monkeypatch.setattr("scanmon.ui.assembly.pictures_folder", lambda: tmp_path / "pictures")
    monkeypatch.setattr("scanmon.ui.assembly.sessions_folder", lambda: tmp_path / "sessions")
    return tmp_path


@pytest.fixture
def shown(qtbot, home, tiny_bundle) -> Iterator[Assembled]:
    window = MonitorWindow()
    qtbot.addWidget(window)
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle)))
    controller, setting_up = assemble(window, settings)
    window.resize(1024, 768)
    window.show()
    qtbot.waitExposed(window)
    yield Assembled(window, controller, setting_up, home)
    controller.shut_down(PATIENCE_S)


def live(shown: Assembled, qtbot) -> None:
    shown.controller.open(PHANTOM)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)


def test_from_first_start_to_a_live_score_on_the_set_up_page(shown, qtbot):
    shown.setting_up.open_page()
    page = shown.setting_up.page
    assert page.isVisible()
    assert "demo" in [
        page.sources.item(row).data(Qt.ItemDataRole.UserRole) for row in range(page.sources.count())
    ]
    page.address.setText(PHANTOM)
    qtbot.keyClick(page.address, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)
    assert page.isVisible()  # choosing a source does not leave the page
    qtbot.waitUntil(lambda: "640 × 480" in page.negotiated.text())
    qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.window.page.isVisible)
    meter = shown.window.page.side.meter
    qtbot.waitUntil(lambda: any(map(str.isdigit, meter.accessibleName()[:1])), timeout=LONG)


def test_a_drawn_region_is_what_is_scored(shown, qtbot):
    live(shown, qtbot)
    shown.setting_up.open_page()
    page = shown.setting_up.page
    page.region.kind_chosen.emit("box")
    shape = Rectangle(Box(60, 40, 200, 160))
    page.editor.edit(shape)
    page.editor.shape_changed.emit(shape)
    page.region_requested.emit("box", shape)
    qtbot.waitUntil(lambda: shown.region() == Box(60, 40, 200, 160), timeout=LONG)


def test_a_preset_saved_on_the_page_is_called_up_by_its_key(shown, qtbot):
    live(shown, qtbot)
    shown.setting_up.open_page()
    page = shown.setting_up.page
    shape = Rectangle(Box(60, 40, 200, 160))
    page.region_requested.emit("box", shape)
    page.presets.name.setText("phantom, box")
    page.presets.save.click()
    assert page.presets.list.item(0).text() == "1   phantom, box"
    page.region_requested.emit("full", None)
    page.done.emit()
    qtbot.waitUntil(lambda: shown.region() == Box(0, 0, 640, 480), timeout=LONG)
    qtbot.keyClick(shown.window, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: shown.region() == Box(60, 40, 200, 160), timeout=LONG)
    assert shown.note == "Preset 1: phantom, box"
    qtbot.keyClick(shown.window, Qt.Key.Key_7)
    assert shown.note == "There is no preset on key 7."


def test_a_preset_from_another_machine_opens_its_source(shown, qtbot):
    settings = ScoringSettings(bundle=shown.setting_up._studio.settings.scoring.bundle, metric="nrq")
    Presets(shown.config / "presets").save(Preset("copied", 2, PHANTOM, settings))
    qtbot.keyClick(shown.window, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)
    assert shown.controller.source == PHANTOM
    assert shown.controller.snapshot.analysis.reading.metric == "nrq"


def test_plus_and_minus_move_the_thresholds_and_leave_the_engine_alone(shown, qtbot, monkeypatch):
    live(shown, qtbot)
    before = shown.controller.snapshot.provenance.thresholds
    loaded: list[str] = []
    monkeypatch.setattr("scanmon.compose.make_scoring", lambda *_, **__: loaded.append("again"))
    scored = shown.controller.snapshot.counts.scored
    for _ in range(3):
        qtbot.keyClick(shown.window, Qt.Key.Key_Plus)
    qtbot.keyClick(shown.window, Qt.Key.Key_Minus)
    assert shown.controller.snapshot.scoring == "ready"
    wanted = (before[0] + 2, before[1] + 2)
    qtbot.waitUntil(lambda: shown.controller.snapshot.provenance.thresholds == wanted, timeout=LONG)
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.scored > scored + 3, timeout=LONG)
    assert shown.window.page.trace._state.thresholds == wanted
    assert loaded == []


def test_moved_thresholds_change_the_word_of_a_paused_picture_at_once(shown, qtbot, tmp_path):
    shown.controller.open(str(write_cine(tmp_path / "cine", 3)))
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)
    shown.controller.command("first")
    if shown.controller.snapshot.playback.playing:
        shown.controller.command("freeze")
    before = shown.controller.snapshot
    milder = before.analysis.reading.steady < before.provenance.thresholds[0]
    for _ in range(30):
        qtbot.keyClick(shown.window, Qt.Key.Key_Minus if milder else Qt.Key.Key_Plus)

    def told() -> bool:
        reading = shown.controller.snapshot.analysis.reading
        low, high = shown.controller.snapshot.provenance.thresholds
        words = list(Verdict)
        return reading.verdict is words[0 if reading.steady >= high else 1 if reading.steady >= low else 2]

    qtbot.waitUntil(lambda: shown.controller.snapshot.provenance != before.provenance, timeout=LONG)
    qtbot.waitUntil(told, timeout=LONG)


def test_s_saves_the_sector_alone(shown, qtbot):
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: shown.note.startswith("Saved:"), timeout=LONG)
    (plain,) = [path for path in (shown.home / "pictures").glob("*.png") if "overlay" not in path.name]
    box = shown.region()
    assert cv2.imread(str(plain), cv2.IMREAD_GRAYSCALE).shape == (box.height, box.width)


def test_r_records_a_session_that_can_be_replayed(shown, qtbot):
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: "recording" in shown.window.status.recording.text(), timeout=LONG)
    qtbot.keyClick(shown.window, Qt.Key.Key_B)
    captured = shown.controller.snapshot.counts.captured
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.captured > captured + 20, timeout=LONG)
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: shown.window.status.recording.text() == "", timeout=LONG)
    (folder,) = (shown.home / "sessions").glob("run_*")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert "bookmark" in [event.get("event") or event.get("kind") or event.get("type") for event in events]
    shown.controller.open(str(folder))
    qtbot.waitUntil(lambda: shown.controller.snapshot.playback is not None, timeout=LONG)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None, timeout=LONG)


def test_another_engine_is_taken_while_the_video_goes_on(shown, qtbot):
    live(shown, qtbot)
    captured = shown.controller.snapshot.counts.captured
    scoring = replace(shown.setting_up._studio.settings.scoring, metric="nrq")
    shown.setting_up.page.scoring.settings_changed.emit(scoring)
    qtbot.waitUntil(
        lambda: (
            shown.controller.snapshot.analysis is not None
            and shown.controller.snapshot.analysis.reading.metric == "nrq"
        ),
        timeout=LONG,
    )
    assert shown.controller.snapshot.counts.captured > captured
    assert shown.controller.snapshot.counts.gaps == 0


def test_a_bundle_that_is_broken_stops_the_score_and_not_the_picture(shown, qtbot, tmp_path):
    live(shown, qtbot)
    shown.setting_up.use_bundle(str(tmp_path / "nothing"))
    qtbot.waitUntil(lambda: shown.controller.snapshot.scoring == "failed", timeout=LONG)
    qtbot.waitUntil(shown.window.page.side.message.isVisible)
    captured = shown.controller.snapshot.counts.captured
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.captured > captured + 5, timeout=LONG)


def test_the_engine_page_lists_bundles_with_what_is_wrong_with_them(shown, qtbot):
    broken = shown.config / "bundles" / "broken"
    broken.mkdir(parents=True)
    (broken / "bundle.toml").write_text("schema_version = 1\n")
    shown.window.run("engines")
    page = shown.window.pages.currentWidget()
    qtbot.waitUntil(lambda: page.table.rowCount() == 3, timeout=LONG)
    texts = [[page.table.item(row, column).text() for column in (0, 4)] for row in range(3)]
    assert ["tiny 1", "in use"] in texts
    assert any("broken" in title and state not in ("whole", "in use") for title, state in texts)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert shown.window.page.isVisible()


def write_cine(folder: Path, frames: int) -> Path:
    folder.mkdir()
    for number in range(frames):
        picture = np.random.default_rng(number).integers(30, 90, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    return folder


def test_two_recordings_are_compared_at_the_same_time(shown, qtbot, tmp_path):
    first, second = write_cine(tmp_path / "one", 12), write_cine(tmp_path / "two", 8)
    shown.controller.open(str(first))
    qtbot.waitUntil(lambda: shown.controller.snapshot.frame is not None, timeout=LONG)
    shown.controller.command("first")
    if shown.controller.snapshot.playback.playing:
        shown.controller.command("freeze")
    comparing = next(child for child in shown.window.children() if type(child).__name__ == "Comparing")
    comparing.begin(str(second))
    qtbot.waitUntil(lambda: comparing.page.pictures[1]._frame is not None, timeout=LONG)
    for wanted, expected in ((5, 5), (2, 2), (11, 7)):
        shown.controller.monitor.playback.seek(wanted)
        qtbot.waitUntil(lambda n=expected: comparing.page.pictures[1]._frame.index == n, timeout=LONG)
        qtbot.waitUntil(lambda n=wanted: comparing.page.pictures[0]._frame.index == n, timeout=LONG)
    qtbot.keyClick(comparing.page, Qt.Key.Key_Escape)
    assert shown.window.page.isVisible()


def test_recent_files_are_remembered_between_two_runs(shown, qtbot, tmp_path):
    cine = write_cine(tmp_path / "one", 3)
    shown.controller.open(str(cine))
    qtbot.waitUntil(lambda: len(shown.window.recent_menu.actions()) == 1, timeout=LONG)
    assert (shown.config / "recent.toml").exists()
    assert shown.window.recent_menu.actions()[0].text() == "one"


def test_f1_shows_every_key(shown, qtbot):
    qtbot.keyClick(shown.window, Qt.Key.Key_F1)
    dialog = shown.window.findChild(HelpDialog)
    qtbot.waitUntil(dialog.isVisible)
    dialog.reject()


def test_a_session_is_exported_from_the_window(shown, qtbot, tmp_path):
    exporting = next(child for child in shown.window.children() if type(child).__name__ == "Exporting")
    exporting.begin(str(tmp_path / "out.csv"))
    assert "recorded session" in shown.note
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: "recording" in shown.window.status.recording.text(), timeout=LONG)
    captured = shown.controller.snapshot.counts.captured
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.captured > captured + 20, timeout=LONG)
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: shown.window.status.recording.text() == "", timeout=LONG)
    (folder,) = (shown.home / "sessions").glob("run_*")
    shown.controller.open(str(folder))
    qtbot.waitUntil(lambda: shown.controller.snapshot.playback is not None, timeout=LONG)
    exporting.begin(str(tmp_path / "out.csv"))
    qtbot.waitUntil(lambda: not exporting.process.busy, timeout=LONG)
    assert shown.note == f"Saved: {tmp_path / 'out.csv'}"
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert len(lines) > 15
    assert "quality" in lines[0]


def test_a_build_that_fails_says_why_and_is_over(shown, qtbot, tmp_path):
    shown.window.run("engines")
    page = shown.window.pages.currentWidget()
    page.checkpoint.setText(str(tmp_path / "nothing.pth"))
    page.build.click()
    assert page.cancel.isEnabled()
    qtbot.waitUntil(lambda: not page.cancel.isEnabled(), timeout=LONG)
    assert "nothing.pth" in page.output.toPlainText()
    assert "It did not work out; see above." in page.output.toPlainText()


def test_a_build_can_be_cancelled_without_waiting(shown, qtbot, tmp_path):
    shown.window.run("engines")
    page = shown.window.pages.currentWidget()
    page.checkpoint.setText(str(tmp_path / "nothing.pth"))
    page.build.click()
    page.cancel.click()
    qtbot.waitUntil(lambda: not page.cancel.isEnabled(), timeout=LONG)
    assert not list((shown.config / "bundles").glob("*"))


def test_a_drawn_region_comes_back_with_its_source(shown, qtbot):
    live(shown, qtbot)
    shape = Rectangle(Box(60, 40, 200, 160))
    shown.setting_up.page.region_requested.emit("box", shape)
    qtbot.waitUntil(lambda: shown.region() == shape.box, timeout=LONG)
    shown.controller.open("phantom:size=800x600,rate=30")
    qtbot.waitUntil(lambda: shown.region() is not None and shown.region() != shape.box, timeout=LONG)
    live(shown, qtbot)
    qtbot.waitUntil(lambda: shown.region() == shape.box, timeout=LONG)


def test_a_held_live_picture_says_so(shown, qtbot):
    live(shown, qtbot)
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    message = shown.window.page.side.message
    qtbot.waitUntil(lambda: message.isVisible() and message.title.text() == "Picture held", timeout=LONG)
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: message.title.text() != "Picture held" or not message.isVisible(), timeout=LONG)
