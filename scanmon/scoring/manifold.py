"""Clean manifolds: PCA and a Gaussian mixture per organ, and the log-likelihood of features under them.

The published formula (TinyUSFM-NRQ): x = (z - mean) C^T and
log p(z) = logsumexp_k(log w_k - (md_k + log_det_k) / 2) with md_k = sum((x - mu_k)^2 / var_k).
All organs are evaluated at once, in float64: one product projects on every organ's components, two more
give the quadratic forms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import OrganModelError, SettingsError

Floats = NDArray[np.float64]

_REMEDY = "fit the organ models again with scanmon fit"
# Features of the backbone that a model was fitted on keep under 1 % of their energy outside its subspace, up
# to 29 % where a picture shows nothing; those of another backbone 43 % and more. How far they lie within
# it tells nothing: a strong fault lies as far as another backbone.
_FAR_SHARE = 0.36


@dataclass(frozen=True, slots=True, eq=False)
class OrganModel:
    """The clean manifold of one organ: d of D feature dimensions, K diagonal Gaussians."""

    name: str
    pca_mean: Floats  # (D,)
    pca_components: Floats  # (d, D), orthonormal rows
    gmm_weights: Floats  # (K,), sum 1
    gmm_means: Floats  # (K, d)
    gmm_covariances: Floats  # (K, d), variances
    log_weights: Floats  # (K,)
    log_det: Floats  # (K,) log determinant of the covariance plus d log(2 pi)
    # what windows of clean pictures give that the model was not fitted on; not in published files
    clean_loglik: Floats | None = None  # (2,) mean and standard deviation of the log-likelihood
    clean_residual: Floats | None = None  # (2,) the same of log(energy outside the subspace)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What the manifolds say of n feature vectors."""

    loglik: Floats  # (n, organs)
    residual: Floats  # (n, organs) energy outside the organ's subspace
    outside: Floats  # (n, organs) share of the centred energy that lies outside the organ's subspace
    z: NDArray[np.floating]  # (n, D) the features themselves

    def warning(self) -> str | None:
        """A line for the user where the features are far off every manifold, as with a foreign backbone."""
        outside = float(np.median(self.outside.min(axis=1)))
        if outside <= _FAR_SHARE:
            return None
        return (
            f"the features are far off every organ model ({outside:.0%} of their energy outside): the organ "
            "models were probably fitted on another backbone, fit them again with scanmon fit"
        )


