"""Under a budget: the right windows first, none older than stated, on a still picture the full score."""

import itertools
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.values import View
from scanmon.scoring import nrq
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.schedule import Budget, WindowScheduler
from scanmon.scoring.windows import grid
from tests.doubles.mean_gray import MeanGray, bright

FRAME_S = 0.1


@pytest.fixture(autouse=True)
def steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pass takes a tenth of a millisecond, on a busy machine too."""
    clock = itertools.count()
    monkeypatch.setattr(nrq, "perf_counter", lambda: next(clock) * 1e-4)


@cache
def _picture(seed: int = 0, height: int = 480, width: int = 640) -> NDArray[np.uint8]:
    picture = np.random.default_rng(seed).integers(60, 200, (height, width), dtype=np.uint8)
    picture.setflags(write=False)
    return picture


def _scorer(windows: int, refresh_s: float = 1.0) -> tuple[NrqScorer, MeanGray]:
    engine = MeanGray()
    return NrqScorer(engine, bright(), budget=Budget(windows, refresh_s=refresh_s)), engine


def _full(image: NDArray[np.uint8]) -> float:
    return NrqScorer(MeanGray(), bright()).score(View(image, None, 0.0)).score


def test_first_view_runs_all_windows_and_later_ones_no_more_than_the_budget() -> None:
    scorer, engine = _scorer(4)
    for number in range(6):
        scored = scorer.score(View(_picture(), None, number * FRAME_S))
        assert scored.score == pytest.approx(_full(_picture()), abs=1e-9)
    assert engine.batches == [20, 4, 4, 4, 4, 4]
    assert scored.patches == 4
    assert scored.coverage == 1.0


def test_no_window_gets_older_than_the_stated_time() -> None:
    scorer, _ = _scorer(3)
    ages = [scorer.score(View(_picture(number), None, number * FRAME_S)).oldest_s for number in range(60)]
    assert max(ages) <= 1.0 + 1e-9


def test_still_picture_after_a_change_has_the_full_score_after_one_round() -> None:
    scorer, _ = _scorer(4)
    before, after = _picture(0), np.clip(_picture(0).astype(int) - 12, 0, 255).astype(np.uint8)
    scorer.score(View(before, None, 0.0))
    scores = [scorer.score(View(after, None, FRAME_S * (1 + number))).score for number in range(11)]
    assert scores[-1] == pytest.approx(_full(after), abs=1e-9)
    assert scores[0] != pytest.approx(_full(after), abs=1e-6)


def test_what_stands_still_is_not_outdated_however_long_ago_it_was_run() -> None:
    scorer, _ = _scorer(1, refresh_s=60.0)
    ages = [scorer.score(View(_picture(), None, number * FRAME_S)) for number in range(50)]
    assert ages[-1].oldest_s > 1.5
    assert ages[-1].outdated_s == 0.0
    changed = _picture().copy()
    changed[:224, :224] = 0
    dark = scorer.score(View(changed, None, 5.0))
    assert dark.coverage < 1.0
    assert 0.0 < dark.outdated_s <= dark.oldest_s


@pytest.mark.parametrize("fault", ["noise", "blur"])
def test_a_change_of_fine_detail_alone_is_a_change(fault: str) -> None:
    speckle = cv2.GaussianBlur(_picture(), (0, 0), 1.0)
    if fault == "noise":
        worse = np.clip(speckle + np.random.default_rng(1).normal(0, 12, speckle.shape), 0, 255).astype(
            np.uint8
        )
    else:
        worse = cv2.GaussianBlur(speckle, (0, 0), 2.5)
    small = [cv2.resize(one, (40, 30), interpolation=cv2.INTER_AREA).astype(int) for one in (speckle, worse)]
    assert np.abs(small[0] - small[1]).mean() < 2.0  # a thumbnail does not show it
    scorer, _ = _scorer(1, refresh_s=60.0)
    scorer.score(View(speckle, None, 0.0))
    assert scorer.score(View(speckle, None, 0.1)).coverage == 1.0
    assert scorer.score(View(worse, None, 0.2)).coverage < 0.2


def test_what_is_too_slow_knows_how_many_windows_keep_up() -> None:
    engine = MeanGray()
    scorer = NrqScorer(engine, bright(), budget=Budget(share=0.5))
    scored = scorer.score(View(_picture(), None, 0.0))
    assert (scored.windows, scored.fewer) == (20, None)
    scorer._scheduler.ran(np.arange(1), np.zeros(20), 400.0)  # 80 ms each: a round takes 3.2 s
    for number in range(60):
        scored = scorer.score(View(_picture(number), None, number * FRAME_S))
        scorer._scheduler.ran(np.arange(1), np.zeros(20), 80.0)
    assert scored.round_ms is not None and scored.round_ms > 2000.0
    assert scored.outdated_s > 2.0
    stride, count = scored.fewer
    assert stride > 112
    assert count < 20
    fewer = NrqScorer(engine, bright(), NrqParameters(stride=stride))
    assert fewer.score(View(_picture(), None, 0.0)).windows == count


def test_window_that_changed_is_run_at_once_and_moves_the_score() -> None:
    scorer, _ = _scorer(6)
    clean, dark = _picture(0), _picture(0).copy()
    dark[200:424, 300:524] = 0
    for number in range(5):
        scorer.score(View(clean, None, number * FRAME_S))
    scored = scorer.score(View(dark, None, 0.5))
    assert scored.score < _full(clean) - 0.01
    assert scored.coverage < 1.0


def test_new_scene_and_a_seek_run_all_windows() -> None:
    scorer, engine = _scorer(4)
    scorer.score(View(_picture(0), None, 0.0))
    scorer.score(View(_picture(0), None, 1.1))
    scorer.score(View(255 - _picture(0) // 2, None, 1.2))
    assert engine.batches == [20, 4, 20]
    scorer.reset()
    scorer.score(View(_picture(0), None, 1.3))
    assert engine.batches[-1] == 20
    scorer.score(View(_picture(0), None, 0.5))  # time runs backwards: another place of the recording
    assert engine.batches[-1] == 20


def test_sweeping_probe_costs_a_full_pass_once_in_the_refresh_time() -> None:
    scorer, engine = _scorer(4)
    for number in range(31):
        flat = np.full((480, 640), 40 if number % 2 else 200, np.uint8)
        scorer.score(View(flat, None, number * FRAME_S))
    assert engine.batches.count(20) == 4  # at 0, 1, 2 and 3 s


def test_full_passes_for_new_scenes_leave_a_slow_machine_most_of_its_time() -> None:
    cells = grid(480, 640)
    rota = WindowScheduler(Budget(), cells, np.arange(len(cells)))
    full_at = []
    for number in range(300):
        flat = np.full((480, 640), 40 if number % 2 else 200, np.uint8)
        chosen = rota.choose(flat, number * FRAME_S)
        rota.ran(chosen, np.zeros(20), len(chosen) * 50.0)  # a full pass takes a second
        if len(chosen) == 20:
            full_at.append(number * FRAME_S)
    assert np.diff(full_at).min() >= 5.0 - 1e-9


def test_other_size_of_the_view_begins_anew() -> None:
    scorer, engine = _scorer(4)
    scorer.score(View(_picture(), None, 0.0))
    scorer.score(View(_picture(0, 300, 400), None, 0.1))
    assert engine.batches == [20, 6]


def test_automatic_budget_follows_the_time_of_the_engine() -> None:
    cells = grid(480, 640)
    rota = WindowScheduler(Budget(rate_hz=10.0), cells, np.arange(len(cells)))
    values = np.zeros(len(cells))
    assert len(rota.choose(_picture(), 0.0)) == 20
    rota.ran(np.arange(20), values, 20 * 20.0)  # 20 ms a window: 85 of 100 ms are four windows
    assert len(rota.choose(_picture(), 0.1)) == 4
    for number in range(40):
        chosen = rota.choose(_picture(), 0.2 + number * FRAME_S)
        rota.ran(chosen, values, len(chosen) * 40.0)
    assert len(rota.choose(_picture(), 9.0)) == 2
    for number in range(60):
        chosen = rota.choose(_picture(), 10 + number * FRAME_S)
        rota.ran(chosen, values, len(chosen) * 1.0)
    assert len(rota.choose(_picture(), 20.0)) == 20


def test_share_of_a_scorer_beside_another_is_kept_over_many_frames() -> None:
    cells = grid(480, 640)
    rota = WindowScheduler(Budget(share=0.3), cells, np.arange(len(cells)))
    values = np.zeros(len(cells))
    rota.ran(rota.choose(_picture(), 0.0), values, 20 * 25.0)
    counts = []
    for number in range(1, 121):  # four seconds of 30 frames
        chosen = rota.choose(_picture(), number / 30)
        rota.ran(chosen, values, len(chosen) * 25.0)
        counts.append(len(chosen))
    assert max(counts) == 1  # a window is longer than a frame's share, so most frames have none
    assert 4 * 0.25 * 1e3 <= sum(counts) * 25.0 <= 4 * 0.3 * 1e3 + 25.0
    assert rota.oldest_s <= 20 * 25.0 / 300.0 + 0.1  # a round takes as long as the share makes it


def test_share_beside_another_shrinks_with_the_time_that_is_left_but_not_to_nothing() -> None:
    cells = grid(480, 640)
    counts = []
    for left_ms in (None, 100.0, 5.0, -20.0):
        rota = WindowScheduler(Budget(share=0.3), cells, np.arange(len(cells)))
        rota.ran(rota.choose(_picture(), 0.0), np.zeros(20), 20 * 10.0)
        total = 0
        for number in range(1, 301):  # ten seconds of 30 frames
            chosen = rota.choose(_picture(), number / 30, left_ms)
            rota.ran(chosen, np.zeros(20), len(chosen) * 10.0)
            total += len(chosen)
        counts.append(total)
    assert counts[0] == counts[1] == pytest.approx(300, abs=3)  # three tenths of ten seconds
    assert counts[2] == pytest.approx(150, abs=3)  # 5 ms of each frame
    assert counts[3] == pytest.approx(50, abs=3)  # a sixth of the share


def test_frame_in_which_no_window_is_due_keeps_the_score() -> None:
    engine = MeanGray()
    scorer = NrqScorer(engine, bright(), budget=Budget(share=1e-9))
    first = scorer.score(View(_picture(), None, 0.0))
    second = scorer.score(View(_picture(), None, 0.033))
    assert engine.batches == [20]
    assert (second.score, second.patches, second.coverage) == (first.score, 0, 1.0)


def test_worst_windows_are_run_again_before_the_others() -> None:
    cells = grid(480, 640)
    rota = WindowScheduler(Budget(windows=5), cells, np.arange(len(cells)))
    values = np.arange(20, dtype=np.float64)[::-1].copy()  # the last window is the worst
    rota.ran(rota.choose(_picture(), 0.0), values, 1.0)
    chosen = rota.choose(_picture(), FRAME_S)
    assert {17, 18, 19} <= set(chosen.tolist())
    assert {0, 1} <= set(chosen.tolist())  # two in turn: 20 windows in ten frames
