"""From rows to figures: order, agreement with PSNR, verdicts, nuisances, localisation, familiarity.

Every figure is one line: which metric, which quantity, for which organ, family and severity, and how many
values it rests on. `ALL` stands for all of them together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Verdict
from scanmon.degradations import FAMILIES, HELD_OUT, SEVERITIES, TAKES_LIGHT
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.plan import AS, CLEAN, DEGENERATE

ALL = "all"
SEEN = "trained families"
UNSEEN = "held-out families"
COMMON = "common families"
RARE = "rarer families"
LIGHT = "faults of light"
GROUPS = (COMMON, RARE, LIGHT, SEEN, UNSEEN)
APART = ("lung",)
"""Organs whose pictures are not graded: they have figures of their own and are in no figure of all."""
AIR = ("air", "faint_air", "air_curved")  # pictures without content that show a probe in air
WORST = SEVERITIES[-1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the evaluation."""

    metric: str
    quantity: str
    value: float
    count: int  # of what the value is a mean, share or spread over
    organ: str = ALL
    family: str = ALL
    severity: str = ALL


Versions: TypeAlias = dict[tuple[str, int], CaseRow]  # of one picture under one metric


def figures(rows: Sequence[CaseRow]) -> list[Figure]:
    """All figures that follow from the rows, metric by metric."""
    result: list[Figure] = []
    for metric in dict.fromkeys(row.metric for row in rows):
        own = with_quality([row for row in rows if row.metric == metric])
        pictures = _by_picture(row for row in own if row.family != DEGENERATE)
        result += _in_every_scope(metric, "ordering", pictures, _ordering)
        result += _in_every_scope(metric, "first_step", pictures, _first_step)
        result += _in_every_scope(metric, "worst_adequate", pictures, _worst_adequate)
        result += _in_every_scope(metric, "kind_named", pictures, _kind_named)
        result += _in_every_scope(metric, "psnr_within", pictures, _psnr_within)
        result += _in_every_scope(metric, "psnr_within_with_clean", pictures, _psnr_within_with_clean)
        graded = [row for row in own if row.organ not in APART]
        result += _psnr_across(metric, pictures)
        result += _nuisances(metric, pictures)
        result += _localisation(metric, graded)
        result += _comparability(metric, graded)
        result += _clean(metric, own)
        result += _hopeless(metric, graded)
    return result


def with_quality(rows: Sequence[CaseRow]) -> Sequence[CaseRow]:
    """Rows of one metric; one without a calibration gets one from its own clean scores, in its favour.

    The 10th percentile of the clean pictures begins adequate, as `scanmon calibrate` has it.
    """
    clean = [row.score for row in rows if row.family == CLEAN and row.organ not in APART]
    if not clean or any(row.quality is not None for row in rows):
        return rows
    low, middle, best = (float(value) for value in np.percentile(clean, [10, 50, 100]))
    step = max(middle - low, 1e-6 * max(abs(middle), 1.0))
    middle, best = max(middle, low + step), max(best, low + 2.0 * step)
    knots = [low - 4.0 * step, low, middle, best]
    result = []
    for row in rows:
        quality = float(np.interp(row.score, knots, [0.0, 70.0, 85.0, 100.0]))
        verdict = Verdict.ADEQUATE if quality >= 70.0 else Verdict.INADEQUATE
        result.append(replace(row, quality=quality, verdict=str(verdict)))
    return result


def _by_picture(rows: Iterable[CaseRow]) -> dict[str, Versions]:
    pictures: dict[str, Versions] = defaultdict(dict)
    for row in rows:
        pictures[row.picture][row.family, row.severity] = row
    return pictures


Values: TypeAlias = Callable[[Versions, str], list[float]]  # (versions, family) -> values of that picture


def _in_every_scope(
    metric: str, quantity: str, pictures: dict[str, Versions], values: Values
) -> Iterator[Figure]:
    """Mean over pictures and families: for each family, organ, both, every group of families, all."""
    gathered: dict[tuple[str, str], list[float]] = defaultdict(list)
    for versions in pictures.values():
        organ = next(iter(versions.values())).organ
        for family in _families(versions):
            found = values(versions, family)
            for scope in (ALL, family, *_groups(family)):
                gathered[organ, scope] += found
                if organ not in APART:
                    gathered[ALL, scope] += found
    for (organ, family), found in gathered.items():
        if found:
            yield Figure(metric, quantity, float(np.mean(found)), len(found), organ, family)


def _families(versions: Versions) -> list[str]:
    return list(dict.fromkeys(family for family, severity in versions if severity))


