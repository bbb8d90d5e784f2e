"""What convolutions reach at most on this machine, with the library that runs the map; what a map needs.

Both sides count multiply and add apart, and only what convolutions and matrix products do.
"""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scanmon.inference.onnx import OnnxEngine

_PRODUCTS = ("Conv", "FusedConv", "Gemm", "FusedGemm")


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
