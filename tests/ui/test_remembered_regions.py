"""A region that was drawn comes back: after a restart of the program, and with its device."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanmon.app import run as app_run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Frame
from scanmon.picture.region import Rectangle, Sector
from scanmon.runtime.monitor import Monitor
from scanmon.sources import devices
from scanmon.ui.assembly import assemble
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.setup.remembered import RememberedRegions
from scanmon.ui.setup.setup_controller import SetupController
from tests.doubles.devices import plug_in
from tests.doubles.scenes import PATIENCE_S, Camera, PatientMonitor, analyzer
from tests.doubles.states import picture

BOX, SECTOR = Rectangle(Box(60, 40, 200, 160)), Sector(320.0, -60.0, 90.0, 500.0, -35.0, 30.0)
HD, VGA = (1280, 720), (640, 480)
STREAM = "rtsp://scanner.example:554/video"

linux = pytest.mark.skipif(sys.platform != "linux", reason="Video4Linux is Linux")


def test_each_source_and_size_has_a_shape_of_its_own(tmp_path):
    regions = RememberedRegions(tmp_path)
    regions.remember(STREAM, HD, BOX)
    regions.remember(STREAM, VGA, SECTOR)
    regions.remember("grabber:usb-1:2-SN", HD, SECTOR)
    again = RememberedRegions(tmp_path)
    assert again.recall(STREAM, HD) == BOX
    assert again.recall(STREAM, VGA) == SECTOR
    assert again.recall("grabber:usb-1:2-SN", HD) == SECTOR
    assert again.recall("grabber:usb-1:2-SN", VGA) is None
    assert again.recall("grabber:usb-1:2_SN", HD) is None  # reads alike and is another one
    again.forget(STREAM, HD)
    assert regions.recall(STREAM, HD) is None
    again.forget(STREAM, HD)


def test_a_stream_is_the_same_for_every_user_and_no_password_is_written_down(tmp_path):
    regions = RememberedRegions(tmp_path)
    path = regions.remember("rtsp://me:secret@scanner.example:554/video", HD, BOX)
    assert "secret" not in path.name
    assert regions.recall(STREAM, HD) == BOX
    assert regions.recall(STREAM.upper().replace("VIDEO", "video"), HD) == BOX
    assert regions.recall(STREAM + "2", HD) is None


def test_a_broken_file_is_named(tmp_path):
    regions = RememberedRegions(tmp_path)
    path = regions.remember(STREAM, HD, BOX)
    path.write_text("kind = 'circle'\n")
    with pytest.raises(SettingsError, match=path.name):
        regions.recall(STREAM, HD)


@linux
def test_a_grabber_that_comes_back_under_another_name_brings_its_region(tmp_path, monkeypatch):
    regions = RememberedRegions(tmp_path / "regions")

    def plugged_in(name: str, number: int, serial: str) -> None:
        plug_in(tmp_path / name, number, f"{number + 1}-1", serial)
        monkeypatch.setattr(devices, "_SYSTEM", tmp_path / name)

    plugged_in("before", 0, "SN42")
    regions.remember("grabber:/dev/video0", HD, BOX)
    plugged_in("after", 3, "SN42")
    for source in ("grabber:/dev/video3", "grabber:usb-1164:f531-SN42", "grabber:/dev/video3?rate=60"):
        assert regions.recall(source, HD) == BOX
    plugged_in("other", 0, "SN43")
    assert regions.recall("grabber:/dev/video0", HD) is None


class Run:
    """The program from its start to its end, on the files that the runs before it have left."""

    def __init__(self, bundle: Path, qtbot) -> None:
        self.camera = Camera()
        self.window = MonitorWindow()
        qtbot.addWidget(self.window)
        settings = Settings(ScoringSettings(bundle=str(bundle)))
        self.controller: Controller
        self.setting_up: SetupController
        self.controller, self.setting_up, *_ = assemble(
            self.window, app_run.Run(settings=settings), self._open
        )
        self.window.show()
        self._qtbot, self._index = qtbot, 0
        self.controller.open(STREAM)

    def _open(self, _: app_run.Run) -> Monitor:
        return PatientMonitor(self.camera, analyzer)

    def region(self, size: tuple[int, int]) -> Box:
        """Where the next picture of that size is scored, once all that follows from it is done."""
        for _ in range(3):
            self._index += 1
            shown = picture(self._index, (size[1], size[0]))
            self.camera.send(Frame(shown.pixels, self._index, self._index / 30, 100.0))
            self._qtbot.waitUntil(lambda: self._scored(self._index, size))
        analysis = self.controller.snapshot.analysis
        return analysis.region.box

    def _scored(self, index: int, size: tuple[int, int]) -> bool:
        snapshot = self.controller.snapshot
        done = snapshot.analysis is not None and snapshot.analysis.frame.index >= index
        return done and self.setting_up._size == size and snapshot.scoring == "ready"


@pytest.fixture
def start(qtbot, home, tiny_bundle) -> Iterator[Callable[[], Run]]:
    runs: list[Run] = []

    def begin() -> Run:
        for run in runs:
            run.controller.shut_down(PATIENCE_S)
            run.window.close()
        runs.append(Run(tiny_bundle, qtbot))
        return runs[-1]

    yield begin
    runs[-1].controller.shut_down(PATIENCE_S)


def test_a_drawn_region_is_there_again_after_a_restart_for_its_own_picture_size_alone(start):
    run = start()
    run.region(VGA)
    run.setting_up.page.region_requested.emit("box", BOX)
    assert run.region(VGA) == BOX.box
    again = start()
    assert again.region(VGA) == BOX.box
    assert again.region(HD) != BOX.box  # the scanner has changed its picture
    assert again.region(VGA) == BOX.box
    again.setting_up.page.region_requested.emit("auto", None)
    assert again.region(VGA) != BOX.box
    assert start().region(VGA) != BOX.box
