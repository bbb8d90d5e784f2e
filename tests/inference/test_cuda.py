"""Both CUDA adapters behave the same over stand-ins of their libraries."""

from __future__ import annotations

import ctypes
import enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import Cuda, DeviceLostError, Gpu, GpuMemoryError, device_number
from scanmon.inference.cuda_python import CudaPython
from scanmon.inference.pycuda import PyCuda


class _Error(enum.IntEnum):  # the names of the real one
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorInsufficientDriver = 35
    cudaErrorNoDevice = 100
    cudaErrorIllegalAddress = 700


class _Runtime:
    """`cuda.bindings.runtime` on host memory. `fail` names the call that fails, and how."""

    cudaStreamNonBlocking, cudaEventDisableTiming = 1, 2
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)

    def __init__(self) -> None:
        self.blocks: dict[int, Any] = {}
        self.fail: tuple[str, _Error] | None = None
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("cuda"):
            raise AttributeError(name)

        def call(*arguments: Any) -> tuple[Any, ...]:
            self.calls.append(name)
            if self.fail and self.fail[0] == name:
                return (self.fail[1], None)
            return (_Error.cudaSuccess, *self._do(name, *arguments))

        return call

    def _do(self, name: str, *arguments: Any) -> tuple[Any, ...]:
        if name in ("cudaMalloc", "cudaHostAlloc"):
            block = (ctypes.c_uint8 * arguments[0])()
            self.blocks[ctypes.addressof(block)] = block
            return (ctypes.addressof(block),)
        if name in ("cudaFree", "cudaFreeHost"):
            del self.blocks[arguments[0]]
            return ()
        if name == "cudaMemcpyAsync":
            ctypes.memmove(arguments[0], arguments[1], arguments[2])
            return ()
        answers: dict[str, Any] = {
            "cudaGetDeviceCount": 1,
            "cudaGetDeviceProperties": SimpleNamespace(name=b"Fake 9000\0\0", major=8, minor=9),
            "cudaDriverGetVersion": 12080,
        }
        return (answers.get(name, 7),)


class _Driver:
    """`pycuda.driver` on host memory."""

    class Error(Exception): ...

    class MemoryError(Error): ...  # noqa: A001 its real name

    class LaunchError(Error): ...

    event_flags = SimpleNamespace(DISABLE_TIMING=2)

    def __init__(self) -> None:
        self.fail: tuple[str, Exception] | None = None
        self.blocks: dict[int, Any] = {}
        outer = self

        class Stream:
            handle = 7

            def synchronize(self) -> None:
                outer.maybe("synchronize")

        class Event:
            def __init__(self, flags: int) -> None: ...

            def record(self, stream: Stream) -> None: ...

            def synchronize(self) -> None: ...

        class Device:
            def __init__(self, number: int) -> None: ...

            @staticmethod
            def count() -> int:
                return 1

            def name(self) -> str:
                return "Fake 9000"

            def compute_capability(self) -> tuple[int, int]:
                return 8, 9

            def retain_primary_context(self) -> Any:
                return SimpleNamespace(push=lambda: None, pop=lambda: None, detach=lambda: None)

        self.Stream, self.Event, self.Device = Stream, Event, Device

    def maybe(self, name: str) -> None:
        if self.fail and self.fail[0] == name:
            raise self.fail[1]

    def init(self) -> None: ...

    def get_driver_version(self) -> int:
        return 12080

    def mem_alloc(self, size: int) -> Any:
        self.maybe("mem_alloc")
        block = (ctypes.c_uint8 * size)()
        address = ctypes.addressof(block)
        self.blocks[address] = block
        owner = self

        class Allocation:
            def __int__(self) -> int:
                return address

            def free(self) -> None:
                del owner.blocks[address]

        return Allocation()

    def pagelocked_empty(self, size: int, kind: type) -> Any:
        owner, block = self, np.zeros(size, kind)
        self.blocks[id(block)] = block

        class Allocation:
            __array_interface__ = block.__array_interface__

            def free(self) -> None:
                del owner.blocks[id(block)]

        return np.asarray(Allocation())

    def memcpy_htod_async(self, address: int, memory: Any, stream: Any) -> None:
        ctypes.memmove(address, memory.ctypes.data, memory.nbytes)

    def memcpy_dtoh_async(self, memory: Any, address: int, stream: Any) -> None:
        ctypes.memmove(memory.ctypes.data, address, memory.nbytes)