def _groups(family: str) -> list[str]:
    held_out, common = family in HELD_OUT, FAMILIES[family].common
    groups = {UNSEEN: held_out, SEEN: not held_out, COMMON: common, RARE: not common}
    return [name for name, belongs in groups.items() if belongs] + [LIGHT] * (family in TAKES_LIGHT)


def _scores(versions: Versions, family: str) -> list[float] | None:
    """Scores from clean to severity 4; None while some are missing."""
    keys = [(CLEAN, 0), *((family, severity) for severity in SEVERITIES)]
    return [versions[key].score for key in keys] if all(key in versions for key in keys) else None


def _ordering(versions: Versions, family: str) -> list[float]:
    """For each step from clean on: 1.0 where the score falls."""
    scores = _scores(versions, family) or []
    return [float(worse < better) for better, worse in pairwise(scores)]


def _first_step(versions: Versions, family: str) -> list[float]:
    """1.0 where the mildest version scores below the clean picture."""
    return _ordering(versions, family)[:1]


def _worst_adequate(versions: Versions, family: str) -> list[float]:
    """1.0 where the worst version is called adequate; one that gets no word is not."""
    row = versions.get((family, WORST))
    return [] if row is None or row.quality is None else [float(row.verdict == Verdict.ADEQUATE)]


def _kind_named(versions: Versions, family: str) -> list[float]:
    """1.0 where the kind of the fault is named as the worst, of severities 3 and 4."""
    rows = [versions[family, severity] for severity in SEVERITIES[2:] if (family, severity) in versions]
    kind = FAMILIES[family].kind
    return [float(row.kind == kind) for row in rows if None not in (row.kind, kind)]


def _psnr_within(versions: Versions, family: str) -> list[float]:
    """Spearman of score and PSNR over the four severities."""
    rows = [versions[family, severity] for severity in SEVERITIES if (family, severity) in versions]
    known = [(row.score, row.psnr_db) for row in rows if row.psnr_db is not None]
    value = spearman([score for score, _ in known], [psnr for _, psnr in known])
    return [] if value is None else [value]


def _psnr_within_with_clean(versions: Versions, family: str) -> list[float]:
    """The same with the clean picture, whose PSNR is infinite."""
    scores = _scores(versions, family)
    if scores is None:
        return []
    psnrs = [versions[family, severity].psnr_db for severity in SEVERITIES]
    value = spearman(scores, [np.inf, *(np.inf if psnr is None else psnr for psnr in psnrs)])
    return [] if value is None else [value]


def _psnr_across(metric: str, pictures: dict[str, Versions]) -> Iterator[Figure]:
    """Spearman of score and PSNR over all degraded versions of a picture, all families together."""
    gathered: dict[str, list[float]] = defaultdict(list)
    for versions in pictures.values():
        known = [(row.score, row.psnr_db) for row in versions.values() if row.psnr_db is not None]
        value = spearman([score for score, _ in known], [psnr for _, psnr in known])
        if value is not None and len(_families(versions)) > 1:
            organ = next(iter(versions.values())).organ
            gathered[organ].append(value)
            if organ not in APART:
                gathered[ALL].append(value)
    for organ, values in gathered.items():
        yield Figure(metric, "psnr_across", float(np.mean(values)), len(values), organ)


def _nuisances(metric: str, pictures: dict[str, Versions]) -> Iterator[Figure]:
    """How far the quality of a clean picture moves where no eye minds: median, 95th percentile, in points."""
    moved: dict[tuple[str, str], list[float]] = defaultdict(list)
    for versions in pictures.values():
        clean = versions.get((CLEAN, 0))
        for (family, _), row in versions.items():
            if family.startswith(AS) and clean and row.quality is not None and clean.quality is not None:
                for scope in ((row.organ, ALL), *(((ALL, family), (ALL, ALL)) * (row.organ not in APART))):
                    moved[scope].append(abs(row.quality - clean.quality))
    for (organ, family), values in moved.items():
        for quantity, share in (("nuisance_median", 50), ("nuisance_p95", 95)):
            value = float(np.percentile(values, share))
            yield Figure(metric, quantity, value, len(values), organ, family)


