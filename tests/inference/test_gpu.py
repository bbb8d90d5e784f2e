"""What only a GPU can show. Each test runs wherever one is found, and says why it is skipped elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from scanmon.build.architecture import TINYUSFM, random_weights
from scanmon.build.graph import Precision, backbone_graph
from scanmon.core.errors import EngineError
from scanmon.inference.cuda import Cuda, open_cuda
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.tensorrt import TensorRtEngine
from tests.bundles import serialised

pytestmark = pytest.mark.gpu

WEIGHTS = random_weights(TINYUSFM, 0)


@pytest.fixture(scope="module")
def cuda() -> Iterator[Cuda]:
    try:
        opened = open_cuda()
    except EngineError as error:
        pytest.skip(f"no GPU to run on: {error}")
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["tensorrt", "tensorrt_rtx"])
def trt(request: pytest.FixtureRequest, cuda: Cuda) -> Any:
    return pytest.importorskip(request.param, reason=f"{request.param} is not installed")


def _windows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 224, 224), dtype=np.uint8)


def _engine(trt: Any, cuda: Cuda, precision: Precision) -> TensorRtEngine:
    from scanmon.build.plan import compile_plan

    network = serialised(backbone_graph(WEIGHTS, TINYUSFM, attention="plain", precision=precision))
    return TensorRtEngine(trt, compile_plan(trt, network).data, precision, cuda)


@pytest.mark.parametrize(("precision", "allowed"), [("fp32", 1e-4), ("fp16", 5e-3)])
def test_plan_gives_the_features_of_the_processor(
    trt: Any, cuda: Cuda, precision: Precision, allowed: float
) -> None:
    engine = _engine(trt, cuda, precision)
    expected = OnnxEngine(serialised(backbone_graph(WEIGHTS, TINYUSFM)), "fp32").run(_windows(50))
    for _ in range(2):  # the second time as a replayed graph
        np.testing.assert_allclose(engine.run(_windows(50)), expected, atol=allowed)
    engine.close()


def test_full_grid_of_a_large_picture_keeps_ten_readings_a_second(trt: Any, cuda: Cuda) -> None:
    engine = _engine(trt, cuda, "fp16")
    engine.run(_windows(153))
    times = []
    for _ in range(20):
        started = perf_counter()
        engine.run(_windows(153))
        times.append(perf_counter() - started)
    engine.close()
    assert np.median(times) < 0.1


@pytest.mark.slow
def test_ten_thousand_frames_take_no_more_memory_than_ten(trt: Any, cuda: Cuda) -> None:
    engine = _engine(trt, cuda, "fp16")

    def resident_kb() -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])

    windows = _windows(20)
    for _ in range(10):
        engine.run(windows)
    before = resident_kb()
    for _ in range(10_000):
        engine.run(windows)
    engine.close()
    assert resident_kb() - before < 20_000
