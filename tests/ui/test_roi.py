"""Regions of interest on the picture of the window."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt

from scanmon.core.roi import Rois, measured
from scanmon.core.values import Box, Frame, Region
from scanmon.runtime.playback import Playback
from scanmon.ui.controller import Controller
from scanmon.ui.monitor.regions_of_interest import RoiController, RoiLayer, roi_text
from tests.doubles.assembled import open_camera
from tests.doubles.scenes import PATIENCE_S, Camera, Cine, MeanScorer, PatientMonitor, analyzer, frame


@pytest.fixture
def camera(window, qtbot) -> Iterator[Camera]:
    camera = Camera()
    controller = Controller(window, lambda _: PatientMonitor(camera, analyzer))
    RoiController(window, controller)
    window.controller = controller
    open_camera(controller, qtbot)
    send(window, camera, qtbot, 0)
    yield camera
    controller.shut_down(PATIENCE_S)


def noisy(index: int, size: tuple[int, int] = (64, 80)) -> Frame:
    pixels = np.random.default_rng(index).integers(60, 160, size, np.uint8)
    pixels[:, size[1] // 2 :] += 60
    pixels.setflags(write=False)
    return Frame(pixels, index, index / 30, 100.0 + index / 30)


def send(window, camera: Camera, qtbot, index: int, picture: Frame | None = None) -> None:
    camera.send(picture or noisy(index))
    qtbot.waitUntil(
        lambda: (now := window.controller.snapshot.analysis) is not None and now.frame.index == index
    )
    window.controller.tick()


class Heard(QObject):
    """What reaches a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[QEvent.Type] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.kinds.append(event.type())
        return False


def press(window, qtbot) -> RoiLayer:
    """The key, in whichever part of the window the focus is."""
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_I)
    return window.page.video.findChild(RoiLayer)


def test_a_key_draws_one_region_then_two_then_none(window, camera, qtbot):
    side = window.page.side.roi
    assert window.page.video.findChild(RoiLayer) is None
    assert side.isHidden()
    layer = press(window, qtbot)
    send(window, camera, qtbot, 1)
    assert layer.isVisible()
    assert "mean" in side.text()
    assert "gCNR" not in side.text()
    press(window, qtbot)
    send(window, camera, qtbot, 2)
    (first, second) = layer._boxes
    expected = measured(noisy(2).pixels, Rois(Region(first), Region(second)))
    assert window.controller.snapshot.analysis.roi == expected
    assert side.text() == roi_text(expected)
    press(window, qtbot)
    assert layer.isHidden()
    assert side.isHidden()
    send(window, camera, qtbot, 3)
    assert window.controller.snapshot.analysis.roi is None


def test_a_key_makes_ellipses_of_both_and_the_trace_holds_their_gcnr(window, camera, qtbot):
    layer = press(window, qtbot)
    press(window, qtbot)
    qtbot.keyClick(layer, Qt.Key.Key_V)
    send(window, camera, qtbot, 1)
    first, second = layer._boxes
    down, across = np.ogrid[: first.height, : first.width]
    half, wide = first.height / 2, first.width / 2
    mask = ((down + 0.5 - half) / half) ** 2 + ((across + 0.5 - wide) / wide) ** 2 <= 1
    expected = measured(noisy(1).pixels, Rois(Region(first, mask), Region(second, mask)))
    assert window.controller.snapshot.analysis.roi == expected
    assert window.page.side.roi.text() == roi_text(expected)
    assert window.controller.snapshot.trace.gcnr[-1] == pytest.approx(100 * expected.gcnr)
    before = len(window.controller.snapshot.trace.gcnr)
    qtbot.keyClick(layer, Qt.Key.Key_V)
    send(window, camera, qtbot, 2)
    assert window.controller.snapshot.analysis.roi.pixels == first.width * first.height
    trace = window.controller.snapshot.trace.gcnr
    assert np.isnan(trace[:before]).all(), "the curve holds values of the former region"
    assert np.isfinite(trace[-1])


def test_two_clicks_at_a_known_distance_give_the_scale(window, camera, qtbot, monkeypatch):
    asked = "scanmon.ui.monitor.regions_of_interest.QInputDialog.getDouble"
    monkeypatch.setattr(asked, lambda *_: (6.0, True))
    layer, fit = press(window, qtbot), window.page.video.fit
    before = layer._boxes
    qtbot.keyClick(layer, Qt.Key.Key_D)
    for x, y in ((10, 10), (40, 50)):  # 50 pixels apart
        qtbot.mouseClick(layer, Qt.MouseButton.LeftButton, pos=fit.point(x, y).toPoint())
    send(window, camera, qtbot, 1)
    found = window.controller.snapshot.analysis.roi
    (said,) = [line for line in window.page.side.roi.text().splitlines() if "mm per pixel" in line]
    across, _, down, _, scale, *_ = said.split()
    assert float(scale.strip("(")) == pytest.approx(6 / 50, rel=0.03)
    assert float(across) == pytest.approx(found.lateral_px * 0.12, rel=0.05)
    assert float(down) == pytest.approx(found.axial_px * 0.12, rel=0.05)
    assert layer._boxes == before


def test_the_mouse_drags_a_region_and_the_values_follow(window, camera, qtbot):
    layer, fit = press(window, qtbot), window.page.video.fit
    before = layer._boxes[0]
    corner = fit.point(before.right, before.bottom).toPoint()
    qtbot.mousePress(layer, Qt.MouseButton.LeftButton, pos=corner)
    qtbot.mouseMove(layer, fit.point(before.right + 10, before.bottom + 12).toPoint())
    qtbot.mouseRelease(layer, Qt.MouseButton.LeftButton)
    after = layer._boxes[0]
    assert after == Box(before.x, before.y, before.width + 10, before.height + 12)
    send(window, camera, qtbot, 1)
    assert window.controller.snapshot.analysis.roi.box == after


