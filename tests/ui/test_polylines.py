from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanmon.ui.polylines import polylines
from scanmon.ui.trace_view import verdict_columns


def test_gaps_split_the_curve():
    y = np.array([1.0, 2.0, np.nan, 4.0, np.nan, np.nan, 7.0, 8.0, 9.0])
    pieces = polylines(np.arange(9.0), y, 900)
    assert [piece[:, 1].tolist() for piece in pieces] == [[1, 2], [4], [7, 8, 9]]


def test_no_score_at_all_draws_nothing():
    assert polylines(np.arange(5.0), np.full(5, np.nan), 100) == []


@given(st.lists(st.floats(0, 100), min_size=1, max_size=400), st.integers(1, 50))
def test_a_thinned_curve_keeps_its_lowest_and_highest_value(values, columns):
    y = np.array(values)
    x = np.linspace(0, columns, len(y), endpoint=False)
    curve = np.concatenate(polylines(x, y, columns))
    assert curve[:, 1].min() == y.min()
    assert curve[:, 1].max() == y.max()
    assert len(curve) <= max(2 * columns, 2)
    assert (np.diff(curve[:, 0]) >= 0).all()


def test_a_dip_of_one_frame_in_an_hour_is_still_drawn():
    y = np.full(108_000, 90.0)
    y[54_321] = 5.0
    (curve,) = polylines(np.linspace(0, 1000, len(y), endpoint=False), y, 1000)
    assert len(curve) <= 2000
    assert curve[:, 1].min() == 5.0


def test_frames_that_were_skipped_leave_no_gap_but_a_suspended_score_does():
    y = np.array([1.0, np.nan, 3.0, np.nan, np.nan, np.nan, np.nan, 8.0])
    pieces = polylines(np.arange(8.0), y, 800, apart=3.0)
    assert [piece[:, 1].tolist() for piece in pieces] == [[1, 3], [8]]


def test_the_strip_shows_the_worst_verdict_of_each_column():
    time_s = np.arange(8) / 8
    verdict = np.array([0, 0, 2, 0, 1, -1, -1, -1], np.int8)
    assert verdict_columns(time_s, verdict, 0.0, 1.0, 4).tolist() == [0, 2, 1, -1]


def test_the_strip_is_filled_between_scores_but_not_across_a_suspension():
    time_s = np.arange(10) / 10
    verdict = np.array([0, -1, 1, -1, -1, -1, -1, -1, -1, 2], np.int8)
    assert verdict_columns(time_s, verdict, 0.0, 1.0, 10).tolist() == [0, 0, 1, -1, -1, -1, -1, -1, -1, 2]
