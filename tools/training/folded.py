"""The network of an ONNX file, to go on training with.

The export folded each batch norm into the convolution before it. The convolution gets those weights, and the
norm adds the bias alone. It must stay in evaluation, or it would normalise again.
"""

from itertools import pairwise
from typing import TypeVar

import onnx
import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


def unfolded(model: onnx.ModelProto, net: Net) -> Net:
    """`net` with the weights of an exported one. Raises `ValueError` where they do not fit."""
    held = {
        weight.name.removeprefix("net."): torch.from_numpy(onnx.numpy_helper.to_array(weight).copy())
        for weight in model.graph.initializer
    }
    net.eval()
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
        (f"{name}.{first}", f"{name}.{second}", norm)
        for name, part in net.named_modules()
        if isinstance(part, nn.Sequential)
        for (first, layer), (second, norm) in pairwise(part.named_children())
        if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    ]
    if len(places) != len(folded):
        raise ValueError(f"{len(folded)} folded convolutions, the network has {len(places)}")
    for place, (weight, bias) in zip(places, folded, strict=True):
        state |= _unfolded(*place, weight, bias)
    missing, unknown = net.load_state_dict(state, strict=False)
    lacking = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lacking or unknown:
        raise ValueError(f"weights that do not fit: {', '.join([*lacking, *unknown])}")
    return net


def _unfolded(
    convolution: str, normed: str, norm: nn.BatchNorm2d, weight: Tensor, bias: Tensor
) -> dict[str, Tensor]:
    return {
        f"{convolution}.weight": weight,
        f"{normed}.weight": torch.ones_like(bias),
        f"{normed}.bias": bias,
        f"{normed}.running_mean": torch.zeros_like(bias),
        f"{normed}.running_var": torch.ones_like(bias) - norm.eps,
    }
