"""The ONNX graph and the PyTorch network compute the published features."""

import numpy as np
import onnx
import pytest

from scanmon.lab.builder.architecture import TINYUSFM, Architecture, random_weights
from scanmon.lab.builder.graph import backbone_graph
from scanmon.scoring.windows import grid, pad, windows
from tests.doubles.reference import Reference

torch = pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")

SMALL = Architecture("small", width=24, depth=5, heads=3, image=64)


def _run(model: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"windows": pixels})[0])


@pytest.mark.parametrize("attention", ["fused", "plain"])
@pytest.mark.parametrize("layers", [(1, 2, 4), (5,), (2, 5)])
def test_graph_equals_the_network_for_any_layers_and_batch(attention, layers) -> None:
    from scanmon.lab.builder.vit import features, from_weights

    weights = random_weights(SMALL, 1)
    network = from_weights(weights, SMALL)
    model = backbone_graph(weights, SMALL, layers, attention)
    for count in (1, 7):
        pixels = np.random.default_rng(count).integers(0, 256, (count, 64, 64), dtype=np.uint8)
        z = _run(model, pixels)
        assert z.shape == (count, 24 * len(layers))
        np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1.0, atol=1e-6)
        np.testing.assert_allclose(z, features(network, pixels, layers), atol=1e-6)


def test_only_the_blocks_that_are_read_are_in_the_graph() -> None:
    model = backbone_graph(random_weights(TINYUSFM, 0), TINYUSFM)
    names = {constant.name for constant in model.graph.initializer}
    assert "blocks.10.mlp.fc2.weight" in names
    assert not any(name.startswith("blocks.11.") for name in names)
    assert [value.name for value in model.graph.input] == ["windows"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert sum(node.op_type == "MultiHeadAttention" for node in model.graph.node) == 11


def test_plain_graph_has_standard_operators_only() -> None:
    model = backbone_graph(random_weights(SMALL, 0), SMALL, (5,), "plain")
    assert {node.domain for node in model.graph.node} == {""}
    onnx.checker.check_model(model, full_check=True)


def test_no_two_products_of_an_int8_network_exceed_the_sixteen_bits_that_processors_without_vnni_add_in():
    layers = [
        f"blocks.{block}.{name}"
        for block in range(4)
        for name in ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")
    ]
    model = backbone_graph(
        random_weights(SMALL, 2), SMALL, (2, 4), "fused", "int8", dict.fromkeys(layers, 3.0)
    )
    constants = map(onnx.numpy_helper.to_array, model.graph.initializer)
    weights = [value.astype(np.int64) for value in constants if value.dtype == np.int8 and value.ndim == 2]
    assert len(weights) == len(layers) - 1  # the last product acts on a mean, in single precision
    for weight in weights:
        ordered = np.sort(weight, axis=0)  # any two of a column may meet, each times an input of 0 to 255
        assert 255 * ordered[-2:].sum(axis=0).max() <= np.iinfo(np.int16).max
        assert 255 * ordered[:2].sum(axis=0).min() >= np.iinfo(np.int16).min


def test_network_and_graph_give_the_published_features(reference: Reference, backbone: bytes) -> None:
    from scanmon.lab.builder.vit import features, from_weights

    network = from_weights(reference.weights, reference.architecture)
    for name in reference.images:
        image = reference.view(name).image
        cells = grid(*image.shape)
        if len(cells) > 4:  # the others are run in tests/inference/test_onnx.py
            continue
        pixels = windows(pad(image, cells), cells)
        published = reference.arrays[f"{name}|z"]
        np.testing.assert_allclose(features(network, pixels), published, atol=1e-6, rtol=0)
        np.testing.assert_allclose(
            _run(onnx.load_from_string(backbone), pixels), published, atol=1e-6, rtol=0
        )
