"""Organ models from clean features: the published fit, PCA and then a mixture of diagonal Gaussians.

scikit-learn does the fitting, as in the published code; it comes with the extra `site`. Equal to the
published fit on the same features for one version of scikit-learn; between versions rounding and defaults
may differ.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.lab.fit.sampling import Features
from scanmon.scoring.manifold import Manifolds, OrganModel
from scanmon.scoring.organ_file import organ_model

_REGULARISATION = 1e-4  # added to every variance; published
_ITERATIONS = 300  # at most; published
_ROWS_PER_DIMENSION = 1.25  # below this the subspace holds nearly nothing but the samples themselves
_PARTS = 10  # of the pictures; each is held out once


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Size of the model; the defaults are the published ones."""

    dimensions: int = 128
    parts: int = 4  # Gaussians
    seed: int = 2026

    def __post_init__(self) -> None:
        if self.dimensions < 1 or self.parts < 1:
            raise SettingsError("a model needs a dimension and a Gaussian", "", "give numbers above 0")

    @property
    def rows_needed(self) -> int:
        """Windows below which no model is fitted."""
        return max(math.ceil(_ROWS_PER_DIMENSION * self.dimensions), 8 * self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class FittedOrgan:
    """A model and how it was made. Log-likelihoods are means over windows."""

    model: OrganModel
    pictures: int
    rows: int
    own_loglik: float  # of the windows that the model was fitted on
    held_out_loglik: float  # of every picture, under a model fitted without it and a tenth of the others


def check_size(organ: str, features: Features, options: FitOptions) -> None:
    """Raise `OrganModelError` for too few windows, with the number of pictures that it takes."""
    rows, pictures = len(features.z), features.pictures
    if rows >= options.rows_needed and pictures >= _PARTS:
        return
    per_picture = rows / pictures if pictures else 4.0
    needed = max(math.ceil(options.rows_needed / per_picture), _PARTS)
    raise OrganModelError(
        f"{pictures} pictures give {rows} windows, too few for a model of {options.dimensions} dimensions",
        organ,
        f"give about {needed} pictures like these, or choose fewer dimensions",
    )


def fit_organ(organ: str, features: Features, options: FitOptions) -> FittedOrgan:
    """Fit one organ. Raises `OrganModelError` for too few windows, `SettingsError` without scikit-learn."""
    check_size(organ, features, options)
    model = _fit(organ, features.z, options)
    loglik, residual = np.empty(len(features.z)), np.empty(len(features.z))
    for part in range(_PARTS):
        held_out = features.picture % _PARTS == part
        found = Manifolds([_fit(organ, features.z[~held_out], options)]).fit(features.z[held_out])
        loglik[held_out], residual[held_out] = found.loglik[:, 0], found.residual[:, 0]
    return FittedOrgan(
        model=replace(
            model,
            clean_loglik=_statistic(loglik),
            clean_residual=_statistic(np.log(np.maximum(residual, 1e-30))),
        ),
        pictures=features.pictures,
        rows=len(features.z),
        own_loglik=float(Manifolds([model]).fit(features.z).loglik.mean()),
        held_out_loglik=float(loglik.mean()),
    )


def _statistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean and standard deviation, by the quartiles: a few strange windows must not widen what is usual."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return np.array([middle, max((high - low) / 1.349, 1e-6)])


def _fit(organ: str, z: NDArray[np.float64], options: FitOptions) -> OrganModel:
    try:
        from sklearn.decomposition import PCA
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
    except ImportError as error:
        raise SettingsError(
            "fitting needs scikit-learn", "scanmon fit", "pip install 'scanmon[site]'"
        ) from error
    pca = PCA(n_components=min(options.dimensions, *z.shape), random_state=options.seed)
    projected = pca.fit_transform(z)
    mixture = GaussianMixture(
        n_components=min(options.parts, len(z)),
        covariance_type="diag",
        reg_covar=_REGULARISATION,
        random_state=options.seed,
        max_iter=_ITERATIONS,
        init_params="kmeans",
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # 300 steps are the published end, converged or not
        mixture.fit(projected)
    as_float = [
        np.asarray(array, np.float64)
        for array in (pca.mean_, pca.components_, mixture.weights_, mixture.means_, mixture.covariances_)
    ]
    return organ_model(organ, *as_float)
