"""Frame in, Analysis out: the whole method in one place. No threads, no Qt, no clock of its own.

The live monitor, the batch scorer, the benchmark and the tests all run this same object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

from scanmon.core.ports import RegionFinder, Scorer, SignalPort
from scanmon.core.values import Analysis, Frame, Reading, Reason, Region, Scored, Signal, View
from scanmon.scoring.calibration import Calibration, HysteresisFilter, Steadiness
from scanmon.scoring.view import Viewer, to_frame

MIN_SIDE_PX = 32  # a region below this holds no picture that anybody could judge
KEPT_HZ = 30.0  # readings of the first metric that the second one leaves time for, or all that the source has


@dataclass(frozen=True, slots=True)
class Judge:
    """A scorer with the calibration of its scores; None: scores stay without quality and verdict."""

    scorer: Scorer
    calibration: Calibration | None


class Analyzer:
    """Scores frames one at a time, in the order they come. One thread at a time.

    `working_height_px` is the height to which the region is brought before scoring (0: native scale).
    `signal` None means that every frame is taken as live B-mode, as for stored images.
    """

    def __init__(
        self,
        judge: Judge,
        region: RegionFinder,
        *,
        signal: SignalPort | None = None,
        working_height_px: int = 0,
        steadiness: Steadiness | None = None,
        second: Judge | None = None,
    ) -> None:
        self._judge = judge
        self._second = second
        self._region = region
        self._signal = signal
        self._viewer = Viewer(working_height_px)
        self._steady = _hysteresis(judge, steadiness)
        self._second_steady = _hysteresis(second, steadiness) if second else None
        self._before: Frame | None = None

    @property
    def judge(self) -> Judge:
        """The scorer that makes the number, and its calibration."""
        return self._judge

    def recalibrate(self, first: Calibration | None, second: Calibration | None) -> None:
        """Other calibrations of both judges from the next frame on; engines and what they remember stay.

        None for a judge that has none: calibrations are changed here, not given and not taken away.
        """
        if first and self._steady:
            self._judge = replace(self._judge, calibration=first)
            self._steady.recalibrate(first)
        if second and self._second and self._second_steady:
            self._second = replace(self._second, calibration=second)
            self._second_steady.recalibrate(second)

    def reset(self) -> None:
        """Forget earlier frames: after a seek, a gap, or when another recording begins."""
        self._region.reset()
        self._before = None
        if self._signal:
            self._signal.reset()
        for judge, steady in ((self._judge, self._steady), (self._second, self._second_steady)):
            if judge:
                judge.scorer.reset()
            if steady:
                steady.reset()

    def analyze(self, frame: Frame) -> Analysis:
        """Everything that can be said of `frame`. Raises `SettingsError` for a region outside the picture."""
        started = perf_counter()
        before, self._before = self._before, frame
        region = self._region.find(frame)
        signal = self._signal.update(frame, region) if self._signal else Signal()
        reason = signal.reason
        if reason is None and min(region.box.width, region.box.height) < MIN_SIDE_PX:
            reason = Reason.TOO_SMALL
        if reason is not None:
            return self._suspended(frame, region, reason)
        view = self._viewer.view(frame, region)
        preprocess_ms = (perf_counter() - started) * 1e3
        scored = self._judge.scorer.score(view)
        reading = _reading(frame, region, view, self._judge, self._steady, scored, preprocess_ms)
        calibration = self._judge.calibration
        second = None
        if self._second:
            left_ms = _due_ms(before, frame) - (perf_counter() - started) * 1e3
            other = self._second.scorer.score(replace(view, left_ms=left_ms))
            if other.complete:
                second = _reading(
                    frame, region, view, self._second, self._second_steady, other, preprocess_ms
                )
        heatmap = calibration.quality_map(scored.heat) if calibration else None
        return Analysis(frame, region, reading, heatmap, second)

    def _suspended(self, frame: Frame, region: Region, reason: Reason) -> Analysis:
        """No score: what is remembered of earlier scores must not colour the first one after."""
        for judge, steady in ((self._judge, self._steady), (self._second, self._second_steady)):
            if judge:
                judge.scorer.reset()
            if steady:
                steady.reset()
        readings = [
            Reading(frame.index, frame.time_s, judge.scorer.metric, reason=reason, region=region.box)
            if judge
            else None
            for judge in (self._judge, self._second)
        ]
        assert readings[0] is not None  # the first judge always exists
        return Analysis(frame, region, readings[0], None, readings[1])


def _due_ms(before: Frame | None, frame: Frame) -> float:
    """Time for one frame: what lies between two of the source, or between readings where it has more."""
    between_s = 0.0
    if before is not None and frame.index > before.index:
        between_s = (frame.time_s - before.time_s) / (frame.index - before.index)
    return 1e3 * max(between_s, 1 / KEPT_HZ)


def _hysteresis(judge: Judge, steadiness: Steadiness | None) -> HysteresisFilter | None:
    return HysteresisFilter(judge.calibration, steadiness) if judge.calibration else None


def _reading(
    frame: Frame,
    region: Region,
    view: View,
    judge: Judge,
    hysteresis: HysteresisFilter | None,
    scored: Scored,
    preprocess_ms: float,
) -> Reading:
    quality = judge.calibration.quality(scored.score) if judge.calibration else None
    steady, verdict = (
        hysteresis.update(quality, frame.time_s) if hysteresis and quality is not None else (None, None)
    )
    return Reading(
        frame.index,
        frame.time_s,
        judge.scorer.metric,
        score=scored.score,
        quality=quality,
        steady=steady,
        verdict=verdict,
        region=region.box,
        worst=to_frame(scored.worst, region.box, view.image.shape),
        organ=scored.organ,
        patches=scored.patches,
        coverage=scored.coverage,
        oldest_s=scored.oldest_s,
        preprocess_ms=preprocess_ms + scored.preprocess_ms,
        engine_ms=scored.engine_ms,
        head_ms=scored.head_ms,
    )
