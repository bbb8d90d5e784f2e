"""Where pictures do not follow on each other: the time line jumps, or those of a live source stop."""

from dataclasses import replace

from scanmon.core.values import Analysis, Frame, Provenance, Reading, Reason

LOOK_S = 0.1  # how often a wait for a picture checks whether one is overdue
SILENCE_S = 0.5  # or four of the source's own intervals, where they are longer
_DISCONTINUITY_S = 1.0  # a jump of the time line beyond this is a new scene for everything that remembers
LIVE_S = 5.0  # the same of a live source, of which a busy machine scores few pictures
_MOST_S = 10.0  # an interruption that has just ended is no interval


def discontinuous(before: Frame, after: Frame, ahead_s: float = _DISCONTINUITY_S) -> bool:
    """Whether what was remembered of `before` says nothing about `after`: a step back, or a jump ahead."""
    elapsed_s = after.time_s - before.time_s
    return elapsed_s <= 0 or elapsed_s > ahead_s


class Silence:
    """Notices that a live source has stopped, so that no score is taken for one of now. One thread."""

    def __init__(self, silence_s: float = SILENCE_S) -> None:
        self._silence_s = silence_s
        self._last_s: float | None = None
        self._interval_s: float | None = None

    def heard(self, frame: Frame) -> None:
        if self._last_s is not None:
            self._interval_s = frame.captured_s - self._last_s
        self._last_s = frame.captured_s

    def lasts(self, now_s: float) -> bool:
        """Whether a picture is overdue at `now_s`, time.monotonic()."""
        if self._last_s is None or self._interval_s is None:
            return False
        return now_s - self._last_s > max(self._silence_s, min(4.0 * self._interval_s, _MOST_S))


def outdated(analysis: Analysis, provenance: Provenance) -> Analysis:
    """The same picture with its scores withdrawn."""
    readings = tuple(_without_score(reading) for reading in analysis.readings)
    return replace(analysis, readings=readings, heatmap=None, provenance=provenance)


def without_late(analysis: Analysis) -> Analysis:
    """The number is withdrawn where it rests on pictures long gone; other metrics keep theirs."""
    first, *others = analysis.readings
    if not first.late:
        return analysis
    return replace(analysis, readings=(_without_score(first), *others), heatmap=None)


def _without_score(reading: Reading) -> Reading:
    kept = reading.frame, reading.time_s, reading.metric, Reason.STALE
    return Reading(*kept, region=reading.region, engine=reading.engine)
