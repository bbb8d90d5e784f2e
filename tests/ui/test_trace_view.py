"""The trace as it is painted: every test looks at the pixels or at what the mouse does."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from scanmon.core.values import Verdict
from scanmon.runtime.snapshot import Trace
from scanmon.ui.monitor.trace_view import TraceView
from scanmon.ui.state.view_state import Mark, TraceState
from scanmon.ui.theme import DARK, LIGHT
from tests.doubles.assembled import wheel_event
from tests.doubles.painted import pixels_of

NAN = np.nan


def trace_of(time_s, quality, second=None) -> Trace:
    steady = np.asarray(quality, np.float32)
    verdict = np.where(steady >= 70, 0, np.where(steady >= 40, 1, 2))
    verdict = np.where(np.isfinite(steady), verdict, -1).astype(np.int8)
    other = np.full(len(steady), NAN, np.float32) if second is None else np.asarray(second, np.float32)
    return Trace(np.asarray(time_s, float), steady, steady, verdict, other)


def minute(level: float = 90.0) -> Trace:
    return trace_of(np.arange(1801) / 30, np.full(1801, level))


LIVE = TraceState(minute(), 0.0, 60.0, None, (40.0, 70.0))
RECORDED = replace(LIVE, cursor_s=30.0, seekable=True)


@pytest.fixture
def view(qtbot) -> TraceView:
    return shown(qtbot, redraw_ms=0)


def shown(qtbot, redraw_ms: int) -> TraceView:
    view = TraceView()
    view.redraw_ms = redraw_ms
    qtbot.addWidget(view)
    view.resize(1000, 140)
    view.show()
    qtbot.waitExposed(view)
    view.build()
    return view


def painted(view: TraceView, state: TraceState) -> np.ndarray:
    """(height, width, 3) R, G, B of the trace showing a state."""
    view.show_trace(state)
    QApplication.processEvents()
    return pixels_of(view)


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])


def near(picture: np.ndarray, colour: str, within: int = 45) -> np.ndarray:
    """(height, width) bool: where a colour is seen, with room for smoothed edges."""
    return (np.abs(picture.astype(int) - rgb(colour)).max(axis=2)) <= within


def y_of(view: TraceView, quality: float) -> int:
    """Row of a quality on the view: the thresholds and ends are known from the bands."""
    box = view._plot._view
    scene = box.mapViewToScene(QPointF(0.0, quality))
    return view._plot.widget.mapFromScene(scene).y()


def line_rows(view: TraceView, picture: np.ndarray, time_s: float) -> np.ndarray:
    """Rows above the strip in which the line is seen at a time."""
    column = near(picture, view._theme.text, 60)[:, round(view.x_of(time_s))]
    return np.flatnonzero(column[: y_of(view, 0.0)])


def test_the_line_stands_at_its_quality_from_the_oldest_to_the_newest(view):
    picture = painted(view, LIVE)
    for time_s in (1.0, 30.0, 59.0):
        rows = line_rows(view, picture, time_s)
        assert len(rows) > 0
        assert abs(rows.mean() - y_of(view, 90.0)) <= 1.5


def test_what_follows_the_making_of_the_plot_is_drawn_at_once_as_in_a_picture_of_the_window(qtbot) -> None:
    view = shown(qtbot, redraw_ms=3_600_000)
    picture = painted(view, LIVE)
    assert abs(float(line_rows(view, picture, 30.0).mean()) - y_of(view, 90.0)) < 3


def test_a_live_line_moves_to_the_left_and_what_is_older_than_a_minute_leaves(view):
    grown = trace_of([0.0, 1.0, 2.0, 61.5, 62.0], [90.0, 90.0, 90.0, 20.0, 20.0])
    picture = painted(view, TraceState(grown, 2.0, 62.0, None, (40.0, 70.0)))
    assert len(line_rows(view, picture, 61.8)) > 0
    left = near(picture, DARK.text, 60)[: y_of(view, 0.0), : round(view.x_of(2.0)) - 3]
    assert not left[:, round(view.plot.left()) :].any()


def test_a_suspended_score_is_a_gap_and_a_skipped_frame_is_none(view):
    quality = np.full(1801, 90.0)
    quality[300:600] = NAN
    quality[::3] = NAN
    picture = painted(view, replace(LIVE, trace=trace_of(np.arange(1801) / 30, quality)))
    ink = near(picture, DARK.text, 60)[: y_of(view, 0.0)].any(axis=0)
    assert not ink[round(view.x_of(10.3)) : round(view.x_of(19.7))].any()
    assert ink[round(view.x_of(20.5)) : round(view.x_of(59.0))].all()


def test_a_dip_of_one_frame_in_an_hour_is_still_drawn(view):
    quality = np.full(108_001, 90.0)
    quality[54_321] = 5.0
    long = trace_of(np.arange(108_001) / 30, quality)
    picture = painted(view, TraceState(long, 0.0, 3600.0, 0.0, (40.0, 70.0), seekable=True))
    x = round(view.x_of(54_321 / 30))
    around = near(picture, DARK.text, 90)[:, x - 3 : x + 4]
    assert around[y_of(view, 10.0)].any()
    assert not near(picture, DARK.text, 90)[y_of(view, 10.0), x + 20 : x + 200].any()


def test_the_bands_lie_between_the_thresholds_and_follow_them(view):
    def shades(picture: np.ndarray) -> list[tuple[int, ...]]:
        x = round(view.x_of(30.0))
        return [tuple(picture[y_of(view, quality), x]) for quality in (20, 50, 80)]

    state = replace(LIVE, trace=minute(96.0))
    low, middle, high = shades(painted(view, state))
    assert len({low, middle, high, tuple(rgb(DARK.panel))}) == 4
    assert shades(painted(view, replace(state, thresholds=(10.0, 15.0)))) == [high, high, high]
    assert shades(painted(view, replace(state, thresholds=None))) == [tuple(rgb(DARK.panel))] * 3


def test_the_strip_has_the_colours_of_the_verdicts(view):
    quality = np.repeat([90.0, 50.0, 10.0, NAN], 450)
    picture = painted(view, replace(LIVE, trace=trace_of(np.arange(1800) / 30, quality)))
    row = y_of(view, -6.0)
    for time_s, verdict in ((7.0, Verdict.ADEQUATE), (22.0, Verdict.MARGINAL), (37.0, Verdict.INADEQUATE)):
        assert near(picture[row : row + 1], DARK.verdict(verdict), 2)[0, round(view.x_of(time_s))]
    assert near(picture[row : row + 1], DARK.panel, 2)[0, round(view.x_of(52.0))]


def test_the_other_metric_is_a_second_quieter_line(view):
    both = trace_of(np.arange(1801) / 30, np.full(1801, 90.0), np.full(1801, 20.0))
    x = round(view.x_of(20.0))
    with_second = painted(view, replace(LIVE, trace=both))
    without = painted(view, LIVE)
    row = y_of(view, 20.0)
    changed = np.abs(with_second.astype(int) - without)[row - 2 : row + 3, x].max()
    assert changed > 25
    assert with_second[row - 2 : row + 3, x].max() < rgb(DARK.text).min()


@pytest.mark.parametrize("kind", ["bookmark", "frozen"])
def test_bookmarks_and_freezes_are_marked_at_their_time(view, kind):
    before = painted(view, LIVE)
    after = painted(view, replace(LIVE, marks=(Mark(20.0, kind), Mark(-5.0, kind))))
    changed = np.flatnonzero((before != after).any(axis=(0, 2)))
    assert len(changed) > 3
    assert abs(changed.mean() - view.x_of(20.0)) < 12
    assert np.ptp(changed) < 24


def test_the_cursor_stands_where_the_recording_stands(view):
    for time_s in (0.5, 30.0, 59.0):
        picture = painted(view, replace(RECORDED, cursor_s=time_s))
        upright = near(picture, DARK.text, 2).sum(axis=0)
        assert abs(int(upright.argmax()) - view.x_of(time_s)) <= 1.5
        assert upright.max() > 90


def test_outside_a_loop_the_trace_is_dimmed(view):
    whole = painted(view, RECORDED).astype(int)
    looped = painted(view, replace(RECORDED, loop_s=(20.0, 40.0))).astype(int)
    row = y_of(view, 55.0)
    for time_s, dimmed in ((10.0, True), (25.0, False), (50.0, True)):
        x = round(view.x_of(time_s))
        assert (looped[row, x].sum() < whole[row, x].sum()) == dimmed


def test_a_wider_trace_has_more_times_below_it(view):
    def inked_columns() -> int:
        rows = painted(view, RECORDED)[round(view.plot.bottom()) + 3 :]
        return int((np.abs(rows.astype(int) - rgb(DARK.panel)).max(axis=2) > 60).any(axis=0).sum())

    view.resize(200, 140)
    narrow = inked_columns()
    view.resize(1000, 140)
    assert inked_columns() > 2 * narrow


def test_light_colours_come_at_once(view):
    painted(view, LIVE)
    view.set_theme(LIGHT)
    picture = painted(view, LIVE)
    assert near(picture, LIGHT.panel, 2)[2, 5]
    assert len(line_rows(view, picture, 30.0)) > 0


def wheel(view: TraceView, time_s: float, up: bool) -> None:
    at = QPointF(view.x_of(time_s), view.plot.center().y())
    QApplication.sendEvent(view.surface, wheel_event(view.surface, at, 1 if up else -1))
    QApplication.processEvents()


def width_of_ten_seconds(view: TraceView) -> float:
    return view.x_of(40.0) - view.x_of(30.0)


@pytest.mark.parametrize("state", [LIVE, RECORDED], ids=["live", "recorded"])
def test_the_wheel_zooms_at_the_mouse_and_a_double_click_shows_all(view, state, qtbot):
    painted(view, state)
    whole, before = width_of_ten_seconds(view), view.x_of(30.0)
    for _ in range(3):
        wheel(view, 30.0, up=True)
    assert width_of_ten_seconds(view) > 1.05 * whole
    assert abs(view.x_of(30.0) - before) < 3
    painted(view, replace(state, trace=minute(50.0)))  # a new score leaves the zoom alone
    assert width_of_ten_seconds(view) > 1.05 * whole
    for _ in range(40):
        wheel(view, 30.0, up=False)
    assert width_of_ten_seconds(view) == pytest.approx(whole, rel=0.01)  # no further than all there is
    wheel(view, 30.0, up=True)
    qtbot.mouseDClick(view.surface, Qt.MouseButton.LeftButton, pos=view.plot.center().toPoint())
    assert width_of_ten_seconds(view) == pytest.approx(whole, rel=0.01)


def test_dragging_scrubs_a_recording_and_leaves_a_live_trace_alone(view, qtbot):
    asked: list[float] = []
    view.seek_requested.connect(asked.append)
    for state in (LIVE, RECORDED):
        painted(view, state)
        y = round(view.plot.center().y())
        places = [QPoint(round(view.x_of(time_s)), y) for time_s in (10.0, 20.0)]
        qtbot.mousePress(view.surface, Qt.MouseButton.LeftButton, pos=places[0])
        qtbot.mouseMove(view.surface, places[1])
        qtbot.mouseRelease(view.surface, Qt.MouseButton.LeftButton, pos=places[1])
        if state is LIVE:
            assert asked == []
    assert asked == pytest.approx([10.0, 20.0], abs=0.1)


def test_a_drag_past_the_ends_asks_for_the_ends(view, qtbot):
    asked: list[float] = []
    view.seek_requested.connect(asked.append)
    painted(view, RECORDED)
    y = round(view.plot.center().y())
    qtbot.mousePress(view.surface, Qt.MouseButton.LeftButton, pos=QPoint(1, y))
    qtbot.mouseMove(view.surface, QPoint(view.width() - 1, y))
    qtbot.mouseRelease(view.surface, Qt.MouseButton.LeftButton, pos=QPoint(view.width() - 1, y))
    assert asked == pytest.approx([0.0, 60.0], abs=0.001)


@pytest.mark.parametrize(("state", "stays_s"), [(RECORDED, 30.0), (LIVE, 60.0)], ids=["recorded", "live"])
def test_keys_zoom_around_the_cursor_or_up_to_now(view, state, stays_s):
    painted(view, state)
    wide, place = view.x_of(40.0) - view.x_of(30.0), view.x_of(stays_s)
    for _ in range(2):
        view.zoom(2.0)
    assert view.x_of(40.0) - view.x_of(30.0) == pytest.approx(4 * wide, rel=0.02)
    assert view.x_of(stays_s) == pytest.approx(place, abs=3)
    for _ in range(5):
        view.zoom(0.5)
    assert view.x_of(40.0) - view.x_of(30.0) == pytest.approx(wide, rel=0.02)


def test_a_zoomed_view_follows_the_recording(view):
    painted(view, RECORDED)
    for _ in range(20):
        wheel(view, 30.0, up=True)
    for time_s in (30.0, 45.0, 60.0, 0.0):
        painted(view, replace(RECORDED, cursor_s=time_s))
        assert view.plot.left() - 1 <= view.x_of(time_s) <= view.plot.right() + 1


def test_another_recording_is_shown_whole(view):
    painted(view, RECORDED)
    for _ in range(20):
        wheel(view, 30.0, up=True)
    longer = replace(RECORDED, end_s=120.0, cursor_s=0.0)
    painted(view, longer)
    assert view.x_of(0.0) == pytest.approx(view.plot.left(), abs=2)
    assert view.x_of(120.0) == pytest.approx(view.plot.right(), abs=2)


def test_before_the_first_picture_the_plot_is_not_made(qtbot):
    view = TraceView()
    qtbot.addWidget(view)
    view.show()
    view.show_trace(LIVE)
    assert view.surface is None
    view.wake()

    def ticked() -> bool:
        view.show_trace(LIVE)
        return view.surface is not None

    qtbot.waitUntil(ticked)
    assert len(line_rows(view, painted(view, LIVE), 30.0)) > 0
