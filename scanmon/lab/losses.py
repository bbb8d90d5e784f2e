"""The metrics as differentiable terms for PyTorch: `Ulpips` with a reference, `SoftNrq` without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.core.errors import EngineError, OrganModelError, SettingsError
from scanmon.inference.networks import network_of
from scanmon.lab.builder.derive import weights_of
from scanmon.lab.builder.vit import VisionTransformer, from_weights
from scanmon.lab.compare.ulpips import LAYERS, RADIUS, TAU, neighbourhoods
from scanmon.scoring.bundle import Bundle, NrqPart, open_named_bundle
from scanmon.scoring.heads import PUBLISHED
from scanmon.scoring.manifold import OrganModel
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.windows import grid

__all__ = ["SoftNrq", "Ulpips"]
_OF_ORGANS = ("pca_mean", "pca_components", "gmm_means", "gmm_covariances", "log_weights", "log_det")


def open_backbone(name: str) -> tuple[Bundle, NrqPart, VisionTransformer]:
    """A bundle by its name or folder, and its network with frozen weights. Raises `ScanmonError`."""
    bundle = open_named_bundle(name)
    if bundle.nrq is None:
        raise SettingsError("this bundle has no backbone", bundle.folder, "use another one")
    try:
        weights, architecture = weights_of(onnx.load_from_string(network_of(bundle, bundle.nrq)))
        width = architecture.width
        last = {"norm.weight": np.ones(width, np.float32), "norm.bias": np.zeros(width, np.float32)}
        network = from_weights(weights | last, architecture)
    except (KeyError, ValueError, IndexError, StopIteration, RuntimeError) as error:
        raise EngineError(
            f"the bundle's network is none that scanmon wrote ({error})", bundle.folder, "build it anew"
        ) from error
    network.requires_grad_(requires_grad=False)
    return bundle, bundle.nrq, network


class SoftNrq(nn.Module):
    """The score of whole pictures at their own scale, higher is better.

    `temperature` 0 is the published mean of the worst 15 % of the windows, and only those get a gradient.
    Above 0 every window counts by the softmax of minus its log-likelihood over the temperature.
    """

    def __init__(
        self,
        network: VisionTransformer,
        organs: Sequence[OrganModel],
        layers: Sequence[int],
        stride: int,
        topk_frac: float = 0.15,
        temperature: float = 0.0,
    ) -> None:
        super().__init__()
        if not organs:
            raise OrganModelError("no organ model", remedy="add some with scanmon fit")
        self.network, self.layers, self.stride = network, tuple(layers), stride
        self.topk_frac, self.temperature = topk_frac, temperature
        self._organs = [
            {name: torch.from_numpy(np.array(getattr(organ, name), np.float64)) for name in _OF_ORGANS}
            for organ in organs
        ]

    @classmethod
    def of_bundle(cls, name: str = "default", organ: str | None = None, temperature: float = 0.0) -> SoftNrq:
        """`organ` None: the mixture of all. Raises `ScanmonError`."""
        bundle, part, network = open_backbone(name)
        if part.head != PUBLISHED:
            raise SettingsError(f"head {part.head} has no gradient here", bundle.folder, f"use {PUBLISHED}")
        models = organs_of(bundle, part)
        chosen = [model for model in models if organ in (None, model.name)]
        if organ is not None and not chosen:
            known = ", ".join(model.name for model in models)
            raise SettingsError("no such organ model", repr(organ), f"use one of {known}")
        return cls(network, chosen, part.layers, part.stride, part.topk_frac, temperature)

    def forward(self, pictures: Tensor) -> Tensor:
        """(n,) scores of gray pictures 0..1, (n, H, W)."""
        values = self.windows(pictures)
        if self.temperature > 0:
            weights = functional.softmax(-values / self.temperature, dim=1)
            return (weights * values).sum(dim=1)
        count = max(1, round(values.shape[1] * self.topk_frac))
        return values.topk(count, dim=1, largest=False).values.mean(dim=1)

    def windows(self, pictures: Tensor) -> Tensor:
        """(n, windows) log-likelihood of every window, in the published order."""
        if pictures.ndim != 3:
            raise ValueError(f"expected (n, H, W), not {tuple(pictures.shape)}")
        architecture = self.network.architecture
        side, (height, width) = architecture.image, pictures.shape[1:]
        if 2 * min(height, width) <= side:
            raise ValueError(f"a side below {side // 2 + 1} pixels is mirrored more than once")
        cells = grid(height, width, side, self.stride)
        below, beside = max(0, side - height), max(0, side - width)
        margins = (cells.left, beside - cells.left, cells.top, below - cells.top)
        padded = functional.pad(pictures[:, None], margins, mode="reflect")[:, 0]
        cut = torch.stack([padded[:, y : y + side, x : x + side] for y, x in cells.corners.tolist()], dim=1)
        pixels = 2.0 * cut.flatten(0, 1).to(self.network.cls_token.dtype) - 1.0
        z = self.network(pixels[:, None].expand(-1, architecture.channels, -1, -1), self.layers).double()
        values = torch.stack([_loglik(z, organ) for organ in self._organs], dim=1)
        mixed = torch.logsumexp(values, dim=1) - math.log(len(self._organs))
        return mixed.view(len(pictures), len(cells))


def _loglik(z: Tensor, organ: dict[str, Tensor]) -> Tensor:
    """(n,) log p(z), the formula of `scanmon.scoring.manifold`."""
    model = {name: value.to(z.device) for name, value in organ.items()}
    x = (z - model["pca_mean"]) @ model["pca_components"].T
    distance = ((x[:, None] - model["gmm_means"]).square() / model["gmm_covariances"]).sum(dim=2)
    return torch.logsumexp(model["log_weights"] - 0.5 * (distance + model["log_det"]), dim=1)


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
