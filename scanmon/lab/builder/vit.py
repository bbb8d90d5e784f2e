"""The vision transformer of TinyUSFM, USFM and the MAE family in PyTorch, under the published names.

For training and as the reference that every built engine has to agree with.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from scanmon.lab.builder.architecture import TINYUSFM, Architecture, Weights

LAYERS = (3, 5, 7, 11)
_KEPT = 0.9999  # share of the values that lie inside the range; the rare rest is cut off


class VisionTransformer(nn.Module):
    """Pre-norm transformer blocks on 16 x 16 pixel tokens with a class token. Weights begin at random."""

    def __init__(self, architecture: Architecture = TINYUSFM) -> None:
        super().__init__()
        self.architecture = architecture
        width = architecture.width
        self.patch_embed = PatchEmbed(architecture)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.randn(1, architecture.tokens + 1, width) * 0.02)
        self.blocks = nn.ModuleList(Block(architecture) for _ in range(architecture.depth))
        self.norm = nn.LayerNorm(width, eps=architecture.epsilon)

    def embed(self, pixels: Tensor) -> Tensor:
        """Normalised pixels (n, 3, side, side) -> tokens (n, 1 + patches, width), the class token first."""
        x = self.patch_embed(pixels)
        return torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1) + self.pos_embed

    def after(self, pixels: Tensor, layers: Sequence[int] = LAYERS) -> list[Tensor]:
        """Tokens after each of `layers`, counted from 1; later blocks are not run."""
        x, kept = self.embed(pixels), []
        for number, block in enumerate(self.blocks[: max(layers)], start=1):
            x = block(x)
            if number in layers:
                kept.append(x)
        return kept

    def forward(self, pixels: Tensor, layers: Sequence[int] = LAYERS) -> Tensor:
        """Normalised pixels (n, 3, side, side) in -1..1 -> z (n, len(layers) * width), unit length."""
        means = [x[:, 1:].mean(dim=1) for x in self.after(pixels, layers)]
        return functional.normalize(torch.cat(means, dim=1), dim=1)


class PatchEmbed(nn.Module):
    """The stem: one token for each patch of pixels."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        side = architecture.patch
        self.proj = nn.Conv2d(architecture.channels, architecture.width, side, stride=side)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, channels, side, side) -> (n, patches, width)."""
        tokens: Tensor = self.proj(pixels)
        return tokens.flatten(2).transpose(1, 2)


class Block(nn.Module):
    """Attention and MLP, each on normed tokens and added to them."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width, epsilon = architecture.width, architecture.epsilon
        self.norm1 = nn.LayerNorm(width, eps=epsilon)
        self.attn = SelfAttention(architecture)
        self.norm2 = nn.LayerNorm(width, eps=epsilon)
        self.mlp = Mlp(width, width * architecture.hidden)

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, width) -> same."""
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x  # noqa: RET504


class SelfAttention(nn.Module):
    """Multi-head scaled dot product attention."""

    bias: Tensor | None  # (heads, tokens, tokens), added before the softmax

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width, tokens, self.heads = architecture.width, architecture.tokens + 1, architecture.heads
        bias = torch.zeros(self.heads, tokens, tokens) if architecture.biased else None
        self.register_buffer("bias", bias)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, width) -> same."""
        n, tokens, width = x.shape
        q, k, v = self.qkv(x).view(n, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=self.bias)
        joined: Tensor = self.proj(mixed.transpose(1, 2).reshape(n, tokens, width))
        return joined


class Mlp(nn.Module):
    """Two linear maps with a Gelu between them."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, inner)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, width) -> same."""
        outer: Tensor = self.fc2(self.act(self.fc1(x)))
        return outer


def from_weights(weights: Weights, architecture: Architecture = TINYUSFM) -> VisionTransformer:
    """The network with exactly these weights, ready to evaluate. Raises `RuntimeError` for other names."""
    network = VisionTransformer(architecture)
    network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    return network.eval()


def normalised(windows: NDArray[np.uint8], channels: int = 3) -> Tensor:
    """Gray windows (n, side, side) -> (n, channels, side, side) in -1..1, by the published steps."""
    pixels = (torch.from_numpy(windows).float() / 255.0 - 0.5) / 0.5
    return pixels[:, None].expand(-1, channels, -1, -1)


@torch.inference_mode()
def features(
    network: VisionTransformer,
    windows: NDArray[np.uint8],
    layers: Sequence[int] = LAYERS,
    batch: int = 8,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> NDArray[np.float32]:
    """z (n, len(layers) * width) of gray windows (n, side, side), `batch` at a time.

    `progress` gets how many windows of how many are done.
    """
    parts = []
    for start in range(0, len(windows), batch):
        progress(start, len(windows))
        pixels = normalised(windows[start : start + batch], network.architecture.channels)
        parts.append(network(pixels, layers))
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


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
