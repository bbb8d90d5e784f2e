"""The backbone as an ONNX graph, written node by node from the weights: uint8 windows in, features z out.

What the published forward pass does and the metric does not need is left out: three equal channels become one
(the stem's weights summed over them, the scale of the normalisation u8 / 127.5 - 1 within), blocks behind the
last layer that is read are not written, and the last block's second MLP product acts on the mean over the
tokens (the mean of a linear map is the map of the mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import onnx

from scanmon.build.architecture import Architecture, Weights
from scanmon.build.onnx_writer import FLOAT, UINT8, Writer

Attention = Literal["fused", "plain"]


def backbone_graph(
    weights: Weights,
    architecture: Architecture,
    layers: Sequence[int] = (3, 5, 7, 11),
    attention: Attention = "fused",
) -> onnx.ModelProto:
    """The network up to block max(layers).

    `windows` uint8 (n, side, side) -> `z` float32 (n, len(layers) * width):
    z is the mean over the patch tokens (the class token left out) after each of `layers`, counted from 1,
    concatenated and scaled to unit length. `attention="fused"` uses ONNX Runtime's own fused nodes, "plain"
    the standard's alone.
    """
    writer = Writer()
    net = (_Fused if attention == "fused" else _Plain)(writer, weights, architecture)
    x = net.stem("windows")
    means = []
    for block in range(max(layers)):
        last = block + 1 == max(layers)
        attended = net.attention(block, x)
        if last:
            means.append(net.mean_after(block, attended))
        else:
            x = net.mlp(block, attended)
            if block + 1 in layers:
                means.append(net.mean(x, f"mean{block + 1}"))
    _unit(writer, means)
    side, features = architecture.image, len(layers) * architecture.width
    return writer.model(
        [("windows", UINT8, ["n", side, side])],
        [("z", FLOAT, ["n", features])],
        f"{architecture.name}, blocks 1 to {max(layers)}, layers {list(layers)}, attention {attention}",
    )


def _unit(writer: Writer, means: Sequence[str]) -> None:
    """Concatenate and scale to unit length; never divides by less than 1e-12, as published."""
    joined = writer.add("Concat", means, "joined", axis=1)
    norm = writer.add("ReduceL2", [joined, writer.integers(1)], "norm", keepdims=1)
    floor = writer.constant("floor", np.array(1e-12, dtype=np.float32))
    writer.add("Div", [joined, writer.add("Max", [norm, floor], "positive")], "z")


class _Plain:
    """Standard operators only."""

    def __init__(self, writer: Writer, weights: Weights, architecture: Architecture) -> None:
        self.writer, self.weights, self.arch = writer, weights, architecture

    def stem(self, windows: str) -> str:
        """uint8 (n, side, side) -> tokens (n, 1 + patches, width) with positions."""
        w, add, ints = self.writer, self.writer.add, self.writer.integers
        patch, width, cells = self.arch.patch, self.arch.width, self.arch.image // self.arch.patch
        kernel = self.weights["patch_embed.proj.weight"].astype(np.float64).sum(axis=1)
        positions = self.weights["pos_embed"][0].astype(np.float64)
        offset = self.weights["patch_embed.proj.bias"] + positions[1:]
        first = self.weights["cls_token"][0].astype(np.float64) + positions[:1]
        split = add("Reshape", [windows, ints(0, cells, patch, cells, patch)], "split")
        swapped = add("Transpose", [split], "swapped", perm=[0, 1, 3, 2, 4])
        flat = add("Reshape", [swapped, ints(0, cells * cells, patch * patch)], "flat")
        # centred before the product, exactly: a constant folded out of it would cost a digit
        middle = w.constant("middle", np.array(127.5, dtype=np.float32))
        pixels = add("Sub", [add("Cast", [flat], "cast", to=FLOAT), middle], "pixels")
        matrix = (kernel.reshape(width, -1).T / 127.5).astype(np.float32)
        embedded = add("MatMul", [pixels, w.constant("stem", matrix)], "embedded")
        placed = add("Add", [embedded, w.constant("positions", offset.astype(np.float32))], "placed")
        count = add("Shape", [windows], "count", start=0, end=1)
        shape = add("Concat", [count, ints(1, width)], "class_shape", axis=0)
        token = add("Expand", [w.constant("class", first.astype(np.float32)[None]), shape], "class_token")
        return add("Concat", [token, placed], "x0", axis=1)

    def attention(self, block: int, x: str) -> str:
        """Tokens with the attention of the block added."""
        joined = self._heads(block, self._norm(x, block, "norm1"))
        return self.writer.add("Add", [x, self._linear(joined, block, "attn.proj")], f"b{block}.attended")

    def _heads(self, block: int, normed: str) -> str:
        """Scaled dot product attention of all heads, side by side: (n, 1 + patches, width)."""
        add, ints, arch, at = self.writer.add, self.writer.integers, self.arch, f"b{block}."
        size = arch.width // arch.heads
        qkv = self._linear(normed, block, "attn.qkv")
        split = add("Reshape", [qkv, ints(0, arch.tokens + 1, 3, arch.heads, size)], at + "split")
        turned = add("Transpose", [split], at + "turned", perm=[2, 0, 3, 1, 4])
        parts = []
        for index, name in enumerate(("q", "k", "v")):
            taken = self.writer.constant(f"take{index}", np.array(index, dtype=np.int64))
            parts.append(add("Gather", [turned, taken], at + name, axis=0))
        scale = self.writer.constant("scale", np.array(size**-0.5, dtype=np.float32))
        query = add("Mul", [parts[0], scale], at + "scaled")
        key = add("Transpose", [parts[1]], at + "kt", perm=[0, 1, 3, 2])
        share = add("Softmax", [add("MatMul", [query, key], at + "logits")], at + "share", axis=-1)
        mixed = add("MatMul", [share, parts[2]], at + "mixed")
        back = add("Transpose", [mixed], at + "back", perm=[0, 2, 1, 3])
        return add("Reshape", [back, ints(0, arch.tokens + 1, arch.width)], at + "heads")

    def mlp(self, block: int, attended: str) -> str:
        """Tokens with the MLP of the block added."""
        outer = self._linear(self._hidden(block, attended), block, "mlp.fc2")
        return self.writer.add("Add", [attended, outer], f"x{block + 1}")

    def mean_after(self, block: int, attended: str) -> str:
        """Mean over the patch tokens after a block whose tokens nothing else needs: (n, width)."""
        hidden = self.mean(self._hidden(block, attended), f"b{block}.hidden_mean")
        outer = self._linear(hidden, block, "mlp.fc2")
        return self.writer.add("Add", [self.mean(attended, f"b{block}.mean"), outer], f"mean{block + 1}")

    def mean(self, x: str, name: str) -> str:
        """Mean over the tokens, the class token left out: (n, width)."""
        ints = self.writer.integers
        patches = self.writer.add(
            "Slice", [x, ints(1), ints(self.arch.tokens + 1), ints(1)], name + ".patches"
        )
        return self.writer.add("ReduceMean", [patches, ints(1)], name, keepdims=0)

    def _hidden(self, block: int, attended: str) -> str:
        normed = self._norm(attended, block, "norm2")
        return self.writer.add("Gelu", [self._linear(normed, block, "mlp.fc1")], f"b{block}.gelu")

    def _linear(self, x: str, block: int, name: str) -> str:
        product = self.writer.add("MatMul", [x, self.matrix(block, name)], f"b{block}.{name}.product")
        return self.writer.add("Add", [product, self.vector(block, f"{name}.bias")], f"b{block}.{name}")

    def _norm(self, x: str, block: int, name: str) -> str:
        scale, bias = self.vector(block, f"{name}.weight"), self.vector(block, f"{name}.bias")
        return self.writer.add(
            "LayerNormalization", [x, scale, bias], f"b{block}.{name}", axis=-1, epsilon=self.arch.epsilon
        )

    def matrix(self, block: int, name: str) -> str:
        """The weight of a linear layer, turned so that tokens are multiplied from the left."""
        key = f"blocks.{block}.{name}.weight"
        return self.writer.constant(key, self.weights[key].T)

    def vector(self, block: int, name: str) -> str:
        """A bias or a scale."""
        key = f"blocks.{block}.{name}"
        return self.writer.constant(key, self.weights[key])


class _Fused(_Plain):
    """ONNX Runtime's attention as one node; its optimizer would not find it by itself.

    Measured on a CPU and not used, being slower: the fused sum with layer norm (by a tenth), the fused node
    with the products of query, key and value inside (for more than one window).
    """

    def _heads(self, block: int, normed: str) -> str:
        add, at = self.writer.add, f"b{block}."
        product = add("MatMul", [normed, self.matrix(block, "attn.qkv")], at + "qkv")
        parts = [at + "q", at + "k", at + "v"]
        add("Split", [product], at + "split", outputs=parts, axis=2, num_outputs=3)
        bias = self.vector(block, "attn.qkv.bias")
        return add(
            "MultiHeadAttention", [*parts, bias], at + "heads", microsoft=True, num_heads=self.arch.heads
        )
