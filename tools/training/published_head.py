"""The published head in PyTorch: PCA, then a mixture of diagonal Gaussians. To watch a training, not to ship.

The models of a bundle are fitted by `scanmon fit` with scikit-learn; this one takes a second on a GPU.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tools.training.window_loss import VARIANCE

ROUNDS = 40


@dataclass(frozen=True, slots=True, eq=False)
class CleanModel:
    """One organ: d of D feature dimensions, k diagonal Gaussians; all float64."""

    mean: Tensor  # (D,)
    components: Tensor  # (d, D)
    weights: Tensor  # (k,)
    means: Tensor  # (k, d)
    variances: Tensor  # (k, d)

    def loglik(self, z: Tensor) -> Tensor:
        """Log-likelihood (n,) of windows z (n, D)."""
        return self._terms((z.double() - self.mean) @ self.components.T).logsumexp(1)

    def _terms(self, x: Tensor) -> Tensor:
        away = (x[:, None] - self.means).square() / self.variances
        sizes = self.variances.log() + math.log(2.0 * math.pi)
        return self.weights.log() - 0.5 * (away + sizes).sum(-1)


def fit_clean(z: Tensor, dimensions: int = 128, parts: int = 4, seed: int = 2026) -> CleanModel:
    """Fit clean windows z (n, D), n greater than `dimensions`."""
    z = z.double()
    mean = z.mean(0)
    centred = z - mean
    components = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -dimensions:].T
    x = centred @ components.T
    generator = torch.Generator().manual_seed(seed)
    centres = x[torch.randperm(len(x), generator=generator)[:parts].to(x.device)]
    for _ in range(ROUNDS):
        nearest = torch.cdist(x, centres).argmin(1)
        member = torch.nn.functional.one_hot(nearest, parts).double()
        centres = (member.T @ x) / member.sum(0).clamp_min(1.0)[:, None]
    for _ in range(ROUNDS):
        total = member.sum(0).clamp_min(1e-9)
        means = (member.T @ x) / total[:, None]
        variances = (member.T @ x.square()) / total[:, None] - means.square() + VARIANCE
        model = CleanModel(mean, components, total / len(x), means, variances.clamp_min(VARIANCE))
        member = model._terms(x).softmax(1)
    return model


def mixture(models: list[CleanModel], z: Tensor) -> Tensor:
    """Log of the mean likelihood (n,) over all organs, as the published metric without an organ."""
    every = torch.stack([model.loglik(z) for model in models])
    return every.logsumexp(0) - math.log(len(models))
