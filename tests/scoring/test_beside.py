"""Both metrics on one thread: the map makes the number, nrq has what time is left."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.values import Analysis, Frame, View
from scanmon.scoring import analyzer, nrq
from scanmon.scoring.analyzer import KEPT_HZ, Analyzer, Judge
from scanmon.scoring.nrq import NrqScorer
from scanmon.scoring.schedule import Budget
from tests.doubles.mean_gray import MeanGray, bright
from tests.doubles.scenes import LINEAR, MeanScorer, WholePicture

RATE_HZ, MAP_S, WINDOW_S = 30.0, 0.010, 0.050
SHAPE, WINDOWS = (480, 640), 20


@dataclass
class Clock:
    """Time that passes only where an engine works."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s

    def passes(self, length_s: float) -> None:
        self.now_s += length_s


class SlowWindows(MeanGray):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.window_s = clock, WINDOW_S

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.clock.passes(self.window_s * len(pixels))
        return super().run(pixels)


SWEEP = [
    np.random.default_rng(seed).integers(0, 250 // (1 + seed), SHAPE, dtype=np.uint8) for seed in range(3)
]


def sweep(number: int) -> NDArray[np.uint8]:
    """A probe that never rests: every frame is another scene."""
    return SWEEP[number % len(SWEEP)]


@dataclass
class Run:
    """Live frames, of which the newest is analysed whenever the last analysis has ended."""

    monkeypatch: pytest.MonkeyPatch
    rate_hz: float = RATE_HZ
    map_s: float = MAP_S

    def __post_init__(self) -> None:
        self.clock = Clock()
        for module in (analyzer, nrq):
            self.monkeypatch.setattr(module, "perf_counter", self.clock)
        self.engine = SlowWindows(self.clock)
        second = NrqScorer(self.engine, bright(), budget=Budget(share=0.3, beside=True))
        first = MeanScorer(gate=lambda: self.clock.passes(self.map_s))
        self.analyzer = Analyzer([Judge(first, LINEAR), Judge(second, LINEAR)], WholePicture())

    def seconds(self, length_s: float, reset_every_s: float = np.inf) -> tuple[list[float], list[Analysis]]:
        """When each analysis was there, and the analyses."""
        at_s, analyses = [self.clock.now_s], []
        end_s, reset_s = self.clock.now_s + length_s, self.clock.now_s + reset_every_s
        while self.clock.now_s < end_s:
            number = int(self.clock.now_s * self.rate_hz) + 1
            self.clock.now_s = number / self.rate_hz  # the next frame comes in
            if self.clock.now_s >= reset_s:
                self.analyzer.reset()
                reset_s += reset_every_s
            frame = Frame(sweep(number), number, number / self.rate_hz, self.clock.now_s)
            analyses.append(self.analyzer.analyze(frame))
            at_s.append(self.clock.now_s)
        return at_s, analyses


def test_nrq_never_holds_the_map_back_by_more_than_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    at_s, analyses = run.seconds(6.0)
    assert set(run.engine.batches) == {1}
    assert np.diff(at_s).max() <= 0.1
    assert all(analysis.reading.scored and analysis.reading.metric == "map" for analysis in analyses)


def test_nrq_is_told_once_every_window_was_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    run.engine.window_s = 0.025
    _, analyses = run.seconds(6.0)
    told = [analysis.second is not None for analysis in analyses]
    first = told.index(True)
    assert all(told[first:])
    assert sum(run.engine.batches) > 1.5 * WINDOWS  # and goes on after that
    assert analyses[first].frame.time_s <= WINDOWS * 0.025 / 0.3 + 0.2  # its share of the time is enough


def test_where_the_map_has_just_time_for_its_rate_nrq_takes_little_and_still_comes_round(monkeypatch) -> None:
    run = Run(monkeypatch, rate_hz=1000.0, map_s=0.030)
    at_s, _ = run.seconds(20.0)
    assert len(at_s) / 20.0 >= 0.9 * KEPT_HZ
    assert sum(run.engine.batches) * WINDOW_S <= 0.1 * 20.0 + WINDOW_S
    assert sum(run.engine.batches) > WINDOWS


def test_what_a_slow_source_leaves_is_used_up_to_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, rate_hz=10.0, map_s=0.030)
    at_s, _ = run.seconds(20.0)
    assert len(at_s) / 20.0 >= 9.5
    assert sum(run.engine.batches) * WINDOW_S >= 0.25 * 20.0


def test_after_a_gap_the_map_is_not_held_back_either(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    at_s, analyses = run.seconds(9.5, reset_every_s=5.0)
    assert np.diff(at_s).max() <= 0.1
    untold = [analysis.frame.time_s for analysis in analyses if analysis.second is None]
    assert {int(time_s // 5.0) for time_s in untold} == {0, 1}  # no old window counts after a gap


def test_an_engine_that_is_fast_runs_every_window_in_the_first_frames(monkeypatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr(nrq, "perf_counter", lambda: next(clock) * 1e-4)
    scorer = NrqScorer(MeanGray(), bright(), budget=Budget(share=0.3, beside=True))
    for number in range(60):
        scored = scorer.score(View(sweep(0), None, number / RATE_HZ))
        if scored.complete:
            break
    whole = NrqScorer(MeanGray(), bright()).score(View(sweep(0), None, 0.0))
    assert scored.score == pytest.approx(whole.score, abs=1e-9)
    assert scored.coverage == 1.0


def test_a_second_look_at_a_recording_begins_anew() -> None:
    scorer = NrqScorer(MeanGray(), bright(), budget=Budget(1, beside=True))
    known = [scorer.score(View(sweep(0), None, number * 0.1)).complete for number in range(WINDOWS)]
    assert known == [False] * (WINDOWS - 1) + [True]
    assert not scorer.score(View(sweep(1), None, 0.05)).complete
