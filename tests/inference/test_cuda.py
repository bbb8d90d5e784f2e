"""Both CUDA adapters behave the same over stand-ins of their libraries."""

import ctypes
import enum
import re
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scanmon.core.errors import EngineError
from scanmon.inference import cuda_python, pycuda
from scanmon.inference.cuda import Cuda, DeviceLostError, Gpu, GpuMemoryError
from scanmon.inference.cuda_device import CUDA_PYTHON, device_number, open_cuda
from scanmon.inference.cuda_python import LOST, CudaPython
from scanmon.inference.pycuda import PyCuda
from tests.conftest import ROOT


class _Error(enum.IntEnum):  # the names of the real one
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorInsufficientDriver = 35
    cudaErrorDevicesUnavailable = 46
    cudaErrorNoDevice = 100
    cudaErrorInvalidResourceHandle = 400
    cudaErrorIllegalAddress = 700
    cudaErrorLaunchTimeout = 702
    cudaErrorStreamCaptureInvalidated = 901


class _Stream:
    """As the real handle: it gives out where the address lies."""

    def __init__(self) -> None:
        self._held = ctypes.c_void_p(7)

    def getPtr(self) -> int:
        return ctypes.addressof(self._held)


class _Runtime:
    """`cuda.bindings.runtime` on host memory. `fail` names the call that fails, and how.

    Each thread has a device, 0 at first; what belongs to another one is an invalid handle.
    """

    cudaStreamNonBlocking, cudaEventDisableTiming, cudaEventBlockingSync = 1, 2, 1
    cudaDeviceScheduleBlockingSync = 4
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)

    def __init__(self) -> None:
        self.blocks: dict[int, Any] = {}
        self.fail: dict[str, _Error] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.here = threading.local()
        self.owner: int | None = None  # device of the stream

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("cuda"):
            raise AttributeError(name)

        def call(*arguments: Any) -> tuple[Any, ...]:
            self.calls.append((name, *arguments))
            if name in self.fail:
                return (self.fail[name], None)
            device = getattr(self.here, "device", 0)
            if name == "cudaGetDevice":
                return _Error.cudaSuccess, device
            if name == "cudaSetDevice":
                (self.here.device,) = arguments
                return (_Error.cudaSuccess,)
            if name == "cudaStreamCreateWithFlags":
                self.owner = device
            elif self.owner not in (None, device):
                return _Error.cudaErrorInvalidResourceHandle, None
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
            "cudaGetDeviceCount": 2,
            "cudaGetDeviceProperties": SimpleNamespace(name=b"Fake 9000\0\0", major=8, minor=9),
            "cudaDriverGetVersion": 12080,
            "cudaStreamCreateWithFlags": _Stream(),
        }
        return (answers.get(name, 9),)


