"""At the end of the program a recording becomes whole, and a person sees how far it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from scanmon.cli.recording import tell_closing
from scanmon.core.errors import SinkError
from scanmon.runtime.monitor import Monitor
from scanmon.session import layout
from scanmon.session.recording import About, Options, Recorder, closing
from scanmon.ui.controller import Controller
from scanmon.ui.leaving import ClosingNote, leave
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor import recording_controller as keeping
from scanmon.ui.monitor.recording_controller import RecordingController
from scanmon.ui.monitor.save_still import save_still
from tests.doubles.scenes import (
    PATIENCE_S,
    Camera,
    ChosenBox,
    PatientMonitor,
    analyzer,
    frame,
    wait_until,
)

ABOUT = About(source_kind="phantom", software="test", rate_hz=30.0, settings={})


class Gate:
    """Holds the tables of a session back at 40 % until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._seal = closing.seal

    def seal(self, folder: Path, progress: Callable[[float], None]) -> None:
        progress(0.4)
        self.reached.set()
        assert self.opened.wait(PATIENCE_S)
        self._seal(folder, progress)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(closing, "seal", gate.seal)
    yield gate
    gate.opened.set()


def recording(folder: Path) -> tuple[Camera, Recorder, Monitor]:
    """A live source that is being recorded, not started yet."""
    camera = Camera()
    recorder = Recorder(folder, ABOUT, Options())
    return camera, recorder, PatientMonitor(camera, lambda: analyzer(region=ChosenBox()), [recorder])


def record(camera: Camera, recorder: Recorder) -> None:
    recorder.start()
    for index in range(5):
        camera.send(frame(40 * index, index, index / 30))
    wait_until(lambda: recorder.status().frames > 0)


def whole(folder: Path) -> bool:
    (session,) = folder.iterdir()
    return bool(json.loads((session / layout.ABOUT).read_text())["complete"])


def test_the_window_waits_until_the_recording_is_whole_and_says_how_far_it_is(
    qtbot, qapp, tmp_path, gate, caplog
):
    window = MonitorWindow()
    qtbot.addWidget(window)
    camera, recorder, monitor = recording(tmp_path)
    controller = Controller(window, lambda _: monitor)
    controller.open("camera")
    qtbot.waitUntil(lambda: controller.monitor is not None)
    record(camera, recorder)
    seen: list[int] = []

    def look() -> None:
        """Somebody who waits for the words on the screen, and only then lets it go on."""
        for note in qapp.topLevelWidgets():
            if isinstance(note, ClosingNote) and note.isVisible():
                seen.append(note.bar.value())
                gate.opened.set()

    eyes = QTimer()
    eyes.timeout.connect(look)
    eyes.start(20)
    controller.begin_shut_down()
    qtbot.waitUntil(gate.reached.is_set)
    leave(controller, give_up_s=0.5)  # a device may hang so long; a recording is waited for
    eyes.stop()
    assert seen[0] == 40
    assert whole(tmp_path)
    assert not caplog.records


def test_a_source_that_was_left_before_is_waited_for_too(qtbot, tmp_path, gate):
    window = MonitorWindow()
    qtbot.addWidget(window)
    camera, recorder, monitor = recording(tmp_path)
    others = iter([monitor, PatientMonitor(Camera(), lambda: analyzer(region=ChosenBox()))])
    controller = Controller(window, lambda _: next(others))
    controller.open("camera")
    qtbot.waitUntil(lambda: controller.monitor is not None)
    record(camera, recorder)
    controller.open("other camera")
    qtbot.waitUntil(gate.reached.is_set)
    assert controller.closing == pytest.approx(0.4)
    QTimer.singleShot(100, gate.opened.set)
    leave(controller)
    assert whole(tmp_path)


def test_a_picture_that_is_being_saved_is_whole_when_the_program_has_ended(qtbot, tmp_path, monkeypatch):
    window = MonitorWindow()
    qtbot.addWidget(window)
    camera = Camera()
    monitor = PatientMonitor(camera, lambda: analyzer(region=ChosenBox()))
    controller = Controller(window, lambda _: monitor)
    RecordingController(window, controller, tmp_path / "pictures")
    reached, opened = threading.Event(), threading.Event()

    def slowly(*given: object) -> Path:
        reached.set()
        assert opened.wait(30)
        return save_still(*given)

    monkeypatch.setattr(keeping, "save_still", slowly)
    controller.open("camera")
    qtbot.waitUntil(lambda: controller.monitor is not None)
    camera.send(frame(90, 0, 0.0))
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    controller.command("snapshot")
    qtbot.waitUntil(reached.is_set)
    QTimer.singleShot(200, opened.set)
    leave(controller)
    assert len(list((tmp_path / "pictures").glob("picture_*.png"))) == 2
    assert not list((tmp_path / "pictures").glob("*.part"))


def test_a_device_that_hangs_does_not_hold_the_program(qtbot, tmp_path):
    hanging = threading.Event()
    window = MonitorWindow()
    qtbot.addWidget(window)

    def stuck(_: str) -> Monitor:
        hanging.wait(PATIENCE_S)
        raise SinkError("too late")

    controller = Controller(window, stuck)
    controller.open("camera")
    leave(controller, give_up_s=0.3)
    assert not controller.ended
    hanging.set()
    qtbot.waitUntil(lambda: controller.ended)


def test_a_monitor_that_stops_waits_for_its_recording_and_blames_no_device(tmp_path, gate, caplog):
    camera, recorder, monitor = recording(tmp_path)
    monitor.start()
    record(camera, recorder)
    camera.close()
    assert gate.reached.wait(PATIENCE_S)
    stopping = threading.Thread(target=lambda: monitor.stop(timeout_s=0.2))
    stopping.start()
    stopping.join(1.0)
    assert stopping.is_alive()
    gate.opened.set()
    stopping.join(PATIENCE_S)
    assert not stopping.is_alive()
    assert whole(tmp_path)
    assert not caplog.records


def test_the_command_line_says_how_a_recording_is_closed(tmp_path, gate, capsys, monkeypatch):
    monkeypatch.setattr("scanmon.cli.recording._LOOK_S", 0.05)
    camera, recorder, monitor = recording(tmp_path)
    monitor.start()
    record(camera, recorder)
    told: list[str] = []

    def read() -> bool:
        told.append(capsys.readouterr().err)
        return "closing the recording, 40 %\n" in told[-1]

    teller = threading.Thread(target=lambda: tell_closing(monitor.stop, recorder))
    teller.start()
    wait_until(read)
    gate.opened.set()
    teller.join(PATIENCE_S)
    assert whole(tmp_path)


def test_what_ends_a_recording_is_raised_where_its_closing_is_told(capsys):
    def fails() -> None:
        raise SinkError("recording ended (disk full)")

    with pytest.raises(SinkError, match="disk full"):
        tell_closing(fails, None)
    assert capsys.readouterr().err == ""
