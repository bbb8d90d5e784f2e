"""Capture to score at 1920 x 1080, 60 frames a second, 153 windows, beside a device that does not exist.

    python -m tools.gpu.path [SECONDS] [--region auto] [--precision fp32]

The engine answers 4.7 ms after it was begun, as an H100 does in half precision (docs/gpu.md), with features
like those of clean pictures. The clock counts the processor time of the one thread that analyses, and what it
would wait for the device or the next frame: what else the machine does changes nothing but caches.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.app import analyzers
from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import GrayImage
from scanmon.lab.bench.pictures import moving
from scanmon.scoring import analyzer, nrq
from scanmon.scoring.organ_file import organs_of
from tools.gpu.kit import QUICK, Report, bundle_and_part

ANSWER_S, RATE_HZ, WINDOWS = 4.7e-3, 60.0, 153


class Clock:
    """Seconds: what this thread computed, and what it waited."""

    def __init__(self) -> None:
        self._waited_s = 0.0

    def __call__(self) -> float:
        return time.thread_time() + self._waited_s

    def until(self, moment_s: float) -> None:
        """Wait, where it is not over yet."""
        self._waited_s += max(0.0, moment_s - self())


class Device:
    """An engine that takes the picture and needs no processor while it works."""

    backend = "stand-in"

    def __init__(self, clock: Clock, precision: str) -> None:
        self._clock, self.precision = clock, precision
        models = organs_of(*bundle_and_part())
        rng = np.random.default_rng(0)
        inside = [rng.normal(0, 0.02, len(one.pca_components)) @ one.pca_components for one in models]
        each = [one.pca_mean + off for one, off in zip(models, inside, strict=True)]
        self._z = np.resize(each, (WINDOWS, len(each[0])))

    def start_at(
        self, picture: GrayImage, corners: NDArray[np.intp], side: int
    ) -> Callable[[], NDArray[np.float32]]:
        """The picture is copied, as into pinned memory; each window's features depend on its gray."""
        ready_s, copied = self._clock() + ANSWER_S, picture.copy()
        gray = np.array([copied[y, x] for y, x in corners.tolist()], np.float32)[:, None]

        def end() -> NDArray[np.float32]:
            self._clock.until(ready_s)
            return (self._z[: len(corners)] * (1 + 1e-5 * gray)).astype(np.float32)

        return end

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Never: it takes the picture."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to free."""


def measure(seconds: float, region: str, precision: str) -> dict[str, Any]:
    """Milliseconds, and how many frames had to give way to newer ones."""
    cv2.setNumThreads(1)
    clock = Clock()
    scoring = ScoringSettings(metric="nrq", region=region, scale="native", budget=0)
    with (
        mock.patch.object(analyzers, "open_engine", lambda *given: Device(clock, precision)),
        mock.patch.object(analyzer, "perf_counter", clock),
        mock.patch.object(nrq, "perf_counter", clock),
    ):
        one = open_analyzer(Settings(scoring), Plan("path", paced=True))
        source = moving(*((320, 240) if QUICK else (1920, 1080)), RATE_HZ)
        one.analyze(next(source))  # pictures are made, memory is taken
        rows, left_out, began = [], 0, clock()
        for frame in source:
            if frame.time_s > seconds:
                break
            if clock() >= began + frame.time_s + 1 / RATE_HZ:
                left_out += 1  # a newer one is there already
                continue
            clock.until(began + frame.time_s)
            reading = one.analyze(frame).reading
            if reading.scored:
                taken = (clock() - began - frame.time_s) * 1e3
                rows.append([taken, reading.preprocess_ms, reading.engine_ms, reading.head_ms])
        one.close()
    columns = ("capture_to_score_ms", "preprocess_ms", "engine_ms", "head_ms")
    said: dict[str, Any] = {
        "region": region,
        "precision": precision,
        "scored": len(rows),
        "left_out": left_out,
    }
    for name, column in zip(columns, np.array(rows).T, strict=True):
        p50, p95, p99 = np.percentile(column, [50, 95, 99])
        said[name] = {"p50": round(p50, 2), "p95": round(p95, 2), "p99": round(p99, 2)}
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", type=float, nargs="?", default=5.0)
    parser.add_argument("--region", default="full", help="as --region of scanmon")
    parser.add_argument("--precision", choices=["fp16", "fp32"], default="fp16")
    given = parser.parse_args()
    Report("path").attempt("path", lambda: measure(given.seconds, given.region, given.precision))


if __name__ == "__main__":
    main()
