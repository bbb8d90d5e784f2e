"""The CUDA port on NVIDIA's cuda-python, 12.9.1 or later: earlier calls hold the interpreter lock."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

_log = logging.getLogger(__name__)
_REMEDY = "use --backend onnxruntime"
LOST = (
    *("Assert", "Contained", "DevicesUnavailable", "ECCUncorrectable", "ExternalDevice"),
    *("HardwareStackError", "IllegalAddress", "IllegalInstruction", "InvalidAddressSpace", "InvalidPc"),
    *("LaunchFailure", "LaunchTimeout", "MisalignedAddress", "MpsClientTerminated", "NvlinkUncorrectable"),
    *("TensorMemoryLeak", "Unknown"),
)
"""After these, names of cudaError_t, every call of the process fails until the device is reset."""


class CudaPython:
    """`runtime` is the module `cuda.bindings.runtime`."""

    _open: ClassVar[WeakSet[CudaPython]] = WeakSet()  # those of this process share the device's context

    def __init__(self, runtime: Any, device: int = 0) -> None:
        self._cuda, self._device = runtime, device
        self._held: list[tuple[str, Any]] = []  # (call that gives it back, what)
        self._lost = False
        try:
            count = self._call("cudaGetDeviceCount")
        except RuntimeError as error:  # the driver's library is not there at all
            raise EngineError("there is no NVIDIA driver", "cuda", f"install one, or {_REMEDY}") from error
        if device >= count:
            raise EngineError(f"there is no GPU {device}, but {count}", "cuda", "use another --device")
        properties = self._call("cudaGetDeviceProperties", device)
        name = properties.name.decode() if isinstance(properties.name, bytes) else str(properties.name)
        driver = int(self._call("cudaDriverGetVersion"))
        self.gpu = Gpu(
            name=name.rstrip("\0"),
            capability=f"SM{properties.major}{properties.minor}",
            driver=f"{driver // 1000}.{driver % 1000 // 10}",
        )
        self._stream: Any = None
        self._closed = False
        CudaPython._open.add(self)
        try:
            with self.current():
                if self._call("cudaGetDevice") != device:  # it was refused, and work would go to another one
                    self._call("cudaSetDevice", device)  # which says why
                # otherwise the thread that waits burns a core for as long as the GPU works (decision 0061);
                # refused where the device is in use already, and then it only costs that core
                self._attempt("cudaSetDeviceFlags", self._cuda.cudaDeviceScheduleBlockingSync)
                self._stream = self._call("cudaStreamCreateWithFlags", self._cuda.cudaStreamNonBlocking)
        except EngineError:
            self.close()  # where the device is lost, that resets it for the next one
            raise

    @property
    def stream(self) -> int:
        """A stream that does not wait for the default stream, as an address."""
        # not int(stream), which is deprecated: cudaStream_t wraps the address and gives out where it lies
        return int(ctypes.c_void_p.from_address(self._stream.getPtr()).value or 0)

    @contextmanager
    def current(self) -> Iterator[None]:
        """CUDA keeps the device for each thread, 0 at first; what the thread had is put back."""
        before = self._attempt("cudaGetDevice")
        if before != self._device:
            self._attempt("cudaSetDevice", self._device)
        try:
            yield
        finally:
            if before not in (None, self._device):
                self._attempt("cudaSetDevice", before)

    def allocate(self, size: int) -> int:
        return int(self._keep("cudaFree", int(self._call("cudaMalloc", size))))

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory as an array, which must not be touched after `release`."""
        address = int(self._keep("cudaFreeHost", int(self._call("cudaHostAlloc", size, 0))))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int) -> None:
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._call("cudaMemcpyAsync", address, memory.ctypes.data, size, kind, self._stream)

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int) -> None:
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._call("cudaMemcpyAsync", memory.ctypes.data, address, size, kind, self._stream)

    def event(self) -> Any:
        """An event that is waited for without spinning, and without timing, which costs."""
        flags = self._cuda.cudaEventBlockingSync | self._cuda.cudaEventDisableTiming
        return self._keep("cudaEventDestroy", self._call("cudaEventCreateWithFlags", flags))

    def record(self, event: Any) -> None:
        self._call("cudaEventRecord", event, self._stream)

    def wait(self, event: Any) -> None:
        self._call("cudaEventSynchronize", event)

    def synchronize(self) -> None:
        self._call("cudaStreamSynchronize", self._stream)

    def capture(self, work: Callable[[], None]) -> Any | None:
        """What `work` puts on the stream, as a graph that is ready to be launched; nothing of it runs."""
        mode = self._cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._call("cudaStreamBeginCapture", self._stream, mode)
        try:
            work()
        except BaseException:
            self._drop_capture()
            raise
        graph = self._call("cudaStreamEndCapture", self._stream)
        try:
            return self._keep("cudaGraphExecDestroy", self._call("cudaGraphInstantiate", graph, 0))
        finally:
            self._call("cudaGraphDestroy", graph)

    def launch(self, graph: Any) -> None:
        self._call("cudaGraphLaunch", graph, self._stream)

    def release(self) -> None:
        """Give back memory, events and graphs, each by itself: what fails keeps nothing else back."""
        self._attempt("cudaStreamSynchronize", self._stream)  # nothing may be in use
        while self._held:
            self._attempt(*self._held.pop())

    def close(self) -> None:
        """Give everything back. The last adapter resets a lost device, so that the next can start."""
        if self._closed:
            return
        self._closed = True
        with self.current():
            if self._stream is not None:
                self.release()
                self._attempt("cudaStreamDestroy", self._stream)
            CudaPython._open.discard(self)
            if self._lost and not CudaPython._open:
                self._attempt("cudaDeviceReset")

    def _keep(self, giver: str, what: Any) -> Any:
        self._held.append((giver, what))
        return what

    def _attempt(self, name: str, *what: Any) -> Any:
        try:
            return self._call(name, *what)
        except EngineError as error:  # on a lost device everything is gone already
            _log.info("%s", error)
            return None

    def _drop_capture(self) -> None:
        """End a capture that broke off: a stream that goes on capturing can do nothing else."""
        try:
            graph = self._call("cudaStreamEndCapture", self._stream)
        except EngineError as error:
            _log.info("%s", error)
        else:
            self._attempt("cudaGraphDestroy", graph)

    def _call(self, name: str, *arguments: Any) -> Any:
        """One call of the runtime: its result, or its error as ours."""
        error, *results = getattr(self._cuda, name)(*arguments)
        if int(error) == 0:
            return results[0] if results else None
        said = getattr(error, "name", str(error)).removeprefix("cudaError")
        if said == "MemoryAllocation":
            raise GpuMemoryError("the GPU is out of memory", "cuda", "close other programs")
        if said == "InsufficientDriver" and not self._call("cudaDriverGetVersion"):
            raise EngineError("there is no NVIDIA driver", "cuda", f"install one, or {_REMEDY}")
        if said in ("InsufficientDriver", "SystemDriverMismatch"):
            raise EngineError(
                "the NVIDIA driver is too old for this CUDA", "cuda", f"update the driver, or {_REMEDY}"
            )
        if said == "NoDevice":
            raise EngineError("there is no NVIDIA GPU", "cuda", _REMEDY)
        if said in LOST:
            self._lost = True
            raise DeviceLostError(f"the GPU was lost: {name} failed ({said})", "cuda", _REMEDY)
        raise EngineError(f"{name} failed ({said})", "cuda", _REMEDY)
