"""What every stage of a frame but the engine costs, in the processor's time.

The engine is replaced by one that gives back what the real one gave, so that all that is left can be measured
on one thread. Counted: the decoder of a video file; the sector; the state of the signal; cutting, masking and
scaling the view; windows; head; heatmap and calibration; the trace. Not counted, but measured in the running
window: painting, and the encoder of a recording, for which no frame waits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time, thread_time
from typing import Any, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import load_judge, new_looker, region_finder
from scanmon.app.settings import ScoringSettings
from scanmon.core.ports import Engine
from scanmon.core.values import Analysis, Frame, Metric, Region, Signal
from scanmon.lab.bench.pictures import moving, pictures
from scanmon.picture.signal import SignalWatch
from scanmon.runtime.trace import LiveTrace
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import Bundle
from scanmon.sources.opening import open_recording

_RATE_HZ = 30
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StageOptions:
    """What is measured."""

    width: int = 1280
    height: int = 720
    frames: int = 150
    settling: int = 30  # frames until sector and signal are known and all buffers are there


class _Echo:
    """Gives the answer of `engine` to the first pass of each shape, again and again, at no cost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.backend, self.precision = engine.backend, engine.precision
        self._known: dict[tuple[int, ...], NDArray[np.float32]] = {}

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if pixels.shape not in self._known:
            self._known[pixels.shape] = self._engine.run(pixels)
        return self._known[pixels.shape]

    def close(self) -> None:
        self._engine.close()


class _Spent:
    """Processor time of this thread by stage, milliseconds."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def on(self, stage: str, work: Callable[[], T]) -> T:
        started = thread_time()
        try:
            return work()
        finally:
            self.ms[stage] = self.ms.get(stage, 0.0) + (thread_time() - started) * 1e3


class _Region:
    def __init__(self, spent: _Spent) -> None:
        self._finder, self._spent = region_finder("auto"), spent

    def find(self, frame: Frame) -> Region:
        return self._spent.on("region", partial(self._finder.find, frame))

    def reset(self) -> None:
        self._finder.reset()


class _Signal:
    def __init__(self, spent: _Spent) -> None:
        self._watch, self._spent = SignalWatch(new_looker()), spent

    def update(self, frame: Frame, region: Region) -> Signal:
        return self._spent.on("signal", partial(self._watch.update, frame, region))

    def reset(self) -> None:
        self._watch.reset()


def stages(bundle: Bundle, metric: Metric, scoring: ScoringSettings, options: StageOptions) -> dict[str, Any]:
    """Milliseconds of processor time a frame, by stage, and their sum; the median of the seconds measured.

    Within a second the costs of frames are added, since some stages look at few of them.
    """
    loaded = load_judge(bundle, metric, scoring)
    assert loaded.engine is not None  # of a bundle
    echo = load_judge(bundle, metric, scoring, _Echo(loaded.engine))
    try:
        seconds = list(_analyze(bundle, echo, options))
    finally:
        loaded.close()
    ms = {stage: median(second[stage] for second in seconds) for stage in seconds[0]}
    ms["view_windows_head_heatmap"] = ms.pop("analysis") - ms["region"] - ms["signal"]
    ms["decoder"] = _decoder(options)
    return {
        "metric": metric,
        "size": f"{options.width}x{options.height}",
        "frames": options.frames,
        "cpu_ms": ms,
        "sum_cpu_ms": sum(ms.values()),
        "without_decoder_cpu_ms": sum(ms.values()) - ms["decoder"],
    }


def _analyze(bundle: Bundle, loaded: Judge, options: StageOptions) -> Iterator[dict[str, float]]:
    """For each second of the source, milliseconds a frame by stage."""
    spent = _Spent()
    analyzer = Analyzer(
        [loaded],
        _Region(spent),
        signal=_Signal(spent),
        working_height_px=bundle.working_height_px,
    )
    source, trace = moving(options.width, options.height, _RATE_HZ), LiveTrace()

    def publish(analysis: Analysis) -> None:
        trace.add(analysis)
        trace.view()

    for _ in range(options.settling):
        publish(analyzer.analyze(next(source)))
    for begun in range(0, options.frames, _RATE_HZ):
        count = min(_RATE_HZ, options.frames - begun)
        spent.ms.clear()
        for _ in range(count):
            frame = next(source)
            analysis = spent.on("analysis", partial(analyzer.analyze, frame))
            spent.on("publishing", partial(publish, analysis))
        yield {stage: total / count for stage, total in spent.ms.items()}


def _decoder(options: StageOptions) -> float:
    """A frame of H.264 to gray, milliseconds of all of the decoder's threads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loop.mp4"
        stored = pictures(options.width, options.height)
        with av.open(str(path), "w") as film:
            stream = film.add_stream("libx264", rate=_RATE_HZ, options={"preset": "veryfast"})
            stream.width, stream.height, stream.pix_fmt = options.width, options.height, "yuv420p"
            for index in range(options.frames):
                picture = av.VideoFrame.from_ndarray(stored[index % len(stored)], format="gray")
                film.mux(stream.encode(picture.reformat(format="yuv420p")))
            film.mux(stream.encode(None))
        recording = open_recording(str(path))
        try:
            started = process_time()  # nothing else runs
            count = sum(1 for _ in recording)
            return (process_time() - started) * 1e3 / count
        finally:
            recording.close()
