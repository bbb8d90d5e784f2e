"""The check of the TensorRT adapters against the real bindings finds what does not fit."""

from pathlib import Path

import pytest

from tools.check_tensorrt import (
    RELEASES,
    NotAvailableError,
    corrected,
    faults,
    sources,
    with_types,
    write_types,
)

GENERATED = '''from __future__ import annotations
import typing
class Dims:
    def __len__(self) -> int:
        ...
class Engine:
    def broken(self, first: int = 1, second: int) -> int:
        ...
    def configure(self, in: int) -> ...:
        """A parameter with the name of a keyword."""
    def shape(self, name: str) -> Dims:
        ...
    def set_shape(self, shape: Dims) -> bool:
        ...
class Monitor:
    def step(self, number: typing.SupportsInt) -> bool:
        ...
'''
HEAD = "from typing import Any\n"


@pytest.fixture
def types(tmp_path: Path) -> Path:
    (tmp_path / "tensorrt").mkdir()
    (tmp_path / "tensorrt" / "__init__.pyi").write_text(corrected(GENERATED))
    return tmp_path


def test_uses_that_fit_pass_and_each_that_does_not_is_named(types: Path) -> None:
    good = """
def use(trt: Any) -> int:
    engine = trt.Engine()
    engine.broken(2, 3)
    engine.configure(4)
    return sum(engine.shape("x")) + engine.set_shape((1, 2))
def monitor(trt: Any) -> Any:
    class Ours(trt.Monitor):
        def step(self, number: int) -> bool:
            return number > 1
    return Ours()
"""
    bad = """
def use(trt: Any) -> int:
    engine = trt.Engin()
    trt.Engine().set_shape("x")
    return trt.Engine().shape("x")
def monitor(trt: Any) -> Any:
    class Ours(trt.Monitor):
        def step(self, number: int, more: int) -> bool:
            return number > 1
    return Ours()
"""
    assert faults({"good": HEAD + good}, types) == []
    found = faults({"bad": HEAD + bad}, types)
    assert [line.rpartition("[")[2] for line in found] == [
        "attr-defined]",
        "arg-type]",
        "return-value]",
        "override]",
    ]


def test_a_source_of_which_nothing_would_be_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing of it would be checked"):
        with_types(HEAD + "def use(module: Any) -> None: ...\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", RELEASES)
def test_adapters_fit_the_real_bindings_and_a_changed_adapter_does_not(name: str, tmp_path: Path) -> None:
    try:
        write_types(RELEASES[name], tmp_path)
    except NotAvailableError as error:
        pytest.skip(f"the bindings cannot be had here: {error}")
    adapters = sources(name)
    assert faults(adapters, tmp_path) == []
    for right, wrong in (
        ("get_tensor_mode(name)", "get_tensor_mode(1)"),
        ("trt.TensorIOMode.INPUT", "trt.TensorIOMode.IN"),
        ("set_device_memory(*self._memory)", "set_device_memory(self._memory)"),
        ("def step_complete(self, name: str, step: int)", "def step_complete(self, name: str)"),
        ("config.add_optimization_profile(shapes)", "config.add_profile(shapes)"),
        ("parser.parse(network)", "parser.parse(definition)"),
    ):
        changed = {stem: source.replace(right, wrong) for stem, source in adapters.items()}
        assert changed != adapters, right
        assert faults(changed, tmp_path), wrong


@pytest.mark.parametrize("name", ["tensorrt.py", "tensorrt_rtx.py"])
def test_what_is_checked_is_a_program(name: str) -> None:
    source = (Path(__file__).parents[2] / "scanmon" / "inference" / name).read_text()
    compile(with_types(source), name, "exec")
