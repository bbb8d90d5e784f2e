"""How large the inputs of the linear layers get on real windows: what int8 has to span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scanmon.lab.builder.vit import VisionTransformer, normalised

_KEPT = 0.9999  # share of the values that lie inside the range; the rare rest is cut off


@torch.inference_mode()
def activation_ranges(
    network: VisionTransformer, windows: NDArray[np.uint8], layers: Sequence[int], batch: int = 8
) -> dict[str, float]:
    """Magnitude below which nearly all inputs of each linear layer lie, by the layer's published name."""
    ranges: dict[str, float] = {}

    def watch(name: str) -> torch.utils.hooks.RemovableHandle:
        def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            values = inputs[0].abs().flatten()
            largest = float(values.kthvalue(max(1, int(_KEPT * values.numel())))[0])
            ranges[name] = max(ranges.get(name, 1e-6), largest)

        return network.get_submodule(name).register_forward_pre_hook(note)

    linear = ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")
    handles = [watch(f"blocks.{block}.{name}") for block in range(max(layers)) for name in linear]
    try:
        for start in range(0, len(windows), batch):
            network(normalised(windows[start : start + batch], network.architecture.channels), layers)
    finally:
        for handle in handles:
            handle.remove()
    return ranges
