from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SinkError
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.app import render_png
from scanmon.ui.monitor.portrait import portrait, worst_moment
from tests.doubles.scenes import Cine, analyzer
from tests.doubles.states import replaying


def test_a_picture_of_the_window_is_written_without_a_display(tmp_path):
    path = tmp_path / "window.png"
    render_png(replaying(), path, size=(1000, 700))
    image = cv2.imread(str(path))
    assert image.shape == (700, 1000, 3)
    assert image[:, :700].std() > 10  # the picture is in it


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(SinkError, match="choose another folder"):
        render_png(Snapshot(), tmp_path / "nowhere" / "window.png")


def test_the_portrait_of_a_recording_stands_at_its_worst_score(tmp_path):
    cine, run = Cine(100), analyzer()
    analyses = [run.analyze(frame) for frame in cine.frames_from(40)]
    snapshot = worst_moment(analyses, cine)
    assert snapshot.playback is not None
    assert snapshot.playback.index == 40
    assert snapshot.trace is not None
    assert np.isnan(snapshot.trace.steady[:40]).all()
    portrait(analyses, cine, tmp_path / "p.png")
    assert cv2.imread(str(tmp_path / "p.png")) is not None


def test_the_window_imports_without_networks():
    code = (
        "import sys, scanmon.ui.app; "
        "assert not {'torch', 'onnx', 'onnxruntime', 'pyqtgraph', 'av'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)
