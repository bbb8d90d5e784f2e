"""The backbone as it is trained: on pieces of a window, with heads that stay behind.

Two cores see about ten whole windows a second, forward and backward. Most of what is to be learned is local,
so a training can run on smaller pieces at random places of the 14 x 14 position table: more pictures, the
same weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.lab.builder.vit import LAYERS, Block, VisionTransformer
from tools.training.first_weights import SIDE
from tools.training.map_net import MapNet

STEPS = (0.0, 0.2, 0.45)
"""Severities from which on a quality channel rises. The higher ones are 0 on clean tissue, so that a fault
in a corner of a window is not lost in what the mean of the first varies by."""
QUIET, LOUD = 1 / 16, 128.0
"""Powers of two: exact in every precision."""


def piece_tokens(
    network: VisionTransformer,
    pixels: Tensor,
    place: tuple[int, int],
    hidden: tuple[Tensor, Tensor] | None = None,
    grown: int = max(LAYERS) - 1,
    fixed: int = 0,
) -> list[Tensor]:
    """Tokens (n, 1 + side * side, width) after each layer, of gray pieces (n, H, W) in -1..1 at a place.

    The last of them are no tokens yet but what the last block's MLP adds to them: quality channels first.
    `hidden`: which tokens (n, side * side) bool are replaced by which vector (width,), for masked modelling.
    Blocks behind the first `grown` pass tokens on as they are, and are not run, but for the last one. Where
    `fixed` is not 0, the stem and so many first blocks learn nothing, and are computed in float32: a first
    logarithm is a sum of large pieces that nearly cancel. What learns is in bfloat16, in half the time.
    """
    learns = torch.is_grad_enabled()
    kept = []
    with torch.set_grad_enabled(learns and not fixed):
        x = _embedded(network, pixels, place, hidden)
    for number, block in enumerate(network.blocks[: max(LAYERS) - 1], start=1):
        with (
            torch.set_grad_enabled(learns and number > fixed),
            torch.autocast("cpu", torch.bfloat16, enabled=learns and number > fixed),
        ):
            x = block(x) if number <= grown else x
        if number in LAYERS:
            kept.append(x)
    last = network.get_submodule(f"blocks.{max(LAYERS) - 1}")
    assert isinstance(last, Block)
    with torch.autocast("cpu", torch.bfloat16, enabled=learns):
        x = x + last.attn(last.norm1(x))
        kept.append(last.mlp(last.norm2(x)))
    return kept


def _embedded(
    network: VisionTransformer, pixels: Tensor, place: tuple[int, int], hidden: tuple[Tensor, Tensor] | None
) -> Tensor:
    """Tokens (n, 1 + side * side, width) before the first block, the class token first."""
    stem = network.patch_embed.proj
    x = functional.conv2d(pixels[:, None], stem.weight.sum(1, keepdim=True), stem.bias, stride=stem.stride)
    rows, columns = x.shape[-2:]
    x = x.flatten(2).transpose(1, 2)
    if hidden is not None:
        x = torch.where(hidden[0][..., None], hidden[1].to(x.dtype), x)
    table = network.pos_embed[:, 1:].view(1, SIDE, SIDE, -1)
    x = x + table[:, place[0] : place[0] + rows, place[1] : place[1] + columns].flatten(1, 2)
    first = (network.cls_token + network.pos_embed[:, :1]).expand(len(x), -1, -1)
    return torch.cat([first.to(x.dtype), x], 1)


class Heads(nn.Module):
    """What the tokens are asked for beside their quality channels; not part of the backbone that is left."""

    def __init__(self, width: int = 192, pixels: int = 256, taught: int = 72) -> None:
        super().__init__()
        self.hidden = nn.Parameter(torch.zeros(width))
        self.paint = nn.Linear(width, pixels)
        self.severity = nn.ModuleList(nn.Linear(width, len(STEPS)) for _ in LAYERS[:-1])
        self.taught = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, taught))


class Teacher:
    """A severity map that is trained already, asked about the same pieces: its cells lie on the tokens.

    What a piece does not show (which of its grain is noise) makes the truth a noisy teacher; the map says
    what can be told from the picture, and by what.
    """

    def __init__(self, net: MapNet) -> None:
        self._net = net

    @torch.no_grad()
    def told(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Severities (n, tokens) of pieces (n, H, W) uint8, and what they rest on (n, tokens, c).

        Each channel of the latter has mean 0 and variance 1 over the batch.
        """
        with torch.autocast("cpu", torch.bfloat16):
            seen = self._net.seen(pictures)[0]
            severity = torch.sigmoid(self._net.judged(seen, pictures)[:, 0].float())
        grounds = seen.float().flatten(2).transpose(1, 2)
        spread = grounds.std((0, 1)) + 0.05
        return severity.flatten(1), (grounds - grounds.mean((0, 1))) / spread


def quality_targets(severity: Tensor) -> Tensor:
    """Severities (...) -> what the quality channels should say (..., channels): the excess over each step."""
    steps = torch.tensor(STEPS)
    return functional.relu(severity[..., None] - steps) / (1.0 - steps)


def released(network: VisionTransformer) -> dict[str, Tensor]:
    """The weights that leave the training: a TinyUSFM whose features rest on the quality channels.

    z has unit length, and every direction in which clean windows differ counts in an organ model. So the
    stream of tokens is scaled down (the norms before each layer take that back, nothing else changes), and
    the last block adds the quality channels and a constant one, all large: z turns away from the constant as
    the severity grows, and what the window shows hardly moves it. A published checkpoint has no such
    channels; the metric is the same.
    """
    weights = {name: value.detach().clone() for name, value in network.state_dict().items()}
    for name, value in weights.items():
        stream = name.startswith(("patch_embed.", "cls_token", "pos_embed"))
        if stream or ".attn.proj." in name or ".mlp.fc2." in name:
            value.mul_(QUIET)
    last = f"blocks.{LAYERS[-1] - 1}.mlp.fc2."
    channels = len(STEPS)
    for kind in ("weight", "bias"):
        value = weights[last + kind]
        value[:channels] *= LOUD / QUIET
        value[channels:] = 0.0
    weights[last + "bias"][channels] = LOUD
    return weights


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
