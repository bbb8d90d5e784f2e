"""TensorRT and TensorRT-RTX: a compiled plan on an NVIDIA GPU. The module is passed in; 10, 11 and RTX alike.

Work goes through two slots of pinned and device memory on one stream of its own: while the GPU works on a
batch, the next one is copied into the other slot. Each batch size of a slot is captured into a graph once and
launched from then on. Where a capture fails, as it may while kernels are still being compiled, every pass is
enqueued instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import Cuda, DeviceLostError, GpuMemoryError

_log = logging.getLogger(__name__)
BATCH = 48  # windows of a pass at most
_SLOTS = 2


@dataclass(slots=True, eq=False)
class _Slot:
    host_in: NDArray[np.uint8]
    host_out: NDArray[np.uint8]
    device_in: int
    device_out: int
    done: Any  # event
    graphs: dict[int, Any]  # windows of a batch -> graph
    pending: tuple[int, int] | None = None  # where its result goes: first window, windows


class TensorRtEngine:
    """Runs one plan: uint8 (n, H, W) in, float32 (n, D) out. For one thread at a time.

    `close` frees everything on the GPU; the CUDA adapter stays the caller's, who may have it closed by
    `at_end`. Raises `EngineError`, `GpuMemoryError`, `DeviceLostError`.
    """

    def __init__(
        self,
        trt: Any,
        plan: bytes,
        precision: str,
        cuda: Cuda,
        batch: int = BATCH,
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.backend = "tensorrt-rtx" if trt.__name__ == "tensorrt_rtx" else "tensorrt"
        self.precision = precision
        self._cuda, self._at_end = cuda, at_end
        self._captures = cuda.captures
        self._logger = trt.Logger(trt.Logger.ERROR)  # outlives the runtime, which calls it
        self._runtime = trt.Runtime(self._logger)
        self._engine = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise EngineError("the plan cannot be loaded", self.backend, "build the plan again")
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        self._input, self._output = sorted(
            names, key=lambda name: self._engine.get_tensor_mode(name) != trt.TensorIOMode.INPUT
        )
        most = int(self._engine.get_tensor_profile_shape(self._input, 0)[2][0])
        self._window = tuple(self._engine.get_tensor_shape(self._input))[1:]
        self._features = int(tuple(self._engine.get_tensor_shape(self._output))[1])
        self._context = self._engine.create_execution_context()
        if self._context is None:
            raise GpuMemoryError(
                "the GPU has no memory for the network", self.backend, "close other programs"
            )
        self._stream = cuda.stream()
        self._slots: list[_Slot] = []
        self._batch = self._allocate(min(batch, most))

    @property
    def batch(self) -> int:
        """Windows of a pass at most; less than asked for where the GPU's memory is short."""
        return self._batch

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features of all windows, in batches through both slots. Raises `EngineError`."""
        if pixels.shape[1:] != self._window:
            raise EngineError(f"the plan takes windows {self._window}, not {pixels.shape[1:]}", self.backend)
        for slot in self._slots:  # a pass that broke off may have left something behind
            self._forget(slot)
        result = np.empty((len(pixels), self._features), dtype=np.float32)
        for number, start in enumerate(range(0, len(pixels), self._batch)):
            slot = self._slots[number % _SLOTS]
            self._collect(slot, result)  # what it did before must be read before its memory is written again
            self._start(slot, pixels[start : start + self._batch], start)
        for slot in self._slots:
            self._collect(slot, result)
        return result

    def close(self) -> None:
        """Free all memory; may be called more than once."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        try:
            self._free_slots()
            self._cuda.free_stream(stream)
        finally:  # also where the device is lost
            del self._context, self._engine, self._runtime  # in this order: each needs the next
            self._at_end()

    def _start(self, slot: _Slot, pixels: NDArray[np.uint8], start: int) -> None:
        count = len(pixels)
        np.copyto(slot.host_in[: pixels.nbytes].reshape(pixels.shape), pixels)
        if count in slot.graphs:
            self._cuda.launch(slot.graphs[count], self._stream)
        else:
            self._bind(slot, count)
            self._enqueue(slot, count)  # the first pass of a shape sets TensorRT up, which cannot be captured
            if self._captures:
                self._capture(slot, count)
        self._cuda.record(slot.done, self._stream)
        slot.pending = (start, count)

    def _capture(self, slot: _Slot, count: int) -> None:
        """Record the pass as a graph; what it computes is there already, from the pass before."""
        self._cuda.synchronize(self._stream)
        try:
            self._cuda.begin_capture(self._stream)
            try:
                self._enqueue(slot, count)
            finally:  # also where it failed: a stream that goes on capturing can do nothing else
                graph = self._cuda.end_capture(self._stream)
        except (DeviceLostError, GpuMemoryError):
            raise
        except EngineError as error:
            self._captures = False
            _log.warning("%s: passes cannot be captured (%s) and are enqueued instead", self.backend, error)
        else:
            slot.graphs[count] = graph

    def _forget(self, slot: _Slot) -> None:
        if slot.pending is not None:
            slot.pending = None
            self._cuda.wait(slot.done)

    def _bind(self, slot: _Slot, count: int) -> None:
        """Shape and addresses; a graph keeps those that were set when it was captured."""
        if not self._context.set_input_shape(self._input, (count, *self._window)):
            raise EngineError(f"the plan takes no batch of {count}", self.backend, "build the plan again")
        self._context.set_tensor_address(self._input, slot.device_in)
        self._context.set_tensor_address(self._output, slot.device_out)

    def _enqueue(self, slot: _Slot, count: int) -> None:
        cuda, window = self._cuda, int(np.prod(self._window))
        cuda.to_device(slot.device_in, slot.host_in, count * window, self._stream)
        if not self._context.execute_async_v3(cuda.stream_handle(self._stream)):
            raise EngineError("the network cannot be run", self.backend, "use --backend onnx")
        cuda.to_host(slot.host_out, slot.device_out, count * self._features * 4, self._stream)

    def _collect(self, slot: _Slot, result: NDArray[np.float32]) -> None:
        if slot.pending is None:
            return
        start, count = slot.pending
        slot.pending = None
        self._cuda.wait(slot.done)
        size = count * self._features * 4
        result[start : start + count] = slot.host_out[:size].view(np.float32).reshape(count, self._features)

    def _allocate(self, batch: int) -> int:
        """Memory for both slots; where it is short, for half as many windows, and so on. Returns how many."""
        while True:
            try:
                for _ in range(_SLOTS):
                    self._add_slot(batch)
                return batch
            except GpuMemoryError:
                self._free_slots()
                if batch == 1:
                    self.close()
                    raise
                batch //= 2

    def _add_slot(self, batch: int) -> None:
        window, features = batch * int(np.prod(self._window)), batch * self._features * 4
        cuda = self._cuda
        with ExitStack() as undo:  # of what was had, where something cannot be had
            device_in = cuda.allocate(window)
            undo.callback(cuda.free, device_in)
            device_out = cuda.allocate(features)
            undo.callback(cuda.free, device_out)
            host_in = cuda.pinned(window)
            undo.callback(cuda.free_pinned, host_in)
            host_out = cuda.pinned(features)
            undo.callback(cuda.free_pinned, host_out)
            self._slots.append(_Slot(host_in, host_out, device_in, device_out, cuda.event(), {}))
            undo.pop_all()

    def _free_slots(self) -> None:
        for slot in self._slots:
            for graph in slot.graphs.values():
                self._cuda.free_graph(graph)
            self._cuda.free_event(slot.done)
            self._cuda.free_pinned(slot.host_in)
            self._cuda.free_pinned(slot.host_out)
            self._cuda.free(slot.device_in)
            self._cuda.free(slot.device_out)
        self._slots.clear()
