"""Small stand-ins with real behaviour for tests of the path of a frame."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from scanmon.core.ports import SourceInfo
from scanmon.core.values import Box, EngineName, Frame, Metric, Provenance, Region, Scored, View
from scanmon.runtime.monitor import Monitor
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.calibration import Calibration, Steadiness

LINEAR = Calibration(scores=(0.0, 255.0), qualities=(0.0, 100.0))
ENGINE = EngineName("numpy", "fp64")
PROVENANCE = Provenance("a scene", "test", (ENGINE,), thresholds=(LINEAR.marginal, LINEAR.adequate))
PATIENCE_S = 60.0  # for what has to happen, however busy the machine is; costs nothing where it does
# a camera of the tests that sends nothing for a while has not stopped
PatientMonitor = partial(Monitor, silence_s=PATIENCE_S)


def frame(level: int, index: int = 0, time_s: float = 0.0, size: tuple[int, int] = (64, 80)) -> Frame:
    """A picture of one gray level."""
    pixels = np.full(size, level, np.uint8)
    pixels.setflags(write=False)
    return Frame(pixels, index, time_s, time.monotonic())


class MeanScorer:
    """Scores a view with its mean level: a metric whose right answer everybody can see."""

    def __init__(self, metric: Metric = "map", gate: Callable[[], None] = lambda: None) -> None:
        self._metric: Metric = metric
        self._gate = gate
        self.resets = 0

    @property
    def metric(self) -> Metric:
        return self._metric

    def score(self, view: View) -> Scored:
        self._gate()
        height, width = view.image.shape
        heat = np.full((2, 2), view.image.mean(), np.float32)
        return Scored(float(view.image.mean()), heat, Box(0, 0, max(1, width // 2), max(1, height // 2)))

    def reset(self) -> None:
        self.resets += 1


class WholePicture:
    """The simplest region finder."""

    def find(self, frame: Frame) -> Region:
        height, width = frame.pixels.shape
        return Region(Box(0, 0, width, height), kind="full", origin="full")

    def reset(self) -> None:
        """Nothing is remembered."""


class Fixed:
    """A region finder that always gives one region."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.resets = 0

    def find(self, frame: Frame) -> Region:
        return self.region

    def reset(self) -> None:
        self.resets += 1


class ChosenBox(WholePicture):
    """The whole picture again, but as a person's own choice: it may be stored."""

    def find(self, frame: Frame) -> Region:
        return Region(super().find(frame).box)


class NamedEngine:
    """An engine that has a name and is closed, for scorers that need none."""

    def __init__(self, name: EngineName = ENGINE, on_close: Callable[[], None] = lambda: None) -> None:
        self.backend, self.precision = name.backend, name.precision
        self.close = on_close

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise AssertionError("nothing runs here")


def analyzer(
    scorer: MeanScorer | None = None,
    on_close: Callable[[], None] = lambda: None,
    region: WholePicture | None = None,
    steadiness: Steadiness | None = None,
) -> Analyzer:
    """The mean level of the whole picture, calibrated."""
    judge = Judge(scorer or MeanScorer(), LINEAR, NamedEngine(on_close=on_close))
    return Analyzer([judge], region or WholePicture(), steadiness=steadiness, provenance=PROVENANCE)


class Cine:
    """A recording of gray levels 0, 1, 2 ... at a given rate."""

    def __init__(self, frames: int, rate_hz: float = 100.0) -> None:
        self._times_s = np.arange(frames) / rate_hz
        self.info = SourceInfo("levels", 80, 64, rate_hz, frames)
        self.closed = threading.Event()

    @property
    def times_s(self) -> NDArray[np.float64]:
        return self._times_s

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from(0)

    def frames_from(self, index: int) -> Iterator[Frame]:
        for number in range(index, len(self._times_s)):
            yield frame(number % 256, number, float(self._times_s[number]))

    def close(self) -> None:
        self.closed.set()


def wait_until(condition: Callable[[], bool], timeout_s: float = PATIENCE_S, tick_s: float = 0.002) -> None:
    """Return as soon as `condition` holds; fail the test when it does not within `timeout_s`.

    `tick_s`: between two looks. A look that costs more than a glance is taken less often.
    """
    tick = threading.Event()
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, f"still not so after {timeout_s} s"
        tick.wait(tick_s)


class Camera:
    """Frames that the test hands out one by one."""

    state = "live"
    gaps = 0
    trouble: str | None = None

    def __init__(self) -> None:
        self.info = SourceInfo("camera", 80, 64, 60.0)
        self.closed = threading.Event()
        self._ready = threading.Condition()
        self._frames: list[Frame | Exception] = []

    def send(self, item: Frame | Exception) -> None:
        with self._ready:
            self._frames.append(item)
            self._ready.notify_all()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._frames or self.closed.is_set())
                if not self._frames:
                    return
                item = self._frames.pop(0)
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        self.closed.set()
        with self._ready:
            self._ready.notify_all()
