"""Other heads of nrq in an evaluation, each a metric of its own, on the features of the same windows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from scanmon.core.errors import BundleError, EngineError, SettingsError
from scanmon.inference.onnx_tokens import TokenEngine
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure
from scanmon.lab.evaluate.token_heat import TokenHeat
from scanmon.lab.opening import Study
from scanmon.scoring.heads import OPTIONS, parse_head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import parse_organ

_log = logging.getLogger(__name__)

TOKENS = "tokens"  # the bundle's own head with a finer heatmap
ALL_HEADS = (
    *OPTIONS,
    "posterior+masked",
    "posterior+residual",
    "posterior+typical",
    "posterior+residual+typical+masked",
    TOKENS,
)


def head_measures(study: Study, heads: Sequence[str]) -> list[Measure]:
    """A measure for each of `heads`; `("all",)`: those of `ALL_HEADS` that this bundle suffices for.

    Raises `SettingsError` where nrq is not loaded, `BundleError` or `EngineError` for a head that cannot run.
    """
    if heads and "nrq" not in study.loaded:
        raise SettingsError("heads are those of nrq", "--heads", "use --metric auto or nrq")
    every = tuple(heads) == ("all",)
    found = []
    for head in ALL_HEADS if every else heads:
        try:
            found.append(_tokens(study) if head == TOKENS else _head(study, head))
        except (BundleError, EngineError) as error:
            if not every:
                raise
            _log.warning("head %s is left out: %s", head, error)
    return found


def _head(study: Study, head: str) -> Measure:
    scorer = study.with_head(head).scorer
    return ScorerMeasure(f"nrq {head}", study.identity("nrq"), scorer, None)


def _tokens(study: Study) -> Measure:
    part = study.bundle.nrq
    assert part is not None  # nrq is loaded
    read = study.bundle.read
    organs = [parse_organ(read(name), Path(name).stem, study.bundle.path(name)) for name in part.organs]
    manifolds = Manifolds(organs)
    scoring = study.settings.scoring
    own = ScorerMeasure("nrq", "", study.loaded["nrq"].scorer, None)
    return TokenHeat(
        f"nrq {TOKENS}",
        study.identity("nrq"),
        own,
        TokenEngine(read(part.file), part.layers, part.patch),
        manifolds,
        parse_head(part.head),
        part.patch,
        scoring.stride or part.stride,
        None if scoring.organ == "auto" else manifolds.index(scoring.organ),
    )
