"""TinyUSFM-NRQ with a gradient: the log-likelihood of a picture's windows under the clean manifolds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.lab.builder.vit import VisionTransformer
from scanmon.lab.losses.network import open_backbone
from scanmon.scoring.heads import PUBLISHED
from scanmon.scoring.manifold import OrganModel
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.windows import grid


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
            {
                name: torch.from_numpy(np.array(getattr(organ, name), np.float64))
                for name in (
                    "pca_mean",
                    "pca_components",
                    "gmm_means",
                    "gmm_covariances",
                    "log_weights",
                    "log_det",
                )
            }
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
