"""The GUI thread is never held up while capture, scoring and recording run."""

import math
import pkgutil
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QTimer

from scanmon.session.reader import read_session
from tests.doubles.assembled import Assembled, live

LIMIT_MS, BEAT_MS, ROUNDS = 50.0, 5, 3
KEYS = {
    "record": Qt.Key.Key_R,
    "snapshot": Qt.Key.Key_S,
    "bookmark": Qt.Key.Key_B,
    "heatmap off": Qt.Key.Key_H,
    "heatmap on": Qt.Key.Key_H,
    "end of the recording": Qt.Key.Key_R,
}
HEAVY = (
    "scanmon.sources.phantom_scan.Phantom.image",
    "scanmon.scoring.analyzer.Analyzer.analyze",
    "scanmon.session.video.Encoder.encode",
    "scanmon.session.store.SessionStore.close",
    "scanmon.ui.monitor.recording_controller.save_still",
)
_SCHEDULER = Path("/proc/thread-self/schedstat")


def queued_s() -> float:
    """How long this thread was ready to run while the processor belonged to somebody else, so far."""
    try:
        return int(_SCHEDULER.read_text().split()[1]) * 1e-9
    except OSError:  # not Linux
        return math.nan


class Heartbeat(QObject):
    """Between two beats of a timer: the CPU time of the GUI thread, and how long it was held up.

    Held up is the time by the clock beyond the beat, less what other programs took of the processor: so
    both work and waiting (for a lock, a disk) count, and a busy machine does not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.busy_ms: list[float] = []
        self.held_ms: list[float] = []
        self._before = self._now()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.thread_time(), time.perf_counter(), queued_s()

    def _beat(self) -> None:
        now = self._now()
        cpu_s, clock_s, other_s = (after - before for after, before in zip(now, self._before, strict=True))
        self._before = now
        self.busy_ms.append(cpu_s * 1e3)
        self.held_ms.append((clock_s - other_s) * 1e3 - BEAT_MS)

    def worst(self) -> tuple[float, float]:
        """Largest busy and held times since the last call, ms."""
        worst = max(self.busy_ms), max(self.held_ms)
        self.busy_ms.clear()
        self.held_ms.clear()
        return worst

    def stop(self) -> None:
        self._timer.stop()


def frames_later(shown: Assembled, qtbot, count: int) -> None:
    before = shown.controller.snapshot.counts.shown
    qtbot.waitUntil(lambda: shown.controller.snapshot.counts.shown > before + count)


@pytest.fixture
def seen_on(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[int]]:
    """Threads, by what was done on them."""
    threads: dict[str, set[int]] = {}

    def watch(place: str) -> None:
        name, work = place.rpartition(".")[2], pkgutil.resolve_name(place)

        def noted(*args, **kwargs):
            threads.setdefault(name, set()).add(threading.get_ident())
            return work(*args, **kwargs)

        monkeypatch.setattr(place, noted)

    for place in HEAVY:
        watch(place)
    return threads


def test_capture_scoring_and_keeping_have_threads_of_their_own(seen_on, shown, qtbot):
    """What the test below measures on an idle machine, as it shows on a busy one: who does the work."""

    live(shown, qtbot, "phantom:size=640x480,rate=30")
    for name, key in KEYS.items():
        qtbot.keyClick(shown.window, key)
        if name == "record":
            qtbot.waitUntil(lambda: "recording" in shown.window.status.recording.text())
        frames_later(shown, qtbot, 3)
    (session,) = shown.home.glob("sessions/*")
    qtbot.waitUntil(lambda: read_session(session).complete)
    qtbot.waitUntil(lambda: len([*shown.home.glob("pictures/*_overlay.png")]) == 1)
    assert set(seen_on) == {place.rpartition(".")[2] for place in HEAVY}
    assert threading.get_ident() not in set.union(*seen_on.values()), seen_on


@pytest.mark.slow
def test_the_gui_thread_is_never_busy_for_50_ms_while_a_720p_source_is_scored_and_recorded(shown, qtbot):
    """Each key is pressed in three rounds. What it does itself holds the window up in every one of them;
    another thread of ours that keeps Python's lock because the machine took its processor away does not.
    """
    shown.window.resize(1280, 860)
    heart = Heartbeat()
    busy_ms: list[float] = []
    held_ms: dict[str, list[float]] = {name: [] for name in KEYS}

    try:
        live(shown, qtbot, "phantom:size=1280x720,rate=30")
        frames_later(shown, qtbot, 5)
        heart.worst()  # what was loaded and laid out for the first time is start-up
        for _ in range(ROUNDS):
            for name, key in KEYS.items():
                qtbot.keyClick(shown.window, key)
                frames_later(shown, qtbot, 10)
                busy, held = heart.worst()
                busy_ms.append(busy)
                held_ms[name].append(held)
            qtbot.waitUntil(lambda: shown.window.status.recording.text() == "")
            qtbot.waitUntil(lambda: len(heart.busy_ms) > 0)
            heart.worst()
        pictures = shown.home / "pictures"
        qtbot.waitUntil(lambda: len([*pictures.glob("*_overlay.png")]) == ROUNDS)
    finally:
        heart.stop()
    assert max(busy_ms) < LIMIT_MS
    if not math.isnan(queued_s()):
        assert {name: min(times) for name, times in held_ms.items() if min(times) >= LIMIT_MS} == {}


def test_the_heartbeat_notices_work_and_waiting(qtbot):
    """What would make the test above fail is seen by it."""
    heart = Heartbeat()

    def work() -> None:
        end_s = time.thread_time() + 0.06
        while time.thread_time() < end_s:
            sum(range(100))

    def wait() -> None:
        threading.Event().wait(0.08)

    try:
        for disturb, busy_too in ((work, True), (wait, False)):
            qtbot.waitUntil(lambda: len(heart.busy_ms) > 3)
            heart.worst()
            QTimer.singleShot(0, disturb)
            qtbot.waitUntil(lambda: len(heart.busy_ms) > 3)
            busy, held = heart.worst()
            assert (busy > LIMIT_MS) == busy_too
            assert math.isnan(held) or held > LIMIT_MS
    finally:
        heart.stop()