class _Driver:
    """`pycuda.driver` on host memory. It keeps a stack of contexts for each thread, as the real one does."""

    class Error(Exception): ...

    class MemoryError(Error): ...  # noqa: A001 its real name

    class LogicError(Error): ...

    class RuntimeError(Error): ...  # noqa: A001 its real name

    class LaunchError(RuntimeError): ...

    event_flags = SimpleNamespace(DISABLE_TIMING=2, BLOCKING_SYNC=1)

    def __init__(self) -> None:
        self.fail: dict[str, Exception] = {}
        self.blocks: dict[int, Any] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.streams = 0
        self.here = threading.local()
        self.retained: list[Any] = []
        outer = self

        class Stream:
            handle = 7

            def __init__(self) -> None:
                outer.in_context("Stream")
                outer.streams += 1

            def __del__(self) -> None:
                if outer.stack:  # without a context it cannot be destroyed, and says nothing
                    outer.streams -= 1

            def synchronize(self) -> None:
                outer.maybe("synchronize")

        class Event:
            def __init__(self, flags: int) -> None:
                outer.in_context("Event")
                outer.calls.append(("Event", flags))

            def record(self, stream: Stream) -> None:
                outer.in_context("record")

            def synchronize(self) -> None:
                outer.in_context("wait")

        class Context:
            _retained = True

            def __init__(self) -> None:
                self._thread = threading.get_ident()

            def push(self) -> None:
                assert self._retained, "a context that was let go"
                outer.stack.append(self)
                outer.current[:] = [self]  # PyCUDA keeps CUDA's own stack one deep

            @staticmethod
            def pop() -> None:
                outer.maybe("pop")
                outer.stack.pop()
                outer.current[:] = outer.stack[-1:]

            def detach(self) -> None:
                if self in outer.stack:
                    outer.stack[:] = [context for context in outer.stack if context is not self]
                elif self._thread != threading.get_ident():
                    return  # "context's managing thread has exited"
                else:
                    outer.current.append(self)  # cuCtxPushCurrent, which nothing takes back for a primary one
                self._retained = False

        class Device:
            def __init__(self, number: int) -> None: ...

            @staticmethod
            def count() -> int:
                return 2

            def name(self) -> str:
                outer.maybe("name")
                return "Fake 9000"

            def compute_capability(self) -> tuple[int, int]:
                return 8, 9

            def retain_primary_context(self) -> Context:
                outer.retained.append(Context())
                return outer.retained[-1]

        self.Stream, self.Event, self.Device = Stream, Event, Device

    @property
    def stack(self) -> list[Any]:
        """Contexts that PyCUDA has for this thread: one that is left there ends the process."""
        return self.here.__dict__.setdefault("stack", [])

    @property
    def current(self) -> list[Any]:
        """Those on the stack of CUDA itself."""
        return self.here.__dict__.setdefault("current", [])

    def in_context(self, name: str) -> None:
        self.maybe(name)
        if not self.stack:
            raise _Driver.LogicError(f"{name} failed: invalid device context")

    def maybe(self, name: str) -> None:
        if name in self.fail:
            raise self.fail[name]

    def init(self) -> None: ...

    def get_driver_version(self) -> int:
        return 12080

    def mem_alloc(self, size: int) -> Any:
        self.in_context("mem_alloc")
        block = (ctypes.c_uint8 * size)()
        address = ctypes.addressof(block)
        self.blocks[address] = block
        owner = self

        class Allocation:
            def __int__(self) -> int:
                return address

            def free(self) -> None:
                owner.maybe("free")
                if not owner.stack:
                    raise _Driver.LogicError("cannot activate out-of-thread context")
                del owner.blocks[address]

        return Allocation()

    def pagelocked_empty(self, size: int, kind: type) -> Any:
        self.in_context("pagelocked_empty")
        owner, block = self, np.zeros(size, kind)
        self.blocks[id(block)] = block

        class Allocation:
            __array_interface__ = block.__array_interface__

            def free(self) -> None:
                if not owner.stack:
                    raise _Driver.LogicError("cannot activate out-of-thread context")
                del owner.blocks[id(block)]

        return np.asarray(Allocation())

    def memcpy_htod_async(self, address: int, memory: Any, stream: Any) -> None:
        self.in_context("memcpy_htod_async")
        ctypes.memmove(address, memory.ctypes.data, memory.nbytes)

    def memcpy_dtoh_async(self, memory: Any, address: int, stream: Any) -> None:
        self.in_context("memcpy_dtoh_async")
        ctypes.memmove(memory.ctypes.data, address, memory.nbytes)


@pytest.fixture(autouse=True)
def _nothing_is_retained() -> None:
    PyCuda._retained.clear()


@pytest.fixture(params=["cuda-python", "pycuda"])
def adapter(request: pytest.FixtureRequest) -> Iterator[tuple[Cuda, Any]]:
    """An adapter in use on this thread, and its library."""
    cuda: Any = CudaPython(_Runtime()) if request.param == "cuda-python" else PyCuda(_Driver())
    with cuda.current():
        yield cuda, cuda._cuda


