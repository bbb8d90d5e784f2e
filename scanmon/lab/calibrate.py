"""`scanmon calibrate`: a site's own pictures set what a score means, in a bundle that then knows them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.core.values import Metric
from scanmon.degradations import FAMILIES, HELD_OUT, degrade_level
from scanmon.lab.evaluate.measure import ScorerMeasure
from scanmon.lab.evaluate.plan import hopeless_pictures
from scanmon.lab.loaded_bundle import Counted, LoadedBundle, load_bundle
from scanmon.lab.pictures import Skipped
from scanmon.scoring.bundle import Bundle
from scanmon.scoring.bundle_folder import check_free, read_document, read_files, write_bundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.familiar import NEIGHBOURS, Familiar, distances, familiar_bytes, parse_familiar
from scanmon.sources.material import material_in

FEWEST = 20  # clean pictures; a percentile of fewer is a guess
FEWEST_JUDGED = 5  # accepted and rejected pictures each, to set a threshold by them
CLEAN_SHARE = 0.9  # of the clean pictures are adequate where nobody has judged any
MARGINAL_SHARE = 0.98  # ... and so many at least marginal
MEDIAN_QUALITY = 85.0  # of a clean picture
ADEQUATE, MARGINAL = 70.0, 40.0  # qualities that the thresholds are mapped to
HOPELESS_MARGIN = 5.0 / (ADEQUATE - MARGINAL)  # adequate begins at least so far above what has no content
HOPELESS_REACH = 1.2  # ... which lies so many times further below adequate than marginal does
ROBUST_SD = 1.4826  # median absolute deviation to standard deviation, for a normal distribution


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration and how it was found."""

    calibration: Calibration
    clean: int
    accepted: int
    rejected: int
    agreement: float | None  # share of judged pictures on the right side of the adequate threshold
    note: str
    adequate_share: float  # of the clean pictures


def calibrate(
    clean: Sequence[float],
    accepted: Sequence[float] = (),
    rejected: Sequence[float] = (),
    before: Calibration | None = None,
    hopeless: Sequence[float] = (),
) -> Calibrated:
    """Knots and thresholds from scores (higher is better).

    Quality is a curve through percentiles of the clean scores: the median is 85, the 10th percentile 70
    (adequate from there on), the 2nd 40 (marginal), the best 100. `before`, the calibration that the bundle
    came with, knows how far faults pull a score down, as clean pictures cannot tell: below adequate its
    shape is kept, and stretched where the clean scores reach further down. Without it 0 is reached with the
    slope from adequate to marginal.

    Where at least five accepted and five rejected pictures are given, adequate begins instead where the two
    are best told apart, and marginal at the median of the rejected. By percentiles alone pictures without any
    content, whose scores are `hopeless`, are inadequate, and half of them have quality 0; what people judged
    is not overruled, but the note says so. Raises `SettingsError` for fewer than 20 clean pictures.
    """
    scores = _finite(clean)
    if scores.size < FEWEST:
        raise SettingsError(
            f"{scores.size} clean pictures are too few for percentiles", "", f"give {FEWEST} or more"
        )
    low, adequate, median, best = (
        float(value)
        for value in np.percentile(scores, [100 * (1 - MARGINAL_SHARE), 100 * (1 - CLEAN_SHARE), 50, 100])
    )
    step = 0.1 * _spread(scores)
    yes, no = _finite(accepted), _finite(rejected)
    judged = min(yes.size, no.size) >= FEWEST_JUDGED
    agreement, note = None, "thresholds from percentiles of the clean scores"
    if judged:
        adequate, agreement = _best_cut(yes, no)
        low = min(float(np.median(no)), adequate)
        note = "thresholds from accepted and rejected pictures"
    unit = max(adequate - low, step)  # from adequate down to marginal
    shape, reach = _shape(before)
    unit = unit if judged else max(unit, reach)
    nonsense = _finite(hopeless)
    if nonsense.size:
        floor = float(nonsense.max()) + HOPELESS_MARGIN * unit
        if judged and floor > adequate:
            note += "; pictures without content score as high: do not rely on the verdict alone"
        elif floor > adequate:
            adequate = floor
            note += "; adequate begins above pictures without content, which score like some clean ones here"
        if not judged:
            unit = min(unit, (adequate - float(nonsense.max())) / HOPELESS_REACH)
            shape = _within(shape, (adequate - float(np.median(nonsense))) / unit)
    median, best = max(median, adequate + step), max(best, median + step, adequate + 2 * step)
    below = [(adequate - distance * unit, quality) for distance, quality in shape]
    knots = [*below, (adequate, ADEQUATE), (median, MEDIAN_QUALITY), (best, 100.0)]
    return Calibrated(
        Calibration(
            tuple(score for score, _ in knots), tuple(quality for _, quality in knots), MARGINAL, ADEQUATE
        ),
        clean=int(scores.size),
        accepted=int(yes.size),
        rejected=int(no.size),
        agreement=agreement,
        note=note,
        adequate_share=float(np.mean(scores >= adequate)),
    )


