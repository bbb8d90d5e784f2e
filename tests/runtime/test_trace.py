"""The trace of a recording."""

from dataclasses import replace

import numpy as np

from scanmon.core.values import Analysis, Box, Reading, Region, Verdict
from scanmon.runtime.snapshot import Trace
from scanmon.runtime.trace import RecordingTrace
from tests.doubles.scenes import frame

TIMES_S = np.arange(4) / 25


def analysis(index: int, quality: float) -> Analysis:
    reading = Reading(
        index, index / 25, "map", quality=quality, steady=quality, verdict=Verdict.ADEQUATE, score=1.0
    )
    return Analysis(frame(9, index, index / 25), Region(Box(0, 0, 80, 64)), (reading,))


def test_a_recording_fills_its_trace_in_any_order() -> None:
    trace = RecordingTrace(TIMES_S)
    trace.add(analysis(2, 50.0))
    trace.add(analysis(0, 80.0))
    view = trace.view()
    np.testing.assert_array_equal(view.steady, np.float32([80, np.nan, 50, np.nan]))
    np.testing.assert_array_equal(view.verdict, [0, -1, 0, -1])
    assert view is trace.view()
    assert not view.steady.flags.writeable


def test_what_is_known_of_a_session_is_there_from_the_start_and_gives_way_to_new_scores() -> None:
    known = Trace(
        TIMES_S,
        quality=np.float32([10, 20, 30, 40]),
        steady=np.float32([11, 21, 31, 41]),
        verdict=np.int8([2, 2, 2, 1]),
        second=np.float32([np.nan] * 4),
    )
    trace = RecordingTrace(TIMES_S, known)
    np.testing.assert_array_equal(trace.view().steady, known.steady)
    np.testing.assert_array_equal(trace.view().verdict, known.verdict)
    trace.add(analysis(1, 99.0))
    np.testing.assert_array_equal(trace.view().steady, np.float32([11, 99, 31, 41]))
    np.testing.assert_array_equal(known.steady, np.float32([11, 21, 31, 41]))


def test_a_second_number_of_pictures_long_past_is_a_gap() -> None:
    trace = RecordingTrace(TIMES_S)
    for index, oldest_s in enumerate((0.0, 1.9, 2.1)):
        one = analysis(index, 80.0)
        other = replace(one.reading, metric="nrq", steady=60.0, outdated_s=oldest_s)
        trace.add(replace(one, readings=(one.reading, other)))
    np.testing.assert_array_equal(trace.view().second, np.float32([60, 60, np.nan, np.nan]))
