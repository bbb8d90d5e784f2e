"""The GPU engine over a recording stand-in: order of calls, sizes, contexts, graphs, memory, real names."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference import gpu
from scanmon.inference.batches import SIZES, GpuEngine
from scanmon.inference.bounded import BoundedThread
from scanmon.inference.cuda import Cuda, DeviceLostError, GpuMemoryError
from scanmon.inference.gpu import FallbackEngine
from scanmon.inference.plans import PROFILE
from scanmon.inference.tensorrt import refused, tensorrt_engine
from scanmon.scoring.windows import grid, windows
from tests.doubles.cuda import FakeCuda, fake_tensorrt
from tests.doubles.scenes import PATIENCE_S


def _engine(cuda: FakeCuda, batch: int = 4, name: str = "tensorrt_rtx", most: int = 8) -> GpuEngine:
    return tensorrt_engine(fake_tensorrt(cuda, most=most, name=name), b"plan", "fp16", cuda, batch)


def _pixels(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 4, 4), dtype=np.uint8)


def _expected(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = pixels.reshape(len(pixels), 16).astype(np.float32)
    return np.stack([flat.mean(axis=1), flat.min(axis=1), flat.max(axis=1)], axis=1)


@pytest.mark.parametrize("name", ["tensorrt", "tensorrt_rtx"])
@pytest.mark.parametrize("graphs", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 11, 16])
def test_every_window_gets_its_own_result_whatever_the_batches(count: int, graphs: bool, name: str) -> None:
    cuda = FakeCuda(graphs=graphs)
    engine = _engine(cuda, name=name)
    for seed in range(3):
        pixels = _pixels(count, seed)
        np.testing.assert_array_equal(engine.run(pixels), _expected(pixels))
    assert engine.captures == graphs
    engine.close()
    assert cuda.left == 0


def test_what_cannot_be_captured_is_not_tried_and_enqueued_instead() -> None:
    cuda = FakeCuda(capturable=False)
    engine = _engine(cuda)
    assert (engine.captures, "capture" in cuda.log) == (False, False)
    np.testing.assert_array_equal(engine.run(_pixels(5)), _expected(_pixels(5)))
    engine.close()


def test_a_changing_number_of_windows_captures_nothing_after_the_start() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda, batch=153, most=153)
    assert cuda.log.count("capture") == 2 * len(SIZES)  # every size of both slots
    before = cuda.left
    cuda.log.clear()
    for count in range(1, 154):
        np.testing.assert_array_equal(engine.run(_pixels(count)), _expected(_pixels(count)))
    assert set(cuda.log) == {"to_device", "launch", "record", "wait"}
    assert cuda.left == before
    engine.close()


def test_all_windows_of_a_full_hd_picture_go_in_one_pass() -> None:
    assert len(grid(1080, 1920)) == SIZES[-1] == PROFILE[-1]  # and a plan reserves memory for no more
    cuda = FakeCuda()
    engine = _engine(cuda, batch=SIZES[-1], most=SIZES[-1])
    cuda.log.clear()
    engine.run(_pixels(153))
    assert cuda.log == ["to_device", "launch", "record", "wait"]
    engine.close()


def test_windows_are_cut_into_the_memory_that_they_go_up_from() -> None:
    engine = _engine(FakeCuda())
    picture = np.random.default_rng(1).integers(0, 256, (9, 21), dtype=np.uint8)[:, :20]
    cells = grid(9, 20, 4, 2)
    found = engine.start_at(picture, cells.corners, 4)()
    np.testing.assert_array_equal(found, _expected(windows(picture, cells)))
    with pytest.raises(EngineError, match="takes windows"):
        engine.start_at(picture, cells.corners, 5)()
    engine.close()


def test_second_batch_is_started_before_the_first_is_waited_for() -> None:
    cuda = FakeCuda(graphs=False)
    engine = _engine(cuda)
    cuda.log.clear()
    engine.run(_pixels(8))
    work = [entry for entry in cuda.log if entry in ("execute", "wait")]
    assert work == ["execute", "execute", "wait", "wait"]
    engine.close()


def test_short_memory_makes_smaller_batches_and_none_is_an_error_without_a_leak() -> None:
    cuda = FakeCuda(limit=2 * (2 * 16 + 2 * 12) + 2 * 64)
    engine = _engine(cuda, batch=8)
    assert engine.batch == 2
    np.testing.assert_array_equal(engine.run(_pixels(5)), _expected(_pixels(5)))
    engine.close()
    assert cuda.left == 0
    small = FakeCuda(limit=20)
    with pytest.raises(GpuMemoryError):
        _engine(small)
    assert (small.left, small.closings) == (0, 1)


def test_whatever_fails_at_the_start_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    for call in ("allocate", "pinned", "event", "synchronize", "to_host", "capture"):
        cuda = FakeCuda()

        def broken(*given: Any) -> None:
            raise DeviceLostError("no")

        monkeypatch.setattr(cuda, call, broken)
        with pytest.raises(DeviceLostError):
            _engine(cuda)
        assert (cuda.left, cuda.closings) == (0, 1), call


def test_a_refused_address_is_an_error_and_not_a_wrong_result(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda()
    trt = fake_tensorrt(cuda)
    monkeypatch.setattr(trt.IExecutionContext, "set_tensor_address", lambda self, name, address: False)
    with pytest.raises(EngineError, match="memory for windows is refused"):
        tensorrt_engine(trt, b"plan", "fp16", cuda)
    assert cuda.left == 0


def test_many_frames_leave_no_more_behind_than_one() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda)
    before = cuda.left
    for frame in range(200):
        engine.run(_pixels(1 + frame % 11))
    assert cuda.left == before
    engine.close()


def test_damaged_plan_is_refused_with_what_the_runtime_says_and_so_is_a_wrong_window() -> None:
    cuda = FakeCuda()
    with pytest.raises(EngineError, match=r"plan cannot be loaded \(.*magicTag failed\)"):
        tensorrt_engine(fake_tensorrt(cuda), b"other", "fp16", cuda)
    assert cuda.closings == 1
    engine = _engine(cuda)
    with pytest.raises(EngineError, match="takes windows"):
        engine.run(np.zeros((1, 5, 5), np.uint8))
    engine.close()


def test_compiled_kernels_of_rtx_are_kept_and_read_again(tmp_path: Path) -> None:
    file, cuda = tmp_path / "kernels" / "x.bin", FakeCuda()
    for written in (b"k", b"kk"):  # the second time with what was there
        tensorrt_engine(fake_tensorrt(cuda), b"plan", "fp16", cuda, cache=file).close()
        assert file.read_bytes() == written
    engine = tensorrt_engine(fake_tensorrt(cuda), b"plan", "fp16", cuda, cache=file)
    cuda.lost = True
    engine.close()
    assert file.read_bytes() == b"kk"


def test_a_gpu_that_rtx_does_not_know_is_told_by_name() -> None:
    trt = fake_tensorrt(FakeCuda())
    assert refused(trt, "SM90") == "tensorrt_rtx does not know this GPU (SM90), but SM86, SM89"
    assert refused(trt, "SM89") is None
    assert refused(fake_tensorrt(FakeCuda(), name="tensorrt"), "SM90") is None  # it does not tell


class _Cpu:
    backend, precision = "onnxruntime", "fp32"

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return _expected(pixels)

    def close(self) -> None: ...


def test_lost_device_is_started_again_once_and_then_the_processor_takes_over(caplog) -> None:
    machines: list[FakeCuda] = []

    def first() -> GpuEngine:
        machines.append(FakeCuda())
        return _engine(machines[-1])

    engine = FallbackEngine(first, _Cpu)
    pixels = _pixels(3)
    assert engine.backend == "tensorrt-rtx"
    machines[0].lost = True
    np.testing.assert_array_equal(engine.run(pixels), _expected(pixels))
    assert (engine.backend, len(machines)) == ("tensorrt-rtx", 2)
    machines[1].lost = True
    np.testing.assert_array_equal(engine.run(pixels), _expected(pixels))
    assert (engine.backend, engine.precision, len(machines)) == ("onnxruntime", "fp32", 2)
    assert "takes its place" in caplog.text
    picture = _pixels(1, 5)[0]
    corners = np.zeros((1, 2), np.intp)
    np.testing.assert_array_equal(engine.start_at(picture, corners, 4)(), _expected(picture[None]))
    engine.close()


def test_a_device_that_is_lost_between_begin_and_end_gives_way_too() -> None:
    cuda, picture, corners = FakeCuda(), _pixels(1, 5)[0], np.zeros((1, 2), np.intp)
    engine = FallbackEngine(lambda: _engine(cuda), _Cpu)
    end = engine.start_at(picture, corners, 4)
    cuda.lost = True
    np.testing.assert_array_equal(end(), _expected(picture[None]))
    assert engine.backend == "onnxruntime"
    engine.close()


def test_a_result_that_is_asked_for_after_the_engine_was_replaced_is_made_anew() -> None:
    machines, picture, corners = [FakeCuda(), FakeCuda()], _pixels(1, 5)[0], np.zeros((1, 2), np.intp)
    left = iter(machines)
    engine = FallbackEngine(lambda: _engine(next(left)), _Cpu)
    for lost in machines:  # started again, and then the processor
        end = engine.start_at(picture, corners, 4)
        lost.lost = True
        engine.run(_pixels(2))
        np.testing.assert_array_equal(end(), _expected(picture[None]))
    assert engine.backend == "onnxruntime"
    engine.close()


def test_a_runtime_that_cannot_start_says_so_and_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda()
    trt = fake_tensorrt(cuda)

    def refuses(logger: Any) -> None:
        logger.log(trt.ILogger.Severity.ERROR, "CUDA initialization failure with error: 35")
        raise TypeError("pybind11::init(): factory function returned nullptr")

    monkeypatch.setattr(trt, "Runtime", refuses)
    with pytest.raises(EngineError, match=r"cannot be started \(CUDA initialization failure"):
        tensorrt_engine(trt, b"plan", "fp16", cuda)
    assert (cuda.left, cuda.closings) == (0, 1)


def test_what_an_engine_takes_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    kind = type("Kind", (type,), {"__instancecheck__": lambda cls, engine: asked.append(engine) or True})
    monkeypatch.setattr(gpu, "CuttingEngine", kind("CuttingEngine", (), {}))
    engine = FallbackEngine(lambda: _engine(FakeCuda()), _Cpu)
    for _ in range(3):
        engine.start_at(_pixels(1)[0], np.zeros((1, 2), np.intp), 4)()
    assert len(asked) == 1
    engine.close()


def test_the_next_pass_begins_anew_where_one_was_not_ended() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda)
    cuda.log.clear()
    engine.start_at(_pixels(1, 1)[0], np.zeros((1, 2), np.intp), 4)
    assert cuda.log == ["to_device", "launch", "record"]  # nobody waits for it
    np.testing.assert_array_equal(engine.run(_pixels(3)), _expected(_pixels(3)))
    engine.close()


def test_an_engine_is_opened_used_and_closed_by_whichever_thread() -> None:
    def on_another(work: Callable[[], Any]) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result()

    cuda = FakeCuda()  # says so where it is not the device of the thread
    engine = on_another(lambda: _engine(cuda))
    np.testing.assert_array_equal(engine.run(_pixels(3)), _expected(_pixels(3)))
    np.testing.assert_array_equal(on_another(lambda: engine.run(_pixels(20))), _expected(_pixels(20)))
    on_another(engine.close)
    assert cuda.left == 0


def test_processor_that_fails_too_is_an_error() -> None:
    class Broken(_Cpu):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            raise DeviceLostError("no")

    with pytest.raises(EngineError):
        FallbackEngine(Broken, Broken).run(_pixels(1))


def test_where_the_gpu_cannot_be_opened_the_processor_goes_on_and_one_line_says_why(caplog) -> None:
    def first() -> GpuEngine:
        raise EngineError("there is no NVIDIA driver", "cuda", "install one")

    with pytest.raises(EngineError, match="no NVIDIA driver"):
        FallbackEngine(first, _Cpu)
    engine = FallbackEngine(first, _Cpu, from_the_start=True)
    assert engine.backend == "onnxruntime"
    assert [record.getMessage() for record in caplog.records] == [
        "cuda: there is no NVIDIA driver; install one; onnxruntime goes on"
    ]


@pytest.mark.parametrize("runtime", ["tensorrt_rtx"])
def test_the_stand_in_has_no_member_that_the_real_module_lacks(runtime: str) -> None:
    real = pytest.importorskip(runtime, reason=f"{runtime} is not installed")
    fake = fake_tensorrt(FakeCuda())
    kinds = [kind for kind in vars(fake) if not kind.startswith("_")]
    assert {"ICudaEngine", "IExecutionContext", "IRuntimeConfig", "Runtime", "ILogger"} <= set(kinds)
    for kind in kinds:
        stood_in, genuine = getattr(fake, kind), getattr(real, kind)
        missing = [name for name in vars(stood_in) if not name.startswith("_") and not hasattr(genuine, name)]
        assert missing in ([], ["settings"]), kind


def test_the_stand_in_for_cuda_is_the_port_and_nothing_more() -> None:
    port = {name for name in vars(Cuda) if not name.startswith("_")}
    told = {"limit", "graphs", "log", "memory", "others", "queue", "capturing", "lost", "left", "put"}
    told |= {"refuses_capture", "capturable", "closings"}  # what a test sets and asks
    members = {name for name in dir(FakeCuda()) if not name.startswith("_")}
    assert members - told == port


def test_capture_that_fails_costs_the_graphs_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    cuda = FakeCuda(refuses_capture=True)
    engine = _engine(cuda)
    for seed in range(3):
        np.testing.assert_array_equal(engine.run(_pixels(11, seed)), _expected(_pixels(11, seed)))
    assert cuda.log.count("capture") == 1
    assert "cannot be captured" in caplog.text
    engine.close()
    assert cuda.left == 0


def test_pass_that_broke_off_leaves_nothing_in_the_next_result(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda(graphs=False)
    engine = _engine(cuda)
    cuda.log.clear()
    to_host = cuda.to_host

    def fails_at_the_second(*given: Any) -> None:
        if cuda.log.count("to_host") == 1:
            raise EngineError("no")
        to_host(*given)

    monkeypatch.setattr(cuda, "to_host", fails_at_the_second)
    with pytest.raises(EngineError):
        engine.run(_pixels(8, 1))
    monkeypatch.undo()
    np.testing.assert_array_equal(engine.run(_pixels(2)), _expected(_pixels(2)))
    engine.close()
    assert cuda.left == 0


def test_closing_gives_the_adapter_back_once_even_where_the_device_is_lost() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda)
    engine.run(_pixels(3))
    cuda.lost = True
    engine.close()
    engine.close()
    assert cuda.closings == 1
    with pytest.raises(EngineError, match="the engine is closed"):  # which a fallback takes over
        engine.run(_pixels(3))


class _Hangs(_Cpu):
    """A GPU whose driver does not return from a call once `at` is that call; until `back` is set."""

    backend = "tensorrt"

    def __init__(self, back: threading.Event, at: str) -> None:
        self._back, self._at = back, at
        self._call("open")

    def _call(self, name: str) -> None:
        if name == self._at:
            self._back.wait(PATIENCE_S)

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self._call("run")
        if self._at == "close":
            raise EngineError("the device gives no result")
        return super().run(pixels)

    def close(self) -> None:
        assert self._at != "run", "what hangs is closed"
        self._call("close")


@pytest.mark.parametrize("at", ["run", "close"])
def test_a_driver_that_never_returns_gives_way_to_the_processor(at: str, caplog) -> None:
    back = threading.Event()
    engine = FallbackEngine(lambda: _Hangs(back, at), _Cpu, answers_s=0.05)
    np.testing.assert_array_equal(engine.run(_pixels(2)), _expected(_pixels(2)))
    assert engine.backend == "onnxruntime"
    assert "restart scanmon to use it again" in caplog.text
    engine.close()
    back.set()


def test_where_nothing_takes_the_place_of_a_driver_that_hangs_each_call_says_so_at_once() -> None:
    back = threading.Event()

    def second() -> _Cpu:
        raise EngineError("the network is damaged")

    engine = FallbackEngine(lambda: _Hangs(back, "run"), second, answers_s=0.05)
    for _ in range(2):
        with pytest.raises(EngineError, match="damaged"):
            engine.run(_pixels(1))
    back.set()


def test_an_engine_that_opens_too_late_is_closed_again() -> None:
    back, closed = threading.Event(), threading.Event()

    class Late(_Hangs):
        def close(self) -> None:
            closed.set()

    with pytest.raises(EngineError, match="no answer"):
        FallbackEngine(lambda: Late(back, "open"), _Cpu, opens_s=0.05)
    back.set()
    assert closed.wait(PATIENCE_S)


def test_a_pass_that_was_begun_on_a_driver_that_hangs_is_made_anew() -> None:
    back, picture, corners = threading.Event(), _pixels(1, 5)[0], np.zeros((1, 2), np.intp)
    engine = FallbackEngine(lambda: _Hangs(back, "run"), _Cpu, answers_s=0.05)
    first, second = (engine.start_at(picture, corners, 4) for _ in range(2))
    for end in (first, second):  # nobody calls the second one's driver any more
        np.testing.assert_array_equal(end(), _expected(picture[None]))
    engine.close()
    back.set()


def test_an_opening_that_never_returns_is_an_error_or_gives_way() -> None:
    back = threading.Event()
    with pytest.raises(EngineError, match=r"GPU: no answer for 0.05 s"):
        FallbackEngine(lambda: _Hangs(back, "open"), _Cpu, opens_s=0.05)
    engine = FallbackEngine(lambda: _Hangs(back, "open"), _Cpu, opens_s=0.05, from_the_start=True)
    assert engine.backend == "onnxruntime"
    engine.close()
    back.set()


def test_a_driver_that_hangs_when_it_is_closed_does_not_hold_up_the_end(caplog) -> None:
    back = threading.Event()
    engine = FallbackEngine(lambda: _Hangs(back, "close"), _Cpu, answers_s=0.05)
    engine.close()
    assert "cannot be closed" in caplog.text
    back.set()


def test_what_a_call_raises_comes_back_also_where_it_is_a_timeout() -> None:
    thread = BoundedThread("test")
    with pytest.raises(TimeoutError, match="of its own"):
        thread.call(lambda: (_ for _ in ()).throw(TimeoutError("of its own")), PATIENCE_S)
    assert thread.call(lambda: 7, PATIENCE_S) == 7
    thread.end()
    with pytest.raises(EngineError, match="no engine is left"):
        thread.call(lambda: 7, PATIENCE_S)
