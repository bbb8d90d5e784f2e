"""TensorRT 10, 11 and RTX: a compiled plan on an NVIDIA GPU. The module is passed in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanmon.core.errors import EngineError
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.batches import SIZES, GpuEngine
from scanmon.inference.cuda import Cuda, GpuMemoryError
from scanmon.inference.tensorrt_rtx import capturable, settings_of

if TYPE_CHECKING:  # not installed: types for tools/check_tensorrt.py
    import tensorrt

_log = logging.getLogger(__name__)
_REMEDY = "use --backend onnxruntime:cuda or onnxruntime"


def tensorrt_engine(
    trt: Any, plan: bytes, precision: str, cuda: Cuda, batch: int = SIZES[-1], cache: Path | None = None
) -> GpuEngine:
    """An engine on one plan; it owns `cuda`. `cache`: file for the kernels that TensorRT-RTX compiles here.

    Raises `EngineError` with what the runtime says, `GpuMemoryError`, `DeviceLostError`.
    """
    backend = "tensorrt-rtx" if trt.__name__ == "tensorrt_rtx" else "tensorrt"
    return GpuEngine(backend, precision, cuda, lambda gpu: TensorRtNetwork(trt, plan, gpu, cache), batch)


def refused(trt: Any, capability: str) -> str | None:
    """Why a runtime cannot use a GPU such as SM90, by name; None where it can, or does not tell."""
    known = getattr(trt, "ComputeCapability", None)
    if known is None or capability in known.__members__:
        return None
    names = ", ".join(name for name in known.__members__ if name.startswith("SM"))
    return f"{trt.__name__} does not know this GPU ({capability}), but {names}"


class TensorRtNetwork:
    """One plan, with an execution context for each captured graph: a graph is of one context as it was.

    All contexts share one piece of memory, since their passes follow one another on one stream.
    """

    def __init__(self, trt: Any, plan: bytes, cuda: Cuda, cache: Path | None = None) -> None:
        self._trt, self._cuda, self._cache = trt, cuda, cache
        self._contexts: list[Any] = []
        self._memory: tuple[int, int] | None = None  # address, bytes
        self._logger = logger(trt)  # outlives the runtime, which calls it
        try:
            self._runtime = trt.Runtime(self._logger)
        except TypeError as error:  # "factory function returned nullptr", where CUDA does not start
            raise self._error("the runtime cannot be started", _REMEDY) from error
        engine = self._engine = self._runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise self._error("the plan cannot be loaded", "build the plan again")
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        inputs = [name for name in names if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        if len(names) != 2 or len(inputs) != 1:
            raise self._error(f"the plan has tensors {names}, not one in and one out", "build the plan again")
        (self._input,) = inputs
        (self._output,) = set(names) - {self._input}
        self.most = int(engine.get_tensor_profile_shape(self._input, 0)[2][0])
        self.window = tuple(int(side) for side in engine.get_tensor_shape(self._input))[1:]
        self.features = int(tuple(engine.get_tensor_shape(self._output))[1])
        self._config = self._kernels = None
        self.cutter = None
        self.capturable = True  # TensorRT's passes are; those of RTX say so themselves
        if trt.__name__ == "tensorrt_rtx":
            self._config, self._kernels = settings_of(trt, engine, cache)

    def bind(self, count: int, source: int, target: int) -> Callable[[], None]:
        """A context of its own for this size and these addresses."""
        context = self._context()
        if not context.set_input_shape(self._input, (count, *self.window)):
            raise self._error(f"the plan takes no batch of {count}", "build the plan again")
        for name, address in ((self._input, source), (self._output, target)):
            if not context.set_tensor_address(name, address):
                raise self._error(f"the memory for {name} is refused", _REMEDY)
        size = int(context.update_device_memory_size_for_shapes())
        if self._memory is None or self._memory[1] < size:
            # a context that is bound already keeps the piece that it has
            self._memory = (self._cuda.allocate(max(size, 1)), size)
        context.set_device_memory(*self._memory)
        if self._config is not None:
            self.capturable = capturable(context, self._cuda.stream)
        self._contexts.append(context)

        def enqueue() -> None:
            if not context.execute_async_v3(self._cuda.stream):
                raise self._error("the network cannot be run", _REMEDY)

        return enqueue

    def unbind(self) -> None:
        """Let the contexts go, and forget their memory."""
        self._contexts.clear()
        self._memory = None

    def close(self) -> None:
        """Keep the compiled kernels, and let everything go."""
        kernels = self._kernels.serialize() if self._kernels is not None else None
        if kernels is not None and self._cache is not None:  # None on a device that is lost
            try:
                write_atomic(self._cache, bytes(kernels))
            except OSError as error:  # they are compiled again at the next start
                _log.warning("compiled kernels cannot be kept (%s)", error)
        self.unbind()
        self._kernels = self._config = None
        del self._engine, self._runtime  # in this order: each needs the next

    def _context(self) -> tensorrt.IExecutionContext:
        strategy = self._trt.ExecutionContextAllocationStrategy.USER_MANAGED
        context = self._engine.create_execution_context(self._config or strategy)
        if context is None:
            raise GpuMemoryError(
                f"the GPU has no memory for the network ({self._logger.last or 'no reason given'})",
                self._trt.__name__,
                "close other programs",
            )
        return context

    def _error(self, what: str, remedy: str) -> EngineError:
        said = f" ({self._logger.last})" if self._logger.last else ""
        return EngineError(what + said, self._trt.__name__, remedy)


def logger(trt: Any) -> Any:
    """A logger that keeps the last error and prints nothing."""

    class Log(trt.ILogger):  # type: ignore[misc]
        """The rest of what TensorRT says is for its developers."""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.last = ""

        def log(self, severity: Any, text: str) -> None:
            if severity in (trt.ILogger.Severity.ERROR, trt.ILogger.Severity.INTERNAL_ERROR):
                self.last = " ".join(text.split())[:300]

    return Log()
