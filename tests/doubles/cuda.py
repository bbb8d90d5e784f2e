"""A recording stand-in for a GPU: memory, a stream, graphs and a TensorRT module that computes a mean.

It fails where a real GPU would give wrong results: a thread whose device is another, memory that was given
back, a result read before it was waited for, an address that was not set, a graph of a context that was
changed since, activations without memory. Work on the stream is done when it is waited for.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

FEATURES = 3
ALLOWED = {"fp32": 1e-4, "fp16": 5e-4}  # of a feature on a GPU; half precision is off by 1e-4 on a processor


@dataclass
class FakeCuda:
    """The port, on host memory. `limit`: bytes of device memory."""

    limit: int = 1 << 40
    graphs: bool = True
    gpu: Gpu = field(default_factory=lambda: Gpu("Fake 9000", "SM89", "12.8"))
    stream: int = 7
    log: list[str] = field(default_factory=list)
    memory: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    others: int = 0  # pinned memory, events and graphs that were not given back
    queue: list[Callable[[], None]] = field(default_factory=list)
    capturing: list[Callable[[], None]] | None = None
    lost: bool = False
    refuses_capture: bool = False
    capturable: bool = True  # what RTX says of its contexts
    closings: int = 0
    _threads: list[int] = field(default_factory=list)  # that the device is current on
    _ids: Any = field(default_factory=lambda: itertools.count(1000))

    @property
    def left(self) -> int:
        """What was not given back."""
        return len(self.memory) + self.others

    @contextmanager
    def current(self) -> Iterator[None]:
        self._threads.append(threading.get_ident())
        try:
            yield
        finally:
            self._threads.pop()

    def _check(self) -> None:
        assert threading.get_ident() in self._threads, "the device of this thread is another"

    def allocate(self, size: int) -> int:
        self._check()
        if sum(block.nbytes for block in self.memory.values()) + size > self.limit:
            raise GpuMemoryError("the GPU is out of memory")
        assert self.capturing is None, "memory is taken while capturing"
        self.memory[address := next(self._ids)] = np.zeros(size, np.uint8)
        return address

    def pinned(self, size: int) -> NDArray[np.uint8]:
        self._check()
        self.others += 1
        return np.full(size, 0xEE, np.uint8)

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int) -> None:
        self.put("to_device", lambda: np.copyto(self.memory[address][:size], memory[:size]))

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int) -> None:
        self.put("to_host", lambda: np.copyto(memory[:size], self.memory[address][:size]))

    def event(self) -> int:
        self._check()
        self.others += 1
        return next(self._ids)

    def record(self, event: int) -> None:
        self._check()
        self.log.append("record")

    def wait(self, event: int) -> None:
        self._drain("wait")

    def synchronize(self) -> None:
        assert self.capturing is None, "waiting while capturing"
        self._drain("synchronize")

    def capture(self, work: Callable[[], None]) -> list[Callable[[], None]] | None:
        self._check()
        if not self.graphs:
            return None
        assert not self.queue, "capture begins on a stream with unfinished work"
        self.log.append("capture")
        self.capturing = captured = []
        try:
            work()
        finally:
            self.capturing = None
        if self.refuses_capture:
            raise EngineError("cudaStreamEndCapture failed (StreamCaptureInvalidated)")
        self.others += 1
        return captured

    def launch(self, graph: list[Callable[[], None]]) -> None:
        self._check()
        self.log.append("launch")
        self.queue += graph

    def release(self) -> None:
        if not self.lost:
            for work in self.queue:  # memory that is in use is not freed
                work()
        self.queue.clear()
        self.memory.clear()
        self.others = 0

    def close(self) -> None:
        self.closings += 1
        self.release()

    def put(self, name: str, work: Callable[[], None]) -> None:
        """Put work on the stream, or into the graph that is being captured."""
        self._check()
        self.log.append(name)
        (self.queue if self.capturing is None else self.capturing).append(work)

    def _drain(self, name: str) -> None:
        self._check()
        self.log.append(name)
        if self.lost:
            raise DeviceLostError("the GPU was lost")
        for work in self.queue:
            work()
        self.queue.clear()


def fake_tensorrt(cuda: FakeCuda, side: int = 4, most: int = 8, name: str = "tensorrt_rtx") -> Any:
    """A module whose plans give mean, least and most of each window; of RTX with kernels to keep."""
    rtx = name == "tensorrt_rtx"

    class Context:
        def __init__(self, settings: Any) -> None:
            self.settings = settings
            self._shape: tuple[int, ...] | None = None
            self._addresses: dict[str, int] = {}
            self._activations: int | None = None
            self._changes = 0

        def set_input_shape(self, tensor: str, shape: tuple[int, ...]) -> bool:
            assert tensor == "windows"
            self._shape = shape
            self._changes += 1
            return bool(1 <= shape[0] <= most and shape[1:] == (side, side))

        def set_tensor_address(self, tensor: str, address: int) -> bool:
            self._addresses[tensor] = address
            self._changes += 1
            return address in cuda.memory

        def update_device_memory_size_for_shapes(self) -> int:
            return 64 * self._shape[0]

        def set_device_memory(self, memory: int, size: int) -> None:
            assert cuda.memory[memory].nbytes >= size >= self.update_device_memory_size_for_shapes()
            self._activations = memory
            self._changes += 1

        def execute_async_v3(self, stream: int) -> bool:
            assert stream == cuda.stream
            assert set(self._addresses) == {"windows", "z"}, "an address was not set"
            assert self._shape is not None
            shape, source, target = self._shape, self._addresses["windows"], self._addresses["z"]
            changes = self._changes

            def work() -> None:
                assert self._changes == changes, "a graph of a context that was changed since"
                assert self._activations in cuda.memory, "activations without memory"
                count = shape[0]
                pixels = cuda.memory[source][: int(np.prod(shape))].reshape(count, -1).astype(np.float32)
                z = np.stack([pixels.mean(axis=1), pixels.min(axis=1), pixels.max(axis=1)], axis=1)
                cuda.memory[target][: z.nbytes] = z.astype(np.float32).view(np.uint8).ravel()

            cuda.put("execute", work)
            return True

    class Kernels:
        def __init__(self) -> None:
            self._held = b""

        def deserialize(self, data: bytes) -> bool:
            self._held = data
            return True

        def serialize(self) -> bytes | None:
            return None if cuda.lost else self._held + b"k"

    class Config:
        dynamic_shapes_kernel_specialization_strategy = "lazy"

        def set_execution_context_allocation_strategy(self, strategy: str) -> None:
            self._strategy = strategy

        def create_runtime_cache(self) -> Kernels:
            return Kernels()

        def set_runtime_cache(self, cache: Kernels) -> bool:
            self._cache = cache
            return True

    class Engine:
        num_io_tensors = 2

        def get_tensor_name(self, index: int) -> str:
            return ("z", "windows")[index]

        def get_tensor_mode(self, tensor: str) -> str:
            return "in" if tensor == "windows" else "out"

        def get_tensor_shape(self, tensor: str) -> tuple[int, ...]:
            return (-1, side, side) if tensor == "windows" else (-1, FEATURES)

        def get_tensor_profile_shape(self, tensor: str, profile: int) -> list[tuple[int, ...]]:
            return [(1, side, side), (2, side, side), (most, side, side)]

        def create_execution_context(self, settings: Any) -> Context:
            if rtx:
                assert settings.dynamic_shapes_kernel_specialization_strategy == "eager"
                assert (settings._strategy, bool(settings._cache)) == ("user", True)
            else:
                assert settings == "user"
            return Context(settings)

    if rtx:
        Engine.create_runtime_config = lambda self: Config()  # type: ignore[attr-defined]
        Context.is_stream_capturable = lambda self, stream: cuda.capturable  # type: ignore[attr-defined]

    class ILogger:
        Severity = SimpleNamespace(INTERNAL_ERROR=0, ERROR=1)

        def __init__(self) -> None: ...

    class Runtime:
        def __init__(self, logger: Any) -> None:
            self._logger = logger

        def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
            if plan == b"plan":
                return Engine()
            self._logger.log(ILogger.Severity.ERROR, "Serialization assertion\n  magicTag failed")
            return None

    members = {
        "Runtime": Runtime,
        "ILogger": ILogger,
        "TensorIOMode": SimpleNamespace(INPUT="in", OUTPUT="out"),
        "ExecutionContextAllocationStrategy": SimpleNamespace(USER_MANAGED="user"),
        "ICudaEngine": Engine,
        "IExecutionContext": Context,
    }
    if rtx:
        members |= {
            "ComputeCapability": SimpleNamespace(__members__={"CURRENT": 1, "SM86": 86, "SM89": 89}),
            "DynamicShapesKernelSpecializationStrategy": SimpleNamespace(EAGER="eager"),
            "IRuntimeConfig": Config,
            "IRuntimeCache": Kernels,
        }
    return SimpleNamespace(__name__=name, __version__="1.7", **members)
