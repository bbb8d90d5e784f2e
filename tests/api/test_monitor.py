"""Any source, watched from Python."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer

import scanmon
from scanmon.ui import app as window
from tests.doubles.bundles import speckle
from tests.doubles.recordings import colored, moving_gray, write_video
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.doubles.senders import free_port

PICTURES = speckle(8, 5, side=96)


class Camera:
    """Gives pictures until it is closed, as a grabber's own library does."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        index = 0
        while not self.closed.wait(0.01):
            index += 1
            yield PICTURES[index % len(PICTURES)]

    def close(self) -> None:
        self.closed.set()


def test_every_frame_of_a_recording_calls_back_in_order(tiny_bundle: Path, tmp_path: Path) -> None:
    video, readings = write_video(tmp_path / "loop.mp4", 12), []
    with scanmon.Monitor(video, readings.append, bundle=tiny_bundle, region="full") as monitor:
        assert monitor.wait(PATIENCE_S)
    assert [reading.frame for reading in readings] == list(range(12))
    assert monitor.state == "finished"
    assert monitor.latest.frame == 11


def test_a_live_source_is_watched_until_it_is_stopped(tiny_bundle: Path) -> None:
    came = threading.Event()
    monitor = scanmon.Monitor(
        "phantom:size=128x96", lambda _: came.set(), bundle=tiny_bundle, region="full", metric="map"
    )
    assert monitor.state == "idle"
    assert monitor.latest is None
    monitor.start()
    assert came.wait(PATIENCE_S)
    assert monitor.state == "running"
    assert not monitor.wait(0.01)
    monitor.stop()
    monitor.stop()
    assert monitor.wait(0.0)


def test_a_camera_of_ones_own_is_watched_and_closed(tiny_bundle: Path) -> None:
    camera, came = Camera(), threading.Event()
    with scanmon.Monitor(camera, lambda _: came.set(), bundle=tiny_bundle, region="full") as monitor:
        assert came.wait(PATIENCE_S)
        assert monitor.latest.row()["source"] == "python:Camera"
    assert camera.closed.is_set()


def test_frames_and_colour_arrays_are_taken_from_a_generator(tiny_bundle: Path) -> None:
    readings: list[scanmon.Reading] = []

    def frames() -> Iterator[object]:
        yield colored(moving_gray(0))
        wait_until(lambda: len(readings) == 1)  # a live source keeps the newest alone
        yield scanmon.Frame(moving_gray(9), 7, 0.5, time.monotonic())

    with scanmon.Monitor(frames(), readings.append, bundle=tiny_bundle, region="full") as monitor:  # type: ignore[arg-type]
        assert monitor.wait(PATIENCE_S)
    assert [reading.frame for reading in readings] == [0, 7]
    assert readings[-1].time_s == 0.5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([np.zeros((64, 64), np.float32)], "picture 0 is an array of float32"),
        ([np.zeros((64, 64), np.uint8), "no picture"], "picture 1 is an array of"),
        ([np.zeros((2, 64, 64, 3), np.uint8)], r"shape \(2, 64, 64, 3\)"),
    ],
)
def test_what_a_source_of_ones_own_gives_wrongly_is_said(tiny_bundle, given, said) -> None:
    with (
        scanmon.Monitor(given, bundle=tiny_bundle, region="full") as monitor,
        pytest.raises(scanmon.ScanmonError, match=said),
    ):
        monitor.wait(PATIENCE_S)


def test_a_fault_of_the_callback_is_raised_by_wait(tiny_bundle: Path, tmp_path: Path) -> None:
    calls: list[int] = []

    def fail(reading: scanmon.Reading) -> None:
        calls.append(reading.frame)
        raise ValueError("of the caller")

    video = write_video(tmp_path / "loop.mp4", 5)
    with (
        scanmon.Monitor(video, fail, bundle=tiny_bundle, region="full") as monitor,
        pytest.raises(ValueError, match="of the caller"),
    ):
        monitor.wait(PATIENCE_S)
    assert calls == [0]


@pytest.mark.parametrize("source", [3, None])
def test_what_is_no_source_is_refused(source: object) -> None:
    with pytest.raises(scanmon.ScanmonError, match="is no source"):
        scanmon.Monitor(source)  # type: ignore[arg-type]


def test_a_run_is_recorded_and_its_session_opens(tiny_bundle: Path, tmp_path: Path) -> None:
    video = write_video(tmp_path / "loop.mp4", 6)
    with scanmon.Monitor(
        video, record=tmp_path / "sessions", bundle=tiny_bundle, region="0,0,128,96"
    ) as monitor:
        assert monitor.wait(PATIENCE_S)
    (folder,) = (tmp_path / "sessions").iterdir()
    session = scanmon.open_session(folder)
    assert session.table()["frame"] == list(range(6))
    assert len(list(session.frames())) == 6


def test_a_metric_of_ones_own_makes_the_number_and_prometheus_serves_it() -> None:
    came, port = threading.Event(), free_port()

    def served() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            return b"scanmon_quality" in answer.read()

    own = {"metric": lambda image: image / 2.55, "region": "full", "metrics_port": port}
    with scanmon.Monitor(Camera(), lambda _: came.set(), **own):
        assert came.wait(PATIENCE_S)
        wait_until(served)


def test_a_file_and_an_array_are_shown_until_the_time_is_over(tiny_bundle, tmp_path, monkeypatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    opened = []
    whole = window.MonitorWindow.show_state
    monkeypatch.setattr(
        window.MonitorWindow, "show_state", lambda self, state: (opened.append(state), whole(self, state))[1]
    )
    scanmon.show(write_video(tmp_path / "loop.mp4", 10), seconds=1.0, bundle=tiny_bundle, region="full")
    shown = len(opened)
    assert shown
    scanmon.show(
        np.stack([moving_gray(index) for index in range(10)]), seconds=1.0, bundle=tiny_bundle, region="full"
    )
    assert len(opened) > shown
    loop, turned = QEventLoop(), []
    QTimer.singleShot(0, lambda: (turned.append(True), loop.quit()))
    loop.exec()
    assert turned, "a program that goes on after the window cannot use Qt any more"


def test_what_the_window_cannot_show_is_refused() -> None:
    with pytest.raises(scanmon.ScanmonError, match="use Monitor"):
        scanmon.show("x.png", metric=lambda image: image)
    with pytest.raises(scanmon.ScanmonError, match="is no source"):
        scanmon.show(3)  # type: ignore[arg-type]
    with pytest.raises(scanmon.ScanmonError, match="is no picture"):
        scanmon.show(np.zeros(4, np.uint8))
