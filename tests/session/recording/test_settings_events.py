"""A change of the scanner's settings: from the frames of a source to session, table, trace and replay."""

from pathlib import Path

import numpy as np
import pytest

from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Analysis, Frame, Region, SettingsSeen, Signal
from scanmon.picture.signal.scanner_settings import SettingsWatch
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.session.content import RecordedScores
from scanmon.session.reader import read_session
from scanmon.sources.session import SessionRecording
from scanmon.ui.state.view_state import Mark, view_state
from tests.doubles.live_scene import LINEAR
from tests.doubles.scanner_screens import LOOKS_HZ, gain, screens
from tests.doubles.scenes import LINEAR as CALIBRATION
from tests.doubles.scenes import Camera, Fixed, MeanScorer, NamedEngine, PatientMonitor, wait_until
from tests.doubles.sessions import ENGINE, PROVENANCE, written

CHANGED_S = 3.0


class SettingsAlone:
    """A signal that is always live."""

    def __init__(self) -> None:
        self._watch = SettingsWatch()

    def update(self, frame: Frame, region: Region) -> Signal:
        return Signal(settings=self._watch.update(frame, region))

    def reset(self) -> None:
        self._watch.reset()


def analyzer() -> Analyzer:
    judge = Judge(MeanScorer(), CALIBRATION, NamedEngine(ENGINE))
    sector = Fixed(Region(LINEAR.box, kind="linear", origin="detected"))
    return Analyzer([judge], sector, signal=SettingsAlone(), provenance=PROVENANCE)


def frames() -> list[Frame]:
    pictures = screens(7, gain("Gn 64", "Gn 70", CHANGED_S), shape=LINEAR)
    return [Frame(pixels, n, n / LOOKS_HZ, 100 + n / LOOKS_HZ) for n, pixels in enumerate(pictures)]


@pytest.fixture(scope="module")
def analyses() -> list[Analysis]:
    score = analyzer()
    return [score.analyze(frame) for frame in frames()]


@pytest.fixture(scope="module")
def session(analyses: list[Analysis], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("sessions"), analyses)


def test_an_analysis_carries_what_the_watch_has_seen(analyses: list[Analysis]) -> None:
    assert analyses[0].settings == SettingsSeen(0, None)
    last = analyses[-1].settings
    assert last.changes == 1
    assert last.since_s == pytest.approx(CHANGED_S, abs=0.3)


def test_a_session_has_one_event_and_a_column_that_counts(session: Path) -> None:
    content = read_session(session)
    (event,) = [event for event in content.events if event["kind"] == "settings"]
    assert event["time_s"] - event["before_s"] == pytest.approx(CHANGED_S, abs=0.3)
    assert content.settings_s == (pytest.approx(CHANGED_S, abs=0.3),)
    counts = content.table.numbers("settings")
    noticed = int(np.argmax(counts == 1))
    assert (counts[:noticed] == 0).all()
    assert (counts[noticed:] == 1).all()
    assert noticed / LOOKS_HZ == pytest.approx(event["time_s"], abs=0.01)


def test_a_replay_counts_as_it_was_recorded(session: Path) -> None:
    recording = SessionRecording(session)
    scores = RecordedScores(recording.content)
    seen = [scores.analyze(frame).settings for frame in recording]
    recording.close()
    assert [one.changes for one in seen if one] == list(recording.content.table.numbers("settings"))


def test_the_trace_of_a_live_source_has_a_mark_there() -> None:
    camera = Camera()
    monitor = PatientMonitor(camera, analyzer, keep="every")
    monitor.start()
    try:
        for frame in frames():
            camera.send(frame)
        wait_until(lambda: monitor.snapshot().counts.scored == len(frames()))
        snapshot = monitor.snapshot()
    finally:
        monitor.stop()
    (time_s,) = snapshot.settings_s
    assert time_s == pytest.approx(CHANGED_S, abs=0.3)
    assert view_state(snapshot).trace.marks == (Mark(time_s, "settings"),)


def test_the_window_marks_what_a_session_recorded(session: Path, tiny_bundle: Path) -> None:
    settings = Settings(ScoringSettings(bundle=str(tiny_bundle)))
    monitor = open_monitor(Run(str(session), settings))
    try:
        assert monitor.snapshot().settings_s == (pytest.approx(CHANGED_S, abs=0.3),)
    finally:
        monitor.stop()
