"""The backbones that scanmon knows, and the names and shapes of their weights."""

from __future__ import annotations

from collections.abc import Mapping
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
        """Every weight and its shape."""
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
