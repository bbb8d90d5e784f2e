"""Is the map faster with int8 convolutions, and does it still say the same? ONNX Runtime, QDQ, per channel.

    python tools/measure_map_int8.py [--bundle DIR] [--rounds 40]

Calibrates on simulated pictures, lets both networks take turns on another one, and prints the ratio of their
processor times and how far the severities lie apart. Needs `scanmon[build]`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_static,
)

from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.bench.pictures import pictures
from scanmon.scoring.bundle import open_named_bundle

_OPERATORS = ["Conv", "Add", "Relu", "Mul", "Concat", "MaxPool", "AveragePool"]


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """One picture after the other, as the calibrator asks for them."""

    def __init__(self, name: str, views: list[NDArray[np.uint8]]) -> None:
        self._feeds = iter([{name: view} for view in views])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """The next one; None after the last."""
        return next(self._feeds, None)


def main() -> None:
    """Quantize, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--rounds", type=int, default=40)
    args = parser.parse_args()
    bundle = open_named_bundle(args.bundle)
    part = bundle.map
    if part is None:
        parser.error("this bundle has no map")
    height = (bundle.working_height_px or 480) // part.stride * part.stride
    width = height * 4 // 3 // part.stride * part.stride
    # 0 is "outside the sector" to the network
    views = [
        np.maximum(cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA), 1)[None].astype(np.uint8)
        for one in pictures(640, 480, 9)
    ]
    network = bundle.read(part.file)
    engines = [OnnxEngine(network, "fp32"), OnnxEngine(_quantized(network, views[:-1]), "int8")]
    times: list[list[float]] = [[], []]
    found = [engine.run(views[-1]) for engine in engines]
    for _ in range(args.rounds):
        for engine, taken in zip(engines, times, strict=True):
            started = process_time()
            engine.run(views[-1])
            taken.append(process_time() - started)
    full, less = (median(taken) * 1e3 for taken in times)
    difference = np.abs(found[0] - found[1])
    print(f"{width}x{height}: fp32 {full:.1f} ms of processor time, int8 {less:.1f}, ratio {full / less:.2f}")
    print(
        f"severities of fp32 {found[0].min():.3f} to {found[0].max():.3f}; "
        f"difference {difference.mean():.3f} in the mean, {difference.max():.3f} at most"
    )


def _quantized(network: bytes, views: list[NDArray[np.uint8]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, small = (Path(folder) / f"{name}.onnx" for name in ("plain", "prepared", "int8"))
        plain.write_bytes(network)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        name = _input_name(network)
        quantize_static(
            prepared,
            small,
            _Pictures(name, views),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=_OPERATORS,
        )
        return small.read_bytes()


def _input_name(network: bytes) -> str:
    import onnx

    return str(onnx.load_from_string(network).graph.input[0].name)


if __name__ == "__main__":
    main()