def _shape(before: Calibration | None) -> tuple[list[tuple[float, float]], float]:
    """The part of a curve below adequate, and its distance from adequate to marginal as a score.

    The part is a list of (distance below adequate in units of the second number, quality from 0 to 40),
    worst first. A curve that says nothing there, or never reaches adequate, is as good as none.
    """
    straight = [(ADEQUATE / (ADEQUATE - MARGINAL), 0.0), (1.0, MARGINAL)]
    if before is None or before.qualities[-1] < before.adequate:
        return straight, 0.0
    top, marginal = _at(before, before.adequate), _at(before, before.marginal)
    unit = top - marginal
    if unit <= 0 or before.marginal <= 0:
        return straight, 0.0
    zero = _at(before, 0.0)
    lower = [
        ((top - score) / unit, quality * MARGINAL / before.marginal)
        for score, quality in zip(before.scores, before.qualities, strict=True)
        if zero < score < marginal
    ]
    return [(max((top - zero) / unit, 1.0 + 1e-3), 0.0), *lower, (1.0, MARGINAL)], unit


def _within(shape: list[tuple[float, float]], reach: float) -> list[tuple[float, float]]:
    """The shape with what is below marginal drawn together, so that quality is 0 from `reach` (> 1) on."""
    share = min((reach - 1.0) / (shape[0][0] - 1.0), 1.0)
    return [(1.0 + share * (distance - 1.0), quality) for distance, quality in shape]


def _at(calibration: Calibration, quality: float) -> float:
    """The score that has a quality; the highest such score where the curve is flat."""
    scores, qualities = calibration.scores, calibration.qualities
    last = max((index for index, value in enumerate(qualities) if value <= quality), default=0)
    if last == len(scores) - 1 or qualities[last] > quality:
        return scores[last]
    share = (quality - qualities[last]) / (qualities[last + 1] - qualities[last])
    return scores[last] + share * (scores[last + 1] - scores[last])


def _finite(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64).reshape(-1)
    return array[np.isfinite(array)]


def _spread(scores: NDArray[np.float64]) -> float:
    """A robust standard deviation, never 0."""
    deviation = float(np.median(np.abs(scores - np.median(scores)))) * ROBUST_SD
    return max(deviation, float(scores.std()) * 0.1, 1e-6)


