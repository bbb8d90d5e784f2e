"""One metric of a bundle, ready to run on an engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scanmon.app.settings import ScoringSettings
from scanmon.core.errors import BundleError, SettingsError
from scanmon.core.ports import Engine
from scanmon.core.values import Metric
from scanmon.inference.choice import open_engine
from scanmon.inference.onnx import threads_beside_a_video
from scanmon.scoring.analyzer import Judge
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart
from scanmon.scoring.familiar import parse_familiar
from scanmon.scoring.heads import parse_head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.schedule import Budget
from scanmon.scoring.severity import MapScorer

# shares of the time for nrq: as the only metric, with the map second, and beside the map
ALONE, FIRST, BESIDE = 0.85, 0.6, 0.3


def load_judge(
    bundle: Bundle,
    metric: Metric,
    scoring: ScoringSettings,
    engine: Engine | None = None,
    *,
    share: float | None = None,
    beside: bool = False,
) -> Judge:
    """A metric that the bundle has, on `engine` where one is open already. The caller closes it.

    `share` of the time that nrq may take against a clock; None: no clock, always every window. `beside`
    another metric nrq takes no more than that for a first view either. Raises `BundleError`, `EngineError`,
    `SettingsError`.
    """
    part = bundle.parts[metric]
    # what can be refused is refused before the network is loaded
    manifolds = _organ_models(bundle, part, scoring) if isinstance(part, NrqPart) else None
    known = None
    if part.familiar:
        known = parse_familiar(bundle.read(part.familiar), bundle.path(part.familiar))
        if manifolds and known.centre.size != manifolds.features:
            what = f"knows pictures by {known.centre.size} features, the organ models by {manifolds.features}"
            raise BundleError(what, bundle.path(part.familiar), "restore the bundle")
    if engine is None:
        threads = threads_beside_a_video() if share is not None else 0
        engine = open_engine(bundle, part, scoring.backend, scoring.device, threads)
    if isinstance(part, MapPart):
        part = replace(part, topk_frac=scoring.topk_frac or part.topk_frac)
        return Judge(MapScorer(engine, part, known), part.calibration, engine, part.word_from)
    assert manifolds is not None  # of an nrq part
    parameters = NrqParameters(
        patch=part.patch,
        stride=scoring.stride or part.stride,
        topk_frac=scoring.topk_frac or part.topk_frac,
        organ=None if scoring.organ == "auto" else scoring.organ,
        max_patches=scoring.max_patches or 0,
        seed=scoring.seed,
        head=parse_head(part.head),
    )
    budget = None
    if share is not None and scoring.budget != 0:
        budget = Budget(scoring.budget or 0, share, beside=beside)
    scorer = NrqScorer(engine, manifolds, parameters, budget, known)
    return Judge(scorer, part.calibration, engine, part.word_from)


def _organ_models(bundle: Bundle, part: NrqPart, scoring: ScoringSettings) -> Manifolds:
    """Raises `SettingsError` for an organ or a window side that the bundle does not have."""
    if scoring.patch not in (None, part.patch):
        raise SettingsError(
            f"--patch {scoring.patch}: the network of this bundle takes {part.patch}", bundle.folder
        )
    manifolds = Manifolds(
        [parse_organ(bundle.read(name), Path(name).stem, bundle.path(name)) for name in part.organs]
    )
    if scoring.organ != "auto":
        manifolds.index(scoring.organ)
    return manifolds
