"""How fast this machine is at every stage, and how that grows. Ratios first: machines differ.

Every figure is a median over rounds in which all that is compared takes turns, so that both sides of a ratio
feel the same load of the machine; what a stage costs is processor time, which other programs disturb less.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean, median
from time import perf_counter, process_time, thread_time
from typing import Any, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import ALONE, load_judge, new_looker, region_finder
from scanmon.app.settings import ScoringSettings
from scanmon.core.ports import Engine
from scanmon.core.values import Analysis, Frame, Metric, Region, Signal
from scanmon.lab.bench.engines import machine, map_engines, nrq_engines, organ_models, resident_mb
from scanmon.lab.bench.pictures import moving, pictures
from scanmon.picture.region import AutoRegion
from scanmon.picture.signal.watch import SignalWatch
from scanmon.runtime.trace import LiveTrace
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import Bundle, open_named_bundle
from scanmon.sources.opening import open_recording

SIZES = ((640, 480), (960, 720), (1920, 1080))  # width, height
_SOURCE_HZ = 30.0

Result = dict[str, Any]
Progress = Callable[[str], None]
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


class _Region(AutoRegion):
    def __init__(self, spent: _Spent) -> None:
        super().__init__(new_looker())
        self._spent = spent

    def find(self, frame: Frame) -> Region:
        return self._spent.on("region", partial(super().find, frame))


class _Signal(SignalWatch):
    def __init__(self, spent: _Spent) -> None:
        super().__init__(new_looker())
        self._spent = spent

    def update(self, frame: Frame, region: Region) -> Signal:
        return self._spent.on("signal", partial(super().update, frame, region))


def stages(bundle: Bundle, metric: Metric, scoring: ScoringSettings, options: StageOptions) -> dict[str, Any]:
    """Milliseconds of processor time a frame, by stage, and their sum; the median of the seconds measured.

    The engine is replaced by one that gives back what the real one gave, so that all that is left can be
    measured on one thread. Counted: the decoder of a video file; the sector; the state of the signal;
    cutting, masking and scaling the view; windows; head; heatmap and calibration; the trace. Not counted, but
    measured in the running window: painting, and the encoder of a recording, for which no frame waits.
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
        [loaded], _Region(spent), signal=_Signal(spent), working_height_px=bundle.working_height_px
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


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much is measured."""

    rounds: int = 5
    frames: int = 200  # of the session whose memory is watched
    sizes: tuple[tuple[int, int], ...] = SIZES
    budget_frames: int = 60
    stages: StageOptions = field(default_factory=StageOptions)


def bench(scoring: ScoringSettings, options: BenchOptions, progress: Progress) -> Result:
    """All figures but those of the running window, as they go into the JSON file. Raises `ScanmonError`."""
    bundle = open_named_bundle(scoring.bundle)
    progress("start-up")
    result: Result = {
        "machine": machine(),
        "bundle": f"{bundle.name} {bundle.version}",
        "working_height_px": bundle.working_height_px,
        "load": _load(bundle, scoring),
        "frames": [],
        "stages": [],
        "engines": [],
        "map_engines": [],
        "organs": [],
    }
    metrics: tuple[Metric, ...] = ("map", "nrq")
    for metric in metrics:
        if metric not in bundle.parts:
            continue
        for width, height in options.sizes:
            progress(f"{metric} at {width}x{height}")
            result["frames"] += _frames(bundle, metric, scoring, width, height, options)
        progress(f"{metric}: stages without the engine")
        result["stages"].append(stages(bundle, metric, scoring, options.stages))
    if bundle.nrq is not None:
        progress("engines of nrq")
        result["engines"] = list(nrq_engines(bundle, bundle.nrq, options.rounds))
        result["organs"] = organ_models(bundle, bundle.nrq, options.rounds)
    if bundle.map is not None:
        progress("engines of map")
        height = bundle.working_height_px or SIZES[0][1]
        result["map_engines"] = list(map_engines(bundle, height, options.rounds))
    progress("memory over a session")
    result["session"] = _session(bundle, scoring, options)
    return result


def _load(bundle: Bundle, scoring: ScoringSettings) -> Result:
    """From an opened bundle to the first score, in a process that has imported everything."""
    started = perf_counter()
    loaded = load_judge(bundle, bundle.metric(scoring.metric), scoring)
    ready = perf_counter()
    try:
        _analyzer(loaded, bundle).analyze(next(moving(640, 480)))
    finally:
        loaded.close()
    return {"load_ms": (ready - started) * 1e3, "first_score_ms": (perf_counter() - ready) * 1e3}


def _frames(
    bundle: Bundle, metric: Metric, scoring: ScoringSettings, width: int, height: int, options: BenchOptions
) -> list[Result]:
    """Full mode, and for nrq what the automatic budget makes of it with frames as fast as they are scored.

    A budget goes by the times of the frames: the next one comes when the last one is done, and not before
    the source has it.
    """
    modes = {"full": load_judge(bundle, metric, scoring)}
    if metric == "nrq":
        paced = replace(scoring, budget=scoring.budget or None)
        modes["budget"] = load_judge(bundle, metric, paced, share=ALONE)
    results = []
    try:
        for mode, loaded in modes.items():
            analyzer, frames = _analyzer(loaded, bundle), moving(width, height)
            count = options.budget_frames if mode == "budget" else options.rounds + 1
            readings, times, time_s = [], [], 0.0
            for frame in (next(frames) for _ in range(count)):
                started = perf_counter()
                readings.append(analyzer.analyze(replace(frame, time_s=time_s)).reading)
                times.append((perf_counter() - started) * 1e3)
                time_s += max(1 / _SOURCE_HZ, times[-1] / 1e3)
            kept = readings[len(readings) // 3 :]  # the first ones allocate, and fill the budget's memory
            # a budget spends its time unevenly, frame by frame
            middle = fmean if mode == "budget" else median
            total = middle(times[len(times) // 3 :])
            engine = middle([reading.engine_ms or 0.0 for reading in kept])
            results.append(
                {
                    "metric": metric,
                    "mode": mode,
                    "size": f"{width}x{height}",
                    "frame_ms": total,
                    "frames_per_s": min(1e3 / total, _SOURCE_HZ) if mode == "budget" else 1e3 / total,
                    "preprocess_ms": middle([reading.preprocess_ms or 0.0 for reading in kept]),
                    "engine_ms": engine,
                    "engine_share": engine / total,
                    "head_ms": middle([reading.head_ms or 0.0 for reading in kept]),
                    "not_engine_ms": total - engine,
                    "windows": middle([reading.patches or 0 for reading in kept]),
                    "oldest_s": max(reading.oldest_s or 0.0 for reading in kept),
                }
            )
    finally:
        for loaded in modes.values():
            loaded.close()
    return results


def _session(bundle: Bundle, scoring: ScoringSettings, options: BenchOptions) -> Result:
    """Resident memory after the first frames and after many, with a 1080p source and the default metric."""
    loaded = load_judge(bundle, bundle.metric(scoring.metric), scoring, share=ALONE)
    try:
        analyzer, frames = _analyzer(loaded, bundle), moving(1920, 1080)
        after: list[float | None] = []
        for number in range(options.frames):
            analyzer.analyze(next(frames))
            if number in (options.frames // 4, options.frames - 1):
                after.append(resident_mb())
    finally:
        loaded.close()
    return {
        "frames": options.frames,
        "resident_mb_at_a_quarter": after[0],
        "resident_mb_at_the_end": after[-1],
    }


def _analyzer(judge: Judge, bundle: Bundle) -> Analyzer:
    return Analyzer([judge], region_finder("full"), working_height_px=bundle.working_height_px)
