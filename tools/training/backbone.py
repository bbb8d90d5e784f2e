"""The backbone as it is trained: on blocks of 8 x 8 tokens, with heads that stay behind.

Two cores see about ten whole windows a second, forward and backward. What is to be learned is local, so the
training runs on 128 px pieces at random places of the 14 x 14 position table: three times as many, the same
weights.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.build.vit import LAYERS, VisionTransformer

PIECE = 8  # tokens a side
SIDE = 14  # tokens a side of a whole window
BANDS = 9


def dct_basis(side: int = 16) -> Tensor:
    """Orthonormal cosine basis (side * side, side, side), slow waves first."""
    positions = torch.arange(side) + 0.5
    waves = torch.stack([torch.cos(math.pi / side * positions * k) for k in range(side)])
    waves[0] /= math.sqrt(2.0)
    waves *= math.sqrt(2.0 / side)
    basis = torch.einsum("ui,vj->uvij", waves, waves).reshape(side * side, side, side)
    speed = (torch.arange(side)[:, None] ** 2 + torch.arange(side)[None, :] ** 2).flatten()
    return basis[torch.argsort(speed, stable=True)]


def start(network: VisionTransformer, grown: int) -> None:
    """First weights: the first `grown` blocks are to be trained, the others pass tokens on.

    The stem is a set of cosine waves, weighed against their falling energy. The first MLP begins with the
    size of each wave (Gelu of x and of -x add up to nearly |x|): energies of detail are what faults change,
    and learning to rectify takes longest. The last layers of each block begin small, those of blocks that
    are not grown yet at zero, so that tokens pass through unchanged.
    """
    stem = network.patch_embed.proj
    with torch.no_grad():
        basis = dct_basis(stem.kernel_size[0])[: stem.out_channels]
        order = torch.arange(len(basis), dtype=torch.float32)
        gain = 0.08 + 1.6 * (order / len(basis)) ** 0.75
        stem.weight.copy_((basis * gain[:, None, None] / 3.0)[:, None].expand_as(stem.weight))
        for name, weight in network.named_parameters():
            if name.startswith("blocks.") and ".norm" not in name and weight.ndim == 2:
                nn.init.xavier_uniform_(weight)
                if name.endswith(("attn.proj.weight", "mlp.fc2.weight")):
                    weight.mul_(0.3 if int(name.split(".")[1]) < grown else 0.0)
            elif name.endswith(".bias"):
                nn.init.zeros_(weight)
        weights = dict(network.named_parameters())
        inner, outer = weights["blocks.0.mlp.fc1.weight"], weights["blocks.0.mlp.fc2.weight"]
        width = inner.shape[1]
        inner[:width], inner[width : 2 * width] = 2.0 * torch.eye(width), -2.0 * torch.eye(width)
        outer[:, width : 2 * width] = outer[:, :width]


def piece_tokens(
    network: VisionTransformer,
    pixels: Tensor,
    place: tuple[int, int],
    hidden: tuple[Tensor, Tensor] | None = None,
    grown: int = max(LAYERS),
) -> list[Tensor]:
    """Tokens (n, 1 + side * side, width) after each layer, of gray pieces (n, H, W) in -1..1 at a place.

    `hidden`: which tokens (n, side * side) bool are replaced by which vector (width,), for masked modelling.
    Blocks behind the first `grown` pass tokens on as they are, and are not run.
    """
    stem = network.patch_embed.proj
    x = functional.conv2d(pixels[:, None], stem.weight.sum(1, keepdim=True), stem.bias, stride=stem.stride)
    rows, columns = x.shape[-2:]
    x = x.flatten(2).transpose(1, 2)
    if hidden is not None:
        x = torch.where(hidden[0][..., None], hidden[1].to(x.dtype), x)
    table = network.pos_embed[:, 1:].view(1, SIDE, SIDE, -1)
    x = x + table[:, place[0] : place[0] + rows, place[1] : place[1] + columns].flatten(1, 2)
    first = (network.cls_token + network.pos_embed[:, :1]).expand(len(x), -1, -1)
    x, kept = torch.cat([first.to(x.dtype), x], 1), []
    for number, block in enumerate(network.blocks[: max(LAYERS)], start=1):
        if number <= grown:
            x = block(x)
        if number in LAYERS:
            kept.append(x)
    return kept


def pooled_features(kept: list[Tensor]) -> Tensor:
    """z (n, 768) of unit length, as the metric makes it."""
    return functional.normalize(torch.cat([x[:, 1:].float().mean(1) for x in kept], 1), dim=1)


class Heads(nn.Module):
    """What the tokens are asked for; not part of the backbone that is left."""

    def __init__(self, width: int = 192, pixels: int = 256) -> None:
        super().__init__()
        self.hidden = nn.Parameter(torch.zeros(width))
        self.paint = nn.Linear(width, pixels)
        self.severity = nn.ModuleList(nn.Linear(width, 1) for _ in LAYERS)
        self.bands = nn.Linear(width, BANDS)

    def severities(self, kept: list[Tensor]) -> list[Tensor]:
        """(n, tokens) by a linear probe a layer: linear, so that a mean of tokens is a mean severity."""
        return [probe(x[:, 1:].float()).squeeze(-1) for probe, x in zip(self.severity, kept, strict=True)]


class CleanCloud:
    """Running mean and spread of the features of clean pictures, and the distance of others from it.

    The stand-in, within the training, for the organ models that are fitted afterwards: Mahalanobis distance
    in the subspace of the `dims` widest directions. The cloud itself is not differentiated.
    """

    def __init__(self, features: int = 768, dims: int = 128, keep: float = 0.95) -> None:
        self.mean, self.cov = torch.zeros(features), torch.zeros(features, features)
        self.dims, self.keep, self.seen = dims, keep, 0
        self._axes: Tensor | None = None
        self._widths = torch.ones(dims)

    def add(self, z: Tensor) -> None:
        """Take clean features (n, features) in; the axes are found anew every eighth time."""
        z = z.detach()
        keep = min(self.keep, self.seen / (self.seen + 1.0))
        self.mean = keep * self.mean + (1 - keep) * z.mean(0)
        off = z - self.mean
        self.cov = keep * self.cov + (1 - keep) * (off.T @ off) / len(z)
        self.seen += 1
        if self.seen % 8 == 0:
            widths, axes = torch.linalg.eigh(self.cov)
            self._axes, self._widths = axes[:, -self.dims :], widths[-self.dims :].clamp_min(1e-9)

    @property
    def ready(self) -> bool:
        """Whether enough pictures were seen for the spread to mean something."""
        return self._axes is not None and self.seen >= 24

    def distance(self, z: Tensor) -> Tensor:
        """(n,) root of the mean squared distance a dimension: about 1 for a clean picture."""
        if self._axes is None:
            raise RuntimeError("no clean pictures were added yet")
        x = (z - self.mean) @ self._axes
        floor = self._widths.mean() * 0.02
        return torch.sqrt((x * x / (self._widths + floor)).mean(1) + 1e-6)


def band_energies(pixels: Tensor, basis: Tensor) -> Tensor:
    """Log energy (n, tokens, BANDS) of the cosine waves of each 16 px patch, from slow to fast."""
    patches = functional.unfold(pixels[:, None], 16, stride=16).transpose(1, 2)
    energy = (patches @ basis.flatten(1).T) ** 2
    edges = torch.tensor([0, 1, 3, 8, 17, 35, 64, 110, 175, 256])
    parts = [energy[..., a:b].mean(-1) for a, b in pairwise(edges.tolist())]
    return torch.log10(torch.stack(parts, -1) + 1e-3)


def stop_band(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Pieces (n, H, W) with a random ring of frequencies taken out: masking in frequency, not in space."""
    spectrum = torch.fft.rfft2(pixels)
    rows = torch.fft.fftfreq(pixels.shape[-2])[:, None]
    columns = torch.fft.rfftfreq(pixels.shape[-1])[None, :]
    radius = torch.sqrt(rows**2 + columns**2)
    low = 0.02 + 0.25 * torch.rand(len(pixels), 1, 1, generator=generator)
    width = 0.04 + 0.2 * torch.rand(len(pixels), 1, 1, generator=generator)
    kept = (radius < low) | (radius > low + width)
    left: Tensor = torch.fft.irfft2(spectrum * kept, s=pixels.shape[-2:])
    return left
