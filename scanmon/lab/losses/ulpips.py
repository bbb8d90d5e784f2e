"""TinyUSFM-uLPIPS with a gradient. The formula is that of `scanmon.lab.compare.ulpips`, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.core.errors import SettingsError
from scanmon.lab.builder.vit import VisionTransformer
from scanmon.lab.compare.ulpips import LAYERS, RADIUS, TAU, neighbourhoods
from scanmon.lab.losses.network import open_backbone


class Ulpips(nn.Module):
    """Distances of pictures from their references, equal to `scanmon compare` on whole pictures."""

    def __init__(
        self,
        network: VisionTransformer,
        layers: Sequence[int] = LAYERS,
        radius: int = RADIUS,
        tau: float = TAU,
    ) -> None:
        super().__init__()
        self.network = network
        self.layers, self.radius, self.tau = tuple(layers), radius, tau

    @classmethod
    def of_bundle(
        cls,
        name: str = "default",
        layers: Sequence[int] | None = None,
        radius: int = RADIUS,
        tau: float = TAU,
    ) -> Ulpips:
        """On the backbone of a bundle; `layers` None: those of its score. Raises `ScanmonError`."""
        bundle, part, network = open_backbone(name)
        chosen = tuple(layers or part.layers)
        if not 1 <= min(chosen) <= max(chosen) <= max(part.layers):
            raise SettingsError("layers that the bundle lacks", bundle.folder, f"1 to {max(part.layers)}")
        return cls(network, chosen, radius, tau)

    def forward(self, reference: Tensor, pictures: Tensor) -> Tensor:
        """(n,) from gray pictures 0..1, (n, H, W); 0: the same. The gradient goes to either.

        As published, both are squeezed to a square, so their sizes may differ.
        """
        total: Tensor | None = None
        for a, b in self._pairs(reference, pictures):
            count, width = a.shape[1:]
            gram = (a.mT @ a - b.mT @ b).abs().mean(dim=(1, 2)) / (count * width)
            term = self._structure(a, b).mean(dim=1) + gram
            total = term if total is None else total + term
        assert total is not None
        return total / len(self.layers)

    def map(self, reference: Tensor, pictures: Tensor) -> Tensor:
        """(n, side, side): where they differ, the structure of each token's neighbourhood."""
        maps = [self._structure(a, b) for a, b in self._pairs(reference, pictures)]
        side = round(maps[0].shape[1] ** 0.5)
        return torch.stack(maps).mean(dim=0).view(-1, side, side)

    def _pairs(self, reference: Tensor, pictures: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Unit patch tokens (n, tokens, width) of both after each layer, in double precision."""
        if reference.ndim != 3 or pictures.ndim != 3 or len(reference) != len(pictures):
            raise ValueError(
                f"expected (n, H, W) of both, not {tuple(reference.shape)}, {tuple(pictures.shape)}"
            )
        architecture, kind = self.network.architecture, self.network.cls_token.dtype
        both = torch.cat([squeezed(x.to(kind), architecture.image) for x in (reference, pictures)])
        pixels = (2.0 * both - 1.0)[:, None].expand(-1, architecture.channels, -1, -1)
        tokens = [x[:, 1:].double() for x in self.network.after(pixels, self.layers)]
        units = [functional.normalize(x, dim=2) for x in tokens]
        return [(x[: len(reference)], x[len(reference) :]) for x in units]

    def _structure(self, a: Tensor, b: Tensor) -> Tensor:
        """(n, tokens)."""
        side = round(a.shape[1] ** 0.5)
        powers = [torch.exp(self.tau * (x @ x.mT - 1.0)) for x in (a, b)]
        places, order = [], []
        for centres, near in neighbourhoods(side, self.radius):
            members = torch.from_numpy(near).to(a.device)
            tables = [power[:, members[:, :, None], members[:, None, :]] for power in powers]
            shares = [table / table.sum(dim=3, keepdim=True) for table in tables]
            places.append((shares[0] - shares[1]).abs().mean(dim=(2, 3)))
            order.append(torch.from_numpy(centres).to(a.device))
        return torch.cat(places, dim=1)[:, torch.cat(order).argsort()]


def squeezed(pictures: Tensor, side: int) -> Tensor:
    """(n, H, W) -> (n, side, side), as `cv2.resize` with INTER_AREA gives it."""
    height, width = pictures.shape[1:]
    # OpenCV averages areas where both sides shrink, and interpolates both where one of them grows
    shrinks = min(height, width) >= side
    rows, columns = (_matrix(size, side, shrinks).to(pictures) for size in (height, width))
    return rows @ pictures @ columns.T


@lru_cache(maxsize=16)
def _matrix(size: int, side: int, shrinks: bool) -> Tensor:
    """(side, size): what OpenCV does along one side, asked of itself with unit vectors."""
    across = side if shrinks else side // 2  # doubled, each column stands twice and by itself
    parts = []
    for start in range(0, size, across):
        columns = np.zeros((size, across), np.float32)
        count = min(across, size - start)
        columns[np.arange(start, start + count), np.arange(count)] = 1.0
        resized = cv2.resize(columns, (side, side), interpolation=cv2.INTER_AREA)
        parts.append(resized[:, :: side // across][:, :count])
    return torch.from_numpy(np.concatenate(parts, axis=1))