def test_a_click_beside_the_handles_is_left_to_the_picture(window, camera, qtbot):
    layer, fit = press(window, qtbot), window.page.video.fit
    before = layer._boxes
    window.page.setFocus()
    below = Heard()
    window.page.video.installEventFilter(below)
    qtbot.mousePress(layer, Qt.MouseButton.LeftButton, pos=fit.point(78, 2).toPoint())
    qtbot.mouseMove(layer, fit.point(20, 20).toPoint())
    qtbot.mouseRelease(layer, Qt.MouseButton.LeftButton)
    corner = fit.point(before[0].x, before[0].y).toPoint()
    qtbot.mousePress(layer, Qt.MouseButton.RightButton, pos=corner)  # window and level, on a handle too
    assert below.kinds.count(QEvent.Type.MouseButtonPress) == 2
    assert {QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease} <= set(below.kinds)
    assert layer._boxes == before
    assert not layer.hasFocus()


def test_arrows_move_the_chosen_handle_down_to_the_least_size(window, camera, qtbot):
    layer = press(window, qtbot)
    before = layer._boxes[0]
    qtbot.keyClick(layer, Qt.Key.Key_Right)  # top left
    assert layer._boxes[0] == Box(before.x + 1, before.y, before.width - 1, before.height)
    for _ in range(40):
        qtbot.keyClick(layer, Qt.Key.Key_Right)
    assert layer._boxes[0].width == 6
    qtbot.keyClick(layer, Qt.Key.Key_P)  # backwards: the whole
    qtbot.keyClick(layer, Qt.Key.Key_Up)
    assert layer._boxes[0].y == before.y - 1


def test_of_a_held_picture_what_is_drawn_is_measured_too(window, camera, qtbot):
    window.controller.command("freeze")
    layer = press(window, qtbot)
    qtbot.waitUntil(lambda: "mean" in window.page.side.roi.text())
    expected = measured(noisy(0).pixels, Rois(Region(layer._boxes[0])))
    assert window.page.side.roi.text() == roi_text(expected)


def test_a_picture_of_another_size_ends_the_measuring(window, camera, qtbot):
    layer = press(window, qtbot)
    send(window, camera, qtbot, 1, noisy(1, (20, 24)))
    assert layer.isHidden()
    assert window.page.side.roi.isHidden()


def test_the_next_source_of_the_same_size_is_measured_in_the_same_place(window, qtbot):
    controller = Controller(window, lambda _: PatientMonitor(Playback(Cine(3), playing=False), analyzer))
    RoiController(window, controller)
    window.controller = controller
    for name in ("one", "two"):
        controller.open(name)
        qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
        controller.tick()
        if name == "one":
            boxes = press(window, qtbot)._boxes
        qtbot.waitUntil(lambda: (now := controller.snapshot.analysis) is not None and now.roi is not None)
        assert controller.snapshot.analysis.roi.box == boxes[0]
    controller.shut_down(PATIENCE_S)


def test_a_recording_that_stands_is_measured_at_once(window, qtbot):
    controller = Controller(window, lambda _: PatientMonitor(Playback(Cine(3), playing=False), analyzer))
    RoiController(window, controller)
    controller.open("cine")
    qtbot.waitUntil(lambda: controller.snapshot.analysis is not None)
    controller.tick()
    press(window, qtbot)
    qtbot.waitUntil(lambda: "mean 0.0" in window.page.side.roi.text())
    controller.command("forward")
    qtbot.waitUntil(lambda: "mean 1.0" in window.page.side.roi.text())
    controller.shut_down(PATIENCE_S)


def test_values_of_a_picture_that_is_long_past_are_not_told(window, qtbot):
    """They stood beside the moving picture for as long as a pass of a slow engine took."""
    ready, camera = threading.Event(), Camera()
    ready.set()
    scorer = MeanScorer(gate=lambda: ready.wait(PATIENCE_S))
    window.controller = controller = Controller(
        window, lambda _: PatientMonitor(camera, lambda: analyzer(scorer))
    )
    RoiController(window, controller)
    open_camera(controller, qtbot)
    send(window, camera, qtbot, 0)
    press(window, qtbot)
    send(window, camera, qtbot, 1)
    assert not window.page.side.roi.isHidden()
    ready.clear()
    camera.send(noisy(90))
    qtbot.waitUntil(window.page.side.roi.isHidden)
    ready.set()
    qtbot.waitUntil(lambda: not window.page.side.roi.isHidden())
    controller.shut_down(PATIENCE_S)


def test_without_a_picture_the_key_does_nothing(window, qtbot):
    controller = Controller(window, lambda _: PatientMonitor(Camera(), analyzer))
    RoiController(window, controller)
    controller.command("roi")
    assert window.page.video.findChild(RoiLayer) is None
    controller.shut_down(PATIENCE_S)


def test_one_level_has_a_mean_and_nothing_else():
    text = roi_text(measured(frame(255).pixels, Rois(Region(Box(0, 0, 20, 20)), Region(Box(30, 0, 20, 20)))))
    assert text.splitlines() == [
        "mean 255.0 ± 0.0",
        "speckle – x – px",
        "contrast +0.0 dB",
        "CNR –, gCNR 0.00",
        "100 % black or white",
    ]