def _clean(metric: str, rows: Sequence[CaseRow]) -> Iterator[Figure]:
    """Clean pictures: the share that gets a word, and how many of those are called adequate.

    A metric that says nothing of familiarity gives a word to every picture.
    """
    clean = [row for row in rows if row.family == CLEAN and row.quality is not None]
    scopes = [(ALL, [row for row in clean if row.organ not in APART])]
    scopes += [(organ, [row for row in clean if row.organ == organ]) for organ in _organs(clean)]
    for organ, chosen in scopes:
        said = [row for row in chosen if row.verdict is not None]
        if chosen:
            yield Figure(metric, "gets_word", len(said) / len(chosen), len(chosen), organ)
        if said:
            share = float(np.mean([row.verdict == Verdict.ADEQUATE for row in said]))
            yield Figure(metric, "clean_called_adequate", share, len(said), organ)


def _localisation(metric: str, rows: Sequence[CaseRow]) -> Iterator[Figure]:
    """Means of the localisation shares, for all artefacts, each organ and each severity."""
    found = [row for row in rows if row.covers is not None]
    scopes = [(ALL, ALL, found)]
    scopes += [(organ, ALL, [row for row in found if row.organ == organ]) for organ in _organs(found)]
    scopes += [(ALL, str(s), [row for row in found if row.severity == s]) for s in SEVERITIES]
    for organ, severity, chosen in scopes:
        for quantity in ("covers", "covers_chance", "point", "overlap", "overlap_chance"):
            values = [value for row in chosen if (value := getattr(row, quantity)) is not None]
            if values:
                yield Figure(
                    metric, quantity, float(np.mean(values)), len(values), organ, "local_artefact", severity
                )


def _organs(rows: Iterable[CaseRow]) -> list[str]:
    return sorted({row.organ for row in rows if row.family != DEGENERATE})


def _comparability(metric: str, rows: Sequence[CaseRow]) -> Iterator[Figure]:
    """Median quality per organ and severity, and the spread of these medians over the organs, in points."""
    known = [row for row in rows if row.quality is not None and not row.family.startswith((DEGENERATE, AS))]
    organs = _organs(known)
    for severity in (0, *SEVERITIES):
        medians = []
        for organ in organs:
            chosen = [row.quality for row in known if row.organ == organ and row.severity == severity]
            if chosen:
                medians.append(float(np.median(np.asarray(chosen, np.float64))))
                yield Figure(metric, "median_quality", medians[-1], len(chosen), organ, ALL, str(severity))
        if medians:
            yield Figure(
                metric, "spread_of_organs", max(medians) - min(medians), len(medians), ALL, ALL, str(severity)
            )
    for family in dict.fromkeys(row.family for row in known):
        for severity in (0, *SEVERITIES):
            chosen = [row.quality for row in known if (row.family, row.severity) == (family, severity)]
            if chosen:
                median = float(np.median(np.asarray(chosen, np.float64)))
                yield Figure(metric, "median_quality", median, len(chosen), ALL, family, str(severity))


def _hopeless(metric: str, rows: Sequence[CaseRow]) -> Iterator[Figure]:
    """How many hopeless pictures are called adequate (must be none), their qualities, and their rank.

    `hopeless_above_clean`, the share of pairs in which a hopeless picture scores at least as high as a clean
    one, needs no calibration, so that heads and baselines have it too.
    """
    verdicts = []
    nonsense = np.array([row.score for row in rows if row.family == DEGENERATE])
    clean = np.array([row.score for row in rows if row.family == CLEAN])
    if nonsense.size and clean.size:
        share = float(np.mean(nonsense[:, None] >= clean))
        yield Figure(metric, "hopeless_above_clean", share, nonsense.size * clean.size)
    for row in rows:
        if row.family == DEGENERATE and row.quality is not None:
            verdicts.append(row.verdict)
            name = row.picture.partition("/")[2]
            yield Figure(metric, "quality_of_hopeless", row.quality, 1, family=name)
            if row.verdict == Verdict.ADEQUATE:
                yield Figure(metric, "called_adequate", 1.0, 1, family=name)
    if verdicts:
        yield Figure(metric, "hopeless_called_adequate", verdicts.count(Verdict.ADEQUATE), len(verdicts))
    adequate = [
        float(row.verdict == Verdict.ADEQUATE)
        for row in rows
        if row.quality is not None
        and (
            (row.family, row.severity) == ("lost_contact", WORST)
            or (row.family == DEGENERATE and row.picture.partition("/")[2] in AIR)
        )
    ]
    if adequate:
        yield Figure(metric, "no_contact_adequate", float(np.mean(adequate)), len(adequate))


def ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of their ranks."""
    array = np.asarray(values, np.float64)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[inverse], np.float64)


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rank correlation; 0 where one of the series is constant, None below two values."""
    if len(one) < 2:
        return None
    a, b = ranks(one), ranks(other)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
