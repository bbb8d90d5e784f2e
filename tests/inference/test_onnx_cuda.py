"""ONNX Runtime with CUDA: its code over the processor's provider, and the words where CUDA is missing."""

import ctypes
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import EngineError
from scanmon.inference import batches, check, gpu, onnx_cuda
from scanmon.inference.choice import chosen_backend, open_engine
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_cuda import check_libraries, onnx_cuda_engine
from scanmon.inference.onnx_outputs import cutting_graph
from scanmon.lab.builder.derive import cuda_graph, derive, weights_of
from scanmon.lab.loaded_bundle import load_bundle
from scanmon.scoring.bundle import Bundle, open_bundle
from scanmon.scoring.windows import cut, grid, windows
from tests.doubles.bundles import serialised, speckle
from tests.doubles.commands import python
from tests.doubles.cuda import ALLOWED, FakeCuda


class HostCuda(FakeCuda):
    """The port with real addresses, and copies that are done at once."""

    def allocate(self, size: int) -> int:
        block = np.zeros(size, np.uint8)
        self.memory[block.ctypes.data] = block
        return int(block.ctypes.data)

    def to_device(self, address: int, memory: NDArray[np.uint8], size: int) -> None:
        ctypes.memmove(address, memory.ctypes.data, size)

    def to_host(self, memory: NDArray[np.uint8], address: int, size: int) -> None:
        ctypes.memmove(memory.ctypes.data, address, size)


@pytest.fixture
def bundle(tiny_bundle: Path) -> Bundle:
    return open_bundle(tiny_bundle)


@pytest.fixture
def on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_cuda, "PROVIDER", "CPUExecutionProvider")
    monkeypatch.setattr(onnx_cuda, "_MEMORY", "cpu")


def _own(bundle: Bundle) -> bytes:
    return bundle.read(bundle.nrq.file)


@pytest.mark.usefixtures("on_the_processor")
def test_bound_memory_gives_the_features_of_the_plain_session_for_every_number_of_windows(bundle) -> None:
    cuda = HostCuda(graphs=False)
    engine = onnx_cuda_engine(_own(bundle), "fp32", cuda, batch=8)
    assert (engine.backend, engine.precision, engine.batch) == ("onnxruntime:cuda", "fp32", 8)
    pixels = speckle(19, 5)
    expected = OnnxEngine(_own(bundle), "fp32").run(pixels)
    for count in (1, 3, 8, 19, 5):
        np.testing.assert_allclose(engine.run(pixels[:count]), expected[:count], atol=1e-6)
    engine.close()
    assert (cuda.left, cuda.closings) == (0, 1)


def test_windows_that_a_network_cuts_are_those_that_are_cut_here() -> None:
    import onnxruntime

    picture = np.random.default_rng(0).integers(0, 256, (300, 410), dtype=np.uint8)
    cells, size = grid(300, 410), 1 << 18
    whole = np.zeros(size, np.uint8)
    whole[: picture.size] = picture.ravel()
    begins = (cells.corners[:, :1] + np.arange(224)) * 410 + cells.corners[:, 1:]
    session = onnxruntime.InferenceSession(cutting_graph(size, 224), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"picture": whole, "rows": begins.astype(np.int32)[..., None]})
    np.testing.assert_array_equal(found, windows(picture, cells))
    onnx.checker.check_model(onnx.load_from_string(cutting_graph(size, 224)), full_check=True)


