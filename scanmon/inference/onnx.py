"""ONNX Runtime: on the CPU the embedded default, and its session for any provider."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.program import processors

BATCH = 4  # windows a pass: more of them fall out of the processor's caches and cost up to a tenth more each
MAX_THREADS = 8
_REMEDY = "run scanmon check, or restore the bundle"


@dataclass(frozen=True, slots=True)
class Provider:
    """What runs the nodes of a network in ONNX Runtime."""

    name: str = "CPUExecutionProvider"
    options: Mapping[str, str] = field(default_factory=dict)
    device: Any = None  # of a provider that came as a plugin


class OnnxEngine:
    """Runs one network of a bundle: uint8 (n, H, W) in, float32 out. For one thread at a time.

    Raises `EngineError` where ONNX Runtime cannot load or run it.
    """

    def __init__(
        self,
        network: bytes,
        precision: str,
        threads: int = 0,
        batch: int = BATCH,
        provider: Provider = Provider(),
        backend: str = "onnxruntime",
    ) -> None:
        self.backend, self.precision, self._batch = backend, precision, batch
        self._session: Any = open_session(network, session_options(threads), provider, backend)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [i.type for i in inputs] != ["tensor(uint8)"] or [o.type for o in outputs] != ["tensor(float)"]:
            raise EngineError("the network does not take uint8 and give float32", remedy=_REMEDY)
        self._input = inputs[0].name

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass over `pixels` (n, H, W), in small batches. Raises `EngineError`."""
        return in_batches(self._pass, pixels, self._batch)

    def close(self) -> None:
        """Weights and memory of the session are free again, whoever still holds this object."""
        self._session = None

    def _pass(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._session is None:
            raise EngineError("the engine is closed", self.backend)
        try:
            result: NDArray[np.float32] = self._session.run(None, {self._input: pixels})[0]
        except Exception as error:  # its exceptions share no public base
            raise EngineError(
                f"the network cannot be run ({one_line(error)})", self.backend, _REMEDY
            ) from error
        return result


def in_batches(
    work: Callable[[NDArray[np.uint8]], NDArray[np.float32]], pixels: NDArray[np.uint8], size: int
) -> NDArray[np.float32]:
    """The results of `work` for `size` windows at a time, as one array."""
    parts = [work(pixels[start : start + size]) for start in range(0, len(pixels), size)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def default_threads() -> int:
    """The processors that this process may use, at most 8: more gain nothing on networks this small."""
    return min(processors(), MAX_THREADS)


def threads_beside_a_video() -> int:
    """One processor fewer: a pass waits for the slowest of its threads, and decoder and window come first."""
    return min(max(1, processors() - 1), MAX_THREADS)


def session_options(threads: int = 0) -> Any:
    """Quiet, and waiting threads that do not spin: one that does takes the core that decodes the video."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or default_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, and said once
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def open_session(
    network: bytes, options: Any, provider: Provider, backend: str, remedy: str = _REMEDY
) -> Any:
    """A session on one provider. Raises `EngineError` where it fails, or the processor took its place."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # a provider that fails would print
    try:
        if provider.device is not None:
            options.add_provider_for_devices([provider.device], dict(provider.options))
        given = None if provider.device is not None else [(provider.name, dict(provider.options))]
        session = onnxruntime.InferenceSession(network, options, providers=given, enable_fallback=0)
    except Exception as error:  # its exceptions share no public base
        raise EngineError(f"the network cannot be loaded ({one_line(error)})", backend, remedy) from error
    if provider.name not in session.get_providers():
        raise EngineError(f"ONNX Runtime did not start {provider.name}", backend, remedy)
    return session


def one_line(error: object) -> str:
    """The first 200 characters of what an error says, without where in its sources it was."""
    return re.sub(r"^/\S+:\d+ .*?\) ", "", " ".join(str(error).split()))[:200]
