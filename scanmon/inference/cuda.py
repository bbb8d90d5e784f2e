"""The little of CUDA that an engine needs, behind one port; `cuda_python` and `pycuda` fill it.

Addresses, streams, events and graphs are plain integers or opaque handles of the adapter. An adapter belongs
to one device and one thread.
"""

from __future__ import annotations

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
    """One device. Every call may raise `EngineError` or a child of it."""

    @property
    def gpu(self) -> Gpu: ...

    @property
    def captures(self) -> bool:
        """Whether graphs can be captured."""
        ...

    def allocate(self, size: int) -> int:
        """Bytes on the device; returns the address."""
        ...

    def free(self, address: int) -> None: ...

    def pinned(self, size: int) -> NDArray[np.uint8]:
        """Page-locked host memory, until `free_pinned`."""
        ...

    def free_pinned(self, memory: NDArray[np.uint8]) -> None: ...
    def stream(self) -> Any: ...
    def stream_handle(self, stream: Any) -> int:
        """The stream as TensorRT takes it."""
        ...

    def free_stream(self, stream: Any) -> None: ...
    def to_device(self, address: int, memory: NDArray[np.uint8], size: int, stream: Any) -> None: ...
    def to_host(self, memory: NDArray[np.uint8], address: int, size: int, stream: Any) -> None: ...
    def synchronize(self, stream: Any) -> None: ...
    def event(self) -> Any: ...
    def record(self, event: Any, stream: Any) -> None: ...
    def wait(self, event: Any) -> None:
        """Until what was put on the stream before `record` is done."""
        ...

    def free_event(self, event: Any) -> None: ...
    def begin_capture(self, stream: Any) -> None: ...
    def end_capture(self, stream: Any) -> Any:
        """The graph of what was put on the stream since `begin_capture`, ready to be launched."""
        ...

    def launch(self, graph: Any, stream: Any) -> None: ...
    def free_graph(self, graph: Any) -> None: ...
    def close(self) -> None: ...


def open_cuda(device: int = 0) -> Cuda:
    """The adapter whose library is installed. Raises `EngineError` without library, driver or GPU."""
    from scanmon.inference.cuda_python import CudaPython
    from scanmon.inference.pycuda import PyCuda

    try:
        from cuda.bindings import runtime
    except ImportError:
        try:
            from pycuda import driver
        except ImportError as error:
            raise EngineError(
                "neither cuda-python nor pycuda is installed", "cuda", "pip install 'scanmon[tensorrt]'"
            ) from error
        return PyCuda(driver, device)
    return CudaPython(runtime, device)


def device_number(device: str) -> int:
    """`auto`, `cuda` or `cuda:N` -> N. Raises `EngineError`."""
    if device in ("auto", "cuda", "gpu"):
        return 0
    name, _, number = device.partition(":")
    if name != "cuda" or not number.isdecimal():
        raise EngineError(f"--device {device}", "", "use auto or cuda:0")
    return int(number)
