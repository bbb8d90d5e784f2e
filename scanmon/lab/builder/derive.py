"""Other forms of a network that `scanmon build` wrote, CUDA's among them, from its own weights alone."""

from collections.abc import Sequence
from math import isqrt
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from scanmon.core.errors import EngineError
from scanmon.lab.builder.architecture import Architecture, Weights
from scanmon.lab.builder.graph import Plain, backbone_graph
from scanmon.lab.builder.onnx_writer import FLOAT, HALF, UINT8

FORMS = ("plain", "plain-fp16", "cuda-fp16")


def derive(backbone: bytes, layers: Sequence[int], form: str) -> bytes:
    """The network in one of `FORMS`. Raises `EngineError` for a file that `scanmon build` did not write."""
    try:
        weights, architecture = weights_of(onnx.load_from_string(backbone))
    except (KeyError, ValueError, IndexError, StopIteration) as error:
        raise EngineError(
            f"the bundle's network is none that scanmon wrote ({error})", "", "build it from the checkpoint"
        ) from error
    precision: Literal["fp32", "fp16"] = "fp16" if form.endswith("fp16") else "fp32"
    if form.startswith("cuda"):
        model = cuda_graph(weights, architecture, layers, precision)
    else:
        model = backbone_graph(weights, architecture, layers, "plain", precision)
    data: bytes = model.SerializeToString()
    return data


def weights_of(model: onnx.ModelProto) -> tuple[dict[str, NDArray[np.float32]], Architecture]:
    """The weights in the names of a checkpoint, and the architecture, as far as the network goes.

    The file holds the stem summed over the channels and scaled, and its bias with the positions; here all of
    it goes to one channel and to the positions, which gives the same network. May raise `KeyError`.
    """
    graph = model.graph
    held = {
        tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor).astype(np.float32)
        for tensor in graph.initializer
    }
    attention = next(node for node in graph.node if node.op_type == "MultiHeadAttention")
    heads = next(int(field.i) for field in attention.attribute if field.name == "num_heads")
    norm = next(node for node in graph.node if node.op_type == "LayerNormalization")
    epsilon = next(float(field.f) for field in norm.attribute if field.name == "epsilon")
    area, width = held["stem"].shape
    side = int(graph.input[0].type.tensor_type.shape.dim[1].dim_value)
    blocks = {int(name.split(".")[1]) for name in held if name.startswith("blocks.")}
    architecture = Architecture(
        name=model.doc_string.split(" ")[0] or "network",
        width=width,
        depth=len(blocks),
        heads=heads,
        patch=isqrt(area),
        image=side,
        channels=1,
        hidden=held["blocks.0.mlp.fc1.bias"].size // width,
        epsilon=round(epsilon, 9),
        biased="blocks.0.attn.bias" in held,
    )
    patch = architecture.patch
    weights = {
        "patch_embed.proj.weight": (held["stem"].T * 127.5).reshape(width, 1, patch, patch),
        "patch_embed.proj.bias": np.zeros(width, np.float32),
        "cls_token": held["class"].reshape(1, 1, width),
        "pos_embed": np.concatenate([np.zeros((1, width), np.float32), held["positions"]])[None],
    }
    for name, value in held.items():
        if name.startswith("blocks."):
            turned = value.ndim == 2 and name.endswith("weight")
            bias = name.endswith("attn.bias")
            weights[name] = np.ascontiguousarray(value.T if turned else value[0] if bias else value)
    return weights, architecture


def cuda_graph(
    weights: Weights,
    architecture: Architecture,
    layers: Sequence[int] = (3, 5, 7, 11),
    precision: Literal["fp32", "fp16"] = "fp16",
) -> onnx.ModelProto:
    """The same as `backbone_graph`: uint8 (n, side, side) -> z float32 (n, len(layers) * width)."""
    net = _Net(weights, architecture, half=precision == "fp16")
    last, means = max(layers), []
    x = net.stem("windows")
    normed = net.first_norm(x)
    for block in range(last):
        normed, x = net.attended(block, normed, x)
        hidden = net.hidden(block, normed)
        if block + 1 == last:
            means.append(net.mean_of_last(block, hidden, x))
        else:
            normed, x = net.joined(block, hidden, x)
            if block + 1 in layers:
                means.append(net.mean(x, f"mean{block + 1}"))
    net.unit_length(means)
    side, features = architecture.image, len(layers) * architecture.width
    return net.writer.model(
        [("windows", UINT8, ["n", side, side])],
        [("z", FLOAT, ["n", features])],
        f"{architecture.name} {precision}, {last} blocks, layers {list(layers)}, cuda",
    )


