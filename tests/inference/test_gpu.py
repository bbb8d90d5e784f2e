"""What only a GPU can show. Each test runs wherever one is found, and says why it is skipped elsewhere."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from scanmon.core.errors import EngineError
from scanmon.inference.batches import GpuEngine
from scanmon.inference.cuda import Gpu
from scanmon.inference.cuda_device import open_cuda
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_cuda import installed, onnx_cuda_engine
from scanmon.inference.tensorrt import refused, tensorrt_engine
from scanmon.lab.builder.architecture import TINYUSFM, random_weights
from scanmon.lab.builder.derive import cuda_graph
from scanmon.lab.builder.graph import Precision, backbone_graph
from scanmon.lab.builder.plan import compile_plan
from tests.doubles.bundles import serialised
from tests.doubles.cuda import ALLOWED

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(900)]  # TensorRT tries kernels for minutes

WEIGHTS = random_weights(TINYUSFM, 0)
Make = Callable[[Precision], GpuEngine]


@pytest.fixture(scope="module")
def gpu() -> Gpu:
    try:
        opened = open_cuda()
    except EngineError as error:
        pytest.skip(f"no GPU to run on: {error}")
    opened.close()
    return opened.gpu


@pytest.fixture(scope="module", params=["tensorrt", "tensorrt_rtx", "onnxruntime"])
def make(request: pytest.FixtureRequest, gpu: Gpu) -> Make:
    """What opens an engine of each runtime in a precision."""
    if request.param == "onnxruntime":
        if not installed():
            pytest.skip("the ONNX Runtime at hand has no CUDA")
        return lambda precision: onnx_cuda_engine(
            serialised(cuda_graph(WEIGHTS, TINYUSFM, precision=precision)), precision, open_cuda()
        )
    trt = pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    why = refused(trt, gpu.capability)
    if why is not None:
        pytest.skip(why)

    def compiled(precision: Precision) -> GpuEngine:
        network = serialised(backbone_graph(WEIGHTS, TINYUSFM, attention="plain", precision=precision))
        return tensorrt_engine(trt, compile_plan(trt, network), precision, open_cuda())

    return compiled


def _windows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 224, 224), dtype=np.uint8)


@pytest.mark.parametrize("precision", ALLOWED)
def test_plan_gives_the_features_of_the_processor(make: Make, precision: Precision) -> None:
    engine = make(precision)
    expected = OnnxEngine(serialised(backbone_graph(WEIGHTS, TINYUSFM)), "fp32").run(_windows(50))
    for _ in range(2):  # the second time as a replayed graph
        np.testing.assert_allclose(engine.run(_windows(50)), expected, atol=ALLOWED[precision])
    engine.close()


def test_replayed_graph_gives_what_the_first_pass_gave_for_every_shape(make: Make) -> None:
    engine = make("fp16")
    assert engine.captures
    shapes = (1, 20, 48, 7, 153, 20, 1)
    first = {count: engine.run(_windows(count, count)) for count in shapes}
    for count in shapes:
        np.testing.assert_array_equal(engine.run(_windows(count, count)), first[count])
    engine.close()


@pytest.mark.parametrize("runtime", ["tensorrt", "tensorrt-rtx"])
def test_bundle_is_compiled_once_proved_and_opened_from_the_cache(runtime, gpu, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    trt = pytest.importorskip(runtime.replace("-", "_"), reason=f"{runtime} is not installed")
    why = refused(trt, gpu.capability)
    if why is not None:
        pytest.skip(why)
    from scanmon.inference.choice import open_engine
    from scanmon.lab.builder.build import Request
    from scanmon.lab.builder.command import build_for_site, compile_here

    monkeypatch.setenv("SCANMON_CACHE", str(tmp_path / "cache"))
    torch.save({name: torch.from_numpy(array) for name, array in WEIGHTS.items()}, tmp_path / "w.pth")
    request = Request(tmp_path / "w.pth", tmp_path / "b", precisions=("fp32", "fp16"), plain=True)
    bundle = build_for_site(request, [], lambda line: None)
    compile_here(bundle, [runtime], lambda line: None)
    lines: list[str] = []
    compile_here(bundle, [runtime], lines.append)
    assert sum("is there already" in line for line in lines) == 2
    assert bundle.nrq is not None
    engine = open_engine(bundle, bundle.nrq, runtime)
    assert (engine.backend, engine.precision) == (runtime, "fp16")
    assert np.isfinite(engine.run(_windows(3))).all()
    assert engine.backend == runtime  # and not what takes its place when it fails
    engine.close()


def test_full_grid_of_a_large_picture_keeps_ten_readings_a_second(make: Make) -> None:
    engine = make("fp16")
    engine.run(_windows(153))
    times = []
    for _ in range(20):
        started = perf_counter()
        engine.run(_windows(153))
        times.append(perf_counter() - started)
    engine.close()
    assert np.median(times) < 0.1


@pytest.mark.slow
def test_ten_thousand_frames_take_no_more_memory_than_ten(make: Make) -> None:
    engine = make("fp16")

    def resident_kb() -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])

    def on_gpu() -> int:
        runtime = pytest.importorskip("cuda.bindings.runtime", reason="only cuda-python counts GPU memory")
        error, free, _ = runtime.cudaMemGetInfo()
        assert int(error) == 0
        return int(free)

    windows = _windows(20)
    for _ in range(10):
        engine.run(windows)
    before, free = resident_kb(), on_gpu()
    for _ in range(10_000):
        engine.run(windows)
    assert free - on_gpu() < 16 << 20
    engine.close()
    assert resident_kb() - before < 20_000
