"""Engines in the assembled window: changed, broken, listed, built."""

import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from scanmon.core.values import EngineName
from scanmon.inference.cards import Word
from scanmon.scoring.bundle import default_bundle
from scanmon.ui.engines.catalogue import bundles
from scanmon.ui.engines.engine_controller import EngineController, _running
from tests.doubles import states
from tests.doubles.assembled import live


@pytest.fixture
def page(shown):
    """The page of engines in the assembled window."""
    shown.window.run("engines")
    return shown.window.pages.currentWidget()


def test_another_engine_is_taken_while_the_video_goes_on(shown, qtbot):
    live(shown, qtbot)
    captured = shown.controller.snapshot.counts.captured
    scoring = replace(shown.setting_up._factory.settings.scoring, metric="nrq")
    shown.setting_up.page.scoring.settings_changed.emit(scoring)
    qtbot.waitUntil(
        lambda: (
            shown.controller.snapshot.analysis is not None
            and shown.controller.snapshot.analysis.reading.metric == "nrq"
        )
    )
    assert shown.controller.snapshot.counts.captured > captured
    assert shown.controller.snapshot.counts.gaps == 0


def test_a_bundle_that_is_broken_stops_the_score_and_not_the_picture(shown, qtbot, tmp_path):
    live(shown, qtbot)
    shown.setting_up.use_bundle(str(tmp_path / "nothing"))
    qtbot.waitUntil(lambda: shown.controller.snapshot.scoring == "failed")
    qtbot.waitUntil(shown.window.page.side.message.isVisible)
    captured = shown.controller.snapshot.counts.captured
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.captured > captured + 5)


def test_the_engine_page_lists_bundles_with_what_is_wrong_with_them(shown, qtbot):
    broken = shown.bundles / "broken"
    broken.mkdir(parents=True)
    (broken / "bundle.toml").write_text("schema_version = 1\n")
    shown.window.run("engines")
    page = shown.window.pages.currentWidget()
    qtbot.waitUntil(lambda: page.table.rowCount() == 3)
    texts = [[page.table.item(row, column).text() for column in (0, 4)] for row in range(3)]
    assert ["tiny 1", "in use"] in texts
    assert any("broken" in title and state not in ("whole", "in use") for title, state in texts)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert shown.window.page.isVisible()


def test_the_engine_page_says_what_a_gpu_lacks_and_the_command_that_brings_it(shown, qtbot, monkeypatch):
    word = Word(
        False, "this GPU lacks onnxruntime-gpu, which runs every bundle", "pip install 'scanmon[cuda]'"
    )
    monkeypatch.setattr("scanmon.ui.engines.engine_controller.lacking", lambda: [word])
    shown.window.run("engines")
    page = shown.window.pages.currentWidget()
    qtbot.waitUntil(lambda: f"{word.what}: {word.remedy}" in page.hardware.text())


@pytest.mark.parametrize("backend", ["tensorrt-rtx", "onnxruntime:cuda", "onnxruntime:webgpu", "onnxruntime"])
def test_whatever_runs_on_a_gpu_is_not_said_to_use_none(backend: str) -> None:
    snapshot = states.live()
    assert snapshot.provenance is not None
    provenance = replace(snapshot.provenance, engines=(EngineName(backend, "fp32"),))
    said = _running(replace(snapshot, provenance=provenance))
    assert ("no GPU in use" in said) == (backend == "onnxruntime")


def test_a_build_that_fails_says_why_and_is_over(shown, qtbot, tmp_path, page):
    page.checkpoint.setText(str(tmp_path / "nothing.pth"))
    page.build.click()
    assert page.cancel.isEnabled()
    qtbot.waitUntil(lambda: not page.cancel.isEnabled())
    assert "nothing.pth" in page.output.toPlainText()
    assert "It did not work out; see above." in page.output.toPlainText()


def test_a_build_can_be_cancelled_without_waiting(shown, qtbot, tmp_path, page):
    page.checkpoint.setText(str(tmp_path / "nothing.pth"))
    page.build.click()
    page.cancel.click()
    qtbot.waitUntil(lambda: not page.cancel.isEnabled())
    assert not list((shown.bundles).glob("*"))


def test_a_bundle_that_was_chosen_by_its_folder_is_listed_once(tmp_path):
    (only,) = bundles(tmp_path, str(default_bundle()))
    assert (only.name, only.problem) == (str(default_bundle()), "")


def test_a_build_leads_on_to_the_calibration_and_that_to_its_use(shown, qtbot, tmp_path, monkeypatch, page):
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    controller = shown.window.findChild(EngineController)
    ran = []
    monkeypatch.setattr(controller.process, "start", ran.append)
    page.checkpoint.setText("net.pth")
    page.build.click()
    built = shown.home / "data" / "scanmon" / "bundles" / "net"
    assert ran == [["build", "net.pth", "--out", str(built)]]
    built.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(shown.setting_up._factory.settings.scoring.bundle, built)
    controller.process.ended.emit(True)
    assert page.steps.currentWidget().isAncestorOf(page.accepted)
    qtbot.waitUntil(lambda: page.selected == str(built))
    page.calibrate.click()
    assert "accepted pictures first" in page.output.toPlainText()
    page.accepted.setText("good")
    page.rejected.setText("poor")
    page.calibrate.click()
    site = f"{built}-site"
    judged = ["--accepted", "good", "--rejected", "poor"]
    assert ran[1:] == [["calibrate", "good", *judged, "--bundle", str(built), "--out", site]]
    shutil.copytree(built, site)
    controller.process.ended.emit(True)
    assert shown.setting_up._factory.settings.scoring.bundle == site
    assert "net-site is calibrated and in use" in page.output.toPlainText()