@pytest.mark.usefixtures("on_the_processor")
def test_a_picture_gives_the_features_of_its_windows_wherever_they_are_cut(bundle, monkeypatch) -> None:
    here: list[int] = []
    monkeypatch.setattr(
        batches, "cut", lambda picture, *rest: [here.append(picture.size), cut(picture, *rest)]
    )
    cuda = HostCuda(graphs=False)
    engine = onnx_cuda_engine(_own(bundle), "fp32", cuda, batch=8)
    (side, _), picture = engine._window, speckle(1, 3, side=400)[0]
    for shape, stride in (((160, 160), 40), ((400, 390), 56), ((160, 400), 300)):
        part = picture[: shape[0], 400 - shape[1] :]  # rows do not follow each other in memory
        cells = grid(*shape, side, stride)
        found = engine.start_at(part, cells.corners, side)()
        np.testing.assert_array_equal(found, engine.run(windows(part, cells)))
    assert here == [64000]  # the picture that is larger than its windows
    engine.close()
    assert (cuda.left, cuda.closings) == (0, 1)


@pytest.mark.usefixtures("on_the_processor")
def test_a_network_that_cannot_be_loaded_leaves_nothing_behind(bundle: Bundle) -> None:
    cuda = HostCuda()
    with pytest.raises(EngineError, match="cannot be loaded"):
        onnx_cuda_engine(_own(bundle)[:99], "fp32", cuda)
    assert (cuda.left, cuda.closings) == (0, 1)


@pytest.mark.parametrize("biased", [False, True])
def test_fused_network_is_the_same_network(bundle: Bundle, biased: bool) -> None:
    weights, architecture = weights_of(onnx.load_from_string(_own(bundle)))
    pixels = speckle(5, 1)
    fused = serialised(cuda_graph(weights, architecture, bundle.nrq.layers, "fp32"))
    own = OnnxEngine(_own(bundle), "fp32").run(pixels)
    np.testing.assert_allclose(OnnxEngine(fused, "fp32").run(pixels), own, atol=1e-6)
    half = derive(_own(bundle), bundle.nrq.layers, "cuda-fp16")
    np.testing.assert_allclose(OnnxEngine(half, "fp16").run(pixels), own, atol=ALLOWED["fp16"])
    assert ALLOWED["fp16"] < 0.01 * np.abs(own).mean()  # or another network would pass


def test_every_node_of_the_fused_network_has_a_kernel_for_cuda(bundle: Bundle) -> None:
    """Nodes that ONNX Runtime's CUDA provider has in half precision, none of which needs cuDNN."""
    model = onnx.load_from_string(derive(_own(bundle), bundle.nrq.layers, "cuda-fp16"))
    known = {"Add", "Cast", "Concat", "Div", "LayerNormalization", "MatMul", "Max", "Mul", "Pad", "Reshape"}
    known |= {"Sqrt", "Squeeze", "Sub", "Transpose", "Attention", "BiasGelu", "SkipLayerNormalization"}
    assert {node.op_type for node in model.graph.node} == known


def test_without_cuda_one_line_says_so_and_the_processor_goes_on(bundle, caplog, capfd) -> None:
    assert bundle.nrq is not None
    with caplog.at_level(logging.WARNING):
        engine = open_engine(bundle, bundle.nrq, "onnxruntime:cuda")
    assert (engine.backend, engine.precision) == ("onnxruntime", "fp32")
    (record,) = caplog.records
    assert "has no CUDA" in record.getMessage()
    assert "pip install" in record.getMessage()
    assert record.getMessage().endswith("onnxruntime goes on")
    assert engine.run(speckle(2, 1)).shape == (2, 48)
    engine.close()
    assert capfd.readouterr() == ("", "")  # nothing that ONNX Runtime prints
    with pytest.raises(EngineError, match="has no CUDA"):
        open_engine(bundle, bundle.nrq, "onnxruntime:cuda", strict=True)


def test_a_library_of_cuda_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    monkeypatch.setattr(onnx_cuda, "installed", lambda: True)
    said = "Failed to load libcublasLt.so.13: no such file\n"
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: sys.stdout.write(said))
    with pytest.raises(EngineError, match=r"libcublasLt\.so\.13.*scanmon\[cuda\]"):
        check_libraries()
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    check_libraries()


