"""The window with everything behind it: real bundle (tiny), real sources, real threads."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Box
from scanmon.ui.assembly import assemble
from scanmon.ui.controller import Controller
from scanmon.ui.examination.examination_controller import ExaminationController
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.setup.setup_controller import SetupController
from tests.doubles.scenes import PATIENCE_S

PHANTOM = "phantom:size=320x240,rate=30"


class Assembled:
    def __init__(
        self,
        window: MonitorWindow,
        controller: Controller,
        setting_up: SetupController,
        examining: ExaminationController,
        home: Path,
    ) -> None:
        self.window, self.controller, self.setting_up, self.home = window, controller, setting_up, home
        self.examining = examining
        self.config = home / "config" / "scanmon"
        self.bundles = home / "data" / "scanmon" / "bundles"

    @property
    def note(self) -> str:
        return self.window.page.side.note.text()

    def region(self) -> Box | None:
        analysis = self.controller.snapshot.analysis
        return analysis.region.box if analysis else None


def wheel_event(widget: QWidget, at: QPointF, notches: int) -> QWheelEvent:
    """The wheel of the mouse, away from the user."""
    return QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip


def settle() -> None:
    """A text that wraps asks for its height only when it knows its width."""
    for _ in range(3):
        QCoreApplication.processEvents()


@pytest.fixture
def home(tmp_path, monkeypatch, qapp) -> Path:
    for name, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("HOME", "home")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setattr("scanmon.ui.assembly.config_folder", lambda: tmp_path / "config" / "scanmon")
    monkeypatch.setattr("scanmon.ui.app.config_folder", lambda: tmp_path / "config" / "scanmon")
    monkeypatch.setattr("scanmon.ui.assembly.pictures_folder", lambda: tmp_path / "pictures")
    monkeypatch.setattr("scanmon.ui.assembly.sessions_folder", lambda: tmp_path / "sessions")
    return tmp_path


@pytest.fixture
def shown(qtbot, home, tiny_bundle) -> Iterator[Assembled]:
    window = MonitorWindow()
    qtbot.addWidget(window)
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle)))
    controller, setting_up, examining, _ = assemble(window, Run(settings=settings))
    window.resize(1024, 768)
    window.show()
    qtbot.waitExposed(window)
    yield Assembled(window, controller, setting_up, examining, home)
    controller.shut_down(PATIENCE_S)


def live(shown: Assembled, qtbot, source: str = PHANTOM) -> None:
    shown.controller.open(source)
    qtbot.waitUntil(lambda: shown.controller.snapshot.analysis is not None)


def kept(shown: Assembled, qtbot, *keys: Qt.Key) -> Path:
    """The folder of a recording that R begins and ends; `keys` are pressed in it."""
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: "recording" in shown.window.status.recording.text())
    for key in keys:
        qtbot.keyClick(shown.window, key)
    captured = shown.controller.snapshot.counts.captured
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.captured > captured + 20)
    qtbot.keyClick(shown.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: shown.window.status.recording.text() == "")
    (folder,) = (shown.home / "sessions").glob("run_*")
    return folder


def write_cine(folder: Path, frames: int) -> Path:
    folder.mkdir()
    for number in range(frames):
        picture = np.random.default_rng(number).integers(30, 90, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    return folder


def open_camera(controller: Controller, qtbot) -> None:
    """The source of the test, whatever its name, until there is a monitor of it."""
    controller.open("camera")
    qtbot.waitUntil(lambda: controller.monitor is not None)
