"""Plans on a stand-in GPU: compiled once, kept, opened from the cache, refused where they are wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from scanmon.cli import main
from scanmon.core.errors import EngineError
from scanmon.inference import gpu
from scanmon.inference.choice import open_engine
from scanmon.inference.cuda import Gpu
from scanmon.inference.gpu import plan_key
from scanmon.inference.networks import derived
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.plans import load, plans_folder, stored
from scanmon.lab.builder import command
from scanmon.lab.builder.command import compile_ahead, compile_here
from scanmon.lab.builder.derive import derive
from scanmon.scoring.bundle import Bundle, default_bundle, open_bundle
from scanmon.scoring.bundle_folder import write_bundle
from scanmon.scoring.parity import ReferenceSet
from tests.doubles.bundles import darkness_network, speckle
from tests.doubles.cuda import FakeCuda, fake_tensorrt

SIDE = 16
# the same network twice, told apart by its description (field 6 of an ONNX model)
PLAIN, HALF = darkness_network() + b"\x32\x05plain", darkness_network() + b"\x32\x04half"


@pytest.fixture
def machine(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    """A machine with a GPU on which plans give mean, least and most of each window."""
    cuda = FakeCuda()
    for module in (gpu, command):
        monkeypatch.setattr(module, "open_cuda", lambda device=0: cuda)
        monkeypatch.setattr(
            module,
            "runtime_module",
            lambda runtime: fake_tensorrt(cuda, SIDE, name=runtime.replace("-", "_")),
        )
    return cuda


@pytest.fixture
def compiled(machine: FakeCuda, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The networks that the compiler was given."""
    networks: list[bytes] = []

    def compile_plan(trt: Any, network: bytes, **given: Any) -> bytes:
        assert given["targets"] == ("CURRENT",) or trt.__name__ == "tensorrt"  # not one plan for all GPUs
        machine.event()  # an error where the GPU is not the one of this thread
        networks.append(network)
        return b"plan"

    monkeypatch.setattr("scanmon.lab.builder.command.compile_plan", compile_plan)
    return networks


def _bundle(folder: Path, off: float = 0.0) -> Bundle:
    windows = np.random.default_rng(0).integers(0, 256, (6, SIDE, SIDE), dtype=np.uint8)
    flat = windows.reshape(6, -1).astype(np.float32)
    z = np.stack([flat.mean(axis=1), flat.min(axis=1), flat.max(axis=1)], axis=1) + np.float32(off)
    document = {
        "schema_version": 1,
        "name": "b",
        "version": "1",
        "licence": "x",
        "nrq": {
            "file": "backbone.onnx",
            "organs": [],
            "patch": SIDE,
            "variants": {"plain": "plain.onnx", "plain-fp16": "half.onnx"},
        },
    }
    parity = ReferenceSet(windows, np.arange(6).repeat(1), z).to_bytes()
    return write_bundle(
        folder,
        document,
        {
            "backbone.onnx": darkness_network(),
            "plain.onnx": PLAIN,
            "half.onnx": HALF,
            "parity.npz": parity,
        },
    )


def test_second_build_finds_the_plan_and_compiles_nothing(machine, compiled, tmp_path) -> None:
    bundle, lines = _bundle(tmp_path / "b"), []
    compile_here(bundle, ["tensorrt-rtx"], lines.append)
    compile_here(bundle, ["tensorrt-rtx"], lines.append)
    assert compiled == [PLAIN, HALF]
    built = ["compiling for Fake 9000", "agrees on Fake 9000"]
    assert [line.partition(": ")[2] for line in lines] == [
        *built * 2,
        *["a plan for Fake 9000 is there already", "agrees on Fake 9000"] * 2,
    ]
    assert bundle.nrq is not None
    engine = open_engine(bundle, bundle.nrq, "tensorrt-rtx")
    assert engine.run(np.full((2, SIDE, SIDE), 9, np.uint8)).tolist() == [[9.0] * 3] * 2
    assert (engine.backend, engine.precision, len(compiled)) == ("tensorrt-rtx", "fp16", 2)
    engine.close()
    assert machine.left == 0


def test_the_gpu_that_is_named_is_compiled_for_and_proved_on(machine, compiled, tmp_path, monkeypatch):
    asked: list[int] = []
    for module in (gpu, command):
        monkeypatch.setattr(module, "open_cuda", lambda device=0: (asked.append(device), machine)[1])
    compile_here(_bundle(tmp_path / "b"), ["tensorrt-rtx"], lambda line: None, "cuda:1")
    assert set(asked) == {1}
    assert len(asked) == 3  # to compile, and to prove each precision
    with pytest.raises(EngineError, match="--device gpu1"):
        compile_here(_bundle(tmp_path / "c"), ["tensorrt-rtx"], lambda line: None, "gpu1")


def test_plan_that_does_not_agree_is_removed_and_never_opened(machine, compiled, tmp_path) -> None:
    bundle = _bundle(tmp_path / "b", off=0.5)
    with pytest.raises(EngineError, match=r"does not agree and was removed .*features differ by 0\.5"):
        compile_here(bundle, ["tensorrt-rtx"], lambda line: None)
    assert list(stored()) == []
    assert bundle.nrq is not None
    with pytest.raises(EngineError, match="no plan of this network"):
        open_engine(bundle, bundle.nrq, "tensorrt-rtx")


