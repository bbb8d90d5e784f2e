"""ONNX Runtime on the CPU: the embedded default."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError

BATCH = 4  # windows a pass: more of them fall out of the processor's caches and cost up to a tenth more each
MAX_THREADS = 8
_REMEDY = "run scanmon check, or restore the bundle"


class OnnxEngine:
    """Runs one network of a bundle: uint8 (n, H, W) in, float32 out. For one thread at a time.

    Raises `EngineError` where ONNX Runtime cannot load or run it.
    """

    backend = "onnxruntime"

    def __init__(self, network: bytes, precision: str, threads: int = 0, batch: int = BATCH) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or default_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised, and said once
        # a waiting thread that spins takes the core that decodes the video or paints the window
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions share no public base
            raise EngineError(
                f"the network cannot be loaded ({_line(error)})", self.backend, _REMEDY
            ) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [i.type for i in inputs] != ["tensor(uint8)"] or [o.type for o in outputs] != ["tensor(float)"]:
            raise EngineError("the network does not take uint8 and give float32", remedy=_REMEDY)
        self._input = inputs[0].name
        self._batch = batch
        self.precision = precision

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass over `pixels` (n, H, W), in small batches. Raises `EngineError`."""
        starts = range(0, len(pixels), self._batch)
        parts = [self._pass(pixels[start : start + self._batch]) for start in starts]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def close(self) -> None:
        """Nothing to give back: the session goes with this object."""

    def _pass(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        try:
            result: NDArray[np.float32] = self._session.run(None, {self._input: pixels})[0]
        except Exception as error:  # its exceptions share no public base
            raise EngineError(f"the network cannot be run ({_line(error)})", self.backend, _REMEDY) from error
        return result


def default_threads() -> int:
    """The processors that this process may use, at most 8: more gain nothing on networks this small."""
    return min(_processors(), MAX_THREADS)


def threads_beside_a_video() -> int:
    """One processor fewer: a pass waits for the slowest of its threads, and decoder and window come first."""
    return min(max(1, _processors() - 1), MAX_THREADS)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
