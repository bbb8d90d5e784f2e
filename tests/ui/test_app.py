from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SinkError
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.app import portrait, render_png, worst_moment
from scanmon.ui.monitor.trace_plot import TracePlot
from tests.doubles.commands import python
from tests.doubles.scenes import Cine, analyzer
from tests.doubles.states import analysis, replaying


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
    assert snapshot.playback.index == 40
    assert np.isnan(snapshot.trace.steady[:40]).all()
    portrait(analyses, cine, tmp_path / "p.png")
    assert cv2.imread(str(tmp_path / "p.png")) is not None


def test_the_portrait_is_of_the_worst_frame_by_its_own_quality():
    """The smoothed quality is lowest later, when the picture may be good again."""
    cine = Cine(5)
    scores = [(90, 90), (10, 60), (90, 55), (90, 70), (90, 80)]
    analyses = [
        replace(one, readings=(replace(one.reading, quality=float(own), steady=float(steady)),))
        for one, (own, steady) in zip(map(analysis, cine.frames_from(0)), scores, strict=True)
    ]
    assert worst_moment(analyses, cine).frame is analyses[1].frame


def test_the_curve_of_a_portrait_has_no_teeth_that_the_data_has_not(tmp_path, monkeypatch):
    """It is thinned for the width that the window has; before it was laid out that would be a few pixels."""
    widths = []
    shown = TracePlot.show_state
    monkeypatch.setattr(
        TracePlot, "show_state", lambda plot, state: (widths.append(plot.plot.width()), shown(plot, state))
    )
    render_png(replaying(), tmp_path / "window.png", size=(1000, 700))
    assert widths[-1] > 800


def test_the_window_imports_without_networks():
    code = (
        "import sys, scanmon.ui.app; "
        "assert not {'torch', 'onnx', 'onnxruntime', 'pyqtgraph', 'av'} & set(sys.modules), 'heavy import'"
    )
    python("-c", code)
