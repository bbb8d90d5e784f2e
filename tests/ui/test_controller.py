import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from scanmon.core.errors import SourceError
from scanmon.runtime.ahead import Ahead
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow
from tests.doubles.scenes import PATIENCE_S, Camera, Cine, MeanScorer, PatientMonitor, analyzer, frame


@pytest.fixture
def controlled(window, qtbot) -> Iterator[Callable[..., Controller]]:
    made: list[Controller] = []

    def make(open_source: Callable[[str], Monitor]) -> Controller:
        made.append(Controller(window, open_source))
        return made[-1]

    yield make
    for controller in made:
        controller.shut_down(PATIENCE_S)


def cine_monitor(frames: int = 100, rate_hz: float = 100.0, *, playing: bool = False) -> Monitor:
    return Monitor(Playback(Cine(frames, rate_hz), playing=playing), analyzer)


def opened(controlled, qtbot, monitor: Monitor) -> Controller:
    controller = controlled(lambda _: monitor)
    controller.open("cine")
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    return controller


def test_a_recording_is_opened_scored_and_shown(controlled, window, qtbot):
    controller = opened(controlled, qtbot, cine_monitor())
    qtbot.waitUntil(lambda: window.page.transport.frame.text() == "1 / 100")
    assert controller.source == "cine"
    assert window.page.transport.isVisible()
    qtbot.waitUntil(lambda: controller.snapshot.counts.shown >= 1)


def test_the_keys_step_seek_and_play(controlled, window, qtbot):
    controller = opened(controlled, qtbot, cine_monitor(rate_hz=1000.0))

    def at(index: int) -> None:
        qtbot.waitUntil(lambda: controller.snapshot.frame.index == index)

    for key, modifier, index in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 99),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        qtbot.keyClick(window, key, modifier)
        at(index)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    at(99)
    assert not controller.snapshot.playback.playing


def test_up_and_down_change_the_speed(controlled, window, qtbot):
    controller = opened(controlled, qtbot, cine_monitor())
    qtbot.keyClick(window, Qt.Key.Key_Up)
    assert controller.snapshot.playback.speed == 2.0
    for _ in range(9):
        qtbot.keyClick(window, Qt.Key.Key_Down)
    assert controller.snapshot.playback.speed == 0.1
    qtbot.waitUntil(lambda: window.page.transport.speed.currentText() == "0.1×")


def test_dragging_on_the_trace_scrubs_and_then_plays_on(controlled, window, qtbot):
    controller = opened(controlled, qtbot, cine_monitor(rate_hz=10.0, playing=True))
    trace = window.page.trace
    qtbot.waitUntil(lambda: trace.surface is not None)
    qtbot.waitUntil(lambda: trace.x_of(10.0) - trace.x_of(0.0) > 100)

    def place(time_s: float) -> QPoint:
        return QPointF(trace.x_of(time_s) + 1, trace.plot.center().y()).toPoint()

    qtbot.mousePress(trace.surface, Qt.MouseButton.LeftButton, pos=place(2.0))
    qtbot.waitUntil(lambda: controller.snapshot.frame.index == 20)
    assert not controller.snapshot.playback.playing
    qtbot.mouseMove(trace.surface, place(6.0))
    qtbot.waitUntil(lambda: controller.snapshot.frame.index == 60)
    qtbot.mouseRelease(trace.surface, Qt.MouseButton.LeftButton, pos=place(6.0))
    qtbot.waitUntil(lambda: controller.snapshot.playback.playing)


def test_a_drag_that_outlasts_its_recording_does_not_start_the_next(controlled, window, qtbot):
    first, second = cine_monitor(rate_hz=10.0, playing=True), cine_monitor()
    monitors = iter((first, second))
    controller = controlled(lambda _: next(monitors))
    controller.open("cine")
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    window.page.trace.scrub_began.emit()
    controller.open("next")
    qtbot.waitUntil(lambda: controller.monitor is second and controller.snapshot.analysis is not None)
    window.page.trace.scrub_ended.emit()
    assert not second.playback.state.playing


def test_l_sets_the_begin_then_the_end_of_a_loop_then_ends_it(controlled, window, qtbot):
    controller = opened(controlled, qtbot, cine_monitor())
    for index in (20, 60):
        controller.monitor.playback.seek(index)
        qtbot.waitUntil(lambda index=index: controller.snapshot.playback.index == index)
        qtbot.keyClick(window, Qt.Key.Key_L)
    assert controller.snapshot.playback.loop == (20, 60)
    qtbot.keyClick(window, Qt.Key.Key_L)
    assert controller.snapshot.playback.loop is None


def test_space_holds_a_live_picture_while_scoring_goes_on(controlled, window, qtbot):
    camera = Camera()
    controller = controlled(lambda _: PatientMonitor(camera, analyzer))
    controller.open("camera")
    camera.send(frame(100, 0, 0.0))
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    camera.send(frame(200, 1, 0.1))
    qtbot.waitUntil(lambda: controller.monitor.snapshot().counts.scored == 2)
    assert controller.snapshot.frame.index == 0
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert controller.snapshot.frame.index == 1