def test_onnxruntime_over_onnxruntime_gpu_is_told_with_the_command_that_puts_it_right(
    bundle: Bundle, own_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(onnx_cuda, "version", lambda name: "1.31.1")
    with pytest.raises(EngineError, match=r"installed over.*--force-reinstall --no-deps onnxruntime-gpu==1"):
        check_libraries()
    assert bundle.nrq is not None
    open_engine(bundle, bundle.nrq).close()  # auto
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "--force-reinstall --no-deps onnxruntime-gpu==1.31.1" in record.getMessage()


def test_a_provider_that_gives_way_to_the_processor_is_an_error(bundle, monkeypatch) -> None:
    import onnxruntime

    class Session:
        def __init__(self, *given: Any, **named: Any) -> None: ...

        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(onnx_cuda, "installed", lambda: True)
    cuda = HostCuda()
    with pytest.raises(EngineError, match="did not start CUDAExecutionProvider"):
        onnx_cuda_engine(_own(bundle), "fp32", cuda)
    assert cuda.closings == 1


def test_the_command_line_gives_one_clear_line_and_goes_on(bundle: Bundle, tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.tile(speckle(1, 3, side=160)[0], (2, 2)))
    command = ["score", str(tmp_path / "a.png"), "--bundle", str(bundle.folder), "--metric", "nrq"]
    said = python("-m", "scanmon", *command, "--backend", "onnxruntime:cuda")
    assert '"backend": "onnxruntime"' in said.out
    assert said.err.count("has no CUDA") == 1


@pytest.mark.usefixtures("on_the_processor")
def test_auto_tries_what_a_machine_with_a_gpu_has_once_and_says_why(bundle, own_cache, monkeypatch, caplog):
    assert bundle.nrq is not None
    monkeypatch.setattr(gpu, "open_cuda", lambda device: HostCuda(graphs=False))
    caplog.set_level(logging.INFO)
    open_engine(bundle, bundle.nrq).close()
    chosen = chosen_backend(bundle)
    assert chosen in ("onnxruntime:fp32", "onnxruntime:cuda:fp32")
    (other,) = {"onnxruntime:fp32", "onnxruntime:cuda:fp32"} - {chosen}
    assert f"auto is {chosen}; {chosen}: the fastest that agrees here" in caplog.text
    assert f"not {other}: " in caplog.text
    caplog.clear()
    open_engine(bundle, bundle.nrq).close()
    assert "trying" not in caplog.text


def test_passes_in_which_a_runtime_sets_itself_up_do_not_count(bundle, monkeypatch) -> None:
    now_s, passes = [0.0], []

    class Slow:
        backend, precision = "onnxruntime", "fp32"

        def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            passes.append(len(pixels))
            now_s[0] += 9.0 if len(passes) < 4 else 0.001 * len(pixels)
            return np.zeros((len(pixels), 48), np.float32)

        def close(self) -> None: ...

    monkeypatch.setattr(check, "perf_counter", lambda: now_s[0])
    monkeypatch.setattr(check, "open_named", lambda *given, **named: Slow())
    (finding,) = [one for one in check.check(bundle, ["onnxruntime:fp32"]) if one.backend]
    assert finding.ms_per_window == pytest.approx(1)
    assert len(set(passes[:-1])) == 1  # another number of windows would be set up anew; then the map


def test_auto_keeps_nothing_where_the_gpu_cannot_be_used_today(bundle, own_cache, monkeypatch) -> None:
    assert bundle.nrq is not None
    monkeypatch.setattr(onnx_cuda, "installed", lambda: True)  # the package is there, and no driver
    engine = open_engine(bundle, bundle.nrq)
    assert engine.backend == "onnxruntime"
    engine.close()
    assert chosen_backend(bundle) is None


def test_the_laboratory_measures_what_it_was_asked_for_or_nothing(bundle: Bundle) -> None:
    scoring = ScoringSettings(bundle=str(bundle.folder), metric="nrq", backend="onnxruntime:cuda")
    with pytest.raises(EngineError, match="has no CUDA"), load_bundle(Settings(scoring)):
        pass
