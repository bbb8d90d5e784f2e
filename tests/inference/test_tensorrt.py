"""The TensorRT engine on a recording stand-in: order of calls, slots, graphs, memory, and real names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.cuda import Cuda, DeviceLostError, GpuMemoryError
from scanmon.inference.fallback import FallbackEngine
from scanmon.inference.tensorrt import TensorRtEngine
from tests.doubles.cuda import FakeCuda, fake_tensorrt


def _engine(cuda: FakeCuda, batch: int = 4) -> TensorRtEngine:
    return TensorRtEngine(fake_tensorrt(cuda), b"plan", "fp16", cuda, batch)


def _pixels(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 4, 4), dtype=np.uint8)


def _expected(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = pixels.reshape(len(pixels), 16).astype(np.float32)
    return np.stack([flat.mean(axis=1), flat.min(axis=1), flat.max(axis=1)], axis=1)


@pytest.mark.parametrize("captures", [True, False])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 11, 16])
def test_every_window_gets_its_own_result_whatever_the_batches(count: int, captures: bool) -> None:
    cuda = FakeCuda(captures=captures)
    engine = _engine(cuda)
    for seed in range(3):
        pixels = _pixels(count, seed)
        np.testing.assert_array_equal(engine.run(pixels), _expected(pixels))
    engine.close()
    assert cuda.left == 0


def test_shape_is_captured_once_for_each_slot_and_launched_from_then_on() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda)
    engine.run(_pixels(8))
    assert cuda.log.count("begin_capture") == 2  # one for each slot
    cuda.log.clear()
    engine.run(_pixels(8, 1))
    assert cuda.log == ["launch", "record", "launch", "record", "wait", "wait"]
    engine.run(_pixels(3))
    assert cuda.log.count("begin_capture") == 1  # another number of windows is another graph
    engine.close()


def test_second_batch_is_started_before_the_first_is_waited_for() -> None:
    cuda = FakeCuda(captures=False)
    engine = _engine(cuda)
    engine.run(_pixels(8))
    work = [entry for entry in cuda.log if entry in ("execute", "wait")]
    assert work == ["execute", "execute", "wait", "wait"]
    engine.close()


def test_short_memory_makes_smaller_batches_and_none_is_an_error_without_a_leak() -> None:
    cuda = FakeCuda(limit=2 * (2 * 16 + 2 * 12))
    engine = _engine(cuda, batch=8)
    assert engine.batch == 2
    np.testing.assert_array_equal(engine.run(_pixels(5)), _expected(_pixels(5)))
    engine.close()
    assert cuda.left == 0
    small = FakeCuda(limit=20)
    with pytest.raises(GpuMemoryError):
        _engine(small)
    assert small.left == 0


def test_many_frames_leave_no_more_behind_than_one() -> None:
    cuda = FakeCuda()
    engine = _engine(cuda)
    engine.run(_pixels(7))
    before = cuda.left
    for _ in range(200):
        engine.run(_pixels(7))
    assert cuda.left == before
    engine.close()


def test_damaged_plan_and_wrong_window_are_refused() -> None:
    cuda = FakeCuda()
    with pytest.raises(EngineError, match="plan cannot be loaded"):
        TensorRtEngine(fake_tensorrt(cuda), b"other", "fp16", cuda)
    engine = _engine(cuda)
    with pytest.raises(EngineError, match="takes windows"):
        engine.run(np.zeros((1, 5, 5), np.uint8))
    engine.close()


class _Cpu:
    backend, precision = "onnxruntime", "fp32"

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return _expected(pixels)

    def close(self) -> None: ...


def test_lost_device_is_started_again_once_and_then_the_processor_takes_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machines: list[FakeCuda] = []

    def first() -> TensorRtEngine:
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
    engine.close()


def test_processor_that_fails_too_is_an_error() -> None:
    class Broken(_Cpu):
        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            raise DeviceLostError("no")

    with pytest.raises(EngineError):
        FallbackEngine(Broken, Broken).run(_pixels(1))


def test_the_stand_in_has_no_member_that_the_real_module_lacks() -> None:
    real = pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")
    fake = fake_tensorrt(FakeCuda())
    kinds = [kind for kind in vars(fake) if not kind.startswith("_")]
    assert {"ICudaEngine", "IExecutionContext", "Runtime", "Logger", "TensorIOMode"} <= set(kinds)
    for kind in kinds:
        stood_in, genuine = getattr(fake, kind), getattr(real, kind)
        missing = [name for name in vars(stood_in) if not name.startswith("_") and not hasattr(genuine, name)]
        assert missing == [], kind


def test_the_stand_in_for_cuda_is_the_port_and_nothing_more() -> None:
    port = {name for name in vars(Cuda) if not name.startswith("_")}
    told = {
        "limit",
        "log",
        "memory",
        "pins",
        "queue",
        "capturing",
        "handles",
        "graphs",
        "lost",
        "left",
        "put",
    }
    told |= {"refuses_capture"}  # what a test sets and asks
    members = {name for name in dir(FakeCuda()) if not name.startswith("_")}
    assert members - told == port


def test_capture_that_fails_costs_the_graphs_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    cuda = FakeCuda(refuses_capture=True)
    engine = _engine(cuda)
    for seed in range(3):
        np.testing.assert_array_equal(engine.run(_pixels(11, seed)), _expected(_pixels(11, seed)))
    assert cuda.log.count("begin_capture") == 1
    assert "cannot be captured" in caplog.text
    engine.close()
    assert cuda.left == 0


def test_pass_that_broke_off_leaves_nothing_in_the_next_result(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda(captures=False)
    engine = _engine(cuda)
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
    ends: list[str] = []
    cuda = FakeCuda()
    engine = TensorRtEngine(fake_tensorrt(cuda), b"plan", "fp16", cuda, 4, lambda: ends.append("end"))
    engine.run(_pixels(3))
    engine.close()
    engine.close()
    assert ends == ["end"]
