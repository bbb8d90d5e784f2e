"""`scanmon fit`: accepted pictures become organ models, in a bundle of the site's own.

The published fit: PCA and then a mixture of diagonal Gaussians, by scikit-learn as in the published code
(extra `site`). Equal to it on the same features for one version of scikit-learn; between versions rounding
and defaults may differ.
"""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.app.settings import Settings
from scanmon.core.errors import OrganModelError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.values import View
from scanmon.inference.choice import open_engine
from scanmon.lab.loaded_bundle import Counted, LoadedBundle, load_bundle
from scanmon.lab.pictures import Sample, Skipped, samples
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.bundle_folder import check_free, read_document, read_files, write_bundle
from scanmon.scoring.manifold import Manifolds, OrganModel
from scanmon.scoring.organ_file import organ_bytes, organ_model
from scanmon.scoring.windows import grid, in_sector, pad, subsample, windows

_SPREAD = 1315423911  # published: the seed of picture i is seed + i * this, in 32 bits


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which windows are taken; the defaults are the published ones."""

    patch: int = 224  # pixels
    stride: int = 112  # pixels
    windows_per_picture: int = 4
    seed: int = 2026


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features (n, D) of one organ, and the number of the picture that each row comes from (n,)."""

    z: NDArray[np.float64]
    picture: NDArray[np.intp]

    @property
    def pictures(self) -> int:
        return int(np.unique(self.picture).size)


def features(
    views: Iterable[View], engine: Engine, sampling: Sampling, progress: Callable[[int], None]
) -> Features:
    """Run the network over windows of all views of one organ, in order. `progress` gets the pictures done.

    Windows that are mostly outside the sector are left out, as in scoring.
    """
    found: list[NDArray[np.float64]] = []
    numbers: list[NDArray[np.intp]] = []
    for number, view in enumerate(views):
        chosen = _windows(view, sampling, (sampling.seed + number * _SPREAD) & 0xFFFFFFFF)
        found.append(engine.run(chosen).astype(np.float64))
        numbers.append(np.full(len(chosen), number, np.intp))
        progress(number + 1)
    if not found:
        return Features(np.empty((0, 0)), np.empty(0, np.intp))
    return Features(np.concatenate(found), np.concatenate(numbers))


def _windows(view: View, sampling: Sampling, seed: int) -> NDArray[np.uint8]:
    height, width = view.image.shape
    cells = grid(height, width, sampling.patch, sampling.stride)
    used, _ = in_sector(view.mask, cells)
    chosen = used[subsample(len(used), sampling.windows_per_picture, seed)]
    return windows(pad(view.image, cells), cells, chosen)


_REGULARISATION = 1e-4  # added to every variance; published
_ITERATIONS = 300  # at most; published
_ROWS_PER_DIMENSION = 1.25  # below this the subspace holds nearly nothing but the samples themselves
_PARTS = 10  # of the pictures; each is held out once
_ROUNDS = 4  # of leaving the least likely windows out


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Size of the model; the defaults are the published ones.

    Accepted pictures have poor places too, and a Gaussian that is drawn to them finds every strong fault
    likely. `kept`: share of the windows that the model rests on; the least likely ones are left out.
    """

    dimensions: int = 128
    parts: int = 4  # Gaussians
    seed: int = 2026
    kept: float = 1.0

    def __post_init__(self) -> None:
        if self.dimensions < 1 or self.parts < 1:
            raise SettingsError("a model needs a dimension and a Gaussian", "", "give numbers above 0")
        if not 0.0 < self.kept <= 1.0:
            raise SettingsError(
                "a model rests on some of the windows or on all", f"{self.kept}", "give 0.5, or 1 for all"
            )

    @property
    def rows_needed(self) -> int:
        """Windows below which no model is fitted."""
        return math.ceil(max(_ROWS_PER_DIMENSION * self.dimensions, 8 * self.parts) / self.kept)


@dataclass(frozen=True, slots=True, eq=False)
class FittedOrgan:
    """A model and how it was made. Log-likelihoods are means over windows."""

    model: OrganModel
    pictures: int
    rows: int  # windows that the model rests on
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
    kept = _likeliest(organ, features.z, options)
    model = _fit(organ, kept, options)
    loglik, residual = np.empty(len(features.z)), np.empty(len(features.z))
    for part in range(_PARTS):
        held_out = features.picture % _PARTS == part
        others = _likeliest(organ, features.z[~held_out], options)
        found = Manifolds([_fit(organ, others, options)]).fit(features.z[held_out])
        loglik[held_out], residual[held_out] = found.loglik[:, 0], found.residual[:, 0]
    return FittedOrgan(
        model=replace(
            model,
            clean_loglik=_statistic(loglik),
            clean_residual=_statistic(np.log(np.maximum(residual, 1e-30))),
        ),
        pictures=features.pictures,
        rows=len(kept),
        own_loglik=float(Manifolds([model]).fit(kept).loglik.mean()),
        held_out_loglik=float(loglik.mean()),
    )


def _likeliest(organ: str, z: NDArray[np.float64], options: FitOptions) -> NDArray[np.float64]:
    """The rows of `z` (n, D) that a model rests on: the likeliest, under models of ever the likeliest."""
    kept = z
    for _ in range(_ROUNDS if options.kept < 1.0 else 0):
        loglik = Manifolds([_fit(organ, kept, options)]).fit(z).loglik[:, 0]
        kept = z[np.sort(np.argsort(-loglik, kind="stable")[: round(len(z) * options.kept)])]
    return kept


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


_FORBIDDEN = set('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class FitStudy:
    """What is fitted from what; see the command's help."""

    clean: Path
    out: Path
    fit: FitOptions
    windows_per_picture: int = 4
    frames_per_cine: int = 8
    keep: bool = False  # the bundle's own organ models too
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FittedSite:
    """The new bundle, how its organ models were made, and the files that could not be read."""

    bundle: Bundle
    organs: list[FittedOrgan]
    skipped: Skipped