def _best_cut(accepted: NDArray[np.float64], rejected: NDArray[np.float64]) -> tuple[float, float]:
    """Threshold between two neighbouring scores with the best mean of the two hit rates, and that mean."""
    values = np.unique(np.concatenate([accepted, rejected]))
    cuts = np.concatenate([[values[0] - 1e-9], (values[1:] + values[:-1]) / 2.0])
    right = np.asarray([(np.mean(accepted >= cut) + np.mean(rejected < cut)) / 2.0 for cut in cuts])
    best = np.flatnonzero(right >= right.max() - 1e-12)
    middle = int(best[len(best) // 2])
    return float(cuts[middle]), float(right[middle])


_SEED, _FAULTS = 2026, 6  # of each picture: a fault must not make it strange


@dataclass(frozen=True, slots=True)
class CalibrateStudy:
    """What the thresholds are made from; see the command's help."""

    clean: tuple[Path, ...]
    out: Path
    accepted: tuple[Path, ...] = ()
    rejected: tuple[Path, ...] = ()
    frames_per_cine: int = 8


@dataclass(frozen=True, slots=True)
class CalibratedSite:
    """The new bundle, the calibration of every metric, and the files that could not be read."""

    bundle: Bundle
    metrics: dict[Metric, Calibrated]
    skipped: Skipped


def calibrate_site(settings: Settings, options: CalibrateStudy, progress: Counted) -> CalibratedSite:
    """Score all pictures with every metric, then write the new bundle. Raises `ScanmonError`."""
    check_free(options.out)
    groups = {
        "clean": list(dict.fromkeys(_files((*options.clean, *options.accepted)))),
        "accepted": _files(options.accepted),
        "rejected": _files(options.rejected),
    }
    with load_bundle(settings) as loaded:
        found: dict[Metric, Calibrated] = {}
        for metric, judge in loaded.judges.items():
            scores = {
                name: _scores(loaded, metric, files, options.frames_per_cine, f"{metric}, {name}", progress)
                for name, files in groups.items()
            }
            found[metric] = calibrate(
                scores["clean"],
                scores["accepted"],
                scores["rejected"],
                judge.calibration,
                _hopeless(loaded, metric),
            )
        known = {
            metric: _known(loaded, metric, name, groups["clean"], options.frames_per_cine, progress)
            for metric in loaded.judges
            if (name := loaded.bundle.parts[metric].familiar)
        }
        return CalibratedSite(_write(loaded.bundle, found, known, options.out), found, loaded.skipped)


def _files(paths: Sequence[Path]) -> list[Path]:
    return list(chain.from_iterable(material_in(path) for path in paths))


def _scores(
    loaded: LoadedBundle, metric: Metric, files: Sequence[Path], frames: int, what: str, progress: Counted
) -> list[float]:
    scorer = loaded.judges[metric].scorer
    found = []
    for number, path in enumerate(files):
        progress(what, number, len(files))
        for view in loaded.views([path], frames):
            scorer.reset()
            found.append(scorer.score(view).score)
    return found


def _hopeless(loaded: LoadedBundle, metric: Metric) -> list[float]:
    """Scores of pictures without any content: the thresholds of a site must not let them pass."""
    measure = ScorerMeasure(metric, "", loaded.judges[metric].scorer, None)
    height_px = loaded.working_height_px
    views = (picture.view(height_px) for picture in hopeless_pictures(height_px))
    return [measure.measure(view, local=False).score for view in views]


def _known(
    loaded: LoadedBundle, metric: Metric, name: str, files: Sequence[Path], frames: int, progress: Counted
) -> Familiar:
    """What the metric knows by the file `name`, with the clean pictures of this site and faults of each."""
    scorer, rng = loaded.judges[metric].scorer, np.random.default_rng(_SEED)
    families = [name for name in FAMILIES if name not in HELD_OUT]
    clean, faulty = [], []
    for number, path in enumerate(files):
        progress(f"{metric}, becoming familiar", number, len(files))
        for view in loaded.views([path], frames):
            scorer.reset()
            clean.append(scorer.score(view).looks)
            for family in rng.choice(families, _FAULTS, replace=False):
                made = degrade_level(view.image, str(family), float(rng.uniform()), rng, view.mask)
                scorer.reset()
                faulty.append(scorer.score(replace(view, image=made.image, captured=None)).looks)
    known = parse_familiar(loaded.bundle.read(name), name)
    return with_site(known, np.asarray(clean), np.asarray(faulty))


def _write(
    bundle: Bundle, found: dict[Metric, Calibrated], known: dict[Metric, Familiar], out: Path
) -> Bundle:
    document, files = read_document(bundle), read_files(bundle)
    for metric, own in known.items():
        files[document[metric]["familiar"]] = familiar_bytes(own)
    provenance = document.setdefault("provenance", {})
    for metric, one in found.items():
        document[metric]["calibration"] = asdict(one.calibration)
        counts = f"{one.clean} clean, {one.accepted} accepted, {one.rejected} rejected"
        provenance[f"calibration_{metric}"] = f"{counts} pictures of this site; {one.note}"
    version = str(document["version"])
    document["version"] = version if version.endswith("+site") else f"{version}+site"
    return write_bundle(out, document, files)


DIMS = 16  # more of them tell single scanners apart, fewer forget what an organ looks like
_FEWEST = 4 * NEIGHBOURS


def known_pictures(clean: NDArray[np.floating], faulty: NDArray[np.floating], dims: int = DIMS) -> Familiar:
    """From features (n, D) of clean pictures and (m, D) of faulty ones, m may be 0.

    The axes are the principal ones of the clean pictures, each brought to unit spread. A clean picture at the
    median distance to the others has 1, one at the 95th percentile 0.5. Raises `SettingsError` for too few.
    """
    if len(clean) < _FEWEST:
        raise SettingsError(
            f"{len(clean)} clean pictures are too few to know any", "", f"give {_FEWEST} or more"
        )
    features = np.asarray(clean, np.float64)
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    _, sizes, directions = np.linalg.svd((features - centre) / spread, full_matrices=False)
    dims = min(dims, int(np.sum(sizes > 1e-6 * sizes[0])))
    axes = directions[:dims].T / (spread[:, None] * sizes[:dims] / np.sqrt(len(features)))
    place = (features - centre) @ axes
    radius = np.ones(len(place))
    near, wide = np.percentile(distances(place, radius, place, themselves=True), [50, 95])
    wide = max(float(wide), float(near) * 1.01 + 1e-9)
    known = Familiar(centre, axes, place, radius, (float(near), float(near + 2.0 * (wide - near))))
    return known.with_pictures(faulty) if len(faulty) else known


def with_site(known: Familiar, clean: NDArray[np.floating], faulty: NDArray[np.floating]) -> Familiar:
    """The same with the pictures of a site: features (n, D) clean, and (m, D) of the same with faults.

    They reach as far as nine in ten of the clean ones need to be at 0.5 by the others.
    """
    if len(clean) < _FEWEST:
        what = f"{len(clean)} pictures are too few to become familiar"
        raise SettingsError(what, "", f"give {_FEWEST} or more")
    place = known.placed(np.asarray(clean, np.float64))
    wide = float(np.percentile(distances(place, np.ones(len(place)), place, themselves=True), 90))
    radius = max(1.0, 2.0 * wide / sum(known.reach))
    return known.with_pictures(np.concatenate([clean, faulty]), radius)
