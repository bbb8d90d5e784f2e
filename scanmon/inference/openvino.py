"""OpenVINO on the CPU, where it is installed (the extra `openvino`)."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.onnx import BATCH, default_threads, in_batches, one_line

# never left to the library: on some processors its default is bf16, which changes scores
_HINTS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}


class OpenVinoEngine:
    """Runs one network of standard operators: uint8 (n, H, W) in, float32 out. For one thread at a time.

    `precision` is that of the arithmetic; the weights stay as they are. Raises `EngineError`.
    """

    backend = "openvino"

    def __init__(self, network: bytes, precision: str, threads: int = 0) -> None:
        openvino = _without_telemetry()
        if precision not in _HINTS:
            raise EngineError(
                f"has no precision {precision}", self.backend, f"use one of {', '.join(_HINTS)}"
            )
        options: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads or default_threads(),
        }
        try:
            core = openvino.Core()
            compiled = core.compile_model(core.read_model(network), "CPU", options)
            self._request: Any = compiled.create_infer_request()
        except Exception as error:  # it documents RuntimeError and raises others too
            raise EngineError(
                f"the network cannot be loaded ({one_line(error)})", self.backend, "use another --backend"
            ) from error
        self.precision = precision

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass over `pixels` (n, H, W), in small batches. Raises `EngineError`."""
        return in_batches(self._pass, pixels, BATCH)

    def close(self) -> None:
        self._request = None

    def _pass(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._request is None:
            raise EngineError("the engine is closed", self.backend)
        try:
            self._request.infer([pixels], share_inputs=True)
        except Exception as error:  # it documents RuntimeError and raises others too
            raise EngineError(
                f"the network cannot be run ({one_line(error)})", self.backend, "use another --backend"
            ) from error
        # a copy: the request owns the tensor and writes to it in the next pass
        return np.array(self._request.get_output_tensor(0).data, dtype=np.float32)


def _without_telemetry() -> Any:
    """OpenVINO, which tells a statistics server of its import and keeps an id of the user in his home folder.

    Where the package that does this cannot be imported, OpenVINO takes a stub of its own.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise EngineError(
            "OpenVINO is not installed", "openvino", "pip install 'scanmon[openvino]'"
        ) from error
    return openvino