def test_adapter_names_the_gpu_and_the_driver_and_gives_its_stream_as_an_address(adapter) -> None:
    assert adapter[0].gpu == Gpu("Fake 9000", "SM89", "12.8")
    assert adapter[0].stream == 7


def test_bytes_go_to_the_device_and_back_and_all_is_freed(adapter: tuple[Cuda, Any]) -> None:
    cuda, library = adapter
    _copy_there_and_back(cuda)
    cuda.close()
    cuda.close()
    assert library.blocks == {}


def _copy_there_and_back(cuda: Cuda) -> None:
    with cuda.current():
        event, there, source, target = cuda.event(), cuda.allocate(64), cuda.pinned(64), cuda.pinned(64)
        source[:] = np.arange(64)
        cuda.to_device(there, source, 48)
        cuda.to_host(target, there, 48)
        cuda.record(event)
        cuda.wait(event)
        cuda.synchronize()
        assert target.tolist() == [*range(48), *[0] * 16]


@pytest.mark.parametrize("opens", [lambda: CudaPython(_Runtime(), 1), lambda: PyCuda(_Driver(), 1)])
def test_any_thread_uses_and_closes_what_another_one_opened(opens: Callable[[], Any]) -> None:
    cuda = opens()
    library = cuda._cuda

    def leaves_nothing(work: Callable[[], object]) -> bool:
        work()
        here = library.here.__dict__
        return (here.get("device", 0), here.get("stack", []), here.get("current", [])) == (0, [], [])

    assert leaves_nothing(lambda: None)  # nor does the thread that opens keep the device
    for work in (lambda: _copy_there_and_back(cuda), cuda.close):
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(leaves_nothing, work).result()
    assert library.blocks == {}
    assert getattr(library, "streams", 0) == 0


def test_a_lost_device_is_let_go_on_whichever_thread_closes_it() -> None:
    driver = _Driver()
    cuda = PyCuda(driver)
    driver.fail = {"synchronize": _Driver.LogicError("cuStreamSynchronize failed: an illegal memory access")}
    with pytest.raises(DeviceLostError):
        cuda.synchronize()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(cuda.close).result()
    assert [context._retained for context in driver.retained] == [False]


def test_out_of_memory_is_told_apart(adapter: tuple[Cuda, Any]) -> None:
    cuda, library = adapter
    library.fail = {"cudaMalloc": _Error.cudaErrorMemoryAllocation, "mem_alloc": _Driver.MemoryError("x")}
    with pytest.raises(GpuMemoryError, match="out of memory"):
        cuda.allocate(1)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (
            _Error.cudaErrorIllegalAddress,
            _Driver.LogicError("cuStreamSynchronize failed: an illegal memory access was encountered"),
        ),
        (
            _Error.cudaErrorLaunchTimeout,
            _Driver.LaunchError("cuStreamSynchronize failed: the launch timed out and was terminated"),
        ),
    ],
)
def test_a_lost_device_is_told_by_its_real_name_and_gives_everything_back(adapter, error, raised) -> None:
    cuda, library = adapter
    cuda.allocate(4)
    cuda.pinned(4)
    library.fail = {"cudaStreamSynchronize": error, "synchronize": raised}
    with pytest.raises(DeviceLostError):
        cuda.synchronize()
    library.fail |= {"cudaFree": error, "free": raised}  # one that fails keeps the others from nothing
    cuda.close()
    assert len(library.blocks) == 1


def test_out_of_resources_is_no_lost_device() -> None:
    driver = _Driver()
    cuda = PyCuda(driver)
    driver.fail = {"synchronize": _Driver.LaunchError("cuLaunchKernel failed: too many resources requested")}
    with pytest.raises(EngineError) as caught:
        cuda.synchronize()
    assert not isinstance(caught.value, DeviceLostError)


