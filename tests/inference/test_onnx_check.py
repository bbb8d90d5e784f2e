"""A network that names other files, needs foreign code, never ends or fills the memory is not loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from scanmon.cli import main
from scanmon.core.errors import EngineError
from scanmon.inference.onnx_check import check_network
from scanmon.scoring.bundle import open_bundle
from scanmon.scoring.bundle_folder import read_document, read_files, write_bundle
from tests.doubles.bundles import darkness_network, looking_network, serialised

Spoil = Callable[[onnx.ModelProto], None]
BIG = numpy_helper.from_array(np.array([3_000_000_000], np.int64), "big")


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="secret.bin")


def _external_in_constant(model: onnx.ModelProto) -> None:
    tensor = TensorProto(name="t", data_type=1, dims=[1], data_location=TensorProto.EXTERNAL)
    model.graph.node.add().CopyFrom(helper.make_node("Constant", [], ["c"], value=tensor))


def _external_in_a_branch(model: onnx.ModelProto) -> None:
    inner = onnx.ModelProto()
    inner.CopyFrom(model)
    _external(inner)
    node = helper.make_node("If", ["c"], ["o"], then_branch=inner.graph, else_branch=model.graph)
    model.graph.node.add().CopyFrom(node)


def _foreign(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "org.example"


def _foreign_in_a_function(model: onnx.ModelProto) -> None:
    nodes = [helper.make_node("Steal", ["x"], ["y"], domain="org.example")]
    model.functions.add().CopyFrom(helper.make_function("ours", "F", ["x"], ["y"], nodes, []))


def _endless(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Loop"


def _huge(model: onnx.ModelProto) -> None:
    model.graph.initializer.add().CopyFrom(BIG)
    model.graph.node.add().CopyFrom(helper.make_node("ConstantOfShape", ["big"], ["o"]))


def _huge_constant(model: onnx.ModelProto) -> None:
    shape = numpy_helper.from_array(np.array([70000, 70000], np.int64))
    model.graph.node.add().CopyFrom(helper.make_node("Constant", [], ["s"], value=shape))
    model.graph.node.add().CopyFrom(helper.make_node("Expand", ["x", "s"], ["o"]))


def _huge_noise(model: onnx.ModelProto) -> None:
    model.graph.node.add().CopyFrom(helper.make_node("RandomNormal", [], ["o"], shape=[65536, 65536]))


def _nested(model: onnx.ModelProto) -> None:
    graph = model.graph
    for _ in range(30):
        node = helper.make_node("If", ["c"], ["o"], then_branch=graph)
        graph = helper.make_graph([node], "g", [], [])
    model.graph.node.add().CopyFrom(graph.node[0])


FAULTS: dict[Spoil, str] = {
    _external: "another file",
    _external_in_constant: "another file",
    _external_in_a_branch: "another file",
    _foreign: "operator Unsqueeze of org.example",
    _foreign_in_a_function: "operator Steal of org.example",
    _endless: "may never end",
    _huge: "tensor of 3000000000 ",
    _huge_constant: "tensor of 70000 x 70000",
    _huge_noise: "tensor of 65536 x 65536",
    _nested: "without end",
}


@pytest.mark.parametrize(("spoil", "says"), FAULTS.items(), ids=[spoil.__name__ for spoil in FAULTS])
def test_network_is_refused_before_a_runtime_loads_it(spoil: Spoil, says: str) -> None:
    model = onnx.load_from_string(darkness_network())
    spoil(model)
    with pytest.raises(EngineError, match=says) as caught:
        check_network(serialised(model), "bundle/map.onnx")
    assert "bundle/map.onnx" in str(caught.value)


def test_whole_networks_pass_and_cut_ones_are_no_onnx_files() -> None:
    for network in (darkness_network(), looking_network()):
        check_network(network, "")
        with pytest.raises(EngineError, match="is not an ONNX file"):
            check_network(network[:-3], "")


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_command_names_the_file_of_the_bundle(
    backend: str, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = onnx.load_from_string(darkness_network())
    _external(model)
    sound, bundle = open_bundle(tiny_bundle), tmp_path / "bundle"
    write_bundle(bundle, read_document(sound), read_files(sound) | {"map.onnx": serialised(model)})
    argv = ["score", str(tmp_path / "none.png"), "--bundle", str(bundle), "--metric", "map"]
    assert main([*argv, "--backend", backend]) == 1
    assert "map.onnx, use a bundle" in capsys.readouterr().err


def test_published_case_is_refused(shared: Path) -> None:
    network = shared / "cases" / "hostile" / "map_ext_cwd_ort.onnx"
    if not network.is_file():
        pytest.skip("the case is not there")
    with pytest.raises(EngineError, match="another file"):
        check_network(network.read_bytes(), network)