class _Net(Plain):
    def stem(self, windows: str) -> str:
        """Tokens with positions, the class token first: a row of zeros before the products, and its value."""
        w, add = self.writer, self.writer.add
        positions = self.weights["pos_embed"][0].astype(np.float64)
        positions[0] += self.weights["cls_token"][0, 0]
        positions[1:] += self.weights["patch_embed.proj.bias"]
        room = add("Pad", [self.embedded(windows), w.integers(0, 1, 0, 0, 0, 0)], "room")
        x = add("Add", [room, w.constant("positions", positions.astype(np.float32)[None])], "placed")
        return add("Cast", [x], "x0", to=HALF) if self.half else x

    def first_norm(self, x: str) -> str:
        """What the first block's attention takes."""
        inputs = [x, self._vector(0, "norm1.weight"), self._vector(0, "norm1.bias")]
        return self.writer.add("LayerNormalization", inputs, "first_norm", axis=-1, epsilon=self.arch.epsilon)

    def attended(self, block: int, normed: str, x: str) -> tuple[str, str]:
        """Normed tokens and tokens after the attention of a block."""
        inputs = [normed, self._matrix(block, "attn.qkv"), self._vector(block, "attn.qkv.bias")]
        if self.arch.biased:  # inputs 3 and 4, a mask and the past, are not used
            bias = self.weights[f"blocks.{block}.attn.bias"][None]
            inputs += ["", "", self._constant(f"blocks.{block}.attn.bias", bias)]
        heads = self.writer.add(
            "Attention", inputs, f"b{block}.heads", microsoft=True, num_heads=self.arch.heads
        )
        product = self.writer.add("MatMul", [heads, self._matrix(block, "attn.proj")], f"b{block}.proj")
        return self._skip(f"b{block}.attended", x, product, (block, "norm2"), (block, "attn.proj.bias"))

    def hidden(self, block: int, normed: str) -> str:
        """(n, tokens, hidden) inside the MLP."""
        product = self.writer.add("MatMul", [normed, self._matrix(block, "mlp.fc1")], f"b{block}.fc1")
        bias = self._vector(block, "mlp.fc1.bias")
        return self.writer.add("BiasGelu", [product, bias], f"b{block}.gelu", microsoft=True)

    def joined(self, block: int, hidden: str, x: str) -> tuple[str, str]:
        """Normed tokens, for the next block, and tokens after a block."""
        product = self.writer.add("MatMul", [hidden, self._matrix(block, "mlp.fc2")], f"b{block}.fc2")
        return self._skip(f"x{block + 1}", x, product, (block + 1, "norm1"), (block, "mlp.fc2.bias"))

    def mean_of_last(self, block: int, hidden: str, x: str) -> str:
        """Mean over the patch tokens after a block whose tokens nothing else needs: (n, width)."""
        key = f"blocks.{block}.mlp.fc2"
        matrix = self.writer.constant(key + ".single", self.weights[key + ".weight"].T)
        bias = self.writer.constant(key + ".bias.single", self.weights[key + ".bias"])
        product = self.writer.add("MatMul", [self.mean(hidden, "hidden_mean"), matrix], "last_product")
        outer = self.writer.add("Add", [product, bias], "last_outer")
        return self.writer.add("Add", [self.mean(x, "last_mean"), outer], "last")

    def mean(self, x: str, name: str) -> str:
        """Mean over the tokens in single precision, the class token left out: (n, channels).

        As a product, since ONNX Runtime leaves a sum over the middle axis to cuDNN. A power of two keeps sums
        in the range of half precision, and costs no digit.
        """
        w, tokens = self.writer, self.arch.tokens
        few = 2.0 ** -int(np.log2(tokens))
        weights = np.full((tokens + 1, 1), few, dtype=np.float32)
        weights[0] = 0
        turned = w.add("Transpose", [x], name + ".turned", perm=[0, 2, 1])
        product = w.add("MatMul", [turned, self._constant("patches", weights)], name + ".product")
        flat = w.add("Squeeze", [product, w.integers(2)], name + ".sum")
        single = w.add("Cast", [flat], name + ".single", to=FLOAT) if self.half else flat
        share = w.constant("share", np.array(1 / (few * tokens), dtype=np.float32))
        return w.add("Mul", [single, share], name)

    def norm_of(self, joined: str, width: int) -> str:
        """As a product, like the mean."""
        add, ones = self.writer.add, self.writer.constant("ones", np.ones((width, 1), dtype=np.float32))
        squares = add("MatMul", [add("Mul", [joined, joined], "squares"), ones], "squared")
        return add("Sqrt", [squares], "norm")

    def _skip(
        self, name: str, x: str, product: str, norm: tuple[int, str], bias: tuple[int, str]
    ) -> tuple[str, str]:
        """x + product + bias, and its layer norm, in one node."""
        inputs = [
            x,
            product,
            self._vector(norm[0], norm[1] + ".weight"),
            self._vector(norm[0], norm[1] + ".bias"),
            self._vector(*bias),
        ]
        outputs = [name + ".normed", "", "", name]  # mean and deviation are not used
        self.writer.add(
            "SkipLayerNormalization", inputs, name, microsoft=True, outputs=outputs, epsilon=self.arch.epsilon
        )
        return outputs[0], outputs[3]

    def _matrix(self, block: int, name: str) -> str:
        return self._constant(
            f"blocks.{block}.{name}.weight", self.weights[f"blocks.{block}.{name}.weight"].T
        )

    def _vector(self, block: int, name: str) -> str:
        return self._constant(f"blocks.{block}.{name}", self.weights[f"blocks.{block}.{name}"])

    def _constant(self, name: str, value: NDArray[np.float32]) -> str:
        return self.writer.constant(name, value.astype(np.float16) if self.half else value)
