"""How fast this machine is at every stage, and how that grows. Ratios first: machines differ.

Every figure is a median over rounds in which all that is compared takes turns, so that both sides of a ratio
feel the same load of the machine.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import cv2
import numpy as np

from scanmon.compose import ALONE, choose_metric, find_bundle, load_scorer, working_height
from scanmon.core.analyzer import Analyzer
from scanmon.core.bundle import Bundle, open_bundle
from scanmon.core.errors import ScanmonError
from scanmon.core.manifold import Manifolds
from scanmon.core.organ_file import parse_organ
from scanmon.core.patches import grid
from scanmon.core.region import parse_region
from scanmon.core.values import Frame, GrayImage, Metric
from scanmon.inference.choice import open_engine, runnable
from scanmon.inference.onnx import default_threads
from scanmon.settings import ScoringSettings

SIZES = ((640, 480), (960, 720), (1920, 1080))  # width, height
BATCHES = (1, 16, 48)
ORGANS = (1, 4, 16)
TINYUSFM_GFLOP = 2.264  # of a window: 11 blocks, one-channel stem; multiply and add counted apart
_SGEMM_SIDE = 1024
_BUDGET_FRAMES = 30

Result = dict[str, Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much is measured."""

    rounds: int = 5
    frames: int = 200  # of the session whose memory is watched


def bench(scoring: ScoringSettings, options: BenchOptions, progress: Progress) -> Result:
    """All figures, as they go into the JSON file. Raises `ScanmonError` children."""
    bundle = open_bundle(find_bundle(scoring.bundle))
    progress("start-up")
    result: Result = {
        "machine": _machine(),
        "bundle": f"{bundle.name} {bundle.version}",
        "start": _start(bundle, scoring),
        "frames": [],
        "engines": [],
    }
    metrics: tuple[Metric, ...] = ("map", "nrq")
    for metric in metrics:
        if getattr(bundle, metric) is not None:
            for width, height in SIZES:
                progress(f"{metric} at {width}x{height}")
                result["frames"] += _frames(bundle, metric, scoring, width, height, options)
    if bundle.nrq is not None:
        progress("engines")
        result["engines"] = list(_engines(bundle, options))
        progress("organ models")
        result["organs"] = _organs(bundle, options)
    progress("memory over a session")
    result["session"] = _session(bundle, scoring, options)
    return result


