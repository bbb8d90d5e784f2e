"""Scores of a session against the same pictures scored again."""

from __future__ import annotations

from dataclasses import dataclass

from scanmon.core.values import Reading


@dataclass(frozen=True, slots=True)
class Differences:
    """What `scanmon verify` reports. Differences are absolute; 0 where nothing was compared."""

    compared: int  # frames that both have scored
    largest_score: float
    mean_score: float
    largest_quality: float
    mean_quality: float
    changed_verdicts: int
    only_recorded: int  # scored then, suspended now
    only_again: int  # suspended then, scored now
    worst_frame: int | None  # where the scores differ most

    @property
    def none(self) -> bool:
        """Whether every number and every word is the same."""
        return not (
            self.largest_score
            or self.largest_quality
            or self.changed_verdicts
            or self.only_recorded
            or self.only_again
        )


class Comparison:
    """Takes pairs of readings, gives their differences."""

    def __init__(self) -> None:
        self._scores: list[float] = []
        self._qualities: list[float] = []
        self._changed = self._only_recorded = self._only_again = 0
        self._worst: tuple[float, int] | None = None

    def add(self, recorded: Reading, again: Reading) -> None:
        """One frame."""
        if recorded.score is None or again.score is None:
            self._only_recorded += recorded.score is not None
            self._only_again += again.score is not None
            return
        difference = abs(recorded.score - again.score)
        self._scores.append(difference)
        if recorded.quality is not None and again.quality is not None:
            self._qualities.append(abs(recorded.quality - again.quality))
        self._changed += recorded.verdict != again.verdict
        if self._worst is None or difference > self._worst[0]:
            self._worst = (difference, recorded.frame)

    def result(self) -> Differences:
        """Of all that was added."""
        return Differences(
            compared=len(self._scores),
            largest_score=max(self._scores, default=0.0),
            mean_score=_mean(self._scores),
            largest_quality=max(self._qualities, default=0.0),
            mean_quality=_mean(self._qualities),
            changed_verdicts=self._changed,
            only_recorded=self._only_recorded,
            only_again=self._only_again,
            worst_frame=None if self._worst is None else self._worst[1],
        )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