def test_plan_of_another_gpu_is_refused_with_the_field_and_the_command(
    machine: FakeCuda, compiled: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = _bundle(tmp_path / "b")
    compile_here(bundle, ["tensorrt-rtx"], lambda line: None)
    other = Gpu("Fake 3060", "SM86", "12.8")
    monkeypatch.setattr(gpu, "open_cuda", lambda device=0: FakeCuda(gpu=other))
    assert bundle.nrq is not None
    with pytest.raises(EngineError, match=r"gpu is 'Fake 3060' here and 'Fake 9000' there.*scanmon build"):
        open_engine(bundle, bundle.nrq, "tensorrt-rtx")


def test_tampered_plan_is_not_run(machine: FakeCuda, compiled: list[bytes], tmp_path: Path) -> None:
    bundle = _bundle(tmp_path / "b")
    compile_here(bundle, ["tensorrt-rtx"], lambda line: None)
    for path in plans_folder().glob("*.plan"):
        path.write_bytes(path.read_bytes()[:-1] + b"m")
    assert bundle.nrq is not None
    with pytest.raises(EngineError, match="the plan is damaged"):
        open_engine(bundle, bundle.nrq, "tensorrt-rtx")


def test_networks_for_a_gpu_are_made_from_what_the_bundle_has_and_kept(machine, compiled, tiny_bundle):
    bundle = open_bundle(tiny_bundle)
    assert bundle.nrq is not None
    for runtimes in (["tensorrt"], ["tensorrt"]):
        with pytest.raises(EngineError, match="does not agree"):  # the stand-in takes other windows
            compile_here(bundle, runtimes, lambda line: None)
    plain = derived(bundle, bundle.nrq, "plain")
    assert plain is not None
    assert compiled == [plain, plain]
    windows = speckle(3, 1)
    own = OnnxEngine(bundle.read(bundle.nrq.file), "fp32").run(windows)
    np.testing.assert_allclose(OnnxEngine(plain, "fp32").run(windows), own, atol=1e-6)


@pytest.mark.parametrize("form", ["plain", "plain-fp16"])
def test_a_network_that_tensorrt_takes_is_made_from_what_the_default_bundle_has(form: str) -> None:
    bundle = open_bundle(default_bundle())
    model = onnx.load_from_string(derive(bundle.read(bundle.nrq.file), bundle.nrq.layers, form))
    assert {node.domain for node in model.graph.node} == {""}  # its own file has nodes of ONNX Runtime's


def test_the_default_bundle_compiles_for_three_generations_of_gpus_without_one(own_cache) -> None:
    trt = pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")
    bundle = open_bundle(default_bundle())
    assert bundle.nrq is not None
    files = compile_ahead(bundle, ("SM86", "SM89", "SM120"), lambda line: None)
    assert [file.stat().st_size > 10_000_000 for file in files] == [True, True]
    for precision, form in (("fp32", "plain"), ("fp16", "plain-fp16")):
        network = derived(bundle, bundle.nrq, form)
        assert network is not None
        for capability in ("SM86", "SM120"):  # a machine with such a GPU finds it in its own cache
            card = Gpu("a card", capability, "13.0")
            assert len(load(plan_key("tensorrt-rtx", trt, card, network, precision))) > 10_000_000
        with pytest.raises(EngineError, match=r"does not know this GPU \(SM90\).*onnxruntime:cuda"):
            plan_key("tensorrt-rtx", trt, Gpu("NVIDIA H100", "SM90", "13.0"), network, precision)


def test_a_gpu_that_the_runtime_does_not_know_is_told_before_anything_is_compiled(
    machine: FakeCuda, compiled: list[bytes], tmp_path: Path
) -> None:
    machine.gpu = Gpu("NVIDIA H100", "SM90", "13.0")
    with pytest.raises(EngineError, match=r"does not know this GPU \(SM90\)"):
        compile_here(_bundle(tmp_path / "b"), ["tensorrt-rtx"], lambda line: None)
    assert compiled == []


def test_a_plan_outlives_a_new_driver() -> None:
    cuda = FakeCuda()
    trt = fake_tensorrt(cuda)
    old, new = (Gpu("Fake 9000", "SM89", driver) for driver in ("12.8", "13.0"))
    assert plan_key("tensorrt-rtx", trt, old, b"x", "fp16") == plan_key(
        "tensorrt-rtx", trt, new, b"x", "fp16"
    )


def test_pruning_keeps_what_was_made_for_the_bundles_that_are_named(tiny_bundle, own_cache, capsys) -> None:
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")
    bundle = open_bundle(tiny_bundle)
    assert bundle.nrq is not None
    compile_ahead(bundle, ("SM89",), lambda line: None)
    assert main(["bundles", "--prune", str(tiny_bundle)]) == 0
    assert len(list(stored())) == 2
    assert derived(bundle, bundle.nrq, "plain") is not None
    assert main(["bundles", "--prune"]) == 0
    assert list(stored()) == []
    assert derived(bundle, bundle.nrq, "plain") is None
    assert "2 plans removed" in capsys.readouterr().err
