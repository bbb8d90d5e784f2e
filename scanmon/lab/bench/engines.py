"""How fast the networks of a bundle and its head are on every engine here; what the machine can do."""

from __future__ import annotations

import json
import math
import platform
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError
from scanmon.core.ports import Engine
from scanmon.inference.choice import open_engine
from scanmon.inference.engines import runnable
from scanmon.inference.onnx import OnnxEngine, default_threads
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.windows import grid

BATCHES = (1, 16, 48)
ORGANS = (1, 4, 16)
MAP_ENGINES = ("onnxruntime", "openvino:fp32", "openvino:bf16")
TINYUSFM_GFLOP = 2.264  # of a window: 11 blocks, one-channel stem; multiply and add counted apart

Result = dict[str, Any]
_PRODUCTS = ("Conv", "FusedConv", "Gemm", "FusedGemm")


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
    models = organs_of(bundle, part)
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


class Convolutions:
    """A few 3 x 3 convolutions of 64 channels, one after the other: dense, in the caches, and nothing else.

    Raises `ImportError` without `onnx`, which comes with the extra `build`.
    """

    def __init__(self, channels: int = 64, height: int = 84, width: int = 112, depth: int = 4) -> None:
        self.network = _network(channels, height, width, depth)
        self._engine = OnnxEngine(self.network, "fp32", batch=channels)
        self._planes = np.ones((channels, height, width), np.uint8)
        self._operations = 2 * 9 * channels**2 * height * width * depth

    def gflops(self) -> float:
        """Of one pass, thousand million operations a second."""
        started = perf_counter()
        self._engine.run(self._planes)
        return 1e-9 * self._operations / (perf_counter() - started)


def gflop_of(network: bytes, pixels: NDArray[np.uint8]) -> float:
    """Thousand million operations of one pass over `pixels`, by the shapes that ONNX Runtime tells."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "shapes")
        # later stages of optimisation pad channels to what the processor likes
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        session.run(None, {session.get_inputs()[0].name: pixels})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return 1e-9 * sum(_operations(event["args"]) for event in events if event.get("cat") == "Node")


def _operations(node: dict[str, Any]) -> int:
    if node.get("op_name") not in _PRODUCTS or "output_type_shape" not in node:
        return 0
    (made,) = node["output_type_shape"][0].values()
    (weights,) = node["input_type_shape"][1].values()
    return int(2 * math.prod(made) * math.prod(weights[1:]))


def _network(channels: int, height: int, width: int, depth: int) -> bytes:
    from scanmon.lab.builder.onnx_writer import FLOAT, UINT8, Writer

    graph = Writer()
    kernel = np.full((channels, channels, 3, 3), 1e-3, np.float32)
    x = graph.add("Unsqueeze", ["windows", graph.integers(0)], "picture")
    x = graph.add("Cast", [x], "gray", to=FLOAT)
    for number in range(depth):
        x = graph.add("Conv", [x, graph.constant("kernel", kernel)], f"x{number}", pads=[1, 1, 1, 1])
    graph.add("ReduceMax", [x, graph.integers(2, 3)], "z", keepdims=0)
    inputs = [("windows", UINT8, [channels, height, width])]
    model = graph.model(inputs, [("z", FLOAT, [1, channels])], "3 x 3 convolutions")
    return bytes(model.SerializeToString())


_SGEMM_SIDE = 1024
# OpenCV's numbers of the features (cvdef.h), which its Python module does not name; the best one first
_SETS = (
    (23, "AVX-512 VNNI"),
    (14, "AVX-512 BW"),
    (11, "AVX2"),
    (6, "SSE4.1"),
    (101, "NEON dot product"),
    (100, "NEON"),
)


def machine() -> dict[str, Any]:
    """Processor, threads, peak, system."""
    return {
        "processor": processor(),
        "threads": default_threads(),
        "sgemm_gflops": max(gflops() for _ in range(3)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def gflops(rounds: int = 4) -> float:
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


def resident_mb() -> float | None:
    """Resident memory of this process; None where the system does not say it simply."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    lines = [line.split() for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(lines[0][1]) / 1024 if lines else None


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def instruction_set() -> str:
    """Name of the best known set; AVX-VNNI, which OpenCV does not tell apart, counts as AVX2."""
    return next((name for number, name in _SETS if cv2.checkHardwareSupport(number)), platform.machine())
