"""At the end of the program a recording is whole, and a device that hangs holds nobody up."""

import threading
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis
from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.session.reader import read_session
from scanmon.session.recorder import Options, Recorder
from scanmon.session.store import About
from scanmon.ui.controller import Controller
from scanmon.ui.end_requests import leave
from scanmon.ui.monitor import recording_controller as keeping
from scanmon.ui.monitor.recording_controller import RecordingController, save_still
from tests.doubles.assembled import open_camera
from tests.doubles.commands import python
from tests.doubles.scenes import (
    PATIENCE_S,
    Camera,
    ChosenBox,
    MeanScorer,
    PatientMonitor,
    analyzer,
    frame,
    wait_until,
)

ABOUT = About(source_kind="phantom", software="test", rate_hz=30.0, settings={})


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
    return all(read_session(session).complete for session in folder.iterdir())


def test_the_window_is_left_with_its_recording_whole(qtbot, window, tmp_path, caplog):
    camera, recorder, monitor = recording(tmp_path)
    controller = Controller(window, lambda _: monitor)
    open_camera(controller, qtbot)
    record(camera, recorder)
    leave(controller)
    assert controller.ended
    assert whole(tmp_path)
    assert not caplog.records


def test_a_source_that_was_left_before_leaves_its_recording_whole(qtbot, window, tmp_path):
    camera, recorder, monitor = recording(tmp_path)
    others = iter([monitor, PatientMonitor(Camera(), lambda: analyzer(region=ChosenBox()))])
    controller = Controller(window, lambda _: next(others))
    open_camera(controller, qtbot)
    record(camera, recorder)
    controller.open("other camera")
    leave(controller)
    assert whole(tmp_path)


def test_a_picture_that_is_being_saved_is_whole_when_the_program_has_ended(
    window, tmp_path, monkeypatch, qtbot
):
    camera = Camera()
    monitor = PatientMonitor(camera, lambda: analyzer(region=ChosenBox()))
    controller = Controller(window, lambda _: monitor)
    RecordingController(window, controller, tmp_path / "pictures")
    reached, opened = threading.Event(), threading.Event()

    def slowly(*given: object) -> Path:
        reached.set()
        assert opened.wait(PATIENCE_S)
        return save_still(*given)

    monkeypatch.setattr(keeping, "save_still", slowly)
    open_camera(controller, qtbot)
    camera.send(frame(90, 0, 0.0))
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    controller.command("snapshot")
    qtbot.waitUntil(reached.is_set)
    QTimer.singleShot(200, opened.set)
    leave(controller)
    assert len(list((tmp_path / "pictures").glob("picture_*.png"))) == 2
    assert not list((tmp_path / "pictures").glob("*.part"))


class FullDisk:
    """An output that cannot be finished."""

    def write(self, analysis: Analysis) -> None: ...

    def close(self) -> None:
        raise FULL


FULL = SinkError("only 3 MB are free", "/data", "choose another folder")
TOLD = "/data: only 3 MB are free; choose another folder"


def test_an_output_that_cannot_be_finished_stands_in_the_window_until_it_was_read(qtbot, window):
    others = [PatientMonitor(Camera(), analyzer, [FullDisk()]), PatientMonitor(Camera(), analyzer)]
    controller = Controller(window, lambda _: others.pop(0))
    failures = window.page.side.failures
    open_camera(controller, qtbot)
    assert not failures.isVisible()
    controller.open("other camera")
    qtbot.waitUntil(failures.isVisible)
    assert failures.label.text() == failures.accessibleName() == TOLD
    for _ in range(3):
        controller.tick()
    assert failures.isVisible()
    qtbot.waitUntil(lambda: not failures.read.visibleRegion().isEmpty())
    qtbot.mouseClick(failures.read, Qt.MouseButton.LeftButton)
    controller.tick()
    assert not failures.isVisible()
    assert leave(controller) == []  # it was read


def test_an_output_that_fails_while_it_runs_stands_in_the_window_too(qtbot, window):
    output, camera = FullDisk(), Camera()
    output.write = lambda _: output.close()
    controller = Controller(window, lambda _: PatientMonitor(camera, analyzer, [output]))
    open_camera(controller, qtbot)
    camera.send(frame(90, 0, 0.0))
    qtbot.waitUntil(window.page.side.failures.isVisible)
    assert window.page.side.failures.label.text() == TOLD
    assert leave(controller) == [FULL]  # nobody has read it


def test_what_cannot_be_finished_at_the_end_is_what_leaving_returns(qtbot, window):
    controller = Controller(window, lambda _: PatientMonitor(Camera(), analyzer, [FullDisk()]))
    open_camera(controller, qtbot)
    assert leave(controller) == [FULL]


_CLOSED = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis
from scanmon.ui.app import application, run_window
from scanmon.ui.main_window import MonitorWindow

