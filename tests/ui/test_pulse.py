"""Who rings, from whatever thread, is answered at once and on the thread of the window."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QElapsedTimer, QObject

from scanmon.ui.controller import LEAST_MS, Pulse

SLOW_MS = 600_000  # a clock that never beats within a test


@pytest.fixture
def owner(qapp) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


def beats_of(pulse: Pulse) -> list[threading.Thread]:
    beats: list[threading.Thread] = []
    pulse.beat.connect(lambda: beats.append(threading.current_thread()))
    return beats


def test_a_ring_of_another_thread_beats_here_without_waiting_for_the_clock(owner, qtbot):
    pulse = Pulse(owner, SLOW_MS)
    beats = beats_of(pulse)
    pulse.start()
    for count in (1, 2, 3):
        ringer = threading.Thread(target=pulse.ring, name="scanmon-test-ringer")
        ringer.start()
        ringer.join()
        qtbot.waitUntil(lambda count=count: len(beats) == count)
    assert set(beats) == {threading.current_thread()}
    pulse.stop()


def test_rings_that_nobody_has_answered_yet_are_one(owner, qtbot):
    pulse = Pulse(owner, SLOW_MS)
    beats = beats_of(pulse)
    pulse.start()
    for _ in range(100):
        pulse.ring()
    qtbot.waitUntil(lambda: len(beats) >= 1)
    qtbot.wait(5 * LEAST_MS)
    assert len(beats) == 1
    pulse.stop()


def test_without_a_ring_the_clock_beats_and_no_source_makes_it_beat_faster_than_a_display(owner, qtbot):
    pulse = Pulse(owner, 20)
    beats = beats_of(pulse)
    pulse.start()
    qtbot.waitUntil(lambda: len(beats) >= 3)
    pulse.beat.connect(pulse.ring)
    clock = QElapsedTimer()
    clock.start()
    before = len(beats)
    qtbot.waitUntil(lambda: len(beats) >= before + 10)
    assert clock.elapsed() >= 9 * LEAST_MS
    pulse.stop()


def test_a_stopped_pulse_is_silent_and_begins_again(owner, qtbot):
    pulse = Pulse(owner, SLOW_MS)
    beats = beats_of(pulse)
    pulse.start()
    pulse.stop()
    pulse.ring()
    qtbot.wait(3 * LEAST_MS)
    assert beats == []
    pulse.start()
    pulse.ring()
    qtbot.waitUntil(lambda: len(beats) == 1)
    pulse.stop()
