"""The map network of an ONNX file, to go on training with.

The export folded each batch norm into the convolution before it. The convolution gets those weights, and the
norm adds the bias alone. It must stay in evaluation, or it would normalise again.
"""

from __future__ import annotations

import onnx
import torch
from torch import Tensor, nn

from tools.training.map_net import MapNet


def map_of(model: onnx.ModelProto) -> MapNet:
    """The network with the weights of an exported one. Raises `ValueError` where they do not fit."""
    held = {
        weight.name.removeprefix("net."): torch.from_numpy(onnx.numpy_helper.to_array(weight).copy())
        for weight in model.graph.initializer
    }
    net = MapNet().eval()
    state = {name: held[name] for name in net.state_dict() if name in held}
    convolutions = [
        node.input for node in model.graph.node if node.op_type == "Conv" and len(node.input) == 3
    ]
    folded = [
        (held[weight], held[bias])
        for _, weight, bias in convolutions
        if weight.removeprefix("net.") not in state
    ]
    places = [
        (name, part)
        for name, part in net.named_modules()
        if isinstance(part, nn.Sequential) and _normed(part)
    ]
    if len(places) != len(folded):
        raise ValueError(f"{len(folded)} folded convolutions, the network has {len(places)}")
    for (name, part), (weight, bias) in zip(places, folded, strict=True):
        state |= _unfolded(name, part, weight, bias)
    missing, unknown = net.load_state_dict(state, strict=False)
    lacking = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lacking or unknown:
        raise ValueError(f"weights that do not fit: {', '.join([*lacking, *unknown])}")
    return net


def _normed(part: nn.Sequential) -> bool:
    return len(part) > 1 and isinstance(part[0], nn.Conv2d) and isinstance(part[1], nn.BatchNorm2d)


def _unfolded(name: str, part: nn.Sequential, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    norm = part[1]
    assert isinstance(norm, nn.BatchNorm2d)
    return {
        f"{name}.0.weight": weight,
        f"{name}.1.weight": torch.ones_like(bias),
        f"{name}.1.bias": bias,
        f"{name}.1.running_mean": torch.zeros_like(bias),
        f"{name}.1.running_var": torch.ones_like(bias) - norm.eps,
    }
