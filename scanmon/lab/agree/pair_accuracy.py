"""The share of pairs that a metric orders as people do, with a bootstrap interval, and rank correlations.

A pair that people call equal counts nowhere; one that the metric scores equal counts half. The interval is
the 2.5th to 97.5th percentile of 2000 resamples from a fixed seed: of pictures where they were rated, since
the pairs of one picture depend on each other, and of pairs where people chose between two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SettingsError
from scanmon.lab.agree.judgements import Choice, Judgements, Rating
from scanmon.lab.evaluate.ranks import spearman

RESAMPLES, SEED = 2000, 2026
MAX_RATED = 3000  # pictures; their pairs fill a matrix

Floats = NDArray[np.float64]
Scores = Mapping[Path, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one metric, for one organ or all."""

    pictures: int
    pairs: int  # that people ordered
    equal: int  # that people called equal
    ties: int  # of `pairs`, that the metric scored equal
    accuracy: float | None  # 0.5: as by chance; None without pairs
    low: float | None  # of the interval of 95 %
    high: float | None
    spearman: float | None  # with the mean rating; None for choices
    kendall: float | None  # tau-b, the same


def agreement(judgements: Judgements, scores: Scores, organ: str | None = None) -> Agreement:
    """`organ` None: all, where pairs are still those within an organ.

    Pictures without a score count nowhere.
    """
    ratings = [r for r in judgements.ratings if r.image in scores and organ in (None, r.organ)]
    if judgements.ratings:
        return _of_ratings(ratings, scores)
    choices = [
        one
        for one in judgements.choices
        if one.first in scores and one.second in scores and organ in (None, one.organ)
    ]
    return _of_choices(choices, scores)


def kendall(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's tau-b; 0 where one of the series is constant, None below two values."""
    if len(one) < 2:
        return None
    a, b = (np.sign(np.subtract.outer(np.asarray(x), np.asarray(x))) for x in (one, other))
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def _of_choices(choices: Sequence[Choice], scores: Scores) -> Agreement:
    ordered = [one for one in choices if one.sign]
    credit = np.array([_credit(one.sign * (scores[one.first] - scores[one.second])) for one in ordered])
    pictures = len({image for one in choices for image in (one.first, one.second)})
    draws = np.random.default_rng(SEED).integers(0, max(1, len(credit)), (RESAMPLES, len(credit)))
    samples = credit[draws].mean(axis=1) if len(credit) else np.empty(0)
    low, high = _interval(samples)
    accuracy = float(credit.mean()) if len(credit) else None
    ties = int((credit == 0.5).sum())
    return Agreement(
        pictures, len(ordered), len(choices) - len(ordered), ties, accuracy, low, high, None, None
    )


def _of_ratings(ratings: Sequence[Rating], scores: Scores) -> Agreement:
    images = list(dict.fromkeys(one.image for one in ratings))
    if len(images) > MAX_RATED:
        raise SettingsError(f"more than {MAX_RATED} rated pictures", len(images), "give fewer at a time")
    place = {image: number for number, image in enumerate(images)}
    value = np.array([scores[image] for image in images])
    count = len(images)
    better = np.zeros((count, count))  # how many readers rated the row above the column
    equal = 0
    for own in _groups(ratings):
        rows = np.array([place[one.image] for one in own])
        given = np.array([one.rating for one in own])
        above = np.subtract.outer(given, given)
        np.add.at(better, np.ix_(rows, rows), above > 0)
        equal += (int((above == 0).sum()) - len(own)) // 2
    credit = _credit(np.subtract.outer(value, value))
    drawn = (
        np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
        if count
        else (np.empty((0, 0)))
    )
    total = ((drawn @ better) * drawn).sum(axis=1)
    right = ((drawn @ (better * credit)) * drawn).sum(axis=1)
    low, high = _interval(right[total > 0] / total[total > 0])
    pairs = int(better.sum())
    means = [float(np.mean([one.rating for one in ratings if one.image == image])) for image in images]
    return Agreement(
        pictures=count,
        pairs=pairs,
        equal=equal,
        ties=int((better * (credit == 0.5)).sum()),
        accuracy=float((better * credit).sum() / pairs) if pairs else None,
        low=low,
        high=high,
        spearman=spearman(value.tolist(), means),
        kendall=kendall(value.tolist(), means),
    )


def _groups(ratings: Sequence[Rating]) -> list[list[Rating]]:
    """Ratings that may be compared: of one reader, within one organ."""
    groups: dict[tuple[str, str], list[Rating]] = {}
    for one in ratings:
        groups.setdefault((one.reader, one.organ), []).append(one)
    return list(groups.values())


def _credit(difference: Floats | float) -> Floats:
    """1 where the better one scores higher, 0 where lower, 0.5 where equal."""
    return np.asarray((np.sign(difference) + 1.0) / 2.0)


def _interval(samples: Floats) -> tuple[float | None, float | None]:
    if not len(samples):
        return None, None
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)