def test_the_last_adapter_resets_a_lost_device_so_that_it_can_be_opened_again() -> None:
    runtime = _Runtime()
    first, second = CudaPython(runtime), CudaPython(runtime)
    runtime.fail = {"cudaStreamSynchronize": _Error.cudaErrorIllegalAddress}
    for cuda in (first, second):
        with pytest.raises(DeviceLostError):
            cuda.synchronize()
    first.close()
    assert "cudaDeviceReset" not in runtime.names  # the other one still lives in that context
    second.close()
    assert runtime.names[-1] == "cudaDeviceReset"
    healthy = CudaPython(_Runtime())
    healthy.close()
    assert "cudaDeviceReset" not in healthy._cuda.names


def test_waiting_does_not_spin() -> None:
    runtime, driver = _Runtime(), _Driver()
    for cuda in (CudaPython(runtime), PyCuda(driver)):
        with cuda.current():
            cuda.event()
    assert ("cudaSetDeviceFlags", 4) in runtime.calls  # blocking
    assert ("cudaEventCreateWithFlags", 3) in runtime.calls  # blocking, without timing
    assert driver.calls == [("Event", 3)]


def test_work_is_captured_or_there_are_no_graphs(adapter: tuple[Cuda, Any]) -> None:
    cuda, library = adapter
    done: list[str] = []
    graph = cuda.capture(lambda: done.append("put on the stream"))
    if isinstance(library, _Driver):
        assert (graph, done) == (None, [])
        return
    assert done == ["put on the stream"]
    cuda.launch(graph)
    cuda.close()
    assert library.names.count("cudaGraphDestroy") == library.names.count("cudaGraphExecDestroy") == 1


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_capture_that_breaks_off_is_ended_and_leaves_no_graph(ends_well: bool) -> None:
    runtime = _Runtime()
    cuda = CudaPython(runtime)

    def refused() -> None:
        raise EngineError("the network cannot be run")

    if not ends_well:
        runtime.fail = {"cudaStreamEndCapture": _Error.cudaErrorStreamCaptureInvalidated}
    with pytest.raises(EngineError, match="the network cannot be run"):
        cuda.capture(refused)
    assert runtime.names.count("cudaStreamEndCapture") == 1
    assert runtime.names.count("cudaGraphDestroy") == ends_well


def test_pycuda_leaves_neither_stream_nor_context_behind() -> None:
    driver = _Driver()
    PyCuda(driver).close()
    assert (driver.streams, driver.stack) == (0, [])
    driver.fail = {"Stream": _Driver.RuntimeError("cuStreamCreate failed: out of handles")}
    with pytest.raises(EngineError):
        PyCuda(driver)
    assert driver.stack == []  # PyCUDA ends the process at exit otherwise


def test_pycuda_leaves_no_context_current_that_was_let_go() -> None:
    driver = _Driver()
    for _ in range(2):  # one is retained, and used again
        PyCuda(driver).close()
    assert (driver.current, [context._retained for context in driver.retained]) == ([], [True])


def test_pycuda_starts_on_a_new_context_where_the_device_was_lost() -> None:
    driver = _Driver()
    first = PyCuda(driver)
    driver.fail = {"synchronize": _Driver.LogicError("cuStreamSynchronize failed: an illegal memory access")}
    with pytest.raises(DeviceLostError):
        first.synchronize()
    first.close()
    PyCuda(driver)
    assert [context._retained for context in driver.retained] == [False, True]


def test_what_fails_while_opening_leaves_nothing_and_the_next_start_has_a_new_context() -> None:
    driver, runtime = _Driver(), _Runtime()
    driver.fail = {"Stream": _Driver.LogicError("cuStreamCreate failed: an illegal memory access")}
    runtime.fail = {"cudaStreamCreateWithFlags": _Error.cudaErrorIllegalAddress}
    for opens in (lambda: PyCuda(driver), lambda: CudaPython(runtime)):
        with pytest.raises(DeviceLostError):
            opens()
    assert driver.stack == []
    assert [context._retained for context in driver.retained] == [False]
    assert runtime.names[-1] == "cudaDeviceReset"
    driver.fail, runtime.fail = {}, {}
    PyCuda(driver)
    assert [context._retained for context in driver.retained] == [False, True]
    CudaPython(runtime).close()
    assert runtime.names.count("cudaDeviceReset") == 1