@pytest.fixture(params=["cuda-python", "pycuda"])
def adapter(request: pytest.FixtureRequest) -> tuple[Cuda, Any]:
    if request.param == "cuda-python":
        runtime = _Runtime()
        return CudaPython(runtime), runtime
    driver = _Driver()
    return PyCuda(driver), driver


def test_adapter_names_the_gpu_and_the_driver(adapter: tuple[Cuda, Any]) -> None:
    assert adapter[0].gpu == Gpu("Fake 9000", "SM89", "12.8")


def test_bytes_go_to_the_device_and_back_and_all_is_freed(adapter: tuple[Cuda, Any]) -> None:
    cuda, library = adapter
    stream, event = cuda.stream(), cuda.event()
    assert cuda.stream_handle(stream) == 7
    there, source, target = cuda.allocate(64), cuda.pinned(64), cuda.pinned(64)
    source[:] = np.arange(64)
    cuda.to_device(there, source, 48, stream)
    cuda.to_host(target, there, 48, stream)
    cuda.record(event, stream)
    cuda.wait(event)
    cuda.synchronize(stream)
    assert target.tolist() == [*range(48), *[0] * 16]
    cuda.free(there)
    cuda.free_pinned(source)
    cuda.free_pinned(target)
    cuda.free_event(event)
    cuda.free_stream(stream)
    cuda.close()
    assert library.blocks == {}


def test_out_of_memory_and_a_lost_device_are_told_apart(adapter: tuple[Cuda, Any]) -> None:
    cuda, library = adapter
    real = isinstance(library, _Runtime)
    library.fail = (
        ("cudaMalloc", _Error.cudaErrorMemoryAllocation) if real else ("mem_alloc", _Driver.MemoryError("x"))
    )
    with pytest.raises(GpuMemoryError, match="out of memory"):
        cuda.allocate(1)
    library.fail = (
        ("cudaStreamSynchronize", _Error.cudaErrorIllegalAddress)
        if real
        else ("synchronize", _Driver.LaunchError("x"))
    )
    with pytest.raises(DeviceLostError):
        cuda.synchronize(cuda.stream())


def test_adapter_either_captures_graphs_or_says_that_it_cannot(adapter: tuple[Cuda, Any]) -> None:
    cuda, _ = adapter
    stream = cuda.stream()
    if not cuda.captures:
        with pytest.raises(EngineError, match="no graphs"):
            cuda.begin_capture(stream)
        return
    cuda.begin_capture(stream)
    graph = cuda.end_capture(stream)
    cuda.launch(graph, stream)
    cuda.free_graph(graph)


def test_missing_driver_old_driver_and_missing_gpu_have_their_own_words() -> None:
    for error, version, words in (
        (_Error.cudaErrorNoDevice, 12080, "no NVIDIA GPU"),
        (_Error.cudaErrorInsufficientDriver, 11000, "driver is too old"),
        (_Error.cudaErrorInsufficientDriver, 0, "no NVIDIA driver"),
    ):
        runtime = _Runtime()
        runtime.fail = ("cudaGetDeviceCount", error)
        runtime._do = lambda name, *rest, version=version: (version,)  # type: ignore[method-assign]
        with pytest.raises(EngineError, match=words):
            CudaPython(runtime)


def test_every_call_of_the_adapter_exists_in_the_real_library() -> None:
    real = pytest.importorskip("cuda.bindings.runtime", reason="cuda-python is not installed")
    runtime = _Runtime()
    cuda = CudaPython(runtime)
    stream = cuda.stream()
    there, pinned = cuda.allocate(4), cuda.pinned(4)
    cuda.to_device(there, pinned, 4, stream)
    cuda.to_host(pinned, there, 4, stream)
    event = cuda.event()
    cuda.record(event, stream)
    cuda.wait(event)
    cuda.begin_capture(stream)
    graph = cuda.end_capture(stream)
    cuda.launch(graph, stream)
    cuda.free_graph(graph)
    cuda.free_event(event)
    cuda.synchronize(stream)
    cuda.free_stream(stream)
    cuda.free(there)
    cuda.free_pinned(pinned)
    assert [name for name in set(runtime.calls) if not hasattr(real, name)] == []
    for name in (
        "cudaStreamNonBlocking",
        "cudaEventDisableTiming",
        "cudaMemcpyKind",
        "cudaStreamCaptureMode",
    ):
        assert hasattr(real, name)


def test_device_is_a_number_or_auto() -> None:
    assert (device_number("auto"), device_number("cuda:2")) == (0, 2)
    with pytest.raises(EngineError, match="use auto or cuda:0"):
        device_number("tpu")
