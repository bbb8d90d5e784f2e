"""What the processor is, the instructions it has, and the most that it can do."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np

from scanmon.inference.onnx import default_threads

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
    """Its name, as the system gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def instruction_set() -> str:
    """Name of the best known set; AVX-VNNI, which OpenCV does not tell apart, counts as AVX2."""
    return next((name for number, name in _SETS if cv2.checkHardwareSupport(number)), platform.machine())
