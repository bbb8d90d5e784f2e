"""Do other back ends and precisions say the same? Differences on the same views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scanmon.core.values import Frame, Region
from scanmon.lab.evaluate.figures import Figure
from scanmon.lab.evaluate.measure import Measure
from scanmon.scoring.view import Viewer


@dataclass(slots=True)
class _Tally:
    count: int = 0
    changed: int = 0
    scores: list[float] = field(default_factory=list)
    qualities: list[float] = field(default_factory=list)


def agreement(
    reference: Measure,
    others: Sequence[Measure],
    frames: Iterable[tuple[Frame, Region]],
    *,
    working_height_px: int,
    progress: Callable[[int], None],
) -> Iterator[Figure]:
    """Largest and mean difference of score and quality to `reference`, and the share of other verdicts.

    The name of the other metric stands in the place of the organ, for instance `map openvino bf16`.
    """
    viewer = Viewer(working_height_px)
    tallies = {other.name: _Tally() for other in others}
    for number, (frame, region) in enumerate(frames):
        view = viewer.view(frame, region)
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
