"""TensorRT-RTX compiles our networks for real, on a machine without a GPU, and refuses wrong ones."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from scanmon.core.errors import EngineError
from scanmon.lab.builder.architecture import Architecture, random_weights
from scanmon.lab.builder.graph import Precision, backbone_graph
from scanmon.lab.builder.plan import compile_plan, parse

trt = pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")

SMALL = Architecture("small", width=24, depth=3, heads=3, image=64)


def _network(precision: Precision = "fp32") -> bytes:
    ranges = {
        f"blocks.{block}.{name}": 4.0
        for block in range(3)
        for name in ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")
    }
    model = backbone_graph(random_weights(SMALL, 0), SMALL, (2, 3), "plain", precision, ranges)
    data: bytes = model.SerializeToString()
    return data


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_plan_is_compiled_for_three_generations_of_gpus_with_progress(precision: Precision) -> None:
    lines: list[str] = []
    plan = compile_plan(trt, _network(precision), targets=("SM86", "SM89", "SM120"), progress=lines.append)
    assert len(plan) > 100_000
    assert any("Building engine" in line for line in lines)


def test_single_precision_is_not_rounded_to_ten_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    configs = []
    create = trt.Builder.create_builder_config

    def kept(builder: object) -> object:
        configs.append(create(builder))
        assert configs[-1].get_flag(trt.BuilderFlag.TF32), "it is the builder's default"
        return configs[-1]

    monkeypatch.setattr(trt.Builder, "create_builder_config", kept)
    compile_plan(trt, _network("fp32"), targets=("SM89",))
    assert [config.get_flag(trt.BuilderFlag.TF32) for config in configs] == [False]
    # what capturing a pass asks for (release notes of TensorRT-RTX 1.2)
    assert [config.get_flag(trt.BuilderFlag.REQUIRE_USER_ALLOCATION) for config in configs] == [True]


@pytest.mark.parametrize(("precision", "products"), [("fp32", "FLOAT"), ("fp16", "HALF"), ("int8", "FLOAT")])
def test_parsed_network_has_the_promised_names_shapes_and_types(precision: Precision, products: str) -> None:
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parse(trt, network, _network(precision), logger)
    entry, output = network.get_input(0), network.get_output(0)
    assert (entry.name, tuple(entry.shape), entry.dtype) == ("windows", (-1, 64, 64), trt.uint8)
    assert (output.name, tuple(output.shape)[1], output.dtype) == ("z", 48, trt.float32)
    layers = [network.get_layer(i) for i in range(network.num_layers)]
    inner = [
        layer for layer in layers if layer.type == trt.LayerType.MATRIX_MULTIPLY and "attn.qkv" in layer.name
    ]
    assert len(inner) == 3
    assert {layer.get_output(0).dtype for layer in inner} == {getattr(trt.DataType, products)}
    for layer in layers:
        if layer.type in (trt.LayerType.SOFTMAX, trt.LayerType.NORMALIZATION):
            assert layer.get_output(0).dtype == trt.float32
    quantised = sum(layer.type == trt.LayerType.QUANTIZE for layer in layers)
    assert quantised == (11 if precision == "int8" else 0)  # 4 of each block but the last one's last


MIXED = ([("MatMul", ["x", "w"], ["y"])], {"w": np.eye(4, dtype=np.float16)})
QUANTISED_BIAS = (
    [
        ("MatMul", ["x", "w"], ["product"]),
        ("DequantizeLinear", ["b", "s"], ["bias"]),
        ("Add", ["product", "bias"], ["y"]),
    ],
    {"w": np.eye(4, dtype=np.float32), "b": np.ones(4, np.int32), "s": np.array(0.1, np.float32)},
)


@pytest.mark.parametrize(
    ("nodes", "constants"), [MIXED, QUANTISED_BIAS], ids=["mixed types", "quantised bias"]
)
def test_what_the_real_parser_does_not_take_is_refused(nodes, constants) -> None:
    graph = helper.make_graph(
        [helper.make_node(*node) for node in nodes],
        "wrong",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        initializer=[numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    with pytest.raises(EngineError, match=r"does not take the network|cannot compile"):
        compile_plan(trt, model.SerializeToString(), targets=("SM89",))


def test_a_builder_that_cannot_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(logger: Any) -> None:
        logger.log(trt.ILogger.Severity.ERROR, "CUDA initialization failure with error: 35")
        raise TypeError("pybind11::init(): factory function returned nullptr")

    monkeypatch.setattr(trt, "Builder", refuses)
    with pytest.raises(EngineError, match=r"cannot compile the network \(CUDA init.*35\)"):
        compile_plan(trt, b"")


def test_truncated_network_and_unknown_target_are_one_line() -> None:
    with pytest.raises(EngineError, match="does not take the network") as caught:
        compile_plan(trt, _network()[:2000], targets=("SM89",))
    assert "\n" not in str(caught.value)
    with pytest.raises(EngineError, match=r"no target SM12.*SM89"):
        compile_plan(trt, _network(), targets=("SM12",))