def _machine() -> Result:
    return {
        "processor": _processor(),
        "threads": default_threads(),
        "sgemm_gflops": max(_gflops() for _ in range(3)),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _start(bundle: Bundle, scoring: ScoringSettings) -> Result:
    """From an opened bundle to the first score, in a process that has imported everything."""
    started = perf_counter()
    loaded = load_scorer(bundle, choose_metric(scoring, bundle), scoring)
    ready = perf_counter()
    try:
        _analyzer(loaded.judge, bundle).analyze(next(_moving(640, 480)))
    finally:
        loaded.engine.close()
    return {"load_ms": (ready - started) * 1e3, "first_score_ms": (perf_counter() - ready) * 1e3}


def _frames(
    bundle: Bundle, metric: Metric, scoring: ScoringSettings, width: int, height: int, options: BenchOptions
) -> list[Result]:
    """Full mode, and for nrq what the automatic budget makes of it, frame by frame in turn."""
    modes = {"full": load_scorer(bundle, metric, scoring)}
    if metric == "nrq":
        paced = replace(scoring, budget=scoring.budget or None)
        modes["budget"] = load_scorer(bundle, metric, paced, share=ALONE)
    results = []
    try:
        for mode, loaded in modes.items():
            analyzer, frames = _analyzer(loaded.judge, bundle), _moving(width, height)
            count = _BUDGET_FRAMES if mode == "budget" else options.rounds + 1
            readings, times = [], []
            for frame in (next(frames) for _ in range(count)):
                started = perf_counter()
                readings.append(analyzer.analyze(frame).reading)
                times.append((perf_counter() - started) * 1e3)
            kept = readings[len(readings) // 3 :]  # the first ones allocate, and fill the budget's memory
            total = median(times[len(times) // 3 :])
            engine = median(reading.engine_ms or 0.0 for reading in kept)
            results.append(
                {
                    "metric": metric,
                    "mode": mode,
                    "size": f"{width}x{height}",
                    "frame_ms": total,
                    "frames_per_s": 1e3 / total,
                    "preprocess_ms": median(reading.preprocess_ms or 0.0 for reading in kept),
                    "engine_ms": engine,
                    "head_ms": median(reading.head_ms or 0.0 for reading in kept),
                    "not_engine_ms": median(
                        t - (r.engine_ms or 0.0) for t, r in zip(times, readings, strict=True)
                    ),
                    "windows": median(reading.patches or 0 for reading in kept),
                    "oldest_s": max(reading.oldest_s or 0.0 for reading in kept),
                }
            )
    finally:
        for loaded in modes.values():
            loaded.engine.close()
    return results


def _engines(bundle: Bundle, options: BenchOptions) -> Iterator[Result]:
    """Milliseconds a window of every engine that runs here, by the number of windows of a pass."""
    part = bundle.nrq
    assert part is not None  # the caller saw to it
    opened, absent = {}, {}
    for name in runnable(bundle):
        try:
            opened[name] = open_engine(bundle, part, name)
        except ScanmonError as error:
            absent[name] = str(error)
    windows = np.random.default_rng(0).integers(
        0, 256, (max(BATCHES), part.patch, part.patch), dtype=np.uint8
    )
    times: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in opened for batch in BATCHES}
    peaks = []
    try:
        for number in range(options.rounds + 1):
            for (name, batch), taken in times.items():
                started = perf_counter()
                opened[name].run(windows[:batch])
                if number:  # the first round allocates
                    taken.append((perf_counter() - started) * 1e3 / batch)
            peaks.append(_gflops())
    finally:
        for engine in opened.values():
            engine.close()
    published = part.patch == 224 and part.layers == (3, 5, 7, 11)
    for name in opened:
        ms = {str(batch): median(times[name, batch]) for batch in BATCHES}
        yield {
            "engine": name,
            "ms_per_window": ms,
            "windows_per_s": 1e3 / ms["16"],
            "share_of_sgemm": TINYUSFM_GFLOP / ms["16"] * 1e3 / median(peaks) if published else None,
        }
    yield from ({"engine": name, "absent": why} for name, why in absent.items())


def _organs(bundle: Bundle, options: BenchOptions) -> list[Result]:
    """The head on the windows of 640 x 480, by the number of organ models."""
    part = bundle.nrq
    assert part is not None  # the caller saw to it
    if not part.organs:
        return []
    models = [parse_organ(bundle.read(name), Path(name).stem) for name in part.organs]
    count = len(grid(480, 640, part.patch, part.stride))
    z = np.random.default_rng(0).normal(size=(count, models[0].pca_mean.size)).astype(np.float32)
    results = []
    for number in ORGANS:
        copies = [replace(models[i % len(models)], name=f"{i}") for i in range(number)]
        manifolds, taken = Manifolds(copies), []
        for _ in range(options.rounds + 1):
            started = perf_counter()
            manifolds.fit(z)
            taken.append((perf_counter() - started) * 1e3)
        results.append({"organs": number, "windows": count, "head_ms": median(taken[1:])})
    return results


def _session(bundle: Bundle, scoring: ScoringSettings, options: BenchOptions) -> Result:
    """Resident memory after the first frames and after many, with a 1080p source and the default metric."""
    loaded = load_scorer(bundle, choose_metric(scoring, bundle), scoring, share=ALONE)
    try:
        analyzer, frames = _analyzer(loaded.judge, bundle), _moving(1920, 1080)
        after: list[float | None] = []
        for number in range(options.frames):
            analyzer.analyze(next(frames))
            if number in (options.frames // 4, options.frames - 1):
                after.append(_resident_mb())
    finally:
        loaded.engine.close()
    return {
        "frames": options.frames,
        "resident_mb_at_a_quarter": after[0],
        "resident_mb_at_the_end": after[-1],
    }


def _analyzer(judge: Any, bundle: Bundle) -> Analyzer:
    return Analyzer(judge, parse_region("full"), working_height_px=working_height("auto", bundle))


def _moving(width: int, height: int) -> Iterator[Frame]:
    """Speckle that drifts and twinkles, 30 frames a second, for ever. The same for every run."""
    rng = np.random.default_rng(0)
    base = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 2.0)
    picture = np.clip(120 + 45 * base / base.std(), 0, 255).astype(np.uint8)
    index = 0
    while True:
        pixels: GrayImage = np.roll(picture, index // 2, axis=1)
        yield Frame(pixels, index, index / 30.0, index / 30.0)
        index += 1


def _gflops(rounds: int = 4) -> float:
    """What large products of single precision matrices reach, one on each of the engine's threads."""
    matrix = np.ones((_SGEMM_SIDE, _SGEMM_SIDE), dtype=np.float32)
    threads = default_threads()

    def work(_: int) -> None:
        for _ in range(rounds):
            matrix @ matrix

    with ThreadPoolExecutor(threads) as pool:  # NumPy itself is held to one thread (scanmon/__init__.py)
        started = perf_counter()
        list(pool.map(work, range(threads)))
        taken_s = perf_counter() - started
    return 2e-9 * _SGEMM_SIDE**3 * rounds * threads / taken_s


def _resident_mb() -> float | None:
    """Resident memory of this process; None where the system does not say it simply."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    lines = [line.split() for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(lines[0][1]) / 1024 if lines else None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
