"""First weights of the backbone: what the blocks would have to find first is written into them.

Faults change how much detail there is of each size and direction, near a place against around it. So

- the stem is a set of cosine waves, some of each band of size and direction;
- the MLP of block 1 takes their sizes (Gelu of x and of -x add up to nearly |x|, and differ by x), sums them
  up by band and clears the waves away;
- the MLP of block 2 takes the logarithm, a chain of straight pieces;
- the attention of block 3 averages the logarithms over near tokens, a wider surround and the whole window;
- the slowest waves are kept beside all that, as they are: what the patch shows, in a few strokes.

Two large constants in the stream keep the norms from mixing all that: beside them a norm is nearly a fixed
factor. The rest begins small. Everything is trained on from there, and is a TinyUSFM state dict as before.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from scanmon.lab.builder.vit import LAYERS, Block, VisionTransformer

SIDE = 14  # tokens a side of a window
BANDS = 30  # the first is the mean brightness
WAVES = 150
"""Channels 0..149 hold the waves at first; then sizes, logarithms and three averages of those, 30 each."""
ROW, COLUMN, SQUARE, PLUS, MINUS = range(WAVES, WAVES + 5)
STROKES = range(WAVES + 5, 192)
"""Channels of the slowest waves, which nothing clears away."""
CONSTANT = 64.0
REACHES = (0.8, 2.5, 30.0)  # tokens, standard deviation of the three averages
LEAST, RATIO, PIECES = 0.01, 3.0, 6  # the logarithm goes from 0.01 up in steps of a factor 3
LOUDNESS = 2.0  # of a logarithm in the stream: 1 is a factor e**0.5
RINGS = (0.5, 1.5, 2.6, 4.0, 5.5, 7.0, 8.5, 10.0, 11.5, 13.0, 22.0)  # half waves a patch


def dct_basis(side: int = 16) -> Tensor:
    """Orthonormal cosine basis (side * side, side, side), slow waves first."""
    return _waves(side)[0]


def _waves(side: int) -> tuple[Tensor, Tensor, Tensor]:
    """The basis, and half waves a patch down and across (side * side,) of each."""
    positions = torch.arange(side) + 0.5
    waves = torch.stack([torch.cos(math.pi / side * positions * k) for k in range(side)])
    waves[0] /= math.sqrt(2.0)
    waves *= math.sqrt(2.0 / side)
    basis = torch.einsum("ui,vj->uvij", waves, waves).reshape(side * side, side, side)
    down = torch.arange(side)[:, None].expand(side, side).flatten()
    across = torch.arange(side)[None, :].expand(side, side).flatten()
    order = torch.argsort(down**2 + across**2, stable=True)
    return basis[order], down[order].float(), across[order].float()


def _chosen(down: Tensor, across: Tensor) -> list[list[int]]:
    """The waves of each band: the mean, then ten rings of three directions, evenly drawn, WAVES in all."""
    speed, angle = torch.hypot(down, across), torch.atan2(down, across)
    bands = [[0]]
    for low, high in pairwise(RINGS):
        for part in range(3):
            inside = (speed >= low) & (speed < high)
            inside &= (angle >= part * math.pi / 6 - 1e-6) & (angle < (part + 1) * math.pi / 6 + 1e-6)
            if inside.any():
                bands.append(torch.nonzero(inside).flatten().tolist())
    bands = bands[:BANDS]
    share = (WAVES - 1) // (BANDS - 1)
    kept = [bands[0]]
    for band in bands[1:]:
        picks = torch.linspace(0, len(band) - 1, min(share, len(band))).round().long()
        kept.append([band[int(i)] for i in picks])
    return kept


def start(network: VisionTransformer, grown: int) -> None:
    """Write them. The first `grown` blocks and the last are to be trained, the others pass tokens on."""
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name.startswith("blocks.") and ".norm" not in name and weight.ndim == 2:
                nn.init.xavier_uniform_(weight)
                if name.endswith(("attn.proj.weight", "mlp.fc2.weight")):
                    block = int(name.split(".")[1])
                    weight.mul_(0.1 if 3 <= block < grown or block == max(LAYERS) - 1 else 0.0)
            elif name.endswith(".bias"):
                nn.init.zeros_(weight)
        _stem(network)
        for number, write in enumerate((_sizes, _logarithms, _averages)):
            written = network.blocks[number]
            assert isinstance(written, Block)
            write(written)


def _stem(network: VisionTransformer) -> None:
    """Waves, louder the finer they are; places and constants in channels of their own."""
    basis, down, across = _waves(16)
    stem, table = network.patch_embed.proj, network.pos_embed
    assert stem.bias is not None
    stem.weight.zero_()
    table.zero_()
    gains = 0.4 * (1.0 + torch.hypot(down, across)) ** 1.3
    gains[0] = 1.0 / 16.0  # a white patch is 1
    waves = [wave for band in _chosen(down, across) for wave in band]
    for channel, wave in enumerate(waves):
        stem.weight[channel] = basis[wave] * gains[wave] / stem.weight.shape[1]
    for wave, channel in enumerate(STROKES):
        stem.weight[channel] = basis[wave] * gains[wave] / stem.weight.shape[1]
    stem.bias[PLUS], stem.bias[MINUS] = CONSTANT, -CONSTANT
    network.cls_token[0, 0, PLUS], network.cls_token[0, 0, MINUS] = CONSTANT, -CONSTANT
    place = (torch.arange(SIDE) - (SIDE - 1) / 2).expand(SIDE, SIDE)
    table[0, 1:, ROW], table[0, 1:, COLUMN] = place.T.flatten(), place.flatten()
    table[0, 1:, SQUARE] = (place**2 + place.T**2).flatten() / SIDE
    table[0, 0, SQUARE] = 40.0 * SIDE  # far from every place: the class token is averaged by none


def _norm_factor() -> float:
    """What a norm multiplies the stream by, but for a few per cent."""
    return math.sqrt(192 / 2.0) / CONSTANT


def _sizes(block: Block) -> None:
    """|wave| summed up by band into channels 0..29, the waves themselves cleared away."""
    _, down, across = _waves(16)
    bands = _chosen(down, across)
    inner, outer = block.mlp.fc1.weight, block.mlp.fc2.weight
    inner.zero_()
    steep = 8.0
    channel = 0
    for band, members in enumerate(bands):
        for _ in members:
            up, under = 2 * channel, 2 * channel + 1
            inner[up, channel], inner[under, channel] = steep / _norm_factor(), -steep / _norm_factor()
            outer[channel, up], outer[channel, under] = -1.0 / steep, 1.0 / steep
            if band == 0:
                outer[channel, up], outer[channel, under] = (
                    0.0,
                    0.0,
                )  # the mean brightness stays, with its sign
            else:
                outer[band, up] += 1.0 / (steep * len(members))
                outer[band, under] += 1.0 / (steep * len(members))
            channel += 1


def _logarithms(block: Block) -> None:
    """Logarithms of channels 0..29 into 30..59; brightness as it is."""
    inner, bias, outer = block.mlp.fc1.weight, block.mlp.fc1.bias, block.mlp.fc2.weight
    inner[: BANDS * PIECES].zero_()
    sharp = 4.0
    for band in range(1, BANDS):
        for piece in range(PIECES):
            unit, knot = band * PIECES + piece, LEAST * RATIO**piece
            inner[unit, band] = sharp / (knot * _norm_factor())
            bias[unit] = -sharp
            slope = math.log(RATIO) / (RATIO - 1.0)
            bend = slope if piece == 0 else slope * (1.0 - RATIO)
            outer[BANDS + band, unit] = LOUDNESS * bend / sharp
        block.mlp.fc2.bias[BANDS + band] = -LOUDNESS * 3.0
    inner[0, 0], inner[1, 0] = 1.0 / _norm_factor(), -1.0 / _norm_factor()
    outer[BANDS, 0], outer[BANDS, 1] = 3.0 * LOUDNESS, -3.0 * LOUDNESS


def _averages(block: Block) -> None:
    """Means of channels 30..59 over three surrounds into 60..149, two heads each; near tokens weigh more."""
    heads, width = block.attn.heads, block.attn.qkv.weight.shape[1]
    size = width // heads
    qkv, mixed = block.attn.qkv.weight, block.attn.proj.weight
    factor = _norm_factor()
    for index, reach in enumerate(REACHES):
        for half in range(2):
            head = 2 * index + half
            q, k, v = (part * width + head * size for part in range(3))
            for rows in (q, k, v):
                qkv[rows : rows + size].zero_()
            # q.k / sqrt(size) = (place . place' - |place'|^2 / 2) / reach^2 is a Gaussian after the softmax
            gain = math.sqrt(math.sqrt(size)) / (reach * factor)
            for dim, channel in enumerate((ROW, COLUMN)):
                qkv[q + dim, channel] = qkv[k + dim, channel] = gain
            qkv[q + 2, PLUS] = gain / (CONSTANT * 2.0)
            qkv[k + 2, SQUARE] = -gain * SIDE
            for dim in range(BANDS // 2):
                channel = half * (BANDS // 2) + dim
                qkv[v + dim, BANDS + channel] = 1.0 / factor
                mixed[(2 + index) * BANDS + channel, head * size + dim] = 1.0
