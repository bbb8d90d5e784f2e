"""What a machine with a GPU lacks is said in plain words, with the command that brings it."""

import sys
from types import SimpleNamespace

import pytest

from scanmon.core.errors import EngineError
from scanmon.inference import cards
from scanmon.inference.cards import _has_card as has_card
from scanmon.inference.cuda import Gpu
from scanmon.inference.cuda_device import open_cuda
from tests.doubles.cuda import FakeCuda, fake_tensorrt


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A machine to change: packages and their versions, a driver, CUDA's libraries."""
    state = SimpleNamespace(
        versions={"onnxruntime": "1.31.1"}, cuda=False, driver=True, missing="", gpu=FakeCuda(), trt=None
    )

    def check_libraries() -> None:
        if state.missing:
            raise EngineError(f"a library of CUDA is missing ({state.missing})")

    monkeypatch.setattr(cards.onnx_cuda, "package", lambda name="onnxruntime-gpu": state.versions.get(name))
    monkeypatch.setattr(cards, "_has_driver", lambda: state.driver)
    monkeypatch.setattr(cards, "_has_card", lambda: False)
    monkeypatch.setattr(cards, "open_cuda", lambda: state.gpu)
    monkeypatch.setattr(cards.onnx_cuda, "installed", lambda: state.cuda)
    monkeypatch.setattr(cards.onnx_cuda, "check_libraries", check_libraries)
    monkeypatch.setattr(cards.onnx_webgpu, "installed", lambda: False)
    monkeypatch.setattr(
        cards.importlib.util, "find_spec", lambda name: state.trt if name == "tensorrt_rtx" else None
    )
    monkeypatch.setattr(cards, "runtime_module", lambda name: state.trt)
    return state


def _lines() -> list[str]:
    return [f"{'ok' if word.ok else 'lacks'}: {word.what} -> {word.remedy}" for word in cards.words()]


def test_without_a_driver_it_is_one_line_that_names_the_way_for_other_gpus(machine) -> None:
    machine.driver = False
    (line,) = _lines()
    assert line.startswith("lacks: no NVIDIA driver")
    assert cards.lacking()[0].what.startswith("no NVIDIA driver: nrq runs on the processor")
    assert "--backend onnxruntime:webgpu" in line


def test_a_card_without_the_package_is_told_which(machine: SimpleNamespace) -> None:
    assert _lines() == [
        "ok: Fake 9000, SM89, driver for CUDA 12.8 -> ",
        "lacks: this GPU lacks onnxruntime-gpu, which runs every bundle -> "
        "python -m pip install 'scanmon[cuda]'",
    ]
    assert machine.gpu.closings == 1


@pytest.mark.parametrize(("there", "says"), [(False, "was installed over"), (True, "share their files")])
def test_onnxruntime_over_onnxruntime_gpu_is_noticed_on_any_machine(machine, there, says) -> None:
    machine.driver, machine.cuda = False, there
    machine.versions["onnxruntime-gpu"] = "1.30.0"
    assert says in _lines()[0]
    assert _lines()[0].endswith("pip install --force-reinstall --no-deps onnxruntime-gpu==1.30.0")


@pytest.mark.parametrize(("there", "command"), [(False, "'scanmon[cuda]'"), (True, "'cuda-python>=12.9.1'")])
def test_one_command_brings_whatever_a_card_lacks(machine, monkeypatch, there, command) -> None:
    for name in ("cuda.bindings", "pycuda"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(cards, "open_cuda", open_cuda)
    machine.cuda = there
    machine.versions |= {"onnxruntime-gpu": "1.31.1"} if there else {}
    (line,) = _lines()
    assert line.startswith("lacks: ")
    assert "cuda-python" in line
    assert line.endswith(f"pip install {command}")


def test_a_card_whose_driver_is_missing_is_told_from_no_card(machine, monkeypatch, tmp_path) -> None:
    machine.driver = False
    for number, (vendor, kind) in enumerate((("0x8086", "0x030000"), ("0x10de", "0x040300"))):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "vendor").write_text(vendor + "\n")
        (tmp_path / str(number) / "class").write_text(kind + "\n")
    assert not has_card(tmp_path)  # another maker's, and the sound of one
    (tmp_path / "1" / "class").write_text("0x030200\n")
    assert has_card(tmp_path)
    monkeypatch.setattr(cards, "_has_card", lambda: True)
    (line,) = _lines()
    assert line.startswith("lacks: the driver of the NVIDIA GPU is missing")


def test_a_machine_that_has_what_runs_on_other_gpus_lacks_nothing(machine, monkeypatch) -> None:
    machine.driver = False
    monkeypatch.setattr(cards.onnx_webgpu, "installed", lambda: True)
    assert (cards.lacking(), len(_lines())) == ([], 1)


@pytest.mark.parametrize(("there", "told"), [("12.9.0", True), ("12.9.1", False), ("13.4.4", False)])
def test_a_cuda_python_that_stops_the_window_is_told(machine, there: str, told: bool) -> None:
    machine.driver, machine.versions["cuda-bindings"] = False, there
    assert any("stops the window" in line and "cuda-python>=12.9.1" in line for line in _lines()) == told


def test_missing_libraries_and_a_whole_installation(machine: SimpleNamespace) -> None:
    machine.cuda, machine.versions["onnxruntime-gpu"] = True, "1.31.1"
    assert _lines()[1].startswith("ok: ONNX Runtime with CUDA")
    machine.missing = "libcublasLt.so.13"
    assert "libcublasLt.so.13" in _lines()[1]
    assert "onnxruntime-gpu[cuda,cudnn]" in _lines()[1]


def test_a_runtime_that_does_not_know_the_card_is_said_beside_one_that_does(machine) -> None:
    machine.trt = fake_tensorrt(machine.gpu)
    assert _lines()[-1] == (
        "ok: tensorrt-rtx knows this GPU -> plans: scanmon build default --backend tensorrt-rtx"
    )
    machine.gpu.gpu = Gpu("NVIDIA H100", "SM90", "13.0")
    assert "does not know this GPU (SM90)" in _lines()[-1]