def fit_site(settings: Settings, options: FitStudy, progress: Counted) -> FittedSite:
    """Fit every organ, then write the new bundle; nothing is written where one of them cannot be fitted.

    The calibration of nrq is left out of it: scores of other organ models are on another scale. Raises
    `ScanmonError`.
    """
    check_free(options.out)
    found = samples(options.clean, options.leave_out)
    for organ in found:
        if _FORBIDDEN & set(organ):
            raise SettingsError("an organ's name becomes a file name", repr(organ), "rename the folder")
    with load_bundle(settings, []) as loaded:
        part = loaded.bundle.nrq
        if part is None:
            raise SettingsError("this bundle has no backbone", loaded.bundle.folder, "use another --bundle")
        # the engine alone: a bundle that was just built has no organ models yet
        engine = open_engine(
            loaded.bundle, part, settings.scoring.backend, settings.scoring.device, strict=True
        )
        with closing(engine):
            every = {
                organ: _features(loaded, part, engine, own, options, progress) for organ, own in found.items()
            }
        _check_all(every, options.fit)
        fitted = []
        for number, (organ, features_of_organ) in enumerate(every.items()):
            progress("fitting", number, len(every))
            fitted.append(fit_organ(organ, features_of_organ, options.fit))
        return FittedSite(_write(loaded.bundle, fitted, options), fitted, loaded.skipped)


def _features(
    loaded: LoadedBundle,
    part: NrqPart,
    engine: Engine,
    own: Sequence[Sample],
    options: FitStudy,
    progress: Counted,
) -> Features:
    scoring = loaded.settings.scoring
    sampling = Sampling(
        patch=part.patch,
        stride=scoring.stride or part.stride,
        windows_per_picture=options.windows_per_picture,
        seed=options.fit.seed,
    )
    name, total = own[0].organ, len(own)

    def views() -> Iterator[View]:
        for number, sample in enumerate(own):
            progress(name, number, total)
            yield from loaded.views([sample.path], options.frames_per_cine)

    return features(views(), engine, sampling, lambda _: None)


def _check_all(every: dict[str, Features], options: FitOptions) -> None:
    """All organs that are too small at once, so that a site sees the whole list."""
    problems = []
    for organ, own in every.items():
        try:
            check_size(organ, own, options)
        except OrganModelError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise OrganModelError("; ".join(f"{p.where}: {p.what}" for p in problems), "", problems[0].remedy)


def _write(bundle: Bundle, fitted: Sequence[FittedOrgan], options: FitStudy) -> Bundle:
    document, files = read_document(bundle), read_files(bundle)
    part: dict[str, Any] = document["nrq"]
    models = {f"organs/{one.model.name}.npz": organ_bytes(one.model) for one in fitted}
    old = list(part["organs"])
    if not options.keep:
        files = {name: data for name, data in files.items() if name not in old}
        old = []
    part["organs"] = [*(name for name in old if name not in models), *models]
    part.pop("calibration", None)
    counts = ", ".join(f"{one.model.name} {one.pictures}" for one in fitted)
    document["version"] = f"{document['version']}+site"
    document.setdefault("provenance", {})["organs"] = f"fitted on pictures of this site: {counts}"
    return write_bundle(options.out, document, {**files, **models})
