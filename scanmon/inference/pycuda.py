"""The CUDA port on PyCUDA, which has no graphs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import DeviceLostError, Gpu, GpuMemoryError

_log = logging.getLogger(__name__)
_REMEDY = "use --backend onnxruntime"
# what the driver says of errors after which the context is dead; PyCUDA raises them as four different classes
LOST = (
    "illegal memory access",
    "illegal instruction",
    "unspecified launch failure",
    "launch timed out",
    "misaligned address",
    "invalid program counter",
    "address space",
    "hardware stack error",
    "device-side assert",
    "uncorrectable",
    "busy or unavailable",
    "or a hardware error",
    "tensor memory not",
    "MPS client has been terminated",
    "external entity",
    "unknown error",
)

T = TypeVar("T")


class PyCuda:
    """`driver` is the module `pycuda.driver`."""

    # By device, until the process ends, as the runtime of cuda-python keeps them: PyCUDA's `detach` leaves a
    # primary context that it lets go current on the thread.
    _retained: ClassVar[dict[int, Any]] = {}

    def __init__(self, driver: Any, device: int = 0) -> None:
        self._cuda, self._device, self._lost = driver, device, False
        self._held: list[Callable[[], None]] = []
        self._stream: Any = None
        self._call(driver.init)
        count = self._call(driver.Device.count)
        if device >= count:
            raise EngineError(f"there is no GPU {device}, but {count}", "cuda", "use another --device")
        chosen = self._call(driver.Device, device)
        version = int(self._call(driver.get_driver_version))
        major, minor = self._call(chosen.compute_capability)
        name = self._call(chosen.name)
        self.gpu = Gpu(name, f"SM{major}{minor}", f"{version // 1000}.{version % 1000 // 10}")
        if device not in self._retained:
            self._retained[device] = self._call(chosen.retain_primary_context)
        self._context: Any = self._retained[device]
        try:
            with self.current():
                self._stream = self._call(driver.Stream)
        except EngineError:
            self.close()  # where the device is lost, the next one needs another context
            raise

    @property
    def stream(self) -> int:
        return int(self._stream.handle)

    @contextmanager
    def current(self) -> Iterator[None]:
        """The context lies on this thread's stack meanwhile: PyCUDA ends the process where one is left there.

        Without it PyCUDA frees nothing on another thread than the one that opened the device.
        """
        context = self._context
        try:
            self._call(context.push)
        except EngineError as error:
            _log.info("%s", error)
            yield
            return
        try:
            yield
        finally:
            if context is self._context:  # otherwise it was let go
                self._attempt(context.pop)

    def allocate(self, size: int) -> int:
        allocation = self._call(self._cuda.mem_alloc, size)
        self._held.append(allocation.free)
        return int(allocation)

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory as an array, which must not be touched after `release`."""
        memory: NDArray[np.uint8] = self._call(self._cuda.pagelocked_empty, size, np.uint8)
        self._held.append(memory.base.free)  # type: ignore[union-attr]
        return memory

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int) -> None:
        self._call(self._cuda.memcpy_htod_async, address, memory[:size], self._stream)

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int) -> None:
        self._call(self._cuda.memcpy_dtoh_async, memory[:size], address, self._stream)

    def event(self) -> Any:
        """An event that is waited for without spinning, and without timing, which costs."""
        flags = self._cuda.event_flags
        return self._call(self._cuda.Event, flags.BLOCKING_SYNC | flags.DISABLE_TIMING)

    def record(self, event: Any) -> None:
        self._call(event.record, self._stream)

    def wait(self, event: Any) -> None:
        self._call(event.synchronize)

    def synchronize(self) -> None:
        self._call(self._stream.synchronize)

    def capture(self, work: Callable[[], None]) -> None:
        """PyCUDA has no graphs."""

    def launch(self, graph: Any) -> None:
        """Never called, since nothing is captured."""
        raise EngineError("PyCUDA has no graphs", "cuda", "install cuda-python")

    def release(self) -> None:
        """Give memory back, each piece by itself: what fails keeps nothing else back."""
        self._held.append(self._stream.synchronize)  # first of all: nothing may be in use
        while self._held:
            self._attempt(self._held.pop())

    def close(self) -> None:
        if self._context is None:
            return
        with self.current():
            if self._stream is not None:
                self.release()
                self._stream = None  # PyCUDA says nothing of a stream that it cannot destroy
            if self._lost and self._retained.get(self._device) is self._context:
                # so that the next one is another; any thread may let it go while it lies on the stack
                self._attempt(self._retained.pop(self._device).detach)
                self._context = None
        self._context = None

    def _attempt(self, function: Callable[[], object]) -> None:
        try:
            self._call(function)
        except EngineError as error:  # on a lost device everything is gone already
            _log.info("%s", error)

    def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        """One call of the driver: its result, or its error as ours."""
        try:
            return function(*arguments)
        except self._cuda.MemoryError as error:
            raise GpuMemoryError("the GPU is out of memory", "cuda", "close other programs") from error
        except self._cuda.Error as error:
            said = " ".join(str(error).split())
            if any(words in said for words in LOST):
                self._lost = True
                raise DeviceLostError(f"the GPU was lost ({said})", "cuda", _REMEDY) from error
            raise EngineError(f"CUDA failed ({said})", "cuda", _REMEDY) from error
