"""How fast this machine is at every stage, and how that grows. Ratios first: machines differ.

Every figure is a median over rounds in which all that is compared takes turns, so that both sides of a ratio
feel the same load of the machine; what a stage costs is processor time, which other programs disturb less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import fmean, median
from time import perf_counter
from typing import Any

from scanmon.app.analyzers import ALONE, load_judge, region_finder
from scanmon.app.settings import ScoringSettings
from scanmon.core.values import Metric
from scanmon.lab.bench.engines import map_engines, nrq_engines, organ_models
from scanmon.lab.bench.machine import machine, resident_mb
from scanmon.lab.bench.pictures import moving
from scanmon.lab.bench.stages import StageOptions, stages
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import Bundle, open_named_bundle

SIZES = ((640, 480), (960, 720), (1920, 1080))  # width, height
_SOURCE_HZ = 30.0

Result = dict[str, Any]
Progress = Callable[[str], None]


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
        if getattr(bundle, metric) is None:
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
