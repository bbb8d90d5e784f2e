"""Eight hours beside a scanner, as fast as they can be computed: what is held must not grow with them."""

import gc
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.sessions import make_recorder
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Analysis, Frame, GrayImage
from scanmon.lab.bench.pictures import pictures
from scanmon.runtime.process import return_pictures_to_the_system
from scanmon.scoring.best import BestFrames
from scanmon.session.recorder import Options, Recorder
from tests.doubles.scenes import PatientMonitor

STATM = Path("/proc/self/statm")
STEP_S = 0.9  # between frames: a longer one would count as a jump, and everything would begin anew
PATIENT_S = 1200.0  # of which the last 90 s show a still picture, and then nothing
HOUR_S = 3600.0


class Shift:
    """A live source: one patient after the other. In hour 4 the scanner is set to another picture size."""

    state = "live"
    gaps = 0
    trouble: str | None = None

    def __init__(self, hours: float, recorder: Recorder) -> None:
        self.info = SourceInfo("shift", 320, 240, 1 / STEP_S)
        self._until_s = hours * HOUR_S
        self._recorder = recorder
        self._sizes = [pictures(320, 240), pictures(400, 300)]
        self._closed = threading.Event()
        self.memory_mb: list[float] = []  # after every hour
        self.patients = 0

    def __iter__(self) -> Iterator[Frame]:
        index, hour, patient = 0, 0, -1
        while not self._closed.is_set() and (time_s := index * STEP_S) < self._until_s:
            if int(time_s / PATIENT_S) != patient:
                patient = int(time_s / PATIENT_S)
                self._recorder.start(10.0)
                self.patients += 1
            yield Frame(self._picture(index, time_s), index, time_s, time.monotonic())
            if (time_s % PATIENT_S) + STEP_S >= PATIENT_S:
                self._recorder.bookmark("next patient")
                self._recorder.stop()
            index += 1
            if index * STEP_S >= (hour + 1) * HOUR_S:
                hour += 1
                gc.collect()
                self.memory_mb.append(int(STATM.read_text().split()[1]) * resource.getpagesize() / 2**20)

    def _picture(self, index: int, time_s: float) -> GrayImage:
        stored = self._sizes[3 * HOUR_S <= time_s < 4 * HOUR_S]
        left_s = PATIENT_S - time_s % PATIENT_S
        if left_s < 30:
            return np.zeros_like(stored[0])
        # a new array for every frame, as from a decoder
        return (stored[0] if left_s < 90 else stored[index % len(stored)]).copy()

    def close(self) -> None:
        self._closed.set()


class Keeping:
    """What the window keeps: the best frames."""

    def __init__(self) -> None:
        self.best = BestFrames()
        self.reasons: set[str] = set()

    def write(self, analysis: Analysis) -> None:
        self.best.offer(analysis)
        self.reasons.add(str(analysis.reading.reason))

    def close(self) -> None: ...


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not STATM.exists(), reason="reads the memory of the process from /proc")
def test_memory_stays_flat_over_a_shift_of_eight_hours(tiny_bundle: Path, tmp_path: Path) -> None:
    assert return_pictures_to_the_system()
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle), budget=4))
    # the recorder may hold the frames up: nothing here is live but the pretence
    options = Options(past_s=10.0, wait=True)
    recorder = make_recorder(tmp_path, "shift", settings, options, 1 / STEP_S)
    source, keeping = Shift(8.0, recorder), Keeping()
    monitor = PatientMonitor(
        source,
        lambda: open_analyzer(settings, Plan("shift", both=True, paced=True)),
        [recorder, keeping],
        keep="every",
    )
    monitor.start()
    while not monitor.join(0.5):
        monitor.snapshot()  # as the window does
    print("MB after each hour:", *(f"{one:.0f}" for one in source.memory_mb))  # noqa: T201 pytest -s shows it
    snapshot = monitor.snapshot()
    assert snapshot.error is None and snapshot.sink_error is None
    assert snapshot.counts.dropped == 0
    assert len(source.memory_mb) == 8
    assert len(list(tmp_path.glob("run_*"))) == source.patients == 24
    assert {"frozen", "no_signal", "None"} <= keeping.reasons
    # the first hour fills caches and the trace, the fourth has larger pictures
    assert source.memory_mb[-1] - source.memory_mb[0] < 8, source.memory_mb