class FullDisk:
    def write(self, analysis): ...
    def close(self):
        raise SinkError("only 3 MB are free", "/data", "choose another folder")

def opened(run):
    monitor = open_monitor(run)
    monitor.add_sink(FullDisk())
    return monitor

def look():
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, MonitorWindow) and widget.windowTitle() != "scanmon":
            widget.close()
        elif isinstance(widget, QMessageBox):
            print(widget.text(), widget.informativeText(), flush=True)
            widget.accept()

application()
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
settings = Settings(ScoringSettings(bundle=sys.argv[1]))
try:
    run_window(Run("phantom:size=320x240", settings), opened, lambda recorder: print("closed", flush=True))
except SinkError as error:
    print("raised", error, flush=True)
"""


def test_who_closes_the_window_reads_what_was_not_kept(tmp_path, tiny_bundle):
    # in a process of its own: it runs the application's event loop to its end
    said = python("-c", _CLOSED, tiny_bundle, home=tmp_path, LC_ALL="C.UTF-8")
    assert said.out.splitlines() == ["closed", f"Not all was kept. {TOLD}", f"raised {TOLD}"]


def test_what_is_still_being_saved_when_the_time_is_up_is_told(qtbot, window):
    saving = threading.Event()
    controller = Controller(window, lambda _: PatientMonitor(Camera(), analyzer))
    open_camera(controller, qtbot)
    controller.wait_for(Job(lambda: saving.wait(PATIENCE_S), "save"))
    (told,) = leave(controller, give_up_s=0.3)
    assert "not finished" in str(told)
    saving.set()
    qtbot.waitUntil(lambda: controller.ended)


def test_of_many_failures_all_are_read_before_none_is_returned(qtbot, window):
    controller = Controller(window, lambda _: PatientMonitor(Camera(), analyzer))
    open_camera(controller, qtbot)
    many = [SinkError(f"output {number} failed") for number in range(6)]
    controller.tell(many)
    failures, seen = window.page.side.failures, ""
    while failures.isVisible():
        seen += failures.label.text()
        failures.read.click()
    assert all(f"output {number} failed" in seen for number in range(6))
    assert leave(controller) == []


def test_what_failed_is_returned_although_something_else_hangs(qtbot, window):
    hanging = threading.Event()

    def opened(source: str) -> Monitor:
        if source == "other camera":
            hanging.wait(PATIENCE_S)
            raise SinkError("too late")
        return PatientMonitor(Camera(), analyzer, [FullDisk()])

    controller = Controller(window, opened)
    open_camera(controller, qtbot)
    controller.open("other camera")
    assert leave(controller, give_up_s=1.0) == [FULL]
    hanging.set()


def test_what_a_source_says_that_was_given_up_while_it_opened_is_kept(qtbot, window):
    hanging = threading.Event()

    def opened(source: str) -> Monitor:
        if source == "camera":
            hanging.wait(PATIENCE_S)
            return PatientMonitor(Camera(), analyzer, [FullDisk()])
        return PatientMonitor(Camera(), analyzer)

    controller = Controller(window, opened)
    controller.open("camera")
    controller.open("other camera")
    hanging.set()
    qtbot.waitUntil(window.page.side.failures.isVisible)
    assert window.page.side.failures.label.text() == TOLD
    leave(controller)


def test_a_device_that_hangs_does_not_hold_the_program(qtbot, window, tmp_path):
    hanging = threading.Event()

    def stuck(_: str) -> Monitor:
        hanging.wait(PATIENCE_S)
        raise SinkError("too late")

    controller = Controller(window, stuck)
    controller.open("camera")
    leave(controller, give_up_s=0.3)
    assert not controller.ended
    hanging.set()
    qtbot.waitUntil(lambda: controller.ended)


def test_an_engine_that_hangs_leaves_its_recording_whole(tmp_path):
    camera, hanging = Camera(), threading.Event()
    recorder = Recorder(tmp_path, ABOUT, Options())
    scorer = MeanScorer(gate=lambda: hanging.is_set() or hanging.wait(PATIENCE_S))
    monitor = PatientMonitor(camera, lambda: analyzer(scorer, region=ChosenBox()), [recorder])
    monitor.start()
    recorder.start()
    camera.send(frame(90, 0, 0.0))
    wait_until(lambda: recorder.status().name != "")
    monitor.stop(0.2)
    try:
        wait_until(lambda: whole(tmp_path))
    finally:
        hanging.set()
    assert monitor.join(PATIENCE_S)


def test_a_monitor_that_stops_leaves_its_recording_whole_and_blames_no_device(tmp_path, caplog):
    camera, recorder, monitor = recording(tmp_path)
    monitor.start()
    record(camera, recorder)
    camera.close()
    monitor.stop()
    assert whole(tmp_path)
    assert not caplog.records
