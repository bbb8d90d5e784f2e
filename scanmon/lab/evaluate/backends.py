"""Row 6 of an evaluation: do other runtimes, precisions and builds of a bundle agree with its score?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanmon.app.settings import Settings
from scanmon.core.errors import BundleError, EngineError, SettingsError
from scanmon.core.values import Metric
from scanmon.inference.choice import backends
from scanmon.lab.evaluate.figures import Figure
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure
from scanmon.lab.evaluate.plan import CLEAN, Case, Picture, Plan
from scanmon.lab.opening import Counted, Study, open_study, with_backend

_log = logging.getLogger(__name__)
_FAMILIES = 4  # that every picture is degraded by, besides the clean one: scores from good to bad
_SEVERITY = 3


def check_names(against: Sequence[str]) -> None:
    """Raise `SettingsError` for what is neither a back end nor a folder: before hours of work, not behind."""
    known = {name.partition(":")[0] for name in backends()} | {"onnx"}
    for name in against:
        if not Path(name).is_dir() and name.partition(":")[0] not in known:
            raise SettingsError(
                "is no back end and no folder", f"--against {name}", "use one of " + ", ".join(backends())
            )


def other_backends(
    settings: Settings,
    study: Study,
    plan: Plan,
    pictures: Sequence[Picture],
    against: Sequence[str],
    progress: Counted,
) -> Iterator[Figure]:
    """Every metric of this study against the same one on each of `against`.

    A runtime that is not installed, or that this bundle has no network for, is named in the log.
    """
    cases = [Case(CLEAN, 0), *(Case(family, _SEVERITY) for family in plan.families[:_FAMILIES])]
    versions = [plan.version(picture, case)[0] for picture in pictures for case in cases] if against else []
    with ExitStack() as opened:
        for metric, loaded in study.loaded.items():
            reference = ScorerMeasure(metric, "", loaded.scorer, loaded.calibration)
            others = [
                other
                for name in against
                if (other := _other(opened, settings, study, metric, name)) is not None
            ]
            if others:
                yield from agreement(
                    reference,
                    others,
                    versions,
                    working_height_px=study.working_height_px,
                    progress=lambda done, m=metric: progress(f"agreement of {m}", done, len(versions)),  # type: ignore[misc]
                )


def _other(opened: ExitStack, settings: Settings, study: Study, metric: Metric, name: str) -> Measure | None:
    folder = Path(name)
    if folder.is_dir():
        elsewhere = replace(settings, scoring=replace(settings.scoring, bundle=name))
    else:
        elsewhere = with_backend(settings, name)
    try:
        other = opened.enter_context(open_study(elsewhere, [metric])).loaded[metric]
    except (EngineError, SettingsError, BundleError) as error:
        _log.warning("%s is not compared with %s: %s", metric, name, error)
        return None
    label = str(other.engine_name)
    if folder.is_dir():
        label = f"{folder.name}, {label}"
    return ScorerMeasure(label, "", other.scorer, study.loaded[metric].calibration)


@dataclass(slots=True)
class _Tally:
    count: int = 0
    changed: int = 0
    scores: list[float] = field(default_factory=list)
    qualities: list[float] = field(default_factory=list)


def agreement(
    reference: Measure,
    others: Sequence[Measure],
    pictures: Iterable[Picture],
    *,
    working_height_px: int,
    progress: Callable[[int], None],
) -> Iterator[Figure]:
    """Largest and mean difference of score and quality to `reference`, and the share of other verdicts.

    The name of the other metric stands in the place of the organ, for instance `map openvino bf16`.
    """
    tallies = {other.name: _Tally() for other in others}
    for number, picture in enumerate(pictures):
        view = picture.view(working_height_px)
        expected = reference.measure(view, local=False).score
        for other in others:
            _compare(reference, expected, other.measure(view, local=False).score, tallies[other.name])
        progress(number + 1)
    for name, tally in tallies.items():
        if tally.count:
            yield from _figures(reference.name, name, tally)


def _compare(reference: Measure, expected: float, score: float, tally: _Tally) -> None:
    tally.count += 1
    tally.scores.append(abs(score - expected))
    calibration = reference.calibration
    if calibration:
        one, other = calibration.quality(expected), calibration.quality(score)
        tally.qualities.append(abs(one - other))
        tally.changed += calibration.verdict(one) != calibration.verdict(other)


def _figures(metric: str, name: str, tally: _Tally) -> Iterator[Figure]:
    yield Figure(metric, "largest_score_difference", max(tally.scores), tally.count, name)
    if tally.qualities:
        yield Figure(metric, "largest_quality_difference", max(tally.qualities), tally.count, name)
        yield Figure(metric, "changed_verdicts", tally.changed / tally.count, tally.count, name)
