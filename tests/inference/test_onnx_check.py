"""A network that names other files, needs foreign code, never ends or fills the memory is not loaded."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from scanmon.cli import main
from scanmon.core.errors import EngineError
from scanmon.inference.networks import proved
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


def _size_from_gray(model: onnx.ModelProto) -> None:
    seen = model.graph.input[0].name
    for node in (
        helper.make_node("Cast", [seen], ["f"], to=TensorProto.INT64),
        helper.make_node("ReduceMax", ["f"], ["m"], keepdims=0),
        helper.make_node("Range", ["m", "m", "m"], ["o"]),
    ):
        model.graph.node.add().CopyFrom(node)


def _choosing(model: onnx.ModelProto) -> None:
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["o"])], "g", [], [])
    model.graph.node.add().CopyFrom(
        helper.make_node("If", ["c"], ["o"], then_branch=graph, else_branch=graph)
    )


FAULTS: dict[Spoil, str] = {
    _size_from_gray: r"from what it sees \(Range\)",
    _choosing: r"decides by itself .*If",
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
def test_command_names_the_file_of_the_bundle(backend, tiny_bundle, tmp_path, capsys) -> None:
    model = onnx.load_from_string(darkness_network())
    _external(model)
    sound, bundle = open_bundle(tiny_bundle), tmp_path / "bundle"
    write_bundle(bundle, read_document(sound), read_files(sound) | {"map.onnx": serialised(model)})
    argv = ["score", str(tmp_path / "none.png"), "--bundle", str(bundle), "--metric", "map"]
    assert main([*argv, "--backend", backend]) == 1
    assert "; use a bundle" in capsys.readouterr().err


def test_published_case_is_refused(shared: Path) -> None:
    network = shared / "cases" / "hostile" / "map_ext_cwd_ort.onnx"
    if not network.is_file():
        pytest.skip("the case is not there")
    with pytest.raises(EngineError, match="another file"):
        check_network(network.read_bytes(), network)


def _of_the_size(model: onnx.ModelProto) -> None:
    """Ten thousand times as large as the picture: nothing that the file states is large."""
    model.graph.initializer.add().CopyFrom(numpy_helper.from_array(np.array([1, 100, 100], np.int64), "k"))
    for node in (
        helper.make_node("Shape", [model.graph.input[0].name], ["s"]),
        helper.make_node("Mul", ["s", "k"], ["t"]),
        helper.make_node("ConstantOfShape", ["t"], ["o"]),
    ):
        model.graph.node.add().CopyFrom(node)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("o", TensorProto.FLOAT, None))


def _bundle_with(network: bytes, sound: Path, folder: Path) -> Path:
    bundle = open_bundle(sound)
    write_bundle(folder, read_document(bundle), read_files(bundle) | {"map.onnx": network})
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="no other system limits the memory of a process")
def test_a_network_whose_sizes_grow_with_the_picture_is_tried_apart_and_refused(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = onnx.load_from_string(darkness_network())
    _of_the_size(model)
    check_network(serialised(model), "")  # not seen from what it states
    bundle = _bundle_with(serialised(model), tiny_bundle, tmp_path / "bundle")
    assert main(["score", str(tmp_path / "none.png"), "--bundle", str(bundle), "--metric", "map"]) == 1
    assert "the network takes too much memory; " in capsys.readouterr().err
    assert main(["check", str(bundle)]) == 1
    assert "the network takes too much memory; " in capsys.readouterr().out


def test_a_sound_network_of_others_is_tried_once(tiny_bundle, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SCANMON_CACHE", str(tmp_path / "cache"))
    bundle = open_bundle(tiny_bundle)
    network = bundle.read(bundle.map.file)
    assert proved(network, bundle, bundle.map) == network
    assert len(list((tmp_path / "cache" / "tried").iterdir())) == 1
    monkeypatch.setattr("scanmon.inference.networks._try", lambda *_: pytest.fail("tried again"))
    assert proved(network, bundle, bundle.map) == network
