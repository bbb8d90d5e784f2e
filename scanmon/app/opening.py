"""Any SOURCE -> a monitor, ready to be started."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scanmon.app.analyzers import Plan, analyzer_of_recording, open_analyzer
from scanmon.app.demo import DemoCine, cine_path
from scanmon.app.settings import Settings
from scanmon.core.ports import Recording
from scanmon.core.values import Verdict
from scanmon.picture.region import parse_region
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Trace
from scanmon.session.content import SessionContent
from scanmon.sources.opening import open_live, open_recording, scheme_of
from scanmon.sources.session import SessionRecording

DEMO = "demo"  # the name of the demo's recording wherever a SOURCE is asked for


def open_recorded(source: str) -> Recording:
    """A recording by its path, or the demo. Raises `SourceError`."""
    if source == DEMO:
        return DemoCine(open_recording(str(cine_path())), parse_region("auto"))
    return open_recording(source)


def open_monitor(
    source: str, settings: Settings, *, live: bool | None = None, score_again: bool = False
) -> Monitor:
    """A monitor of any SOURCE, ready to be started; what it scores with is loaded once it runs.

    Recordings play at their own rate and only the newest frame is scored, so that video never waits for a
    score; live sources likewise. `live` None: what the form of `source` says. A recorded session shows the
    scores that it was recorded with; with `score_again` new ones, and the recorded ones as the second trace.
    Raises `SourceError`.
    """
    if live is None:
        live = source != DEMO and scheme_of(source) is not None and not Path(source).exists()
    if live:
        plan = Plan(source, both=True, paced=True)
        return Monitor(open_live(source), lambda: open_analyzer(settings, plan))
    recording = open_recorded(source)
    plan = Plan(recording.info.name, both=True, paced=True)
    known = None
    if isinstance(recording, SessionRecording):
        known = recorded_trace(recording.content, as_second=score_again)
    return Monitor(
        Playback(recording),
        lambda: analyzer_of_recording(recording, settings, plan, again=score_again),
        known=known,
    )


def recorded_trace(content: SessionContent, *, as_second: bool) -> Trace:
    """The trace of a whole session, for the line itself or, `as_second`, to be drawn beside a new one."""
    rows, table = content.pictures, content.table
    words = {word.value: number for number, word in enumerate(Verdict)}
    verdicts = np.array([words.get(word or "", -1) for word in table.texts("verdict")], np.int8)[rows]
    steady = table.numbers("steady")[rows].astype(np.float32)
    none = np.full(len(rows), np.nan, np.float32)
    if as_second:
        return Trace(table.numbers("time_s")[rows], none, none, np.full(len(rows), -1, np.int8), steady)
    quality = table.numbers("quality")[rows].astype(np.float32)
    second = table.numbers("second_steady")[rows].astype(np.float32)
    return Trace(table.numbers("time_s")[rows], quality, steady, verdicts, second)
