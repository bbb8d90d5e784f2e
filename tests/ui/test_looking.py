"""Zoom, pan, window, level and colour: of the display, never of the score."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from scanmon.core.values import Frame
from scanmon.sources.gray import from_color
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import AS_CAPTURED, Fit, Look
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import view_state
from tests.doubles.assembled import wheel_event
from tests.doubles.painted import pixels_of
from tests.doubles.states import live

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def still(pixels: np.ndarray, colour: np.ndarray | None = None) -> Frame:
    return Frame(pixels, 0, 0.0, 0.0, colour=colour)


@pytest.fixture
def view(qtbot) -> VideoView:
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    return view


@pytest.fixture
def watched(window):
    window.show_state(view_state(live()))
    return window


def wheel(window, at: QPoint, notches: int) -> None:
    window.looking.eventFilter(window.page.video, wheel_event(window.page.video, QPointF(at), notches))


def drag(video: VideoView, button: Qt.MouseButton, by: QPoint) -> None:
    """From the middle; the events say themselves which button is held."""
    middle, none = video.rect().center(), Qt.MouseButton.NoButton
    for kind, at, own, held in (
        (QEvent.Type.MouseButtonPress, middle, button, button),
        (QEvent.Type.MouseMove, middle + by, none, button),
        (QEvent.Type.MouseButtonRelease, middle + by, button, none),
    ):
        there = QPointF(video.mapToGlobal(at))
        event = QMouseEvent(kind, QPointF(at), there, own, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(video, event)


def test_a_zoomed_picture_shows_its_part_as_large_as_asked(view):
    pixels = np.zeros((300, 400), np.uint8)
    pixels[150:, 200:] = 200
    view.show_picture(still(pixels))
    view.set_look(Look(zoom=4.0, x=0.75, y=0.75))
    assert pixels_of(view).min() == 200
    view.set_look(Look(zoom=4.0, x=0.25, y=0.75))
    assert pixels_of(view).max() == 0


@pytest.mark.parametrize("at", [(0.5, 0.5), (0.3, 0.6), (0.55, 0.4)])
def test_what_lies_under_the_mouse_stays_there_while_zooming(at):
    picture, room = (800, 600), (400.0, 300.0)
    look = AS_CAPTURED
    place = Fit.of(picture, room, look).point(at[0] * 800, at[1] * 600)
    for _ in range(3):
        look = look.zoomed(1.3, at)
    there = Fit.of(picture, room, look).point(at[0] * 800, at[1] * 600)
    assert (there - place).manhattanLength() < 1e-6


def test_the_wheel_zooms_the_left_button_moves_and_a_double_click_goes_back(watched, qtbot):
    video, looking = watched.page.video, watched.looking
    middle = video.rect().center()
    wheel(watched, middle, 3)
    assert looking.look.zoom == pytest.approx(1.25**3)
    before = looking.look.x
    drag(video, LEFT, QPoint(-30, 0))
    assert looking.look.x > before  # the picture follows the hand to the left
    drag(video, RIGHT, QPoint(20, 10))
    assert (looking.look.window, looking.look.level) == (275.0, 117.5)
    qtbot.mouseDClick(video, LEFT, pos=middle)
    assert looking.look == AS_CAPTURED


def test_window_and_level_change_the_display_and_say_that_they_are_only_that(watched, qtbot):
    side = watched.page.side
    number = side.meter._state.number
    watched.run("more_contrast")
    watched.run("brighter")
    assert watched.looking.look == replace(AS_CAPTURED, window=243.0, level=115.5)
    assert side.look.isVisible()
    assert "Display only" in side.look.text()
    watched.show_state(view_state(live()))
    assert side.meter._state.number == number
    watched.run("as_captured")
    assert not side.look.isVisible()


def test_a_narrow_window_spreads_its_levels_over_all_of_black_to_white():
    table = Look(window=100.0, level=100.0).table
    assert (table[50], table[100], table[150]) == (0, 128, 255)
    assert AS_CAPTURED.table is None


def test_the_keys_zoom_and_move(watched, qtbot):
    for key, modifier in ((Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier),) * 4:
        qtbot.keyClick(watched.page, key, modifier)
    qtbot.keyClick(watched.page, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert watched.looking.look.zoom == pytest.approx(1.25**4)
    assert watched.looking.look.x > 0.5
    qtbot.keyClick(watched.page, Qt.Key.Key_0)
    assert watched.looking.look == AS_CAPTURED


def test_a_coloured_picture_is_shown_in_colour_and_a_gray_one_costs_nothing_for_it(view):
    bgr = np.zeros((300, 400, 3), np.uint8)
    bgr[:, :200] = (40, 40, 200)  # red Doppler
    bgr[:, 200:] = 90
    picture = from_color(bgr, bgr=True)
    view.show_picture(still(picture.gray, picture.colour))
    seen = pixels_of(view).astype(int)
    assert np.abs(seen[150, 50] - (200, 40, 40)).max() <= 3
    assert np.abs(seen[150, 350] - 90).max() <= 3
    gray = from_color(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2), bgr=True)
    assert gray.colour is None


def test_colour_lies_where_it_belongs_when_a_part_is_shown(view):
    bgr = np.full((600, 800, 3), 80, np.uint8)
    bgr[200:400, 301:500] = (220, 60, 30)
    picture = from_color(bgr, bgr=True)
    view.show_picture(still(picture.gray, picture.colour))
    view.set_look(Look(zoom=2.0, x=0.5, y=0.5))
    seen, fit = pixels_of(view).astype(int), view.fit
    for x in (290, 310, 490, 510):
        at = fit.point(x, 300)
        blue = seen[int(at.y()), int(at.x()), 2]
        assert (blue > 180) == (301 <= x < 500), x


def test_buffers_of_the_display_are_kept_from_frame_to_frame():
    scaler = GrayImageScaler()
    pixels = np.zeros((72, 128), np.uint8)
    colour = np.full((36, 64, 2), 150, np.uint8)
    table = Look(window=100.0).table
    first = scaler.scaled(pixels, 200, 100, colour, table)
    assert scaler.scaled(pixels, 200, 100, colour, table) is first
