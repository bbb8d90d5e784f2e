import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.core.gaps import BRIDGED_S, LONE_S
from scanmon.ui.monitor.trace_plot import (
    CurveBuffer,
    picture_ticks,
    time_label,
    time_ticks,
    verdict_columns,
    verdicts_in_bands,
)

NAN = np.nan
NONE = np.zeros(10, np.bool_)


def curve(times, values, offset_s=0.0):
    x, y = CurveBuffer(2).fill(np.array(times, float), np.array(values, np.float32), offset_s)
    return x.tolist(), [None if np.isnan(one) else one for one in y.tolist()]


def test_frames_that_were_skipped_leave_no_gap_but_a_suspended_score_does():
    x, y = curve([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4], [1, NAN, 3, NAN, NAN, NAN, 7, 8])
    assert y == [1, 3, None, 7, 8]
    assert x == pytest.approx([0.0, 0.4, 1.2, 1.2, 1.4])


def test_scores_of_a_slow_engine_are_dashes():
    x, y = curve([0.0, 2.0, 4.0, 4.1], [10, 20, 30, 40])
    assert y == [10, 10, None, 20, 20, None, 30, 40]
    assert x == pytest.approx([0.0, 0.2, 2.0, 2.0, 2.2, 4.0, 4.0, 4.1])


def test_no_score_at_all_draws_nothing():
    assert curve([0.0, 1.0], [NAN, NAN]) == ([], [])
    assert curve([], []) == ([], [])


def test_times_can_be_counted_from_now():
    assert curve([58.0, 58.25], [1, 2], offset_s=60.0)[0] == [-2.0, -1.75]


@given(st.lists(st.tuples(st.floats(0.01, 2.0), st.one_of(st.none(), st.integers(0, 100))), max_size=60))
def test_every_score_is_in_the_curve_and_every_long_gap_is_one(rows):
    times = np.cumsum([step for step, _ in rows]) if rows else np.zeros(0)
    values = np.array([NAN if value is None else value for _, value in rows], np.float32)
    x, y = CurveBuffer(4).fill(times, values)
    scored = np.isfinite(values)
    wanted = dict(zip(times[scored].tolist(), values[scored].tolist(), strict=True))
    drawn = dict(zip(x[np.isfinite(y)].tolist(), y[np.isfinite(y)].tolist(), strict=True))
    assert wanted.items() <= drawn.items()
    assert all(
        any(0 < at - time_s <= LONE_S + 1e-9 for time_s in wanted) for at in drawn.keys() - wanted.keys()
    )
    assert np.isnan(y).sum() == (np.diff(times[scored]) > BRIDGED_S).sum()
    assert (np.diff(x) >= 0).all()


def test_a_longer_curve_takes_the_place_of_a_shorter_one_and_back():
    buffer = CurveBuffer(4)
    for count in (3, 400, 5):
        values = np.arange(count, dtype=np.float32)
        x, y = buffer.fill(np.arange(count) / 10, values)
        assert y.tolist() == values.tolist()
        assert len(x) == count


def test_the_strip_shows_the_worst_verdict_of_each_column():
    time_s = np.arange(8) / 8
    verdict = np.array([0, 0, 2, 0, 1, -1, -1, -1], np.int8)
    assert verdict_columns(time_s, verdict, NONE[:8], (0.0, 1.0), 4).tolist() == [0, 2, 1, -1]


def test_the_strip_is_filled_between_scores_but_not_across_a_suspension():
    time_s = np.arange(10) / 10
    verdict = np.array([0, -1, 1, -1, -1, -1, -1, -1, -1, 2], np.int8)
    assert verdict_columns(time_s, verdict, NONE, (0.0, 1.0), 10).tolist() == [0, 0, 1, *[-1] * 6, 2]


