import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtWidgets import QProgressDialog

from scanmon.core.errors import SettingsError, SinkError
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.session.reader import read_session
from scanmon.session.recorder import Options, Recorder, RecorderStatus
from scanmon.session.store import About
from scanmon.ui.controller import Controller
from scanmon.ui.engines.command_process import CommandProcess
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.recording_controller import Exporting, RecordingController, save_still
from scanmon.ui.state.own_files import restore_view, save_view
from scanmon.ui.state.view_state import ViewOptions
from scanmon.ui.theme import LIGHT
from tests.doubles.assembled import open_camera
from tests.doubles.scenes import (
    PATIENCE_S,
    Camera,
    ChosenBox,
    Cine,
    MeanScorer,
    PatientMonitor,
    WholePicture,
    analyzer,
    frame,
)
from tests.doubles.sessions import record


class Clock:
    """Goes on when the test says so."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def camera(window, tmp_path, qtbot) -> Iterator[Camera]:
    """A live source of gray levels: 255 is the best quality, 0 the worst."""
    camera = Camera()
    controller = Controller(window, lambda _: PatientMonitor(camera, lambda: analyzer(region=ChosenBox())))
    window.clock = Clock()
    window.keeper = RecordingController(window, controller, tmp_path / "pictures", clock=window.clock)
    window.controller = controller
    open_camera(controller, qtbot)
    yield camera
    controller.shut_down(PATIENCE_S)


@pytest.mark.parametrize(
    ("pictures", "told"),
    [(12, "Saved: {0}"), (0, "Saved without a picture, as none was analysed meanwhile: {0}")],
)
def test_a_recording_that_ends_says_where_it_lies_and_whether_it_can_be_watched(
    camera, window, tmp_path, pictures, told
):
    class Recorded:
        """Ends between two looks."""

        root, now = tmp_path, RecorderStatus("recording", "run_1")

        def status(self) -> RecorderStatus:
            return self.now

    window.keeper.recorder = Recorded()
    window.controller.tick()
    assert "recording" in window.status.recording.text()
    Recorded.now = RecorderStatus("idle", "run_1", pictures=pictures)
    window.controller.tick()
    assert window.page.side.note.text() == told.format(tmp_path / "run_1")


def show(window: MonitorWindow, camera: Camera, qtbot, index: int, level: int, time_s: float) -> None:
    """Send one picture and wait until its score is on the screen."""
    window.clock.now_s += 0.2
    camera.send(frame(level, index, time_s))
    qtbot.waitUntil(
        lambda: (
            (analysis := window.controller.snapshot.analysis) is not None and analysis.frame.index == index
        )
    )
    window.controller.tick()


def pictures(folder: Path, label: str) -> list[Path]:
    return [path for path in folder.glob(f"pictures/{label}_*.png") if "overlay" not in path.name]


def test_the_best_frames_are_shown_and_a_click_holds_one(window, camera, qtbot):
    for index, level in enumerate((200, 250, 220)):
        show(window, camera, qtbot, index, level, 5.0 * index)
    strip = window.page.side.filmstrip
    assert [best.analysis.frame.index for best in strip._best] == [1, 2, 0]
    assert strip.cells()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cells()[0].center())
    assert window.controller.frozen
    assert window.controller.snapshot.frame.index == 1
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.controller.snapshot.frame.index == 2


def test_another_bundle_or_region_begins_its_own_best_frames(window, camera, qtbot):
    show(window, camera, qtbot, 0, 250, 0.0)
    strip = window.page.side.filmstrip
    assert [best.analysis.frame.index for best in strip._best] == [0]
    monitor = window.controller.monitor
    opened = monitor.snapshot().analyzers
    monitor.use(lambda: analyzer(region=ChosenBox()))
    qtbot.waitUntil(lambda: monitor.snapshot().analyzers > opened)
    show(window, camera, qtbot, 1, 200, 5.0)
    assert [best.analysis.frame.index for best in strip._best] == [1]


def test_g_saves_the_best_picture(window, camera, qtbot, tmp_path):
    window.run("best")
    assert window.page.side.note.text() == "No picture was adequate yet."
    show(window, camera, qtbot, 0, 240, 0.0)
    window.run("best")
    qtbot.waitUntil(lambda: window.page.side.note.text().startswith("Saved:"))
    assert len(pictures(tmp_path, "best")) == 1


def test_good_pictures_are_saved_by_themselves_only_when_asked_and_after_a_while(
    window, camera, qtbot, tmp_path
):
    show(window, camera, qtbot, 0, 240, 0.0)
    window.clock.now_s += 5.0
    show(window, camera, qtbot, 1, 240, 5.0)
    assert window.keeper._saving == []
    window.actions_by_name["auto_best"].trigger()
    assert window.actions_by_name["auto_best"].isChecked()
    show(window, camera, qtbot, 2, 240, 5.5)
    qtbot.waitUntil(lambda: len(pictures(tmp_path, "auto")) == 1)
    window.clock.now_s += 1.0
    show(window, camera, qtbot, 3, 240, 6.5)  # too soon after the first
    show(window, camera, qtbot, 4, 10, 7.5)
    window.clock.now_s += 20.0
    show(window, camera, qtbot, 5, 10, 27.5)  # not adequate
    qtbot.waitUntil(lambda: window.keeper._saving == [])
    assert len(pictures(tmp_path, "auto")) == 1


def test_a_folder_that_cannot_be_written_to_is_told_in_the_window(window, camera, qtbot, tmp_path):
    (tmp_path / "pictures").write_text("in the way")
    show(window, camera, qtbot, 0, 240, 0.0)
    window.run("snapshot")
    qtbot.waitUntil(lambda: "choose another folder" in window.page.side.note.text())


def gray_of(path: Path) -> int:
    return int(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)[0, 0])


@pytest.fixture
def slow(window, tmp_path, qtbot) -> Iterator[tuple[Camera, Callable[[], None]]]:
    """A live source whose pictures are analysed one by one, when the test says so."""
    turns = threading.Semaphore(0)
    camera = Camera()

    def wait_for_turn() -> None:
        turns.acquire(timeout=PATIENCE_S)

    scorer = MeanScorer(gate=wait_for_turn)
    controller = Controller(
        window, lambda _: PatientMonitor(camera, lambda: analyzer(scorer, region=ChosenBox()))
    )
    window.clock = Clock()
    window.keeper = RecordingController(window, controller, tmp_path / "pictures", clock=window.clock)
    window.controller = controller
    open_camera(controller, qtbot)
    yield camera, turns.release
    turns.release(100)
    controller.shut_down(PATIENCE_S)


def seen(window: MonitorWindow, camera: Camera, qtbot, index: int, level: int) -> None:
    """Send one picture and wait until it is on the screen; its analysis is not waited for."""
    camera.send(frame(level, index, index / 10))
    qtbot.waitUntil(lambda: (shown := window.page.video.frame) is not None and shown.index == index)


def first_analysed(window: MonitorWindow, slow: tuple[Camera, Callable[[], None]], qtbot) -> None:
    seen(window, slow[0], qtbot, 0, 50)
    slow[1]()
    qtbot.waitUntil(lambda: window.controller.snapshot.analysis is not None)


def test_s_keeps_the_picture_on_the_screen_although_an_older_one_was_analysed_last(
    window, slow, qtbot, tmp_path
):
    camera, analyse_one = slow
    first_analysed(window, slow, qtbot)
    seen(window, camera, qtbot, 1, 200)
    window.run("snapshot")
    qtbot.waitUntil(lambda: window.keeper._saving == [])
    assert pictures(tmp_path, "picture") == []  # the older one is not taken in its place
    analyse_one()
    qtbot.waitUntil(lambda: len(pictures(tmp_path, "picture")) == 1)
    assert gray_of(pictures(tmp_path, "picture")[0]) == 200


def test_s_keeps_a_picture_that_was_skipped_by_the_analysis(window, slow, qtbot, tmp_path):
    camera, analyse_one = slow
    first_analysed(window, slow, qtbot)
    seen(window, camera, qtbot, 1, 90)  # being analysed
    seen(window, camera, qtbot, 2, 200)  # waits, and is replaced by the next
    window.run("snapshot")
    seen(window, camera, qtbot, 3, 120)
    analyse_one()
    analyse_one()
    qtbot.waitUntil(lambda: len(pictures(tmp_path, "picture")) == 1)
    assert gray_of(pictures(tmp_path, "picture")[0]) == 200


def test_s_says_so_when_the_picture_is_never_analysed(window, slow, qtbot, tmp_path):
    camera, _ = slow
    window.run("snapshot")
    assert window.page.side.note.text() == "Nothing to save yet: there is no picture."
    seen(window, camera, qtbot, 0, 50)
    window.run("snapshot")
    window.clock.now_s += 0.6
    qtbot.waitUntil(lambda: window.page.side.note.text() == "Saved as soon as the picture is analysed…")
    window.clock.now_s += 20.0
    qtbot.waitUntil(lambda: window.page.side.note.text() == "Not saved: this picture was not analysed.")
    assert pictures(tmp_path, "picture") == []


def test_a_held_picture_gets_its_own_score_when_that_comes_later(window, slow, qtbot):
    camera, analyse_one = slow
    first_analysed(window, slow, qtbot)
    seen(window, camera, qtbot, 1, 200)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.controller.snapshot.analysis.frame.index == 0
    analyse_one()
    qtbot.waitUntil(lambda: window.controller.snapshot.analysis.frame.index == 1)
    assert window.controller.frozen


def test_in_a_recording_a_best_frame_is_sought(window, qtbot, tmp_path):
    controller = Controller(window, lambda _: Monitor(Playback(Cine(250, 50.0), playing=False), analyzer))
    RecordingController(window, controller, tmp_path)
    controller.open("cine")
    try:
        qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
        controller.monitor.playback.seek(240)
        qtbot.waitUntil(lambda: controller.snapshot.analysis.frame.index == 240)
        qtbot.waitUntil(lambda: len(window.page.side.filmstrip._best) == 1)
        controller.monitor.playback.seek(3)
        qtbot.waitUntil(lambda: controller.snapshot.frame.index == 3)
        window.page.side.filmstrip.chosen.emit(window.page.side.filmstrip._best[0])
        qtbot.waitUntil(lambda: controller.snapshot.frame.index == 240)
    finally:
        controller.shut_down(PATIENCE_S)


def test_an_export_waits_for_the_one_before(window, tmp_path, monkeypatch):
    started: list[str] = []

    def begun(process: CommandProcess, words: list[str]) -> None:
        started.append(words[-1])
        process._process = QProcess(process)

    monkeypatch.setattr(CommandProcess, "start", begun)
    controller = Controller(window, lambda _: Monitor(Cine(3), analyzer))
    controller.source = str(record(tmp_path / "sessions", 1))
    exporting = Exporting(window, controller)
    targets = [str(tmp_path / name) for name in ("first.csv", "second.csv")]
    for target in targets:
        exporting.begin(target)
    for count, target in enumerate(targets, start=1):
        assert started == targets[:count]
        exporting.process._finished(0, QProcess.ExitStatus.NormalExit)
        assert window.page.side.note.text() == f"Saved: {target}"
    assert not any(dialog.isVisible() for dialog in window.findChildren(QProgressDialog))
    targets += [str(tmp_path / name) for name in ("third.csv", "fourth.csv")]
    exporting.begin(targets[2])
    exporting.begin(targets[3])
    controller.shut_down(PATIENCE_S)
    exporting.process._finished(1, QProcess.ExitStatus.CrashExit)
    assert started == targets[:3]  # nothing begins while the window closes


def test_a_command_that_cannot_be_started_has_failed(qtbot, monkeypatch):
    monkeypatch.setattr("scanmon.ui.engines.command_process.start_words", lambda: ("/no/such/program",))
    process = CommandProcess()
    with qtbot.waitSignal(process.ended) as ended:
        process.start(["doctor"])
    assert ended.args == [False]
    assert not process.busy
    assert process.last_line


def test_what_was_chosen_to_be_seen_comes_back(window, qtbot, tmp_path):
    window.set_options(ViewOptions(heatmap=False, strength=0.3))
    window.set_theme(LIGHT)
    save_view(window, tmp_path / "view.toml")
    other = MonitorWindow()
    qtbot.addWidget(other)
    restore_view(other, tmp_path / "view.toml")
    assert other.options == ViewOptions(heatmap=False, strength=0.3)
    assert other.theme is LIGHT


@pytest.mark.parametrize("text", ["strength = 7", "heatmap = 3", "strength = ["])
def test_a_damaged_file_of_choices_changes_nothing_and_is_set_aside(window, tmp_path, text):
    (tmp_path / "view.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"view\.toml\.damaged"):
        restore_view(window, tmp_path / "view.toml")
    assert window.options == ViewOptions()
    assert not (tmp_path / "view.toml").exists()
    assert (tmp_path / "view.toml.damaged").read_text() == text


@pytest.mark.parametrize("text", ["", 'theme = "pink"', "later = 1"])
def test_what_a_file_of_choices_does_not_say_stays(window, tmp_path, text):
    (tmp_path / "view.toml").write_text(text)
    restore_view(window, tmp_path / "view.toml")
    assert window.options == ViewOptions()


def test_a_picture_without_a_known_sector_is_not_saved(tmp_path):
    """What stands around the sector may be a name, so the whole screen is never kept by a key."""
    for region, kept in ((WholePicture(), 0), (ChosenBox(), 2)):
        analysis = analyzer(region=region).analyze(frame(90))
        try:
            save_still(analysis, tmp_path, 0.5)
        except SinkError as error:
            assert "name" in str(error)
        assert len(list(tmp_path.glob("*"))) == kept


class StoodStill:
    """A recorder that says how it stands, and does nothing."""

    def __init__(self, status: RecorderStatus) -> None:
        self._status = status

    def status(self) -> RecorderStatus:
        return self._status


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (RecorderStatus("recording", seconds=12.0, frames=300, withheld=3), "● recording 0:12.0"),
        (
            RecorderStatus("recording", seconds=12.0, frames=300, withheld=290),
            "● recording 0:12.0 — scores alone: no sector is known, mark it with M",
        ),
        (RecorderStatus("recording", seconds=1.0, whole_screen=True), "● recording 0:01.0 (whole screen)"),
        (RecorderStatus("recording", warning="a network share"), "● recording 0:00.0 — a network share"),
        (RecorderStatus("failed", error=SinkError("recording ended", "/a/long/path")), "recording ended"),
    ],
)
def test_the_window_says_how_the_recording_stands(window, camera, qtbot, status, told):
    window.keeper.recorder = StoodStill(status)
    window.controller.tick()
    assert window.status.recording.text() == told


def test_a_recording_that_the_command_began_is_shown_and_r_ends_it(window, tmp_path, qtbot):
    camera = Camera()
    recorder = Recorder(tmp_path, About("test"), Options(free_bytes=0))

    def opened(source: str) -> Monitor:
        return PatientMonitor(camera, lambda: analyzer(region=ChosenBox()), [recorder])

    controller = Controller(window, opened)
    window.clock, window.controller = Clock(), controller
    window.keeper = RecordingController(window, controller, tmp_path / "pictures", clock=window.clock)
    recorder.start()
    controller.open("camera")
    qtbot.waitUntil(lambda: controller.monitor is not None and window.keeper.recording)
    show(window, camera, qtbot, 0, 200, 0.0)
    assert window.status.recording.text().startswith("● recording")
    window.run("record")
    qtbot.waitUntil(lambda: recorder.status().state == "idle")
    controller.shut_down(PATIENCE_S)
    (folder,) = tmp_path.glob("run_*")
    assert read_session(folder).complete