class Manifolds:
    """The organ models of a bundle, ready to be evaluated together. For one thread at a time.

    Organs with fewer dimensions or Gaussians than the largest are padded with zeros that contribute nothing.
    """

    def __init__(self, models: Sequence[OrganModel]) -> None:
        if not models:
            raise OrganModelError("the bundle has no organ model", remedy="add some with scanmon fit")
        self.names = tuple(model.name for model in models)
        if len(set(self.names)) != len(self.names):
            raise OrganModelError("two organ models have the same name", ", ".join(self.names), _REMEDY)
        widths = {model.pca_mean.size for model in models}
        if len(widths) > 1:
            raise OrganModelError(
                f"the organ models expect features of different lengths {sorted(widths)}", remedy=_REMEDY
            )
        self.features = widths.pop()
        dims = max(model.gmm_means.shape[1] for model in models)
        parts = max(model.gmm_means.shape[0] for model in models)
        count = len(models)
        self._components = np.zeros((count, dims, self.features))
        self._offset = np.zeros((count, dims))
        self._precision = np.zeros((count, dims, parts))
        self._pull = np.zeros((count, dims, parts))
        self._constant = np.zeros((count, parts))
        self._bias = np.full((count, parts), -np.inf)
        for i, model in enumerate(models):
            k, d = model.gmm_means.shape
            precision = 1.0 / model.gmm_covariances
            self._components[i, :d] = model.pca_components
            self._offset[i, :d] = model.pca_components @ model.pca_mean
            self._precision[i, :d, :k] = precision.T
            self._pull[i, :d, :k] = (-2.0 * model.gmm_means * precision).T
            self._constant[i, :k] = np.sum(model.gmm_means**2 * precision, axis=1)
            self._bias[i, :k] = model.log_weights - 0.5 * model.log_det
        self.clean = np.full((count, 2, 2), np.nan)  # [organ, loglik | log residual, mean | deviation]
        for i, model in enumerate(models):
            for j, statistic in enumerate((model.clean_loglik, model.clean_residual)):
                if statistic is not None:
                    self.clean[i, j] = statistic
        self._means = np.stack([model.pca_mean for model in models])
        self._room: list[Floats] = [np.empty((0, 0))]
        # projection and means, once they are needed
        self._single: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        # (D, organs x d) every organ's components side by side
        self.projection = np.ascontiguousarray(self._components.reshape(count * dims, self.features).T)

    def index(self, organ: str) -> int:
        """Position of the organ's model. Raises `SettingsError` with the names that exist."""
        if organ not in self.names:
            raise SettingsError("no such organ model", repr(organ), "use one of " + ", ".join(self.names))
        return self.names.index(organ)

    def fit(self, z: NDArray[np.floating], *, single: bool = False) -> Fit:
        """Evaluate features `z` (n, D) under every organ model. Raises `OrganModelError` for another D.

        `single`: projected in single precision, for features that are no more exact; `residual` is coarse.
        """
        if z.ndim != 2 or z.shape[1] != self.features:
            raise OrganModelError(
                f"the organ models expect {self.features} features, the network gives {z.shape[-1]}",
                remedy="use the bundle that they were fitted with",
            )
        n, (count, dims) = len(z), self._offset.shape
        if len(self._room[0]) < n:  # memory that is new for every frame costs as much as half of the products
            self._room = [np.empty((n, width)) for width in (self.features, *[count * dims] * 2)]
            self._room32 = np.empty((n, count * dims), np.float32)
        wide: NDArray[np.floating]
        means: NDArray[np.floating]
        z64, flat, flat_squared = (room[:n] for room in self._room)
        if single:
            if self._single is None:
                self._single = self.projection.astype(np.float32), self._means.T.astype(np.float32)
            projection, means = self._single
            wide = z.astype(np.float32, copy=False)
            np.subtract(np.matmul(wide, projection, out=self._room32[:n]), self._offset.ravel(), out=flat)
        else:
            wide, means = z64, self._means.T
            np.copyto(z64, z)
            np.matmul(z64, self.projection, out=flat)
            flat -= self._offset.ravel()
        np.multiply(flat, flat, out=flat_squared)
        x, squared = (one.reshape(n, count, dims).transpose(1, 0, 2) for one in (flat, flat_squared))
        md = squared @ self._precision + x @ self._pull + self._constant[:, None, :]  # (organs, n, K)
        terms = self._bias[:, None, :] - 0.5 * md
        peak = terms.max(axis=2, keepdims=True)
        loglik = peak[..., 0] + np.log(np.exp(terms - peak).sum(axis=2))
        # |z - mean|^2 without the (organs, n, D) array of differences
        energy = (
            np.einsum("ij,ij->i", wide, wide)[:, None]
            - 2.0 * (wide @ means)
            + (self._means * self._means).sum(axis=1)
        )
        residual = np.maximum(energy - squared.sum(axis=2).T, 0.0)
        outside = np.minimum(residual / np.maximum(energy, 1e-30), 1.0)
        return Fit(np.ascontiguousarray(loglik.T), residual, outside, z)


def mixture(loglik: Floats) -> Floats:
    """(n, organs) -> (n,): log of the mean likelihood over all organs, each with the same weight."""
    peak = loglik.max(axis=1, keepdims=True)
    return np.asarray((peak + np.log(np.mean(np.exp(loglik - peak), axis=1, keepdims=True)))[:, 0])
