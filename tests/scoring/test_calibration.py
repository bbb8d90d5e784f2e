from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.core.errors import BundleError
from scanmon.core.values import Verdict
from scanmon.scoring.calibration import Calibration, HysteresisFilter, Steadiness

PLAIN = Calibration((0.0, 100.0), (0.0, 100.0), marginal=40.0, adequate=70.0)
RATE_HZ = 30.0


def run(
    qualities: Iterable[float], steadiness: Steadiness | None = None, rate_hz: float = RATE_HZ
) -> tuple[list[float], list[Verdict]]:
    """Smoothed qualities and verdicts of a series at a fixed frame rate."""
    steadier = HysteresisFilter(PLAIN, steadiness)
    found = [steadier.update(float(quality), index / rate_hz) for index, quality in enumerate(qualities)]
    return [steady for steady, _ in found], [verdict for _, verdict in found]


def changes(verdicts: list[Verdict]) -> list[tuple[int, Verdict]]:
    """(frame, new verdict) of every change."""
    return [(i, b) for i, (a, b) in enumerate(pairwise(verdicts), 1) if a != b]


def test_quality_is_linear_between_the_knots_and_stays_at_the_ends() -> None:
    curve = Calibration((-10.0, -5.0, 0.0), (0.0, 80.0, 100.0))
    assert [curve.quality(score) for score in (-99, -7.5, -5, -2.5, 9)] == [0, 40, 80, 90, 100]
    heat = curve.quality_map(np.array([[-7.5, -2.5]], np.float32))
    np.testing.assert_allclose(heat, [[40, 90]])
    assert not heat.flags.writeable


@pytest.mark.parametrize(
    ("scores", "qualities", "thresholds", "message"),
    [
        ((1.0,), (1.0,), (40, 70), "two finite knots"),
        ((1.0, 1.0), (0.0, 100.0), (40, 70), "must grow"),
        ((0.0, 1.0), (100.0, 0.0), (40, 70), "must grow"),
        ((0.0, 1.0), (0.0, 101.0), (40, 70), "between 0 and 100"),
        ((0.0, float("nan")), (0.0, 100.0), (40, 70), "two finite knots"),
        ((0.0, 1.0), (0.0, 100.0), (70, 40), "marginal <= adequate"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_refused(scores, qualities, thresholds, message) -> None:
    with pytest.raises(BundleError, match=message):
        Calibration(scores, qualities, *thresholds)


def test_thresholds_belong_to_the_better_verdict() -> None:
    adequate, marginal, inadequate = Verdict
    found = [PLAIN.verdict(q) for q in (39.9, 40, 69.9, 70)]
    assert found == [inadequate, marginal, marginal, adequate]


def test_the_first_frame_is_taken_as_it_is() -> None:
    assert run([33.0]) == ([33.0], [Verdict.INADEQUATE])


def test_one_bad_frame_leaves_no_trace() -> None:
    steady, verdicts = run([90.0] * 30 + [0.0] + [90.0] * 30)
    assert min(steady) == 90.0
    assert not changes(verdicts)


def test_without_spike_rejection_one_bad_frame_dips_by_its_share() -> None:
    steady, _ = run([90.0] * 30 + [0.0] + [90.0] * 30, Steadiness(reject_spikes=False))
    assert min(steady) == pytest.approx(90 * np.exp(-1 / RATE_HZ / 0.4))


def test_a_real_fall_is_reported_after_smoothing_and_dwell_and_not_much_later() -> None:
    _, verdicts = run([90.0] * 60 + [20.0] * 90)
    frames = [(frame / RATE_HZ, verdict) for frame, verdict in changes(verdicts)]
    assert [verdict for _, verdict in frames] == [Verdict.INADEQUATE]
    delay_s = frames[0][0] - 2.0
    assert 1.0 < delay_s < 1.4


def test_a_fall_of_less_than_the_dwell_changes_no_word() -> None:
    _, verdicts = run([90.0] * 60 + [50.0] * 24 + [90.0] * 60)
    assert not changes(verdicts)


def test_a_quality_that_rests_on_a_threshold_does_not_flicker() -> None:
    rng = np.random.default_rng(0)
    noisy = 70.0 + rng.normal(0, 4, 1800)
    assert len(changes(run(noisy)[1])) <= 1
    bare = Steadiness(time_constant_s=0.0, hysteresis=0.0, dwell_s=0.0, reject_spikes=False)
    assert len(changes(run(noisy, bare)[1])) > 500


def test_flicker_between_two_worse_verdicts_is_still_worse() -> None:
    """Marginal and inadequate in turns of 0.5 s: neither lasts for the dwell, yet adequate is wrong."""
    turns = [90.0] * 60 + ([15.0] * 15 + [65.0] * 15) * 4
    _, verdicts = run(turns, Steadiness(time_constant_s=0.05))
    first = changes(verdicts)[0]
    assert first[1] != Verdict.ADEQUATE
    assert first[0] < 60 + 1.2 * RATE_HZ


def test_leaving_a_verdict_takes_the_hysteresis_in_both_directions() -> None:
    quick = Steadiness(time_constant_s=0.0, dwell_s=0.0, reject_spikes=False)
    assert run([72, 68, 67.1], quick)[1] == [Verdict.ADEQUATE] * 3
    assert run([72, 66.9], quick)[1][1] == Verdict.MARGINAL
    assert run([60, 72], quick)[1] == [Verdict.MARGINAL] * 2
    assert run([60, 73], quick)[1][1] == Verdict.ADEQUATE


def test_the_result_depends_on_the_times_of_the_frames_and_not_on_their_number() -> None:
    slow, _ = run([90.0] * 10 + [30.0] * 20, Steadiness(reject_spikes=False), rate_hz=10)
    fast, _ = run([90.0] * 60 + [30.0] * 120, Steadiness(reject_spikes=False), rate_hz=60)
    assert fast[60 + 59] == pytest.approx(slow[10 + 9], abs=1.0)


def test_the_word_that_waits_for_its_time_is_known_while_it_waits() -> None:
    filter_ = HysteresisFilter(PLAIN, Steadiness(time_constant_s=0.0, dwell_s=1.0, reject_spikes=False))
    found = []
    for index, quality in enumerate([90.0] * 2 + [20.0] * 12 + [90.0]):
        _, verdict = filter_.update(quality, index / 10)
        found.append((verdict, filter_.pending))
    assert found[:2] == [(Verdict.ADEQUATE, None)] * 2
    assert found[2:12] == [(Verdict.ADEQUATE, Verdict.INADEQUATE)] * 10
    assert found[12:14] == [(Verdict.INADEQUATE, None)] * 2
    assert found[14] == (Verdict.INADEQUATE, Verdict.ADEQUATE)
    filter_.reset()
    assert filter_.pending is None


@pytest.mark.parametrize(("reset", "time_s"), [(True, 5.0), (False, 0.1)])
def test_after_a_reset_or_a_step_back_in_time_the_past_is_forgotten(reset: bool, time_s: float) -> None:
    steadier = HysteresisFilter(PLAIN)
    for index in range(30):
        steadier.update(90.0, index / RATE_HZ)
    if reset:
        steadier.reset()
    assert steadier.update(20.0, time_s) == (20.0, Verdict.INADEQUATE)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(1, 120))
def test_the_smoothed_quality_stays_within_what_was_seen(qualities: list[float], rate_hz: float) -> None:
    steady, _ = run(qualities, rate_hz=rate_hz)
    assert min(qualities) - 1e-9 <= min(steady)
    assert max(steady) <= max(qualities) + 1e-9
