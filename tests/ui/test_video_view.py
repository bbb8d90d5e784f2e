import numpy as np
import pytest
from PySide6.QtGui import QImage

from scanmon.core.values import Box, Frame
from scanmon.ui.monitor.gray_image import GrayImageScaler
from scanmon.ui.monitor.picture_fit import Fit
from scanmon.ui.monitor.video_view import VideoView
from scanmon.ui.state.view_state import OverlayState
from tests.doubles.painted import pixels_of
from tests.doubles.states import heat, picture


@pytest.fixture
def view(qtbot) -> VideoView:
    view = VideoView()
    qtbot.addWidget(view)
    return view


@pytest.mark.parametrize("width", [640, 641, 642, 643])
def test_without_overlay_every_pixel_is_the_frames_own(view, width):
    frame = picture(1, size=(480, width))
    view.resize(width, 480)
    view.show_picture(frame)
    assert (pixels_of(view) == frame.pixels[..., None]).all()


def test_the_picture_is_centred_and_not_stretched(view):
    white = Frame(np.full((100, 100), 255, np.uint8), 0, 0.0, 0.0)
    view.resize(400, 200)
    view.show_picture(white)
    row = pixels_of(view)[100, :, 0]
    assert (row[101:299] == 255).all()
    assert (row[:99] < 30).all() and (row[301:] < 30).all()


def test_the_heatmap_tints_the_poor_place_alone(view):
    gray = Frame(np.full((480, 640), 100, np.uint8), 0, 0.0, 0.0)
    view.resize(640, 480)
    box = Box(80, 40, 480, 400)
    view.show_picture(gray, OverlayState(heatmap=heat(), region=box, opacity=0.5))
    seen = pixels_of(view).astype(int)
    poor = seen[40 + 15 * 16, 80 + 17 * 16]
    assert poor[0] > 130 and poor[0] - poor[2] > 40  # yellow on gray
    assert (seen[60, 100] == 100).all()
    assert (seen[10, 10] == 100).all()


def test_the_worst_region_is_bracketed_and_its_middle_left_free(view):
    gray = Frame(np.full((480, 640), 100, np.uint8), 0, 0.0, 0.0)
    view.resize(640, 480)
    view.show_picture(gray, OverlayState(worst=Box(200, 200, 100, 100)))
    seen = pixels_of(view)
    assert seen[199:202, 205, 0].max() > 220
    assert (seen[210:290, 210:290] == 100).all()


def test_a_frame_is_announced_once_when_it_is_on_the_screen(view, qtbot):
    painted: list[Frame] = []
    view.painted.connect(painted.append)
    first, second = picture(1), picture(2)
    for frame in (first, first, second):
        view.show_picture(frame)
        view.grab()
    assert painted == [first, second]


def test_a_picture_is_on_the_screen_at_once_and_waits_for_no_other_painting(view, qtbot):
    view.resize(320, 240)
    with qtbot.waitExposed(view):
        view.show()
    painted: list[Frame] = []
    view.painted.connect(painted.append)
    frames = [picture(index) for index in range(3)]
    for count, frame in enumerate(frames, start=1):
        view.show_picture(frame)
        assert painted == frames[:count]


@pytest.mark.parametrize("width", [160, 320, 497, 640, 1000])
def test_every_pixel_of_a_picture_counts_when_it_is_shrunk(width):
    rng = np.random.default_rng(width)
    scaler, height = GrayImageScaler(), width * 3 // 4
    dark = rng.integers(0, 60, (960, 1280), dtype=np.uint8)
    before = _levels(scaler.scaled(dark, width, height))
    for y, x in rng.integers(2, 950, (20, 2)):
        spot = dark.copy()
        spot[y, x] = 255
        after = _levels(scaler.scaled(spot, width, height))
        if width > 400:  # below that one pixel is a share of less than a gray level
            assert (after != before).any()
        assert abs(after.mean() - before.mean()) < 0.02
    assert before.mean() == pytest.approx(dark.mean(), abs=0.6)


def _levels(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)


def test_widget_and_frame_coordinates_agree():
    fit = Fit.of((640, 480), (1000.0, 600.0))
    assert fit.scale == 1.25
    point = fit.point(320, 240)
    assert (point.x(), point.y()) == (500, 300)
    assert fit.frame_point(point) == (320, 240)
    assert fit.rect(Box(0, 0, 640, 480)).width() == 800
