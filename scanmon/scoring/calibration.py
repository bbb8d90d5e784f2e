"""A metric's own score -> quality 0..100 -> verdict; smoothing and hysteresis over time."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from scanmon.core.errors import BundleError
from scanmon.core.values import Verdict
from scanmon.scoring.manifold import OrganModel


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone piecewise linear curve from score to quality, and the thresholds of the verdicts.

    `scores` and `qualities` are the knots, both growing; outside them the quality stays at its end.
    `marginal` and `adequate` are qualities: from there on a picture is called so. `provisional`: no picture
    of a site was behind it.
    """

    scores: tuple[float, ...]
    qualities: tuple[float, ...]
    marginal: float = 40.0
    adequate: float = 70.0
    provisional: bool = False

    def __post_init__(self) -> None:
        knots = np.asarray([self.scores, self.qualities], dtype=np.float64)
        if knots.shape[1] < 2 or not np.isfinite(knots).all():
            raise BundleError("a calibration needs at least two finite knots", remedy="run scanmon calibrate")
        if (np.diff(knots[0]) <= 0).any() or (np.diff(knots[1]) < 0).any():
            raise BundleError("the knots of a calibration must grow", remedy="run scanmon calibrate")
        if knots[1, 0] < 0 or knots[1, -1] > 100:
            raise BundleError("quality lies between 0 and 100", remedy="run scanmon calibrate")
        if not 0 <= self.marginal <= self.adequate <= 100:
            raise BundleError(
                "thresholds must satisfy 0 <= marginal <= adequate <= 100", remedy="run scanmon calibrate"
            )

    def quality(self, score: float) -> float:
        """Quality 0..100 of one score."""
        return float(np.interp(score, self.scores, self.qualities))

    def quality_map(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Quality 0..100 of every cell of a local score map, same shape, read-only."""
        result = np.interp(scores, self.scores, self.qualities).astype(np.float32)
        result.setflags(write=False)
        return result

    def shifted(self, points: float) -> Calibration:
        """The same curve with both thresholds `points` of quality stricter (milder where negative)."""
        if points == 0:
            return self
        return replace(
            self,
            marginal=min(100.0, max(0.0, self.marginal + points)),
            adequate=min(100.0, max(0.0, self.adequate + points)),
        )

    def verdict(self, quality: float) -> Verdict:
        """The word for a quality, without any memory."""
        if quality >= self.adequate:
            return Verdict.ADEQUATE
        return Verdict.MARGINAL if quality >= self.marginal else Verdict.INADEQUATE


# quality -> how many deviations of a clean window a score lies above its mean. A picture's score is that of
# its worst windows, and the distribution has a long tail below: with these, 36 of 42 pictures that the
# default bundle's backbone had not seen are adequate, and 40 at least marginal.
_PROVISIONAL = {0.0: -20.0, 40.0: -8.0, 70.0: -4.0, 85.0: -1.5, 100.0: 1.0}


def provisional(models: Sequence[OrganModel]) -> Calibration | None:
    """A calibration from held-out likelihoods of all `models`; None where one of them has none.

    Those of `scanmon fit` carry what windows of clean pictures gave that they were not fitted on. Published
    ones do not, and the spread of the model itself says nothing of that: its variances have a floor.
    Organs on different levels share the scale of the lowest one: too mild for the others, which is the side
    to err on before a site's own pictures were seen.
    """
    known = [model.clean_loglik for model in models]
    statistics = [(float(one[0]), float(one[1])) for one in known if one is not None]
    if not statistics or len(statistics) < len(models):
        return None
    mean = min(one[0] for one in statistics)
    deviation = median(one[1] for one in statistics)
    return Calibration(
        scores=tuple(mean + factor * deviation for factor in _PROVISIONAL.values()),
        qualities=tuple(_PROVISIONAL),
        provisional=True,
    )


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How the shown number and word are calmed."""

    time_constant_s: Annotated[
        float, Meta(ge=0, le=60, description="of the exponential mean, in seconds; 0: none")
    ] = 0.4
    hysteresis: Annotated[
        float, Meta(ge=0, le=50, description="points of quality by which a threshold must be passed")
    ] = 3.0
    dwell_s: Annotated[
        float, Meta(ge=0, le=60, description="seconds that a change of the word must last before it is shown")
    ] = 1.0
    reject_spikes: Annotated[
        bool, Meta(description="take the median of three frames first: one bad frame leaves no trace")
    ] = True


class HysteresisFilter:
    """Smooths quality over time and holds the verdict until a change has proved to last.

    One object per run; `reset` at a seek or after a pause of the score. Times are those of the frames, so
    that a replay at any speed gives the same result.
    """

    def __init__(self, calibration: Calibration, steadiness: Steadiness | None = None) -> None:
        self._calibration = calibration
        self._steadiness = steadiness or Steadiness()
        self._recent: deque[float] = deque(maxlen=3)
        self.reset()

    def reset(self) -> None:
        """Start anew: the next quality is taken as it is."""
        self._recent.clear()
        self._quality: float | None = None
        self._time_s = 0.0
        self._verdict: Verdict | None = None
        self._leaving: int = 0  # which way the quality wants to leave the shown verdict: 1 better, -1 worse
        self._leaving_since_s = 0.0
        self._pending: Verdict | None = None

    @property
    def pending(self) -> Verdict | None:
        """The word that the last quality asks for and that has not lasted yet; None where none waits."""
        return self._pending

    def recalibrate(self, calibration: Calibration) -> None:
        """Other thresholds from now on: a person who moves them sees what they do at once."""
        self._calibration = calibration
        self._verdict, self._leaving, self._pending = None, 0, None

    def update(self, quality: float, time_s: float) -> tuple[float, Verdict]:
        """Take the quality of the frame at `time_s`; return the smoothed quality and the verdict."""
        if self._quality is not None and time_s < self._time_s:
            self.reset()
        steady = self._smooth(self._without_spike(quality), time_s)
        wanted = self._wanted(steady)
        if self._verdict is None:
            self._verdict = wanted
        way = _RANK[wanted] - _RANK[self._verdict]
        way = (way > 0) - (way < 0)
        if way != self._leaving:
            self._leaving, self._leaving_since_s = way, time_s
        # the way counts, not the target: what flickers between two worse verdicts is worse all the time
        if way and time_s - self._leaving_since_s >= self._steadiness.dwell_s:
            self._verdict, self._leaving = wanted, 0
        self._pending = wanted if wanted != self._verdict else None
        return steady, self._verdict

    def _without_spike(self, quality: float) -> float:
        """The median of the last three qualities; the newest one until there are three."""
        self._recent.append(quality)
        if not self._steadiness.reject_spikes or len(self._recent) < 3:
            return quality
        return sorted(self._recent)[1]

    def _smooth(self, quality: float, time_s: float) -> float:
        elapsed_s = time_s - self._time_s
        self._time_s = time_s
        if self._quality is None or self._steadiness.time_constant_s <= 0:
            self._quality = quality
        else:
            keep = math.exp(-elapsed_s / self._steadiness.time_constant_s)
            self._quality = keep * self._quality + (1 - keep) * quality
        return self._quality

    def _wanted(self, quality: float) -> Verdict:
        """The verdict that the quality asks for; leaving the shown one takes `hysteresis` points more."""
        plain = self._calibration.verdict(quality)
        if self._verdict is None or plain == self._verdict:
            return plain
        better = _RANK[plain] > _RANK[self._verdict]
        margin = -self._steadiness.hysteresis if better else self._steadiness.hysteresis
        return self._verdict if self._calibration.verdict(quality + margin) == self._verdict else plain


_RANK = {Verdict.INADEQUATE: 0, Verdict.MARGINAL: 1, Verdict.ADEQUATE: 2}
