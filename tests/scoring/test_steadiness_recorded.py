"""The shown number and word on recorded series of scores (tests/core/recorded)."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.values import Verdict
from scanmon.scoring.calibration import Calibration, HysteresisFilter, Steadiness

PLAIN = Calibration((0.0, 100.0), (0.0, 100.0), marginal=40.0, adequate=70.0)
RECORDED = Path(__file__).parent / "recorded"


def replay(
    name: str, steadiness: Steadiness | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Verdict]]:
    """Times, qualities, smoothed qualities and verdicts of a recorded series."""
    with (RECORDED / f"{name}.csv").open(newline="") as file:
        rows = np.array([[float(row["time_s"]), float(row["quality"])] for row in csv.DictReader(file)])
    steadier = HysteresisFilter(PLAIN, steadiness)
    shown = [steadier.update(quality, time_s) for time_s, quality in rows]
    return rows[:, 0], rows[:, 1], np.array([q for q, _ in shown]), [verdict for _, verdict in shown]


def changes(times_s: np.ndarray, verdicts: list[Verdict]) -> list[tuple[float, Verdict]]:
    return [(float(times_s[i]), b) for i, (a, b) in enumerate(pairwise(verdicts), 1) if a != b]


def test_on_a_steady_clip_the_number_moves_less_than_a_point_a_frame_and_the_word_stays() -> None:
    _, raw, steady, verdicts = replay("muscle_2")
    step = np.abs(np.diff(steady)).max()
    assert step < 1.0 < np.abs(np.diff(raw)).max()
    assert set(verdicts) == {Verdict.ADEQUATE}


def test_gain_that_is_lost_and_comes_back_changes_the_word_once_each_way() -> None:
    times_s, _, _, verdicts = replay("muscle_1_gain_lost")
    found = changes(times_s, verdicts)
    assert [verdict for _, verdict in found] == [Verdict.INADEQUATE, Verdict.ADEQUATE]
    lost_s, back_s = found[0][0], found[1][0]
    assert 2.5 < lost_s < 3.3  # half of the ramp at 1.6 s, then smoothing and one second of dwell
    assert 4.4 < back_s < 5.1


@pytest.mark.parametrize("name", ["muscle_2", "liver_sweep", "muscle_1_gain_lost"])
def test_smoothing_never_leaves_the_range_and_never_adds_movement(name: str) -> None:
    _, raw, steady, _ = replay(name)
    assert raw.min() <= steady.min()
    assert steady.max() <= raw.max()
    assert np.abs(np.diff(steady)).sum() < 0.7 * np.abs(np.diff(raw)).sum()


def test_a_restless_sweep_shows_fewer_words_than_it_has_crossings() -> None:
    times_s, raw, _, verdicts = replay("liver_sweep")
    crossings = sum(PLAIN.verdict(a) != PLAIN.verdict(b) for a, b in pairwise(raw))
    bare = Steadiness(time_constant_s=0.0, hysteresis=0.0, dwell_s=0.0, reject_spikes=False)
    assert len(changes(times_s, replay("liver_sweep", bare)[3])) == crossings
    assert len(changes(times_s, verdicts)) <= crossings / 4
