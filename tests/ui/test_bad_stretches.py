import numpy as np
import pytest

from scanmon.runtime.ahead import Ahead
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Trace
from scanmon.ui.controller import Controller
from scanmon.ui.monitor.playback_commands import beginnings, neighbour
from tests.doubles.scenes import PATIENCE_S, Cine, PatientMonitor, analyzer


def trace(words: str) -> Trace:
    """A letter a frame, ten frames a second: adequate, marginal, inadequate, or a dot for none."""
    verdict = np.array(["ami".find(word) for word in words], np.int8)
    steady = np.where(verdict < 0, np.nan, 50).astype(np.float32)
    return Trace(np.arange(len(words)) / 10, steady, steady, verdict, steady)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("aaiiimmiia", [2, 7]),
        ("iiaa", [0]),
        ("aaaa", []),
        ("", []),
        ("ii...ii", [0]),
        ("ii.......ii", [0, 9]),
    ],
)
def test_a_stretch_begins_where_the_picture_becomes_inadequate(words, found):
    assert beginnings(trace(words)).tolist() == found


def test_the_next_and_the_previous_one_are_found_from_where_the_recording_stands():
    words = trace("aaiiaaiia")
    assert neighbour(words, 0, 1) == 2
    assert neighbour(words, 2, 1) == 6
    assert neighbour(words, 6, 1) is None
    assert neighbour(words, 7, -1) == 6
    assert neighbour(words, 2, -1) is None


def test_n_and_p_go_to_them_in_the_window(window, qtbot):
    playback = Playback(Cine(60, 30.0), playing=False)
    controller = Controller(window, lambda _: PatientMonitor(playback, analyzer, ahead=whole(60)))
    controller.open("cine")
    try:
        qtbot.waitUntil(lambda: controller.snapshot.share_scored == 1.0)
        playback.seek(40)
        qtbot.waitUntil(lambda: controller.snapshot.frame.index == 40)
        controller.command("previous_bad")  # gray levels 0 to 59 of 255 are all inadequate
        qtbot.waitUntil(lambda: controller.snapshot.frame.index == 0)
        controller.command("next_bad")
        assert "No inadequate stretch" in window.page.side.note.text()
    finally:
        controller.shut_down(PATIENCE_S)


def whole(frames: int) -> Ahead:
    cine = Cine(frames, 30.0)
    return Ahead(lambda: cine, cine.times_s)
