"""The window, from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QTimer

import scanmon
from scanmon.ui import app as window
from tests.doubles.recordings import moving_gray, write_video


def test_a_file_and_an_array_are_shown_until_the_time_is_over(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