def test_a_passing_error_while_opening_keeps_the_one_context_of_the_process() -> None:
    driver = _Driver()
    for name in ("Stream", "name"):
        driver.fail = {name: _Driver.RuntimeError("out of handles")}
        with pytest.raises(EngineError):  # as ours
            PyCuda(driver)
    driver.fail = {}
    cuda = PyCuda(driver)
    assert [context._retained for context in driver.retained] == [True]
    driver.fail = {"pop": _Driver.LogicError("cuCtxPopCurrent failed: an illegal memory access")}
    with cuda.current():  # never raises
        pass


def test_a_device_that_is_refused_is_not_exchanged_for_the_first_one() -> None:
    runtime = _Runtime()
    runtime.fail = {"cudaSetDevice": _Error.cudaErrorDevicesUnavailable}
    with pytest.raises(DeviceLostError, match="cudaSetDevice failed"):
        CudaPython(runtime, 1)


def test_missing_driver_old_driver_and_missing_gpu_have_their_own_words() -> None:
    for error, version, words in (
        (_Error.cudaErrorNoDevice, 12080, "no NVIDIA GPU"),
        (_Error.cudaErrorInsufficientDriver, 11000, "driver is too old"),
        (_Error.cudaErrorInsufficientDriver, 0, "no NVIDIA driver"),
    ):
        runtime = _Runtime()
        runtime.fail = {"cudaGetDeviceCount": error}
        runtime._do = lambda name, *rest, version=version: (version,)  # type: ignore[method-assign]
        with pytest.raises(EngineError, match=words):
            CudaPython(runtime)


def test_every_name_that_the_adapter_uses_exists_in_the_real_library() -> None:
    real = pytest.importorskip("cuda.bindings.runtime", reason="cuda-python is not installed")
    members = {*dir(real), *dir(real.cudaMemcpyKind), *dir(real.cudaStreamCaptureMode)}
    names = set(re.findall(r"\bcuda[A-Z]\w+", Path(cuda_python.__file__).read_text(encoding="utf-8")))
    assert len(names) > 20
    assert names - members == {"cudaError"}  # a prefix
    assert hasattr(real.cudaStream_t, "getPtr")


def test_errors_after_which_a_device_is_lost_are_those_of_the_real_library() -> None:
    """By what NVIDIA says of them, and four that say nothing of what follows."""
    real = pytest.importorskip("cuda.bindings.runtime", reason="cuda-python is not installed")
    fatal, by_words = {"DevicesUnavailable", "ECCUncorrectable", "NvlinkUncorrectable", "Unknown"}, set()
    for error in real.cudaError_t:
        name, said = error.name.removeprefix("cudaError"), real.cudaGetErrorString(error)[1].decode()
        if "the process must be terminated" in " ".join((error.__doc__ or "").split()):
            fatal.add(name)
        if any(words in said for words in pycuda.LOST):
            by_words.add(name)
    assert set(LOST) == fatal == by_words - {"PriorLaunchFailure"}  # which CUDA gives no more


def test_every_extra_brings_a_cuda_python_that_lets_other_threads_run() -> None:
    """Up to 12.9.0 its calls hold the interpreter lock: window and capture would wait for the GPU."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    found = [one for one in wanted if one.startswith("cuda-python")]
    assert len(found) >= 3
    assert {f"pip install '{one}'" for one in found} == {CUDA_PYTHON} == {"pip install 'cuda-python>=12.9.1'"}


def test_without_a_library_it_is_said_which_version_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cuda.bindings", "pycuda"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EngineError, match=r"cuda-python 12\.9\.1 or later"):
        open_cuda()


def test_device_is_a_number_or_auto() -> None:
    assert (device_number("auto"), device_number("cuda:2")) == (0, 2)
    with pytest.raises(EngineError, match="use auto or cuda:0"):
        device_number("tpu")
