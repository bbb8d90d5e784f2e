"""Pictures along the time line: each below its moment, none for a live source, none that waits."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from scanmon.ui.monitor.thumbnails import COUNT, ThumbnailRow
from scanmon.ui.state.view_state import view_state
from tests.doubles.assembled import live
from tests.doubles.sessions import record
from tests.doubles.states import INFO, playing, replaying


def pictures(times_s: list[float]) -> tuple[tuple[float, QImage], ...]:
    image = QImage(106, 80, QImage.Format.Format_Grayscale8)
    image.fill(128)
    return tuple((time_s, image) for time_s in times_s)


@pytest.fixture
def row(qtbot) -> ThumbnailRow:
    row = ThumbnailRow(None)
    qtbot.addWidget(row)
    row.resize(400, 44)
    row.show()
    return row


def test_each_stands_below_its_moment_and_as_many_as_fit_evenly(row):
    times_s = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    row.show_thumbnails(pictures(times_s), lambda time_s: 60 * time_s)
    row.grab()
    assert [time_s for _, (time_s, _) in row._places] == times_s
    assert [place.center().x() for place, _ in row._places] == [60 * time_s for time_s in times_s]
    row.show_thumbnails(pictures(times_s), lambda time_s: 30 * time_s)
    row.grab()
    assert [time_s for _, (time_s, _) in row._places] == [1.0, 3.0, 5.0]


def test_a_click_goes_to_the_moment_of_the_picture(row, qtbot):
    row.show_thumbnails(pictures([1.0, 3.0]), lambda time_s: 60 * time_s)
    row.grab()
    with qtbot.waitSignal(row.seek_requested) as asked:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row._places[1][0].center().toPoint())
    assert asked.args == [3.0]


def test_a_recording_gets_its_pictures_and_a_live_source_none(shown, qtbot, tmp_path):
    folder = record(tmp_path / "sessions", 60)
    trace = shown.window.page.trace
    trace.build()
    shown.controller.open(str(folder))
    qtbot.waitUntil(lambda: len(trace._pictures) == COUNT)
    times_s = [time_s for time_s, _ in trace._pictures]
    assert times_s == sorted(times_s)
    assert times_s[-1] > 2.2
    assert trace.thumbnails.isVisible()
    shown.window.resize(683, 360)
    assert not trace.thumbnails.isVisible()  # a low window has room for the curve alone
    shown.window.resize(1024, 768)
    assert trace.thumbnails.isVisible()
    live(shown, qtbot)
    assert not trace.thumbnails.isVisible()


def test_a_still_stands_below_its_number(window):
    trace = window.page.trace
    trace.build()
    window.resize(1024, 768)
    each = view_state(replaying(info=replace(INFO, rate_hz=None), playback=playing(0, playing=False)))
    window.show_state(each)
    trace.show_thumbnails(pictures([0.0]))
    trace.thumbnails.grab()
    ((place, _),) = trace.thumbnails._places or [(None, None)]
    each_s = each.trace.each_s
    assert place.center().x() == pytest.approx((trace.x_of(0.0) + trace.x_of(each_s)) / 2, abs=1)
