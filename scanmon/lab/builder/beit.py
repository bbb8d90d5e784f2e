"""USFM's checkpoints (BEiT-style) -> weights of a plain vision transformer with a bias in its attention.

Nothing is lost: the key has no bias, which is a bias of zero; the scale of a branch (gamma) goes into the
branch's last linear layer; the table of relative positions, each block's own or one for all, becomes a matrix
for each head.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np
from numpy.typing import NDArray

from scanmon.lab.builder.architecture import Architecture

_TABLE = "relative_position_bias_table"
_SHARED = "rel_pos_bias." + _TABLE


def is_beit(names: Container[str]) -> bool:
    """Whether these are the names of a BEiT-style network."""
    return any(name in names for name in (_SHARED, "blocks.0.attn." + _TABLE, "blocks.0.attn.q_bias"))


def beit_shapes(architecture: Architecture, names: Container[str]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights in the file. `names` tells which of the optional ones it has.

    A part that block 0 has is expected in every block, so that a gap is found.
    """
    width, side = architecture.width, architecture.image // architecture.patch
    shapes: dict[str, tuple[int, ...]] = {}
    for name, shape in architecture.shapes().items():
        if name.startswith("norm."):
            continue  # behind the last block; USFM has fc_norm in its place, and the metric needs neither
        if name == "pos_embed" and name not in names:
            continue
        if name.endswith("attn.qkv.bias"):
            if "blocks.0.attn.q_bias" in names:
                block = name.removesuffix("qkv.bias")
                shapes |= {block + "q_bias": (width,), block + "v_bias": (width,)}
        elif not name.endswith("attn.bias"):
            shapes[name] = shape
    tables = ((2 * side - 1) ** 2 + 3, architecture.heads)
    if _SHARED in names:
        shapes[_SHARED] = tables
    for i in range(architecture.depth):
        if f"blocks.0.attn.{_TABLE}" in names or _SHARED not in names:
            shapes[f"blocks.{i}.attn.{_TABLE}"] = tables
        if "blocks.0.gamma_1" in names:
            shapes |= {f"blocks.{i}.gamma_1": (width,), f"blocks.{i}.gamma_2": (width,)}
    return shapes


def plain_weights(
    architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """The same network under the names of `architecture.shapes()`."""
    width, tokens = architecture.width, architecture.tokens + 1
    index = _relative_index(architecture.image // architecture.patch)
    plain = {name: array for name, array in weights.items() if name in architecture.shapes()}
    plain.setdefault("pos_embed", np.zeros((1, tokens, width), dtype=np.float32))
    plain |= {"norm.weight": np.ones(width, np.float32), "norm.bias": np.zeros(width, np.float32)}
    for i in range(architecture.depth):
        block = f"blocks.{i}."
        zero = np.zeros(width, dtype=np.float32)
        plain[block + "attn.qkv.bias"] = np.concatenate(
            [weights.get(block + "attn.q_bias", zero), zero, weights.get(block + "attn.v_bias", zero)]
        )
        for gamma, linear in (("gamma_1", "attn.proj"), ("gamma_2", "mlp.fc2")):
            if block + gamma in weights:
                scale = weights[block + gamma]
                plain[f"{block}{linear}.weight"] = scale[:, None] * plain[f"{block}{linear}.weight"]
                plain[f"{block}{linear}.bias"] = scale * plain[f"{block}{linear}.bias"]
        tables = [weights[name] for name in (_SHARED, f"{block}attn.{_TABLE}") if name in weights]
        plain[block + "attn.bias"] = np.ascontiguousarray(np.sum(tables, axis=0)[index].transpose(2, 0, 1))
    return plain


def _relative_index(side: int) -> NDArray[np.intp]:
    """(tokens + 1, tokens + 1): row of the table for each pair of tokens, the class token first.

    The table holds (2 side - 1)^2 offsets between patches, row by row, then: from the class token to a patch,
    from a patch to the class token, and from the class token to itself.
    """
    span = 2 * side - 1
    row, column = np.divmod(np.arange(side * side), side)
    offset = (row[:, None] - row[None, :] + side - 1) * span + column[:, None] - column[None, :] + side - 1
    index = np.full((side * side + 1,) * 2, span * span, dtype=np.intp)
    index[1:, 1:] = offset
    index[1:, 0] = span * span + 1
    index[0, 0] = span * span + 2
    return index