def test_the_strip_says_no_word_where_a_picture_between_two_words_got_none():
    time_s, verdict = np.arange(10) / 10, np.array([0, -1, 0, -1, 0, -1, -1, -1, -1, -1], np.int8)
    wordless = np.arange(10) == 3
    row = verdict_columns(time_s, verdict, wordless, (0.0, 1.0), 10)
    assert row.tolist() == [0, 0, 0, -1, 0, -1, -1, -1, -1, -1]


def test_stills_are_dashes_and_words_of_their_own():
    x, y = CurveBuffer(2).fill(np.array([0.0, 0.04]), np.array([99, 4], np.float32), each_s=0.04)
    assert [None if np.isnan(one) else one for one in y] == [99, 99, None, 4, 4]
    assert x.tolist() == pytest.approx([0.0, 0.04, 0.04, 0.04, 0.08])
    strip = verdict_columns(np.array([0.0, 0.04, 0.08]), np.array([0, -1, 2]), NONE[:3], (0.0, 0.12), 6, 0.04)
    assert strip.tolist() == [0, 0, -1, -1, 2, 2]


@pytest.mark.parametrize(
    ("span", "room", "wanted"),
    [
        ((-60.0, 0.0), 8, [-60, -50, -40, -30, -20, -10, 0]),
        ((0.0, 4.0), 13, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]),
        ((3.0, 3.35), 4, [3.0, 3.1, 3.2, 3.3]),
        ((0.0, 3600.0), 7, [0, 600, 1200, 1800, 2400, 3000, 3600]),
    ],
)
def test_ticks_stand_at_round_times(span, room, wanted):
    assert time_ticks(*span, room) == pytest.approx(wanted)


def test_stills_have_numbers_and_no_times():
    assert picture_ticks(0.0, 0.12, 0.04, 8) == [
        (pytest.approx(0.02 + 0.04 * n), f"{n + 1}") for n in range(3)
    ]
    assert [label for _, label in picture_ticks(0.0, 1.6, 0.04, 8)] == [
        "1",
        "5",
        "10",
        "15",
        "20",
        "25",
        "30",
        "35",
        "40",
    ]
    assert [label for _, label in picture_ticks(0.4, 0.8, 0.04, 8)] == ["12", "14", "16", "18", "20"]


def test_labels_of_time():
    assert time_label(65.0, tenths=False) == "1:05"
    assert time_label(3.3000000000000003, tenths=True) == "0:03.3"
    assert time_label(59.99999, tenths=True) == "1:00.0"


GREEN, YELLOW, RED = 0, 1, 2  # places in Verdict


def in_bands(verdicts, steady, thresholds):
    return verdicts_in_bands(np.array(verdicts, np.int8), np.array(steady, np.float32), thresholds).tolist()


def test_a_word_that_hysteresis_held_stays_as_it_was_given():
    assert in_bands([GREEN, YELLOW, RED, -1], [68, 72, 41, NAN], (40, 70)) == [GREEN, YELLOW, RED, -1]


def test_what_was_scored_before_the_thresholds_moved_is_coloured_as_the_bands_are_now():
    given = [GREEN, GREEN, YELLOW, RED, -1]
    steady = [90, 75, 50, 20, NAN]
    assert in_bands(given, steady, (40, 70)) == given
    assert in_bands(given, steady, (65, 85)) == [GREEN, YELLOW, RED, RED, -1]
    assert in_bands(given, steady, (10, 40)) == [GREEN, GREEN, GREEN, YELLOW, -1]


def test_without_thresholds_the_words_are_those_that_were_given():
    assert in_bands([GREEN, RED], [10, 90], None) == [GREEN, RED]


@given(st.lists(st.floats(0, 100, width=32), min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_far_from_a_threshold_the_strip_says_what_the_bands_say(steady, one, other):
    low, high = sorted((one, other))
    for before in (GREEN, YELLOW, RED):
        for quality, shown in zip(steady, in_bands([before] * len(steady), steady, (low, high)), strict=True):
            if min(abs(quality - low), abs(quality - high)) > 3.01:
                assert shown == (GREEN if quality >= high else YELLOW if quality >= low else RED)
