"""Does an engine agree with the reference? Features, likelihoods, scores, order, verdicts of set pictures."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.manifold import Manifolds, mixture
from scanmon.scoring.npz_file import read_arrays
from scanmon.scoring.nrq import worst_mean

Floats = NDArray[np.float64]

# Bounds of the gate. `fp32` has to be the same computation; lower precisions have to give the same judgement.
MAX_SCORE_FP32 = 1e-3
MAX_SCORE_SHARE = 0.02  # of the range from clean to worst
MAX_CHANGED_VERDICTS = 0.005  # share of the pictures
UNCLEAR_QUALITY = 0.5  # quality points around a threshold in which a verdict may go either way
MAX_Z_FP32 = 1e-5
MAX_Z_SHARE = 0.1  # of the spread of the features: all that can be asked where there are no organ models


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSet:
    """Windows of pictures, clean and degraded, and the features that the reference gives for them."""

    windows: NDArray[np.uint8]  # (n, patch, patch)
    picture: NDArray[np.intp]  # (n,) which picture a window is from, 0, 0, 0, 1, 1, ...
    z: NDArray[np.float32]  # (n, D)

    def to_bytes(self) -> bytes:
        """Content of the file `parity.npz` of a bundle."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, allow_pickle=False, windows=self.windows, picture=self.picture.astype(np.int32), z=self.z
        )
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> ReferenceSet:
        """Read `parity.npz`. Raises `BundleError`."""
        remedy = "build the bundle again"
        content = read_arrays(data, "a reference set", "parity.npz", BundleError, remedy)
        try:
            windows, picture, z = (content[key] for key in ("windows", "picture", "z"))
        except KeyError as error:
            raise BundleError(f"key {error.args[0]} is missing", "parity.npz", remedy) from None
        sound = (
            windows.dtype == np.uint8
            and (windows.ndim, picture.ndim, z.ndim) == (3, 1, 2)
            and picture.dtype.kind in "iu"
            and z.dtype.kind == "f"
            and 0 < len(windows) == len(picture) == len(z)
            and int(picture.min()) >= 0
            and bool(np.isfinite(z).all())
        )
        if not sound:
            raise BundleError("its arrays do not fit together", "parity.npz", remedy)
        return ReferenceSet(windows.astype(np.uint8), picture.astype(np.intp), z.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Parity:
    """How far an engine is from the reference. Figures that need organ models are None without them."""

    backend: str
    precision: str
    pictures: int
    windows: int
    z: float  # largest difference of a feature
    z_share: float | None = None  # largest distance of a window's features over their spread
    loglik: float | None = None  # largest difference of a window's log-likelihood
    score: float | None = None  # largest difference of a picture's score
    score_range: float | None = None  # of the reference, from the clean (upper quartile) to the worst picture
    order: float | None = None  # share of the clearly different pairs that stand in the same order
    changed_verdicts: float | None = None  # share of the pictures

    def faults(self) -> list[str]:
        """What is outside the bounds; empty where the engine agrees."""
        faults = []
        if not np.isfinite(self.z):
            return ["it gives NaN"]
        if self.precision == "fp32" and self.z > MAX_Z_FP32:
            faults.append(f"features differ by {self.z:.2g}, allowed {MAX_Z_FP32:g}")
        if self.score is None or self.score_range is None:
            if self.precision != "fp32" and not (self.z_share or 0.0) <= MAX_Z_SHARE:
                faults.append(
                    f"features differ by {self.z_share:.1%} of their spread, allowed {MAX_Z_SHARE:.0%}"
                )
            return faults
        bound = MAX_SCORE_FP32 if self.precision == "fp32" else MAX_SCORE_SHARE * self.score_range
        if not self.score <= bound:
            faults.append(f"scores differ by {self.score:.4g}, allowed {bound:.4g}")
        if self.order is not None and self.order < 1:
            faults.append(f"{1 - self.order:.1%} of the pairs of pictures change their order")
        if self.changed_verdicts is not None and self.changed_verdicts > MAX_CHANGED_VERDICTS:
            faults.append(f"{self.changed_verdicts:.1%} of the verdicts change")
        return faults

    def as_dict(self) -> dict[str, object]:
        """For the report in the bundle."""
        return asdict(self) | {"agrees": not self.faults()}

    def line(self, window_ms: float | None = None) -> str:
        """One line for people; `window_ms`: what a window took."""
        figures: list[str] = []
        share = "" if self.z_share is None else f" ({self.z_share:.2%} of the spread)"
        figures.append(f"{self.backend} {self.precision}: z {self.z:.1e}{share}")
        if self.score is not None and self.loglik is not None and self.score_range:
            figures.append(f"log-likelihood {self.loglik:.2g}")
            figures.append(f"score {self.score:.2g} ({self.score / self.score_range:.2%} of the range)")
        if self.order is not None and self.changed_verdicts is not None:
            figures.append(f"order {self.order:.1%}, verdicts changed {self.changed_verdicts:.1%}")
        if window_ms is not None:
            figures.append(f"{window_ms:.1f} ms a window")
        return "; ".join(figures)


def compare(
    reference: ReferenceSet,
    z: NDArray[np.float32],
    manifolds: Manifolds | None,
    *,
    backend: str,
    precision: str,
    calibration: Calibration | None = None,
    topk_frac: float = 0.15,
) -> Parity:
    """Features of an engine against the reference's.

    Without a calibration the verdicts are those of thresholds at 40 and 70 % of the reference's own range. A
    picture of the reference that lies nearer than half a quality point to a threshold has no clear verdict.
    """
    expected, found, picture = reference.z, z, reference.picture
    difference = float(np.abs(expected - found).max()) if np.isfinite(found).all() else float("nan")
    spread = max(float(np.sqrt(((expected - expected.mean(axis=0)) ** 2).sum(axis=1).mean())), 1e-12)
    share = float(np.linalg.norm(expected - found, axis=1).max()) / spread
    plain = Parity(backend, precision, len(np.unique(picture)), len(found), difference, share)
    if manifolds is None or not np.isfinite(difference):
        return plain
    truth = mixture(manifolds.fit(expected).loglik)
    loglik = mixture(manifolds.fit(found, single=precision == "fp16").loglik)
    want, got = scores(truth, picture, topk_frac), scores(loglik, picture, topk_frac)
    span = max(float(np.quantile(want, 0.75) - want.min()), 1e-9)
    judge = calibration or Calibration((float(want.min()), float(want.min()) + span), (0.0, 100.0))
    changed = [_changed(judge, a, b) for a, b in zip(want, got, strict=True)]
    clear = [
        (i, j)
        for i, j in combinations(range(len(want)), 2)
        if abs(want[i] - want[j]) > MAX_SCORE_SHARE * span
    ]
    kept = [(want[i] - want[j]) * (got[i] - got[j]) > 0 for i, j in clear]
    return Parity(
        backend=backend,
        precision=precision,
        pictures=plain.pictures,
        windows=plain.windows,
        z=difference,
        z_share=share,
        loglik=float(np.abs(truth - loglik).max()),
        score=float(np.abs(want - got).max()),
        score_range=span,
        order=float(np.mean(kept)) if kept else 1.0,
        changed_verdicts=float(np.mean(changed)),
    )


def _changed(judge: Calibration, want: float, got: float) -> bool:
    quality = judge.quality(want)
    clear = min(abs(quality - judge.marginal), abs(quality - judge.adequate)) > UNCLEAR_QUALITY
    return clear and judge.verdict(quality) != judge.verdict(judge.quality(got))


def scores(loglik: Floats, picture: NDArray[np.intp], topk_frac: float) -> Floats:
    """Score of each picture, in the order of their numbers."""
    return np.array([worst_mean(loglik[picture == number], topk_frac) for number in np.unique(picture)])
