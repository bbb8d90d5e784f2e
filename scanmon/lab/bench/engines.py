"""How fast the networks of a bundle are on every engine that runs here, and the head on its organ models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from scanmon.core.errors import ScanmonError
from scanmon.core.ports import Engine
from scanmon.inference.choice import open_engine, runnable
from scanmon.lab.bench.convolution import Convolutions, gflop_of
from scanmon.lab.bench.machine import gflops
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.windows import grid

BATCHES = (1, 16, 48)
ORGANS = (1, 4, 16)
MAP_ENGINES = ("onnxruntime", "openvino:fp32", "openvino:bf16")
TINYUSFM_GFLOP = 2.264  # of a window: 11 blocks, one-channel stem; multiply and add counted apart

Result = dict[str, Any]


def nrq_engines(bundle: Bundle, part: NrqPart, rounds: int) -> Iterator[Result]:
    """Milliseconds a window, by the number of windows of a pass; engines and sgemm take turns."""
    opened, absent = _opened(bundle, part, runnable(bundle))
    windows = np.random.default_rng(0).integers(
        0, 256, (max(BATCHES), part.patch, part.patch), dtype=np.uint8
    )
    times: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in opened for batch in BATCHES}
    peaks = []
    try:
        for number in range(rounds + 1):
            for (name, batch), taken in times.items():
                started = perf_counter()
                opened[name].run(windows[:batch])
                if number:  # the first round allocates
                    taken.append((perf_counter() - started) * 1e3 / batch)
            peaks.append(gflops())
    finally:
        _close(opened)
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


def map_engines(bundle: Bundle, height: int, rounds: int) -> Iterator[Result]:
    """Milliseconds for a whole 4:3 picture at the working `height`, and how far the maps lie apart.

    Engines and plain convolutions, the most that the machine does of what a map is made of, take turns.
    """
    part = bundle.map
    assert part is not None  # the caller saw to it
    opened, absent = _opened(bundle, part, MAP_ENGINES)
    width = round(height * 4 / 3) // part.stride * part.stride
    picture = np.random.default_rng(0).integers(
        0, 256, (1, height // part.stride * part.stride, width), dtype=np.uint8
    )
    times: dict[str, list[float]] = {name: [] for name in opened}
    found, peaks = {}, []
    convolutions = _convolutions()
    try:
        for number in range(3 * rounds + 1):
            if convolutions and number:
                peaks.append(convolutions.gflops())
            for name, taken in times.items():
                started = perf_counter()
                found[name] = opened[name].run(picture)
                if number:
                    taken.append((perf_counter() - started) * 1e3)
    finally:
        _close(opened)
    first = next(iter(found.values()), None)
    gflop = gflop_of(bundle.read(part.file), picture)
    for name, taken in times.items():
        yield {
            "engine": name,
            "size": f"{width}x{picture.shape[1]}",
            "ms": median(taken),
            "over_first": median(taken) / median(next(iter(times.values()))),
            "largest_difference": float(np.abs(found[name] - first).max()) if first is not None else None,
            "gflop": gflop,
            "convolution_gflops": median(peaks) if peaks else None,
            "share_of_convolution": gflop / median(taken) * 1e3 / median(peaks) if peaks else None,
        }
    yield from ({"engine": name, "absent": why} for name, why in absent.items())


def _convolutions() -> Convolutions | None:
    """None where `onnx` is not installed, which writes them."""
    try:
        convolutions = Convolutions()
    except ImportError:
        return None
    convolutions.gflops()  # the first pass allocates
    return convolutions


def organ_models(bundle: Bundle, part: NrqPart, rounds: int) -> list[Result]:
    """The head on the windows of 640 x 480, by the number of organ models."""
    if not part.organs:
        return []
    models = [parse_organ(bundle.read(name), Path(name).stem) for name in part.organs]
    count = len(grid(480, 640, part.patch, part.stride))
    z = np.random.default_rng(0).normal(size=(count, models[0].pca_mean.size)).astype(np.float32)
    results = []
    for number in ORGANS:
        copies = [replace(models[i % len(models)], name=f"{i}") for i in range(number)]
        manifolds, taken = Manifolds(copies), []
        for _ in range(rounds + 1):
            started = perf_counter()
            manifolds.fit(z)
            taken.append((perf_counter() - started) * 1e3)
        results.append({"organs": number, "windows": count, "head_ms": median(taken[1:])})
    return results


def _opened(bundle: Bundle, part: Any, names: Any) -> tuple[dict[str, Engine], dict[str, str]]:
    opened, absent = {}, {}
    for name in names:
        try:
            opened[name] = open_engine(bundle, part, name, strict=True)
        except ScanmonError as error:
            absent[name] = str(error)
    return opened, absent


def _close(opened: dict[str, Engine]) -> None:
    for engine in opened.values():
        engine.close()
