"""The CUDA port on NVIDIA's cuda-python."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

_LOST = ("IllegalAddress", "LaunchFailure", "DeviceLost", "ECCUncorrectable", "HardwareStackError", "Unknown")


class CudaPython:
    """`runtime` is the module `cuda.bindings.runtime`."""

    captures = True

    def __init__(self, runtime: Any, device: int = 0) -> None:
        self._cuda = runtime
        try:
            count = self._call("cudaGetDeviceCount")
        except RuntimeError as error:  # the driver's library is not there at all
            raise EngineError(
                "there is no NVIDIA driver", "cuda", "install one, or use --backend onnx"
            ) from error
        if device >= count:
            raise EngineError(f"there is no GPU {device}, but {count}", "cuda", "use another --device")
        self._call("cudaSetDevice", device)
        properties = self._call("cudaGetDeviceProperties", device)
        name = properties.name.decode() if isinstance(properties.name, bytes) else str(properties.name)
        driver = int(self._call("cudaDriverGetVersion"))
        self.gpu = Gpu(
            name=name.rstrip("\0"),
            capability=f"SM{properties.major}{properties.minor}",
            driver=f"{driver // 1000}.{driver % 1000 // 10}",
        )

    def allocate(self, size: int) -> int:
        """Bytes on the device."""
        return int(self._call("cudaMalloc", size))

    def free(self, address: int) -> None:
        """Give device memory back."""
        self._call("cudaFree", address)

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory as an array."""
        address = int(self._call("cudaHostAlloc", size, 0))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def free_pinned(self, memory: NDArray[np.uint8]) -> None:
        """Give page-locked memory back; the array must not be touched any more."""
        self._call("cudaFreeHost", memory.ctypes.data)

    def stream(self) -> Any:
        """A stream that does not wait for the default stream."""
        return self._call("cudaStreamCreateWithFlags", self._cuda.cudaStreamNonBlocking)

    def stream_handle(self, stream: Any) -> int:
        """As TensorRT takes it."""
        return int(stream)

    def free_stream(self, stream: Any) -> None:
        """Give a stream back."""
        self._call("cudaStreamDestroy", stream)

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int, stream: Any) -> None:
        """Put a copy from page-locked memory on the stream."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._call("cudaMemcpyAsync", address, memory.ctypes.data, size, kind, stream)

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int, stream: Any) -> None:
        """Put a copy to page-locked memory on the stream."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._call("cudaMemcpyAsync", memory.ctypes.data, address, size, kind, stream)

    def synchronize(self, stream: Any) -> None:
        """Wait for all that is on the stream."""
        self._call("cudaStreamSynchronize", stream)

    def event(self) -> Any:
        """An event without timing, which is the cheapest kind."""
        return self._call("cudaEventCreateWithFlags", self._cuda.cudaEventDisableTiming)

    def record(self, event: Any, stream: Any) -> None:
        """Mark this point of the stream."""
        self._call("cudaEventRecord", event, stream)

    def wait(self, event: Any) -> None:
        """Until the mark is reached."""
        self._call("cudaEventSynchronize", event)

    def free_event(self, event: Any) -> None:
        """Give an event back."""
        self._call("cudaEventDestroy", event)

    def begin_capture(self, stream: Any) -> None:
        """From here on the stream's work is recorded and not run."""
        mode = self._cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._call("cudaStreamBeginCapture", stream, mode)

    def end_capture(self, stream: Any) -> Any:
        """The recorded work, ready to be launched."""
        graph = self._call("cudaStreamEndCapture", stream)
        try:
            return self._call("cudaGraphInstantiate", graph, 0)
        finally:
            self._call("cudaGraphDestroy", graph)

    def launch(self, graph: Any, stream: Any) -> None:
        """Put a graph on the stream."""
        self._call("cudaGraphLaunch", graph, stream)

    def free_graph(self, graph: Any) -> None:
        """Give a graph back."""
        self._call("cudaGraphExecDestroy", graph)

    def close(self) -> None:
        """Nothing to give back: the device's context belongs to the process."""

    def _call(self, name: str, *arguments: Any) -> Any:
        """One call of the runtime: its result, or its error as ours."""
        error, *results = getattr(self._cuda, name)(*arguments)
        if int(error) == 0:
            return results[0] if results else None
        said = getattr(error, "name", str(error)).removeprefix("cudaError")
        if said == "MemoryAllocation":
            raise GpuMemoryError("the GPU is out of memory", "cuda", "close other programs")
        if said == "InsufficientDriver" and not self._call("cudaDriverGetVersion"):
            raise EngineError("there is no NVIDIA driver", "cuda", "install one, or use --backend onnx")
        if said in ("InsufficientDriver", "SystemDriverMismatch"):
            raise EngineError(
                "the NVIDIA driver is too old for this CUDA",
                "cuda",
                "update the driver, or use --backend onnx",
            )
        if said == "NoDevice":
            raise EngineError("there is no NVIDIA GPU", "cuda", "use --backend onnx")
        kind = DeviceLostError if said in _LOST else EngineError
        raise kind(f"{name} failed ({said})", "cuda", "use --backend onnx")
