from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import EngineError
from scanmon.inference.onnx import OnnxEngine
from scanmon.inference.onnx_outputs import FLOAT, with_ports
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.compare.ulpips import total, ulpips_input, ulpips_terms
from scanmon.scoring.bundle import open_bundle
from tests.doubles.bundles import PATCH
from tests.doubles.reference import Reference

LAYERS = (3, 5, 7, 11)


def test_tokens_of_every_layer_equal_the_published_ones(reference: Reference, backbone: bytes) -> None:
    y, x = reference.arrays["stage|coords"]
    window = reference.view(reference.stage).image[y : y + 224, x : x + 224].astype(np.float32)
    for layer, tokens in zip(LAYERS, TokenEngine(backbone, LAYERS, 224).run(window[None]), strict=True):
        expected = reference.arrays[f"stage|layer{layer}_tokens"]
        np.testing.assert_allclose(tokens[0], expected, atol=5e-5 * np.abs(expected).max())


def test_ulpips_and_its_terms_equal_the_published_ones(reference: Reference, backbone: bytes) -> None:
    engine = TokenEngine(backbone, LAYERS, 224)

    @cache
    def tokens_of(name: str) -> list[np.ndarray]:
        return [layer[0] for layer in engine.run(ulpips_input(reference.view(name).image)[None])]

    for pair in reference.golden["ulipips"]:
        tokens = [tokens_of(pair[side]) for side in ("ref", "img")]
        assert total(ulpips_terms(*tokens)) == pytest.approx(pair["value"], abs=1e-7), pair["img"]
        for term, expected in zip(ulpips_terms(*tokens), pair["layers"].values(), strict=True):
            assert term.structure == pytest.approx(expected["structure"], abs=1e-7)
            assert term.gram == pytest.approx(expected["gram"], abs=1e-10)


def test_tokens_agree_with_the_features_of_the_same_network(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    network = bundle.read(bundle.nrq.file)
    window = np.random.default_rng(0).integers(0, 256, (2, PATCH, PATCH), np.uint8)
    tokens = TokenEngine(network, bundle.nrq.layers, PATCH).run(window.astype(np.float32))
    joined = np.concatenate([layer[:, 1:].mean(axis=1) for layer in tokens], axis=1)
    z = joined / np.linalg.norm(joined, axis=1, keepdims=True)
    np.testing.assert_allclose(z, OnnxEngine(network, "fp32").run(window), atol=1e-5)


def test_a_network_without_these_tensors_is_refused(tiny_bundle: Path) -> None:
    bundle = open_bundle(tiny_bundle)
    assert bundle.map is not None
    with pytest.raises(EngineError, match="does not show its tokens"):
        TokenEngine(bundle.read(bundle.map.file), (2, 4), PATCH)


@pytest.mark.parametrize("data", [b"\xff" * 20, b"\x3a\x7fshort", b"\x3a", b"\x0b\x01"])
def test_bytes_that_are_no_onnx_file_are_refused(data: bytes) -> None:
    with pytest.raises(EngineError, match="not an ONNX file"):
        with_ports(data, ("windows", FLOAT, ("n", 4)), ["z"])


def test_the_changed_file_is_valid_to_onnx_itself(tiny_bundle: Path) -> None:
    onnx = pytest.importorskip("onnx")
    bundle = open_bundle(tiny_bundle)
    changed = onnx.load_from_string(
        with_ports(bundle.read(bundle.nrq.file), ("windows", FLOAT, ("n", PATCH, PATCH)), ["z", "x2"])
    )
    assert [value.name for value in changed.graph.output] == ["z", "x2"]
    entry = changed.graph.input[0].type.tensor_type
    assert entry.elem_type == onnx.TensorProto.FLOAT
    assert [dim.dim_param or dim.dim_value for dim in entry.shape.dim] == ["n", PATCH, PATCH]
