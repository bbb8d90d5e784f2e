"""Frame in, Analysis out: the whole method in one place. No threads, no Qt, no clock of its own.

The live monitor, the batch scorer, the benchmark and the tests all run this same object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import perf_counter

from scanmon.core.ports import Engine, RegionFinder, Scorer, SignalPort, StartingScorer
from scanmon.core.values import (
    WITHDRAWN_S,
    Analysis,
    EngineName,
    Frame,
    Parts,
    Provenance,
    Reading,
    Reason,
    Region,
    Scored,
    Signal,
    TooSlow,
    View,
    cost_ms,
)
from scanmon.scoring.bundle import MIN_SIDE_PX
from scanmon.scoring.calibration import Calibration, HysteresisFilter, Steadiness
from scanmon.scoring.view import Viewer, to_frame

KNOWN_MARGIN = 0.05  # of familiarity, by which the bound must be passed once it has been decided
BEHIND_S = 6.0  # on end, after which a metric is taken for too slow here
KEPT_HZ = 30.0  # readings of the first metric that the second one leaves time for, or all that the source has


@dataclass(frozen=True, slots=True)
class Judge:
    """A scorer with the calibration of its scores and the engine that it runs on.

    `calibration` None: scores stay without quality and verdict. `engine` None: the scorer needs none.
    Below `word_from` of familiarity there is no verdict.
    """

    scorer: Scorer
    calibration: Calibration | None
    engine: Engine | None = None
    word_from: float = 0.0

    @property
    def engine_name(self) -> EngineName:
        return EngineName(self.engine.backend, self.engine.precision) if self.engine else EngineName()

    def close(self) -> None:
        if self.engine:
            self.engine.close()


class Analyzer:
    """Scores frames one at a time, in the order they come. One thread at a time.

    The first of `judges` makes the number. `provenance` names source and bundle; engines and thresholds are
    added here. `working_height_px` is the height to which the region is brought before scoring (0: native
    scale); a region with a side below `smallest_px` is too small to be judged. `signal` None means that
    every frame is taken as live B-mode, as for stored images. `still`: the frames have nothing to do with
    each other in time, and nothing is smoothed. `paced`: frames come against a clock; of a metric that cannot
    follow them `provenance.slow` tells, and where it runs beside the first one it is switched off.
    """

    def __init__(
        self,
        judges: Sequence[Judge],
        region: RegionFinder,
        *,
        signal: SignalPort | None = None,
        still: bool = False,
        working_height_px: int = 0,
        smallest_px: int = MIN_SIDE_PX,
        steadiness: Steadiness | None = None,
        threshold_shift: float = 0.0,
        provenance: Provenance | None = None,
        paced: bool = False,
    ) -> None:
        self._judges = tuple(_JudgeInUse(judge, steadiness, still=still) for judge in judges)
        self._region = region
        self._signal = signal
        self._viewer, self._smallest_px = Viewer(working_height_px), smallest_px
        self._before: Frame | None = None
        self._scored_over: Region | None = None  # by the last frame that had a score
        self._steady: Region | None = None  # of the last two, over which a device begins with the next one
        watched = self._judges if paced and not still else ()
        self._behind = {judge.scorer.metric: Behind() for judge in watched}
        self._off: TooSlow | None = None  # a metric that was switched off
        self._provenance = provenance or Provenance()
        self.shift_thresholds(threshold_shift)

    @property
    def provenance(self) -> Provenance:
        """The same object until an engine gives way to another one or thresholds are moved."""
        engines = tuple(judge.engine_name for judge in self._judges)
        if engines != self._provenance.engines:
            self._provenance = replace(self._provenance, engines=engines)
        return self._provenance

    def shift_thresholds(self, points: float) -> None:
        """From the next frame on; engines and what they remember stay."""
        for judge in self._judges:
            judge.shift_thresholds(points)
        calibration = self._judges[0].calibration
        thresholds = (calibration.marginal, calibration.adequate) if calibration else None
        self._provenance = replace(self._provenance, thresholds=thresholds)

    def reset(self) -> None:
        """Forget earlier frames: after a seek, a gap, or when another recording begins."""
        self._region.reset()
        self._before = self._scored_over = self._steady = None
        for behind in self._behind.values():
            behind.reset()
        if self._signal:
            self._signal.reset()
        for judge in self._judges:
            judge.reset()

    def close(self) -> None:
        with ExitStack() as closing:
            for judge in self._judges:
                closing.callback(judge.close)

    def analyze(self, frame: Frame) -> Analysis:
        """Everything that can be said of `frame`. Raises `SettingsError` for a region outside the picture."""
        started = perf_counter()
        before, self._before = self._before, frame
        steady, self._steady, begun = self._steady, None, None
        if steady is not None and before is not None and before.pixels.shape == frame.pixels.shape:
            begun = self._begin(frame, steady)  # while the device works it is seen whether that was right
        region = self._region.find(frame)
        signal = self._signal.update(frame, region) if self._signal else Signal()
        reason = signal.reason
        if reason is None and min(region.box.width, region.box.height) < self._smallest_px:
            reason = Reason.TOO_SMALL
        if reason is not None:
            suspended = tuple(judge.suspended(frame, region, reason) for judge in self._judges)
            return Analysis(frame, region, suspended, None, self.provenance, settings=signal.settings)
        first, *others = self._judges
        view, end, begin_ms = begun if begun and region is steady else self._begin(frame, region)
        self._steady = region if region is self._scored_over else None
        self._scored_over = region
        preprocess_ms = (perf_counter() - started) * 1e3 - begin_ms
        scored = end()
        readings = [first.reading(frame, region, view, scored, preprocess_ms)]
        for judge in others:
            left_ms = _due_ms(before, frame) - (perf_counter() - started) * 1e3
            beside = judge.scorer.score(replace(view, left_ms=left_ms))
            found = judge.reading(frame, region, view, beside, preprocess_ms)
            if beside.complete and not found.late:
                readings.append(found)
            self._look_behind(judge, beside, frame)
        self._look_behind(first, scored, frame, readings[1] if len(readings) > 1 else None)
        heatmap = first.calibration.quality_map(scored.heat) if first.calibration else None
        return Analysis(frame, region, tuple(readings), heatmap, self.provenance, settings=signal.settings)

    def _begin(self, frame: Frame, region: Region) -> tuple[View, Callable[[], Scored], float]:
        """Its view, what ends the pass of the first metric, and how long the beginning of that took (ms)."""
        view = self._viewer.view(frame, region)
        at = perf_counter()
        end = self._judges[0].start(view)
        return view, end, (perf_counter() - at) * 1e3

    def _look_behind(
        self, judge: _JudgeInUse, scored: Scored, frame: Frame, other: Reading | None = None
    ) -> None:
        """Note that a metric stays behind the picture; one beside the first is not run any more.

        It would show what is no longer there. `other`: what another metric said of this frame.
        """
        metric, beside = judge.scorer.metric, judge is not self._judges[0]
        if metric not in self._behind or not self._behind[metric].changed(scored, frame.time_s):
            return
        slow = self._off
        if self._behind[metric].for_good:
            round_s = (scored.round_ms or scored.engine_ms) / 1e3
            other_ms = cost_ms(other) if other is not None else None
            slow = TooSlow(metric, scored.windows, round_s, beside, other_ms, scored.fewer)
        if beside:
            self._off = slow
            self._judges = tuple(one for one in self._judges if one is not judge)
            judge.close()
        self._provenance = replace(self._provenance, slow=slow)


class Behind:
    """Whether a metric lies so far behind the picture that it is of no use.

    That is, over `BEHIND_S` on end no result was of the last `WITHDRAWN_S`. One pass that takes long, as when
    a GPU gives way to the processor, is no reason.
    """

    def __init__(self) -> None:
        self.for_good = False
        self._since_s: float | None = None

    def reset(self) -> None:
        """Another place of the time line: time that was passed over is no time behind."""
        self._since_s = None

    def changed(self, scored: Scored, time_s: float) -> bool:
        """Whether `for_good` is another one with this result; it keeps up again when it did for as long."""
        behind_s = max(scored.outdated_s, scored.engine_ms / 1e3)
        follows = scored.complete and behind_s <= WITHDRAWN_S
        if follows is not self.for_good or self._since_s is None or time_s < self._since_s:
            self._since_s = time_s
        if time_s - self._since_s < BEHIND_S:
            return False
        self.for_good, self._since_s = not self.for_good, time_s
        return True


class _JudgeInUse:
    """A judge with its thresholds of now and what it remembers of earlier frames."""

    def __init__(self, judge: Judge, steadiness: Steadiness | None, *, still: bool) -> None:
        self._judge = judge
        self.scorer = judge.scorer
        self.start = judge.scorer.start if isinstance(judge.scorer, StartingScorer) else self._later
        self.calibration = judge.calibration
        self._hysteresis = (
            HysteresisFilter(judge.calibration, steadiness) if judge.calibration and not still else None
        )
        self._still = still
        self._knows: bool | None = None  # whether the last picture was familiar

    @property
    def engine_name(self) -> EngineName:
        return self._judge.engine_name

    def close(self) -> None:
        self._judge.close()

    def _later(self, view: View) -> Callable[[], Scored]:
        return lambda: self.scorer.score(view)

    def reset(self) -> None:
        self.scorer.reset()
        self._knows = None
        if self._hysteresis:
            self._hysteresis.reset()

    def shift_thresholds(self, points: float) -> None:
        if self._judge.calibration:
            self.calibration = self._judge.calibration.shifted(points)
            if self._hysteresis:
                self._hysteresis.recalibrate(self.calibration)

    def suspended(self, frame: Frame, region: Region, reason: Reason) -> Reading:
        """No score: what is remembered of earlier scores must not colour the first one after."""
        self.reset()
        metric = self.scorer.metric
        return Reading(
            frame.index, frame.time_s, metric, reason=reason, region=region.box, engine=self.engine_name
        )

    def reading(
        self, frame: Frame, region: Region, view: View, scored: Scored, preprocess_ms: float
    ) -> Reading:
        if self._still:
            self._knows = None
        quality = steady = verdict = pending = None
        if self.calibration:
            quality = self.calibration.quality(scored.score)
            verdict = self.calibration.verdict(quality)
            if self._hysteresis:
                steady, verdict = self._hysteresis.update(quality, frame.time_s)
                pending = self._hysteresis.pending
        if not self._familiar(scored.familiar):
            verdict = pending = None
        parts = None
        if self.calibration and scored.kinds:
            parts = Parts(*map(self.calibration.quality, scored.kinds))
        return Reading(
            frame.index,
            frame.time_s,
            self.scorer.metric,
            score=scored.score,
            quality=quality,
            steady=steady,
            verdict=verdict,
            pending=pending,
            parts=parts,
            familiar=scored.familiar,
            region=region.box,
            worst=to_frame(scored.worst, region.box, view.image.shape),
            organ=scored.organ,
            patches=scored.patches,
            coverage=scored.coverage,
            oldest_s=scored.oldest_s,
            outdated_s=scored.outdated_s,
            preprocess_ms=preprocess_ms + scored.preprocess_ms,
            engine_ms=scored.engine_ms,
            head_ms=scored.head_ms,
            engine=self.engine_name,
        )

    def _familiar(self, familiar: float | None) -> bool:
        """Whether a word may be said; what hovers around the bound keeps what it had."""
        bound = self._judge.word_from
        if familiar is not None:
            margin = {None: 0.0, True: -KNOWN_MARGIN, False: KNOWN_MARGIN}[self._knows]
            self._knows = familiar >= bound + margin
        return self._knows is not False


def _due_ms(before: Frame | None, frame: Frame) -> float:
    """Time for one frame: what lies between two of the source, or between readings where it has more."""
    between_s = 0.0
    if before is not None and frame.index > before.index:
        between_s = (frame.time_s - before.time_s) / (frame.index - before.index)
    return 1e3 * max(between_s, 1 / KEPT_HZ)
