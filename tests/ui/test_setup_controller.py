"""Set-up, regions, presets and thresholds in the assembled window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from scanmon.app.settings import ScoringSettings
from scanmon.core.values import Box, TooSlow, Verdict
from scanmon.picture.region import Rectangle
from scanmon.ui.setup.presets import Preset, Presets
from scanmon.ui.state.messages import Message
from scanmon.ui.state.view_state import view_state
from tests.doubles.assembled import PHANTOM, live, write_cine


def test_from_first_start_to_a_live_score_on_the_set_up_page(shown, qtbot):
    shown.setting_up.open_page()
    page = shown.setting_up.page
    assert page.isVisible()
    assert "demo" in [
        page.sources.item(row).data(Qt.ItemDataRole.UserRole) for row in range(page.sources.count())
    ]
    page.address.setText(PHANTOM)
    qtbot.keyClick(page.address, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None)
    assert page.isVisible()  # choosing a source does not leave the page
    qtbot.waitUntil(lambda: "320 × 240" in page.negotiated.text())
    qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.window.page.isVisible)
    meter = shown.window.page.side.meter
    qtbot.waitUntil(lambda: any(map(str.isdigit, meter.accessibleName()[:1])))


def test_the_page_says_what_to_do_while_there_is_no_picture_and_what_went_wrong(shown, qtbot):
    shown.setting_up.open_page()
    page = shown.setting_up.page
    qtbot.waitUntil(lambda: page.editor._words == "Choose a source on the left")
    page.source_requested.emit("/no/such/file.mp4")
    qtbot.waitUntil(lambda: "file.mp4" in page.editor._words)


def test_a_picture_that_is_shown_on_the_page_counts_as_shown(shown, qtbot):
    shown.setting_up.open_page()
    shown.setting_up.page.source_requested.emit(PHANTOM)
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.shown > 2)
    assert shown.window.pages.currentWidget() is shown.setting_up.page


def test_thumbnails_live_while_the_page_is_shown_and_rest_when_it_is_left(shown, qtbot):
    shown.setting_up.open_page()
    previews, sources = shown.setting_up._previews, shown.setting_up.page.sources
    first = {}

    def changed() -> bool:
        for source, frame in sources._frames.items():
            first.setdefault(source, frame)
        return any(sources._frames[source].index > frame.index for source, frame in first.items())

    qtbot.waitUntil(changed)
    shown.setting_up.page.done.emit()
    qtbot.waitUntil(lambda: previews._job is None and not previews._reels)
    assert previews._sources == []


def test_a_drawn_region_is_what_is_scored(shown, qtbot):
    live(shown, qtbot)
    shown.setting_up.open_page()
    page = shown.setting_up.page
    page.region.kind_chosen.emit("box")
    shape = Rectangle(Box(60, 40, 200, 160))
    page.editor.edit(shape)
    page.editor.shape_changed.emit(shape)
    page.region_requested.emit("box", shape)
    qtbot.waitUntil(lambda: shown.region() == Box(60, 40, 200, 160))


def test_a_drawn_region_comes_back_with_its_source(shown, qtbot):
    live(shown, qtbot)
    shape = Rectangle(Box(60, 40, 200, 160))
    shown.setting_up.page.region_requested.emit("box", shape)
    qtbot.waitUntil(lambda: shown.region() == shape.box)
    shown.controller.open("phantom:size=800x600,rate=30")
    qtbot.waitUntil(lambda: shown.region() is not None and shown.region() != shape.box)
    live(shown, qtbot)
    qtbot.waitUntil(lambda: shown.region() == shape.box)


def test_one_key_holds_the_region_that_was_found_and_lets_it_go(shown, qtbot):
    live(shown, qtbot)
    qtbot.waitUntil(lambda: shown.region() is not None)
    found = shown.controller.snapshot.analysis.region
    qtbot.keyClick(shown.window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis.region.origin == "user")
    assert shown.note == "The image area is held"
    assert shown.controller.snapshot.analysis.region.outline == pytest.approx(np.array(found.outline))
    qtbot.keyClick(shown.window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis.region.origin == found.origin)


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
    qtbot.waitUntil(lambda: shown.region() == Box(0, 0, 320, 240))
    qtbot.keyClick(shown.window, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: shown.region() == Box(60, 40, 200, 160))
    assert shown.note == "Preset 1: phantom, box"
    qtbot.keyClick(shown.window, Qt.Key.Key_7)
    assert shown.note == "There is no preset on key 7."


def test_a_preset_from_another_machine_opens_its_source(shown, qtbot):
    settings = ScoringSettings(bundle=shown.setting_up._factory.settings.scoring.bundle, metric="nrq")
    Presets(shown.config / "presets").save(Preset("copied", 2, PHANTOM, settings))
    qtbot.keyClick(shown.window, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None)
    assert shown.controller.source == PHANTOM
    assert shown.controller.snapshot.analysis.reading.metric == "nrq"


def test_one_press_scores_with_the_metric_that_is_fast_enough(shown, qtbot):
    live(shown, qtbot)
    state, slow = view_state(shown.controller.snapshot), TooSlow("nrq", 10, 7.0, off=False, other_ms=9.0)
    offer = Message("No score", "too slow", "another", problem=True, offer="Score", command="other_metric")
    shown.controller._pulse.stop()
    known = replace(shown.controller.snapshot.provenance, slow=slow)
    shown.controller._held = replace(shown.controller.snapshot, provenance=known)
    shown.window.show_state(replace(state, message=offer))
    button = shown.window.page.side.message.offer
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown.setting_up._factory.settings.scoring.metric == "map"
    assert shown.note == "Metric: Severity map"
    shown.window.show_state(state)
    assert not button.isVisible()


def test_plus_and_minus_move_the_thresholds_and_leave_the_engine_alone(shown, qtbot, monkeypatch):
    live(shown, qtbot)
    before = shown.controller.snapshot.provenance.thresholds
    loaded: list[str] = []
    monkeypatch.setattr("scanmon.app.analyzers.open_analyzer", lambda *_, **__: loaded.append("again"))
    scored = shown.controller.snapshot.counts.scored
    for _ in range(3):
        qtbot.keyClick(shown.window, Qt.Key.Key_Plus)
    qtbot.keyClick(shown.window, Qt.Key.Key_Minus)
    assert shown.controller.snapshot.scoring == "ready"
    wanted = (before[0] + 2, before[1] + 2)
    qtbot.waitUntil(lambda: shown.controller.snapshot.provenance.thresholds == wanted)
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.scored > scored + 3)
    assert shown.window.page.trace._state.thresholds == wanted
    assert loaded == []


def test_moved_thresholds_change_the_word_of_a_paused_picture_at_once(shown, qtbot, tmp_path):
    live(shown, qtbot, str(write_cine(tmp_path / "cine", 3)))
    shown.controller.command("first")
    if shown.controller.snapshot.playback.playing:
        shown.controller.command("freeze")
    before = shown.controller.snapshot
    milder = before.analysis.reading.shown < before.provenance.thresholds[0]
    for _ in range(30):
        qtbot.keyClick(shown.window, Qt.Key.Key_Minus if milder else Qt.Key.Key_Plus)

    def told() -> bool:
        reading = shown.controller.snapshot.analysis.reading
        low, high = shown.controller.snapshot.provenance.thresholds
        words = list(Verdict)
        return reading.verdict is words[0 if reading.shown >= high else 1 if reading.shown >= low else 2]

    qtbot.waitUntil(lambda: shown.controller.snapshot.provenance != before.provenance)
    qtbot.waitUntil(told)


def test_the_page_opens_files_folders_and_the_addresses_of_before(shown, qtbot, monkeypatch):
    asked = []
    for name in ("open", "open_folder"):
        shown.controller.register(name, lambda name=name: asked.append(name))
    shown.setting_up._recent.add("rtsp://me:secret@scanner:554/live")
    shown.setting_up.open_page()
    page = shown.setting_up.page
    qtbot.mouseClick(page.open_file, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.open_folder, Qt.MouseButton.LeftButton)
    assert asked == ["open", "open_folder"]
    assert page.sources.item(0).text().startswith("rtsp://scanner:554/live")


def test_what_only_an_engineer_needs_is_under_advanced(shown, qtbot):
    shown.setting_up.open_page()
    form = shown.setting_up.page.scoring
    assert form.organ_box.isVisible()
    assert not form.bundle_box.isVisible()
    qtbot.mouseClick(form.advanced, Qt.MouseButton.LeftButton)
    assert form.bundle_box.isVisible()
    assert form.backend_box.isVisible()


def test_a_preset_is_renamed_on_its_key_and_deleted(shown, qtbot):
    shown.setting_up.open_page()
    bar = shown.setting_up.page.presets
    for name in ("first", "second"):
        if bar.list.count():
            bar.list.setCurrentRow(0)
        bar.name.setText(name)
        qtbot.mouseClick(bar.save, Qt.MouseButton.LeftButton)
    assert bar.list.count() == 1
    assert "second" in bar.list.item(0).text()
    bar.list.setCurrentRow(0)
    qtbot.mouseClick(bar.delete, Qt.MouseButton.LeftButton)
    assert bar.list.count() == 0
    assert "second" in shown.note


def test_a_source_that_cannot_be_opened_has_a_button_that_leads_to_others(shown, qtbot):
    shown.controller.open("nothing.mp4")
    button = shown.window.page.centre.other
    qtbot.waitUntil(button.isVisible)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown.window.pages.currentWidget() is shown.setting_up.page
