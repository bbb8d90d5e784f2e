"""The little of CUDA that an engine needs, behind one port; `cuda_python` and `pycuda` fill it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError


class GpuMemoryError(EngineError):
    """The GPU has not enough free memory."""


class DeviceLostError(EngineError):
    """The GPU stopped answering; everything on it is gone."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A device, as a plan's key needs it."""

    name: str
    capability: str  # SM89
    driver: str  # the CUDA version that the driver offers, 12.8


class Cuda(Protocol):
    """One device with one stream, for one thread at a time. Every call may raise `EngineError`.

    Any thread may open, use and close it, which device it works on being a matter of the thread: all calls
    but `close`, and those of a runtime that works on the same stream, are made within `current`.
    Work is put on the stream in order and runs by itself; `wait` blocks without using the processor. What was
    handed out goes with `release` or `close`, also on a device that is lost.
    """

    @property
    def gpu(self) -> Gpu: ...

    @property
    def stream(self) -> int:
        """The stream as TensorRT and ONNX Runtime take it."""
        ...

    def current(self) -> AbstractContextManager[None]:
        """The device is that of this thread meanwhile. Never raises: the next call tells what is wrong."""
        ...

    def allocate(self, size: int) -> int:
        """Bytes on the device; returns the address."""
        ...

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory."""
        ...

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int) -> None: ...
    def to_host(self, memory: NDArray[np.uint8], address: int, size: int) -> None: ...
    def event(self) -> Any: ...
    def record(self, event: Any) -> None: ...
    def wait(self, event: Any) -> None:
        """Until what was put on the stream before `record` is done."""
        ...

    def synchronize(self) -> None: ...

    def capture(self, work: Callable[[], None]) -> Any | None:
        """A graph of what `work` puts on the stream, which does not run; None where there are no graphs."""
        ...

    def launch(self, graph: Any) -> None: ...
    def release(self) -> None:
        """Give back all memory, events and graphs."""
        ...

    def close(self) -> None:
        """`release`, and give back the device; may be called more than once."""
        ...
