"""How the windows' features become values: the published head, and what a bundle may choose beyond it.

`head` in a bundle is `nrq`, the published metric, or options joined by `+`:

- `posterior`: the organ models are weighted by how well they explain the whole picture, instead of equally
  for every window; a model that fits nothing then takes nothing away.
- `residual`: the part of a feature outside an organ's subspace counts. Its logarithm is compared with that of
  clean pictures; half the squared excess in standard deviations is taken off the log-likelihood.
- `typical`: a window may be too likely as well as too unlikely (black and blurred ones are). The value is
  minus half the squared distance, in standard deviations, of its log-likelihood from that of clean pictures.
- `masked`: windows count in the mean of the worst by the share of the sector that they see.

`residual` and `typical` need the statistics of clean pictures that `scanmon fit` keeps with an organ model.
"""

from dataclasses import dataclass

import numpy as np

from scanmon.core.errors import BundleError
from scanmon.scoring.manifold import Fit, Floats, Manifolds, mixture

PUBLISHED = "nrq"
OPTIONS = ("posterior", "residual", "typical", "masked")


@dataclass(frozen=True, slots=True)
class Head:
    """Which options are on; none of them is the published head."""

    posterior: bool = False
    residual: bool = False
    typical: bool = False
    masked: bool = False

    @property
    def published(self) -> bool:
        """Whether this is the published metric."""
        return self == Head()


def parse_head(text: str) -> Head:
    """The head that a bundle names. Raises `BundleError` with the options there are."""
    if text == PUBLISHED:
        return Head()
    chosen = text.split("+")
    if not set(chosen) <= set(OPTIONS) or len(set(chosen)) < len(chosen):
        raise BundleError(
            f"head {text!r} is unknown", remedy=f"use {PUBLISHED}, or some of {'+'.join(OPTIONS)}"
        )
    return Head(**dict.fromkeys(chosen, True))


def check_head(head: Head, manifolds: Manifolds) -> None:
    """Raise `BundleError` where an organ model lacks the statistics that the head needs."""
    needed = [index for index, wanted in enumerate((head.typical, head.residual)) if wanted]
    for organ, clean in zip(manifolds.names, manifolds.clean, strict=True):
        if np.isnan(clean[needed]).any():
            raise BundleError(
                f"organ model {organ} has no statistics of clean pictures",
                remedy="fit it again with scanmon fit, or use the head nrq",
            )


def window_values(fit: Fit, head: Head, clean: Floats, organ: int | None) -> Floats:
    """(n,) value of every window, higher is better; `organ` None: all models together.

    `clean` is `Manifolds.clean`. With the published head this is the published log-likelihood, bit for bit.
    """
    values = fit.loglik
    if head.typical:
        values = -0.5 * ((values - clean[:, 0, 0]) / clean[:, 0, 1]) ** 2
    if head.residual:
        excess = (np.log(np.maximum(fit.residual, 1e-30)) - clean[:, 1, 0]) / clean[:, 1, 1]
        values = values - 0.5 * np.maximum(excess, 0.0) ** 2
    if organ is not None:
        return np.asarray(values[:, organ])
    if not head.posterior:
        return mixture(values)
    evidence = values.sum(axis=0)
    weight = np.log(np.maximum(np.exp(evidence - evidence.max()), 1e-300))
    weight = weight - np.log(np.exp(weight).sum())
    joint = values + weight
    peak = joint.max(axis=1, keepdims=True)
    return np.asarray((peak + np.log(np.exp(joint - peak).sum(axis=1, keepdims=True)))[:, 0])


def weighted_worst_mean(values: Floats, weights: Floats, topk_frac: float) -> float:
    """Mean of the worst windows that hold `topk_frac` of all weight (n,), the last of them in part."""
    order = np.argsort(values, kind="stable")
    ordered = weights[order]
    before = np.cumsum(ordered) - ordered
    taken = np.clip(topk_frac * ordered.sum() - before, 0.0, ordered)
    return float((values[order] * taken).sum() / taken.sum())
