"""A recording stand-in for a GPU: memory, streams, graphs and a TensorRT module that computes a mean.

It fails where a real GPU would give wrong results: memory that was freed, a result read before it was waited
for, an address that was not set, a graph of another shape. Work on the stream is done when it is waited for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

FEATURES = 3


@dataclass
class FakeCuda:
    """The port, on host memory. `limit`: bytes of device memory."""

    limit: int = 1 << 40
    captures: bool = True
    gpu: Gpu = field(default_factory=lambda: Gpu("Fake 9000", "SM89", "12.8"))
    log: list[str] = field(default_factory=list)
    memory: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    pins: list[int] = field(default_factory=list)
    queue: list[Callable[[], None]] = field(default_factory=list)
    capturing: list[Callable[[], None]] | None = None
    handles: set[int] = field(default_factory=set)
    graphs: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    lost: bool = False
    refuses_capture: bool = False
    _ids: Any = field(default_factory=lambda: itertools.count(1000))

    @property
    def left(self) -> int:
        """What was not given back."""
        return len(self.memory) + len(self.pins) + len(self.handles) + len(self.graphs)

    def allocate(self, size: int) -> int:
        if sum(block.nbytes for block in self.memory.values()) + size > self.limit:
            raise GpuMemoryError("the GPU is out of memory")
        self.memory[address := next(self._ids)] = np.zeros(size, np.uint8)
        return address

    def free(self, address: int) -> None:
        assert self.lost or not self.queue, "memory is freed under unfinished work"
        del self.memory[address]

    def pinned(self, size: int) -> NDArray[np.uint8]:
        block = np.zeros(size, np.uint8)
        self.pins.append(id(block))
        return block

    def free_pinned(self, memory: NDArray[np.uint8]) -> None:
        assert self.lost or not self.queue, "memory is freed under unfinished work"
        self.pins.remove(id(memory))

    def stream(self) -> int:
        return self._handle()

    def stream_handle(self, stream: int) -> int:
        return stream

    def free_stream(self, stream: int) -> None:
        self.handles.remove(stream)

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int, stream: int) -> None:
        self.put("to_device", lambda: np.copyto(self.memory[address][:size], memory[:size]))

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int, stream: int) -> None:
        self.put("to_host", lambda: np.copyto(memory[:size], self.memory[address][:size]))

    def synchronize(self, stream: int) -> None:
        assert self.capturing is None, "waiting while capturing"
        self._drain("synchronize")

    def event(self) -> int:
        return self._handle()

    def record(self, event: int, stream: int) -> None:
        self.log.append("record")

    def wait(self, event: int) -> None:
        self._drain("wait")

    def free_event(self, event: int) -> None:
        self.handles.remove(event)

    def begin_capture(self, stream: int) -> None:
        assert not self.queue, "capture begins on a stream with unfinished work"
        self.log.append("begin_capture")
        self.capturing = []

    def end_capture(self, stream: int) -> int:
        self.log.append("end_capture")
        assert self.capturing is not None
        if self.refuses_capture:
            self.capturing = None
            raise EngineError("cudaStreamEndCapture failed (StreamCaptureInvalidated)")
        self.graphs[graph := next(self._ids)] = self.capturing
        self.capturing = None
        return graph

    def launch(self, graph: int, stream: int) -> None:
        self.log.append("launch")
        self.queue += self.graphs[graph]

    def free_graph(self, graph: int) -> None:
        del self.graphs[graph]

    def close(self) -> None: ...

    def put(self, name: str, work: Callable[[], None]) -> None:
        """Put work on the stream, or into the graph that is being captured."""
        self.log.append(name)
        (self.queue if self.capturing is None else self.capturing).append(work)

    def _handle(self) -> int:
        self.handles.add(handle := next(self._ids))
        return handle

    def _drain(self, name: str) -> None:
        self.log.append(name)
        if self.lost:
            raise DeviceLostError("the GPU stopped answering")
        for work in self.queue:
            work()
        self.queue.clear()


def fake_tensorrt(cuda: FakeCuda, side: int = 4, most: int = 8, name: str = "tensorrt_rtx") -> Any:
    """A module whose plans give mean, minimum and maximum of each window."""

    class Context:
        def __init__(self) -> None:
            self._shape: tuple[int, ...] | None = None
            self._addresses: dict[str, int] = {}

        def set_input_shape(self, tensor: str, shape: tuple[int, ...]) -> bool:
            assert tensor == "windows"
            self._shape = shape
            return bool(1 <= shape[0] <= most and shape[1:] == (side, side))

        def set_tensor_address(self, tensor: str, address: int) -> bool:
            assert address in cuda.memory
            self._addresses[tensor] = address
            return True

        def execute_async_v3(self, stream: int) -> bool:
            assert stream in cuda.handles
            assert set(self._addresses) == {"windows", "z"}, "an address was not set"
            assert self._shape is not None
            shape, source, target = self._shape, self._addresses["windows"], self._addresses["z"]

            def work() -> None:
                count = shape[0]
                pixels = cuda.memory[source][: int(np.prod(shape))].reshape(count, -1).astype(np.float32)
                z = np.stack([pixels.mean(axis=1), pixels.min(axis=1), pixels.max(axis=1)], axis=1)
                cuda.memory[target][: z.nbytes] = z.astype(np.float32).view(np.uint8).ravel()

            cuda.put("execute", work)
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

        def create_execution_context(self) -> Context:
            return Context()

    class Runtime:
        def __init__(self, logger: Any) -> None: ...

        def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
            return Engine() if plan == b"plan" else None

    class Logger:
        ERROR = 1

        def __init__(self, level: int) -> None: ...

    return SimpleNamespace(
        __name__=name,
        __version__="1.7",
        Runtime=Runtime,
        Logger=Logger,
        TensorIOMode=SimpleNamespace(INPUT="in", OUTPUT="out"),
        ICudaEngine=Engine,
        IExecutionContext=Context,
    )
