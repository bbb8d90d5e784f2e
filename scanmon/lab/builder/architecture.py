"""The backbones that scanmon knows, the names and shapes of their weights, and those of USFM's checkpoints.

USFM's are BEiT-style; they become weights of a plain vision transformer with a bias in its attention, and
nothing is lost: the key has no bias, which is a bias of zero; the scale of a branch (gamma) goes into the
branch's last linear layer; the table of relative positions, each block's own or one for all, becomes a matrix
for each head.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What a network was trained to see: (pixel / 255 - mean) / std, for each channel."""

    name: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


HALF = Normalisation("half", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))  # -1..1: what every graph here feeds
IMAGENET = Normalisation("imagenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
NORMALISATIONS = {one.name: one for one in (HALF, IMAGENET)}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A vision transformer with a class token and learned positions; its weights have timm's names."""

    name: str
    width: int  # channels of a token
    depth: int  # blocks
    heads: int
    patch: int = 16  # pixels of a token's side
    image: int = 224  # pixels of a window's side
    channels: int = 3  # of the stem; gray is repeated
    hidden: int = 4  # width of the MLP over `width`
    epsilon: float = 1e-6  # of the layer norms
    biased: bool = False  # every block adds a bias to its attention, as BEiT's relative positions do
    normalisation: Normalisation = HALF  # of its published code, unless the build is told otherwise

    @property
    def tokens(self) -> int:
        """Patch tokens of a window, the class token not counted."""
        return (self.image // self.patch) ** 2

    def shapes(self) -> dict[str, tuple[int, ...]]:
        width, inner = self.width, self.width * self.hidden
        shapes: dict[str, tuple[int, ...]] = {
            "cls_token": (1, 1, width),
            "pos_embed": (1, self.tokens + 1, width),
            "patch_embed.proj.weight": (width, self.channels, self.patch, self.patch),
            "patch_embed.proj.bias": (width,),
            "norm.weight": (width,),
            "norm.bias": (width,),
        }
        for i in range(self.depth):
            for name, rows, columns in (
                ("attn.qkv", 3 * width, width),
                ("attn.proj", width, width),
                ("mlp.fc1", inner, width),
                ("mlp.fc2", width, inner),
            ):
                shapes[f"blocks.{i}.{name}.weight"] = (rows, columns)
                shapes[f"blocks.{i}.{name}.bias"] = (rows,)
            for name in ("norm1", "norm2"):
                shapes[f"blocks.{i}.{name}.weight"] = (width,)
                shapes[f"blocks.{i}.{name}.bias"] = (width,)
            if self.biased:
                shapes[f"blocks.{i}.attn.bias"] = (self.heads, self.tokens + 1, self.tokens + 1)
        return shapes


TINYUSFM = Architecture("tinyusfm", width=192, depth=12, heads=12)
USFM = Architecture("usfm", width=768, depth=12, heads=12, biased=True)
VIT_B = Architecture("vit-b", width=768, depth=12, heads=12, normalisation=IMAGENET)  # MAE's encoder
KNOWN = (TINYUSFM, USFM, VIT_B)


def folded(weights: Weights, normalisation: Normalisation) -> Weights:
    """The same network for pixels in -1..1 in place of those that it was trained to see.

    With x = 2 p - 1 a pixel is (p - mean) / std = x / (2 std) + (1 - 2 mean) / (2 std): a scale of the
    stem's kernel, and a constant that goes into its bias. Computed in double precision.
    """
    if normalisation == HALF:
        return weights
    kernel = weights["patch_embed.proj.weight"].astype(np.float64)
    mean, std = np.array(normalisation.mean), np.array(normalisation.std)
    bias = weights["patch_embed.proj.bias"] + kernel.sum(axis=(2, 3)) @ ((1 - 2 * mean) / (2 * std))
    return {
        **weights,
        "patch_embed.proj.weight": (kernel / (2 * std[:, None, None])).astype(np.float32),
        "patch_embed.proj.bias": bias.astype(np.float32),
    }


def random_weights(architecture: Architecture, seed: int) -> dict[str, NDArray[np.float32]]:
    """Weights of the right names and shapes that mean nothing; for tests and benchmarks."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in architecture.shapes().items():
        values = rng.normal(0.0, 0.02, shape)
        if "norm" in name and name.endswith("weight"):
            values += 1.0
        elif len(shape) > 1 and "token" not in name and "pos" not in name:
            values *= 50.0 / np.sqrt(np.prod(shape[1:]))
        weights[name] = values.astype(np.float32)
    return weights


_TABLE = "relative_position_bias_table"
_SHARED = "rel_pos_bias." + _TABLE


def is_beit(names: Container[str]) -> bool:
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
