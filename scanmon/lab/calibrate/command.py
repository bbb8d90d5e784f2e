"""`scanmon calibrate`, put together: a site's own pictures set what a score means in a bundle of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from scanmon.app.settings import Settings
from scanmon.core.values import Metric
from scanmon.degradations import FAMILIES, HELD_OUT, degrade_level
from scanmon.lab.calibrate.thresholds import Calibrated, calibrate
from scanmon.lab.evaluate.hopeless import hopeless_pictures
from scanmon.lab.evaluate.measure import ScorerMeasure
from scanmon.lab.fit.known import with_site
from scanmon.lab.opening import Counted, Study, open_study
from scanmon.lab.pictures import Skipped
from scanmon.scoring.bundle import Bundle
from scanmon.scoring.bundle_folder import check_free, read_document, read_files, write_bundle
from scanmon.scoring.familiar import Familiar, familiar_bytes, parse_familiar
from scanmon.scoring.view import Viewer
from scanmon.sources.material import material_in

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
    with open_study(settings) as study:
        found: dict[Metric, Calibrated] = {}
        for metric, loaded in study.loaded.items():
            scores = {
                name: _scores(study, metric, files, options.frames_per_cine, f"{metric}, {name}", progress)
                for name, files in groups.items()
            }
            found[metric] = calibrate(
                scores["clean"],
                scores["accepted"],
                scores["rejected"],
                loaded.calibration,
                _hopeless(study, metric),
            )
        known = {
            metric: _known(study, metric, name, groups["clean"], options.frames_per_cine, progress)
            for metric in study.loaded
            if (name := study.bundle.parts[metric].familiar)
        }
        return CalibratedSite(_write(study.bundle, found, known, options.out), found, study.skipped)


def _files(paths: Sequence[Path]) -> list[Path]:
    return list(chain.from_iterable(material_in(path) for path in paths))


def _scores(
    study: Study, metric: Metric, files: Sequence[Path], frames: int, what: str, progress: Counted
) -> list[float]:
    scorer = study.loaded[metric].scorer
    found = []
    for number, path in enumerate(files):
        progress(what, number, len(files))
        for view in study.views([path], frames):
            scorer.reset()
            found.append(scorer.score(view).score)
    return found


def _hopeless(study: Study, metric: Metric) -> list[float]:
    """Scores of pictures without any content: the thresholds of a site must not let them pass."""
    measure = ScorerMeasure(metric, "", study.loaded[metric].scorer, None)
    height_px = study.working_height_px
    views = (Viewer(height_px).view(p.frame(p.pixels), p.region) for p in hopeless_pictures(height_px))
    return [measure.measure(view, local=False).score for view in views]


def _known(
    study: Study, metric: Metric, name: str, files: Sequence[Path], frames: int, progress: Counted
) -> Familiar:
    """What the metric knows by the file `name`, with the clean pictures of this site and faults of each."""
    scorer, rng = study.loaded[metric].scorer, np.random.default_rng(_SEED)
    families = [name for name in FAMILIES if name not in HELD_OUT]
    clean, faulty = [], []
    for number, path in enumerate(files):
        progress(f"{metric}, becoming familiar", number, len(files))
        for view in study.views([path], frames):
            scorer.reset()
            clean.append(scorer.score(view).looks)
            for family in rng.choice(families, _FAULTS, replace=False):
                made = degrade_level(view.image, str(family), float(rng.uniform()), rng, view.mask)
                scorer.reset()
                faulty.append(scorer.score(replace(view, image=made.image)).looks)
    known = parse_familiar(study.bundle.read(name), name)
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
