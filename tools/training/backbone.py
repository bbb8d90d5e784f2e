"""The backbone as it is trained: whole windows, quality channels in the last block, and what leaves it.

The published head knows of a window nothing but z: the mean tokens after four layers, brought to unit length.
It keeps the directions in which clean windows differ and measures a distance in them. So the severity under
each token is said by channels of the last block, large beside all else, next to a constant one: z turns away
from the constant as the severity grows, and what the window shows hardly moves it. Trained are several
channels, released is one (`join`).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.lab.builder.vit import LAYERS, Block, VisionTransformer

STEPS = (0.0, 0.2, 0.45)
"""Severities from which on a quality channel rises. The higher ones are 0 on clean tissue, so that a fault
in a corner of a window is not lost in what the mean of the first varies by."""
QUIET, LOUD = 1 / 16, 128.0
"""Powers of two: exact in every precision."""
LAST = max(LAYERS)
WRITTEN = 3
"""First blocks whose first weights are written (`first_weights`)."""


def window_tokens(network: VisionTransformer, gray: Tensor, fixed: int = 0) -> tuple[list[Tensor], Tensor]:
    """Tokens (n, 1 + patches, width) after each layer but the last, and the last one's as they are released.

    The latter are what the last MLP adds, quality channels first, and a little of the stream, as in z.
    `gray`: windows (n, side, side) uint8. Where `fixed` is not 0, the stem and so many first blocks learn
    nothing. What is behind the first weights is computed in bfloat16, they themselves in float32: a first
    logarithm is a sum of large pieces that nearly cancel.
    """
    learns, device = torch.is_grad_enabled(), gray.device.type
    stem, kept = network.patch_embed.proj, []
    with torch.set_grad_enabled(learns and not fixed):
        pixels = gray[:, None].float() / 127.5 - 1.0
        weight = stem.weight.sum(1, keepdim=True)
        x = functional.conv2d(pixels, weight, stem.bias, stride=stem.stride).flatten(2).transpose(1, 2)
        x = torch.cat([network.cls_token.expand(len(x), -1, -1), x], 1) + network.pos_embed
    for number, block in enumerate(network.blocks[: LAST - 1], start=1):
        half = torch.autocast(device, torch.bfloat16, enabled=number > WRITTEN)
        with torch.set_grad_enabled(learns and number > fixed), half:
            x = block(x)
        if number in LAYERS:
            kept.append(x)
    last = network.get_submodule(f"blocks.{LAST - 1}")
    assert isinstance(last, Block)
    with torch.autocast(device, torch.bfloat16):
        x = x + last.attn(last.norm1(x))
        said: Tensor = last.mlp(last.norm2(x))
    return kept, said.float() + QUIET / LOUD * x


class Probes(nn.Module):
    """What the tokens on the way are asked for; not part of the backbone that is left."""

    def __init__(self, channels: int, taught: int = 0, width: int = 192) -> None:
        super().__init__()
        self.severity = nn.ModuleList(nn.Linear(width, channels) for _ in LAYERS[:-1])
        self.taught = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, taught)) if taught else None


def excess(severity: Tensor) -> Tensor:
    """Severities (...) -> what the first quality channels should say (..., steps): the excess over each."""
    steps = torch.tensor(STEPS, device=severity.device)
    return functional.relu(severity[..., None] - steps) / (1.0 - steps)


def turned(channels: Tensor) -> Tensor:
    """Channels of tokens (n, tokens, c) -> their part of z (n, c), as the released network has it."""
    mean = channels.float().mean(1)
    return mean / torch.sqrt(1.0 + mean.square().sum(-1, keepdim=True))


def released(network: VisionTransformer, channels: int) -> dict[str, Tensor]:
    """The weights that leave the training: a TinyUSFM whose features rest on the quality channels.

    The stream of tokens is scaled down (the norms before each layer take that back, nothing else changes),
    and the last block adds the mean of the quality channels and a constant one, both large. A published
    checkpoint has no such channels; the metric is the same.
    """
    weights = {name: value.detach().float().cpu().clone() for name, value in network.state_dict().items()}
    for name, value in weights.items():
        stream = name.startswith(("patch_embed.", "cls_token", "pos_embed"))
        if stream or ".attn.proj." in name or ".mlp.fc2." in name:
            value.mul_(QUIET)
    last = f"blocks.{LAST - 1}.mlp.fc2."
    for kind in ("weight", "bias"):
        value = weights[last + kind]
        value[:channels] *= LOUD / QUIET
        value[channels:] = 0.0
    weights[last + "bias"][channels] = LOUD
    join(weights[last + "weight"], weights[last + "bias"])
    return weights


def join(weight: Tensor, bias: Tensor) -> None:
    """Make one quality channel, the mean of those before the constant one, which moves next to it; in place.

    `weight` (width, inner) and `bias` (width,) of the released last layer. The head's distance has two sides
    in every channel: of several, one that falls with a fault takes from what the others say. A fall of the
    mean is rare, and along one channel a mixture whose Gaussians lie at its clean end falls all the way.
    """
    constant = int(torch.nonzero(bias == LOUD)[0])
    for rows in (weight, bias):
        rows[0] = rows[:constant].mean(0)
        rows[1 : constant + 1] = 0.0
    bias[1] = LOUD