def number_of(window: MonitorWindow) -> str:
    return window.page.side.meter.accessibleName().partition(" ")[0]


class SlowEngine:
    """Scores a picture only when it is told to; `busy` while it is at one."""

    def __init__(self) -> None:
        self._go, self.busy = threading.Semaphore(0), threading.Event()

    def gate(self) -> None:
        self.busy.set()
        assert self._go.acquire(timeout=PATIENCE_S)
        self.busy.clear()

    def score(self, count: int = 1) -> None:
        for _ in range(count):
            self._go.release()


def test_a_slow_engine_leaves_no_number_beside_a_picture_that_came_since(controlled, window, qtbot):
    engine, camera = SlowEngine(), Camera()
    controller = controlled(lambda _: PatientMonitor(camera, lambda: analyzer(MeanScorer(gate=engine.gate))))
    controller.open("camera")
    camera.send(frame(30, 0, 0.0))
    engine.score()
    qtbot.waitUntil(lambda: number_of(window) not in ("", "–"))
    camera.send(frame(200, 1, 0.3))
    qtbot.waitUntil(lambda: engine.busy.is_set() and window.page.video.frame.index == 1)
    controller.tick()
    assert window.page.side.meter.accessibleName() == "– no score score is out of date"
    engine.score()
    qtbot.waitUntil(lambda: number_of(window) != "–")


def test_a_scored_picture_of_a_recording_has_its_number_while_a_slow_engine_is_at_another(
    controlled, window, qtbot
):
    engine = SlowEngine()
    playback = Playback(Cine(60, rate_hz=10.0), playing=False)
    ahead = Ahead(lambda: Cine(60, rate_hz=10.0), playback.recording.times_s)
    scores = lambda: analyzer(MeanScorer(gate=engine.gate))  # noqa: E731
    controller = controlled(lambda _: PatientMonitor(playback, scores, ahead=ahead))
    controller.open("cine")
    engine.score(20)
    qtbot.waitUntil(lambda: controller.snapshot.counts.scored == 20 and engine.busy.is_set())
    for index, number in ((15, "6"), (40, "–"), (5, "2")):
        playback.seek(index)
        qtbot.waitUntil(lambda index=index: window.page.video.frame.index == index)
        assert number_of(window) == number
    engine.score(60)


def test_a_source_that_does_not_open_is_told_in_the_window(controlled, window, qtbot):
    def refuse(source: str) -> Monitor:
        raise SourceError("is empty", source, "choose another file")

    controller = controlled(refuse)
    controller.open("a.mp4")
    qtbot.waitUntil(lambda: window.page.centre.message is not None and window.page.centre.message.problem)
    assert window.page.centre.text.text() == "a.mp4: is empty"
    assert window.page.centre.way_out.text() == "choose another file"


def test_the_window_lives_while_a_source_takes_its_time_to_open(controlled, window, qtbot):
    go = threading.Event()

    def slow(source: str) -> Monitor:
        go.wait(PATIENCE_S)
        return cine_monitor()

    controller = controlled(slow)
    controller.open("slow")
    qtbot.waitUntil(lambda: window.page.centre.title.text() == "Opening the source…")
    go.set()
    qtbot.waitUntil(lambda: controller.monitor is not None)


def test_closing_while_a_source_opens_leaves_nothing_running(controlled, window, qtbot):
    go = threading.Event()
    monitors: list[Monitor] = []

    def slow(source: str) -> Monitor:
        go.wait(PATIENCE_S)
        monitors.append(cine_monitor())
        return monitors[0]

    controller = controlled(slow)
    controller.open("slow")
    controller.close_source()
    go.set()
    controller.shut_down(PATIENCE_S)
    assert len(monitors) == 1
    assert controller.snapshot.state == "idle"


def test_a_file_dropped_on_the_window_is_opened(controlled, window, qtbot, tmp_path):
    asked: list[str] = []

    def note(source: str) -> Monitor:
        asked.append(source)
        return cine_monitor()

    controlled(note)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cine.mp4"))])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    qtbot.waitUntil(lambda: asked == [str(tmp_path / "cine.mp4")])


def test_another_source_replaces_the_first_and_its_threads_end(controlled, window, qtbot):
    first, second = cine_monitor(), cine_monitor(50)
    monitors = iter([first, second])
    controller = controlled(lambda _: next(monitors))
    controller.open("first")
    qtbot.waitUntil(lambda: controller.monitor is first)
    controller.open("second")
    qtbot.waitUntil(lambda: controller.monitor is second)
    qtbot.waitUntil(lambda: first.join(0.0))
    qtbot.waitUntil(lambda: window.page.transport.frame.text() == "1 / 50")
