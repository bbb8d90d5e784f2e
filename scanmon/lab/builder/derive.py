"""Other forms of a network that `scanmon build` wrote, from its own weights: no checkpoint is needed."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from scanmon.core.errors import EngineError
from scanmon.lab.builder.architecture import Architecture
from scanmon.lab.builder.graph import backbone_graph
from scanmon.lab.builder.graph_cuda import cuda_graph

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
