"""The backbone as an ONNX graph, written node by node from the weights: uint8 windows in, features z out.

What the published forward pass does and the metric does not need is left out: three equal channels become one
(the stem's weights summed over them, the scale of the normalisation u8 / 127.5 - 1 within), blocks behind the
last layer that is read are not written, and the last block's second MLP product acts on the mean over the
tokens (the mean of a linear map is the map of the mean).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from scanmon.lab.builder.architecture import Architecture, Weights
from scanmon.lab.builder.onnx_writer import FLOAT, HALF, UINT8, Writer

Attention = Literal["fused", "plain"]
Precision = Literal["fp32", "fp16", "int8"]

WEIGHT_LEVELS = 64  # of int8 weights, on either side of zero


def backbone_graph(
    weights: Weights,
    architecture: Architecture,
    layers: Sequence[int] = (3, 5, 7, 11),
    attention: Attention = "fused",
    precision: Precision = "fp32",
    ranges: Mapping[str, float] | None = None,
) -> onnx.ModelProto:
    """The network up to block max(layers).

    `windows` uint8 (n, side, side) -> `z` float32 (n, len(layers) * width):
    z is the mean over the patch tokens (the class token left out) after each of `layers`, counted from 1,
    concatenated and scaled to unit length. `attention="fused"` uses ONNX Runtime's own fused nodes, "plain"
    the standard's alone. `fp16`: the products in half precision; sums, layer norms, softmax, means and the
    stem stay in single. `int8`: the linear layers between quantise and dequantise nodes, for which `ranges`
    holds the largest magnitude of each one's input (`scanmon.lab.builder.vit.activation_ranges`).
    """
    net = (_Fused if attention == "fused" else Plain)(weights, architecture, half=precision == "fp16")
    net.ranges = ranges if precision == "int8" and ranges else {}
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
    net.unit_length(means)
    side, features = architecture.image, len(layers) * architecture.width
    return net.writer.model(
        [("windows", UINT8, ["n", side, side])],
        [("z", FLOAT, ["n", features])],
        f"{architecture.name} {precision}, {max(layers)} blocks, layers {list(layers)}, {attention}",
    )


class Plain:
    """Standard operators only."""

    float_first = True  # TensorRT takes bytes into a cast and nothing else

    def __init__(self, weights: Weights, architecture: Architecture, *, half: bool) -> None:
        self.writer, self.weights, self.arch, self.half = Writer(), weights, architecture, half
        self.ranges: Mapping[str, float] = {}

    def stem(self, windows: str) -> str:
        """uint8 (n, side, side) -> tokens (n, 1 + patches, width) with positions."""
        w, add = self.writer, self.writer.add
        positions = self.weights["pos_embed"][0].astype(np.float64)
        offset = self.weights["patch_embed.proj.bias"] + positions[1:]
        first = self.weights["cls_token"][0].astype(np.float64) + positions[:1]
        embedded = self.embedded(windows)
        placed = add("Add", [embedded, w.constant("positions", offset.astype(np.float32))], "placed")
        count = add("Shape", [windows], "count", start=0, end=1)
        shape = add("Concat", [count, w.integers(1, self.arch.width)], "class_shape", axis=0)
        token = add("Expand", [w.constant("class", first.astype(np.float32)[None]), shape], "class_token")
        return add("Concat", [token, placed], "x0", axis=1)

    def embedded(self, windows: str) -> str:
        """uint8 (n, side, side) -> products of the stem (n, patches, width), without biases."""
        add, ints = self.writer.add, self.writer.integers
        patch, width, cells = self.arch.patch, self.arch.width, self.arch.image // self.arch.patch
        kernel = self.weights["patch_embed.proj.weight"].astype(np.float64).sum(axis=1)
        pixels = self._centred(windows) if self.float_first else windows
        split = add("Reshape", [pixels, ints(0, cells, patch, cells, patch)], "split")
        swapped = add("Transpose", [split], "swapped", perm=[0, 1, 3, 2, 4])
        flat = add("Reshape", [swapped, ints(0, cells * cells, patch * patch)], "flat")
        pixels = flat if self.float_first else self._centred(flat)
        matrix = (kernel.reshape(width, -1).T / 127.5).astype(np.float32)
        return add("MatMul", [pixels, self.writer.constant("stem", matrix)], "embedded")

    def _centred(self, pixels: str) -> str:
        """Gray levels minus 127.5, exactly: a constant folded out of the product would cost a digit."""
        middle = self.writer.constant("middle", np.array(127.5, dtype=np.float32))
        return self.writer.add("Sub", [self.writer.add("Cast", [pixels], "cast", to=FLOAT), middle], "pixels")

    def attention(self, block: int, x: str) -> str:
        joined = self._heads(block, self._norm(x, block, "norm1"))
        projected = self._single(self._linear(joined, block, "attn.proj"))
        return self.writer.add("Add", [x, projected], f"b{block}.attended")

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
        kind = np.float16 if self.half else np.float32
        scale = self.writer.constant("scale", np.array(size**-0.5, dtype=kind))
        query = add("Mul", [parts[0], scale], at + "scaled")
        key = add("Transpose", [parts[1]], at + "kt", perm=[0, 1, 3, 2])
        logits = self._single(add("MatMul", [query, key], at + "logits"))
        if arch.biased:
            logits = add("Add", [logits, self.vector(block, "attn.bias")], at + "biased")
        share = add("Softmax", [logits], at + "share", axis=-1)
        mixed = add("MatMul", [self._lowered(share), parts[2]], at + "mixed")
        back = add("Transpose", [mixed], at + "back", perm=[0, 2, 1, 3])
        return add("Reshape", [back, ints(0, arch.tokens + 1, arch.width)], at + "heads")

    def mlp(self, block: int, attended: str) -> str:
        outer = self._single(self._linear(self._hidden(block, attended), block, "mlp.fc2"))
        return self.writer.add("Add", [attended, outer], f"x{block + 1}")

    def mean_after(self, block: int, attended: str) -> str:
        """Mean over the patch tokens after a block whose tokens nothing else needs: (n, width)."""
        hidden = self.mean(self._single(self._hidden(block, attended)), f"b{block}.hidden_mean")
        product = self.writer.add("MatMul", [hidden, self.matrix(block, "mlp.fc2")], f"b{block}.fc2_mean")
        outer = self.writer.add("Add", [product, self.vector(block, "mlp.fc2.bias")], f"b{block}.fc2")
        return self.writer.add("Add", [self.mean(attended, f"b{block}.mean"), outer], f"mean{block + 1}")

    def mean(self, x: str, name: str) -> str:
        """Mean over the tokens, the class token left out: (n, width)."""
        ints = self.writer.integers
        patches = self.writer.add(
            "Slice", [x, ints(1), ints(self.arch.tokens + 1), ints(1)], name + ".patches"
        )
        return self.writer.add("ReduceMean", [patches, ints(1)], name, keepdims=0)

    def unit_length(self, means: Sequence[str]) -> None:
        """Concatenate and scale to unit length; never divides by less than 1e-12, as published."""
        joined = self.writer.add("Concat", means, "joined", axis=1)
        norm = self.norm_of(joined, len(means) * self.arch.width)
        floor = self.writer.constant("floor", np.array(1e-12, dtype=np.float32))
        self.writer.add("Div", [joined, self.writer.add("Max", [norm, floor], "positive")], "z")

    def norm_of(self, joined: str, width: int) -> str:
        """(n, 1) lengths of rows of `width` numbers."""
        return self.writer.add("ReduceL2", [joined, self.writer.integers(1)], "norm", keepdims=1)

    def _hidden(self, block: int, attended: str) -> str:
        normed = self._norm(attended, block, "norm2")
        return self.writer.add("Gelu", [self._linear(normed, block, "mlp.fc1")], f"b{block}.gelu")

    def _linear(self, x: str, block: int, name: str) -> str:
        """x W^T + b, in the precision of the graph; what comes in half goes out half."""
        if f"blocks.{block}.{name}" in self.ranges:
            product = self.writer.add("MatMul", self._quantised(x, block, name), f"b{block}.{name}.product")
        else:
            product = self.writer.add("MatMul", [x, self._matrix(block, name)], f"b{block}.{name}.product")
        bias = self._low(f"blocks.{block}.{name}.bias", self.weights[f"blocks.{block}.{name}.bias"])
        return self.writer.add("Add", [product, bias], f"b{block}.{name}")

    def _quantised(self, x: str, block: int, name: str) -> list[str]:
        """Input through eight bits, weight through seven: symmetric, a scale for each output channel.

        Without VNNI a processor adds two products of an unsigned input and a weight in sixteen bits and cuts
        off what does not fit: 2 * 255 * 64 fits, 2 * 255 * 127 does not. The bias stays in single precision.
        """
        key, at = f"blocks.{block}.{name}", f"b{block}.{name}"
        step = self.writer.constant(key + ".step", np.array(self.ranges[key] / 127, dtype=np.float32))
        zero = self.writer.constant("zero", np.array(0, dtype=np.int8))
        coarse = self.writer.add("QuantizeLinear", [x, step, zero], at + ".coarse")
        weight = self.weights[key + ".weight"].T
        steps = np.maximum(np.abs(weight).max(axis=0) / WEIGHT_LEVELS, 1e-12).astype(np.float32)
        levels = np.clip(np.rint(weight / steps), -WEIGHT_LEVELS, WEIGHT_LEVELS).astype(np.int8)
        stored = self.writer.constant(key + ".levels", levels)
        per_channel = self.writer.constant(key + ".steps", steps)
        zeros = self.writer.constant(f"zeros{len(steps)}", np.zeros(len(steps), dtype=np.int8))
        return [
            self.writer.add("DequantizeLinear", [coarse, step, zero], at + ".input"),
            self.writer.add("DequantizeLinear", [stored, per_channel, zeros], at + ".weight", axis=1),
        ]

    def _lowered(self, x: str) -> str:
        """x in the precision of the products."""
        return self.writer.add("Cast", [x], x + ".half", to=HALF) if self.half else x

    def _single(self, x: str) -> str:
        """x in single precision again."""
        return self.writer.add("Cast", [x], x + ".single", to=FLOAT) if self.half else x

    def _low(self, name: str, value: NDArray[np.float32]) -> str:
        return self.writer.constant(
            name + ".half" if self.half else name, value.astype(np.float16) if self.half else value
        )

    def _norm(self, x: str, block: int, name: str) -> str:
        scale, bias = self.vector(block, f"{name}.weight"), self.vector(block, f"{name}.bias")
        normed = self.writer.add(
            "LayerNormalization", [x, scale, bias], f"b{block}.{name}", axis=-1, epsilon=self.arch.epsilon
        )
        return self._lowered(normed)

    def _matrix(self, block: int, name: str) -> str:
        key = f"blocks.{block}.{name}.weight"
        return self._low(key, self.weights[key].T)

    def matrix(self, block: int, name: str) -> str:
        """The weight of a linear layer, turned so that tokens are multiplied from the left."""
        key = f"blocks.{block}.{name}.weight"
        return self.writer.constant(key, self.weights[key].T)

    def vector(self, block: int, name: str) -> str:
        key = f"blocks.{block}.{name}"
        return self.writer.constant(key, self.weights[key])


class _Fused(Plain):
    """ONNX Runtime's attention as one node; its optimizer would not find it by itself.

    Measured on a CPU and not used, being slower: the fused sum with layer norm (by a tenth), the fused node
    with the products of query, key and value inside (for more than one window).
    """

    float_first = False  # bytes are cheaper to rearrange

    def _heads(self, block: int, normed: str) -> str:
        add, at = self.writer.add, f"b{block}."
        parts = [at + "q", at + "k", at + "v"]
        qkv = self._linear(normed, block, "attn.qkv")
        add("Split", [qkv], at + "split", outputs=parts, axis=2, num_outputs=3)
        if self.arch.biased:  # inputs 3 to 5, the biases and masks, are not used
            name = f"blocks.{block}.attn.bias"
            parts += ["", "", self.writer.constant(name, self.weights[name][None])]
        return add("MultiHeadAttention", parts, at + "heads", microsoft=True, num_heads=self.arch.heads)
