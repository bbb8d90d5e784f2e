"""The CUDA port on PyCUDA, which has no graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

T = TypeVar("T")


class PyCuda:
    """`driver` is the module `pycuda.driver`."""

    captures = False

    def __init__(self, driver: Any, device: int = 0) -> None:
        self._cuda = driver
        self._call(driver.init)
        count = self._call(driver.Device.count)
        if device >= count:
            raise EngineError(f"there is no GPU {device}, but {count}", "cuda", "use another --device")
        chosen = self._call(driver.Device, device)
        self._context = self._call(chosen.retain_primary_context)
        self._context.push()
        self._allocations: dict[int, Any] = {}
        major, minor = chosen.compute_capability()
        version = int(driver.get_driver_version())
        self.gpu = Gpu(chosen.name(), f"SM{major}{minor}", f"{version // 1000}.{version % 1000 // 10}")

    def allocate(self, size: int) -> int:
        """Bytes on the device."""
        allocation = self._call(self._cuda.mem_alloc, size)
        self._allocations[int(allocation)] = allocation  # freed as soon as it is forgotten
        return int(allocation)

    def free(self, address: int) -> None:
        """Give device memory back."""
        self._call(self._allocations.pop(address).free)

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory as an array."""
        memory: NDArray[np.uint8] = self._call(self._cuda.pagelocked_empty, size, np.uint8)
        return memory

    def free_pinned(self, memory: NDArray[np.uint8]) -> None:
        """Give page-locked memory back; the array must not be touched any more."""
        self._call(memory.base.free)  # type: ignore[union-attr]

    def stream(self) -> Any:
        """A stream of its own."""
        return self._call(self._cuda.Stream)

    def stream_handle(self, stream: Any) -> int:
        """As TensorRT takes it."""
        return int(stream.handle)

    def free_stream(self, stream: Any) -> None:
        """Nothing to do: it goes with the object."""

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int, stream: Any) -> None:
        """Put a copy from page-locked memory on the stream."""
        self._call(self._cuda.memcpy_htod_async, address, memory[:size], stream)

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int, stream: Any) -> None:
        """Put a copy to page-locked memory on the stream."""
        self._call(self._cuda.memcpy_dtoh_async, memory[:size], address, stream)

    def synchronize(self, stream: Any) -> None:
        """Wait for all that is on the stream."""
        self._call(stream.synchronize)

    def event(self) -> Any:
        """An event without timing, which is the cheapest kind."""
        return self._call(self._cuda.Event, self._cuda.event_flags.DISABLE_TIMING)

    def record(self, event: Any, stream: Any) -> None:
        """Mark this point of the stream."""
        self._call(event.record, stream)

    def wait(self, event: Any) -> None:
        """Until the mark is reached."""
        self._call(event.synchronize)

    def free_event(self, event: Any) -> None:
        """Nothing to do: it goes with the object."""

    def begin_capture(self, stream: Any) -> None:
        """PyCUDA has no graphs."""
        raise EngineError("PyCUDA has no graphs", "cuda", "install cuda-python")

    def end_capture(self, stream: Any) -> Any:
        """PyCUDA has no graphs."""
        raise EngineError("PyCUDA has no graphs", "cuda", "install cuda-python")

    def launch(self, graph: Any, stream: Any) -> None:
        """PyCUDA has no graphs."""
        raise EngineError("PyCUDA has no graphs", "cuda", "install cuda-python")

    def free_graph(self, graph: Any) -> None:
        """Nothing to do: there are none."""

    def close(self) -> None:
        """Let the device's context go; may be called more than once."""
        context, self._context = self._context, None
        if context is not None:
            context.pop()
            context.detach()

    def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        """One call of the driver: its result, or its error as ours."""
        try:
            return function(*arguments)
        except self._cuda.MemoryError as error:
            raise GpuMemoryError("the GPU is out of memory", "cuda", "close other programs") from error
        except self._cuda.LaunchError as error:
            raise DeviceLostError("the GPU stopped answering", "cuda", "use --backend onnx") from error
        except self._cuda.Error as error:
            said = " ".join(str(error).split())
            raise EngineError(f"CUDA failed ({said})", "cuda", "use --backend onnx") from error
