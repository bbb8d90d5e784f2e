"""How the published head orders faults with the weights of the moment, on held-back pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from scanmon.lab.builder.vit import LAYERS, VisionTransformer
from tools.training.published_head import fit_clean, mixture

BATCH = 256
LOW = 0.1
"""A window below this quantile of the clean ones is not called adequate."""


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Windows (…, side, side) uint8 that stay the same for a whole training."""

    clean: tuple[Tensor, ...]  # (n, side, side) of each organ: what the models are fitted on
    faults: Mapping[str, Tensor]  # family -> (n, v, side, side), clean first, then worse and worse
    hopeless: Tensor  # (n, side, side)


@torch.inference_mode()
def features(weights: Mapping[str, Tensor], windows: Tensor) -> Tensor:
    """z (n, D) of windows (n, side, side) uint8 by a released network, in float32."""
    network = VisionTransformer()
    network.load_state_dict(weights)
    network.to(windows.device).eval()
    parts = []
    for first in range(0, len(windows), BATCH):
        part = windows[first : first + BATCH]
        pixels = (part[:, None].float() / 127.5 - 1.0).expand(-1, 3, -1, -1)
        parts.append(network(pixels, LAYERS))
    return torch.cat(parts)


def watch(weights: Mapping[str, Tensor], watched: Watched) -> str:
    """A few lines: share of neighbouring severities in order, by family; what is called adequate."""
    clean = [features(weights, windows) for windows in watched.clean]
    models = [fit_clean(z) for z in clean]
    low = mixture(models, torch.cat(clean)).quantile(LOW)
    lines, orders, firsts, adequate = [], [], [], []
    for family, windows in watched.faults.items():
        found = mixture(models, features(weights, windows.flatten(0, 1))).view(windows.shape[:2])
        right = (found[:, :-1] > found[:, 1:]).double()
        orders.append(right.mean().item())
        firsts.append(right[:, 0].mean().item())
        adequate.append((found[:, -1] > low).double().mean().item())
        lines.append(f"{family} {orders[-1]:.2f}/{firsts[-1]:.2f}/{adequate[-1]:.2f}")
    hopeless = (mixture(models, features(weights, watched.hopeless)) > low).double().mean().item()
    mean = [sum(values) / max(len(values), 1) for values in (orders, firsts, adequate)]
    head = f"order {mean[0]:.3f}, first step {mean[1]:.3f}, worst adequate {mean[2]:.3f}"
    return f"{head}, hopeless adequate {hopeless:.3f}; by family: " + ", ".join(lines)
