"""The picture goes before the score where the processor is short."""

import os
import sys
import threading

import pytest

from scanmon.core.values import View
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.process import give_way
from scanmon.scoring.analyzer import Analyzer
from tests.doubles.commands import python
from tests.doubles.scenes import Camera, Cine, MeanScorer, PatientMonitor, analyzer, frame, wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="priorities belong to threads on Linux alone")
_CODE = """
import sys
from pathlib import Path
import numpy as np
from scanmon.runtime.process import return_pictures_to_the_system
def resident_mb():
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
if sys.argv[1] == "yes":
    assert return_pictures_to_the_system()
for _ in range(3):  # the first free raises the limit of glibc
    np.ones((1080, 1920), np.uint8)
before = resident_mb()
held = []
small = []
for _ in range(40):  # what is small and stays between the pictures holds the heap open
    held.append(np.ones((1080, 1920), np.uint8))
    small.append(bytes(100_000))
del held
print(resident_mb() - before)
"""


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


class Noted(MeanScorer):
    """Remembers how nice its thread is, and a thread that it starts, as an engine does."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def score(self, view: View):  # type: ignore[no-untyped-def]
        helper = threading.Thread(target=lambda: self.seen.append(niceness()))
        helper.start()
        helper.join()
        self.seen.append(niceness())
        return super().score(view)


@linux
def test_scoring_of_a_live_picture_and_the_threads_of_its_engine_give_way_to_the_video(started) -> None:
    usual, scorer, camera = niceness(), Noted(), Camera()
    monitor = started(camera, lambda: analyzer(scorer))
    camera.send(frame(0, 0))
    wait_until(lambda: len(scorer.seen) == 2)
    monitor.stop()
    assert scorer.seen == [min(19, usual + 10)] * 2
    assert niceness() == usual  # of this thread


@linux
def test_scoring_of_a_recording_keeps_its_priority() -> None:
    scorer = Noted()
    monitor = Monitor(Playback(Cine(2)), lambda: analyzer(scorer))
    monitor.start()
    wait_until(lambda: len(scorer.seen) >= 2)
    monitor.stop()
    assert set(scorer.seen) == {niceness()}


@linux
def test_who_is_nicest_already_stays_so() -> None:
    seen = []

    def thrice() -> None:
        for _ in range(5):
            give_way()
        seen.append(niceness())

    thread = threading.Thread(target=thrice)
    thread.start()
    thread.join()
    assert seen == [19]


def test_a_thread_that_computes_hands_over_within_a_millisecond() -> None:
    usual = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.005)
        monitor = PatientMonitor(Camera(), _no_analyzer)
        monitor.start()
        assert sys.getswitchinterval() == pytest.approx(0.001)
        monitor.stop()
    finally:
        sys.setswitchinterval(usual)


def _no_analyzer() -> Analyzer:
    return analyzer()


def _kept_mb(asked: str) -> float:
    return float(python("-c", _CODE, asked).out)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_freed_pictures_go_back_to_the_system() -> None:
    kept, left_alone = _kept_mb("yes"), _kept_mb("no")
    assert kept < 15  # the small ones are 4 MB
    assert kept < left_alone + 1  # where glibc gives back at once anyway both are equal but for noise
