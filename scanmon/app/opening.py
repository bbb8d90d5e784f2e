"""A run -> its monitor with its outputs, ready to be started."""

from contextlib import ExitStack
from functools import partial

import numpy as np

from scanmon.app.analyzers import Plan, analyzer_of, is_still
from scanmon.app.demo import DEMO, DemoCine, cine_path
from scanmon.app.run import Run
from scanmon.app.settings import Settings
from scanmon.core.ports import FrameSource, LiveSource, Recording, Sink
from scanmon.runtime.ahead import RUN_UP_S, Ahead, OpenRecording
from scanmon.runtime.mailbox import Keep
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import EveryFrame, Playback
from scanmon.runtime.snapshot import Known, Trace
from scanmon.runtime.state import OpenAnalyzer
from scanmon.runtime.trace import VERDICTS
from scanmon.scoring.own import OwnScorer
from scanmon.session.content import SessionContent
from scanmon.sources.opening import open_file, open_live, open_recording
from scanmon.sources.session import SessionRecording


def open_recorded(source: str) -> Recording:
    """A recording by its path, or the demo. Raises `SourceError`."""
    if source == DEMO:
        return DemoCine(open_file(cine_path()))  # ours: it needs no process with limits
    return open_recording(source)


def open_monitor(run: Run, open_own: OpenRecording | None = None) -> Monitor:
    """For the window: what it scores with is loaded once it runs, so that the picture comes first.

    Of a live source only the newest frame is scored, so that video never waits for a score. A recording is
    scored whole and begins to play when the engine is ready; stored pictures stand until the user moves on.
    `open_own` opens a recording in place of the run's source. Raises `SourceError`, `SinkError`.
    """
    with ExitStack() as opened:
        if run.is_live:
            source = open_live(run.source)
            opened.callback(source.close)
            monitor = Monitor(source, watched_scoring(run.settings, run.source), open_outputs(run))
        else:
            opening = open_own or partial(open_recorded, run.source)
            recording = opening()
            opened.callback(recording.close)
            still, known = is_still(recording), None
            if isinstance(recording, SessionRecording):
                known = _known(recording.content, again=run.score_again)
            monitor = Monitor(
                Playback(recording, playing=not still, begins=not still),
                watched_scoring(run.settings, run.source, recording, again=run.score_again),
                open_outputs(run),
                ahead=Ahead(opening, recording.times_s, run_up_s=0.0 if still else RUN_UP_S),
                known=known,
            )
        opened.pop_all()  # nothing failed: the monitor closes it
    return monitor


def watched_scoring(
    settings: Settings, source: str, recording: Recording | None = None, *, again: bool = False
) -> OpenAnalyzer:
    """What the window scores with: both metrics, against the clock; see `analyzer_of`."""
    plan = Plan(recording.info.name if recording else source, both=True, paced=True)
    return partial(analyzer_of, recording, settings, plan, again=again)


def open_headless(
    run: Run, lines: Sink, *, source: LiveSource | None = None, own: OwnScorer | None = None
) -> Monitor:
    """Without a window: the engines are open when it returns, and of a recording every frame is scored.

    `lines` gets each result before the other outputs do. `source` stands in place of the run's own, `own` in
    place of the bundle's metric. Raises `ScanmonError`.
    """
    recording: Recording | None = None
    with ExitStack() as opened:
        frames: FrameSource
        if run.is_live:
            frames = source or open_live(run.source)
        else:
            recording = open_recorded(run.source)
            frames = EveryFrame(recording)
        opened.callback((recording or frames).close)
        plan = Plan(run.source, paced=recording is None, own=own)
        analyzer = analyzer_of(recording, run.settings, plan, again=run.score_again)
        opened.callback(analyzer.close)
        rate_hz = recording.info.rate_hz if recording else None
        outputs = open_outputs(run, rate_hz, wait=recording is not None)
        opened.pop_all()
    keep: Keep = "newest" if recording is None else "every"
    return Monitor(frames, lambda: analyzer, [lines, *outputs], keep=keep)


def _known(content: SessionContent, *, again: bool) -> Known:
    """Of a whole session: the line itself, or where it is scored `again` what is drawn beside the new one."""
    rows, table = content.pictures, content.table
    times_s = table.numbers("time_s")[rows]
    shown = content.shown()[rows].astype(np.float32)
    settings_s = tuple(time_s - float(times_s[0]) for time_s in content.settings_s)
    if again:
        none = np.full(len(rows), np.nan, np.float32)
        return Known(Trace(times_s, none, none, np.full(len(rows), -1, np.int8), shown), settings_s, False)
    words = {str(verdict): number for verdict, number in VERDICTS.items()}
    verdicts = np.array([words.get(word or "", -1) for word in table.texts("verdict")], np.int8)[rows]
    quality = table.numbers("quality")[rows].astype(np.float32)
    second = content.shown("second_")[rows].astype(np.float32)
    return Known(Trace(times_s, quality, shown, verdicts, second), settings_s, True)


def open_outputs(run: Run, rate_hz: float | None = None, *, wait: bool = False) -> list[Sink]:
    """All are running. `wait`: the recorder may hold the scores up, as for stored material.

    Raises `SinkError` where a port is taken; nothing is left open then.
    """
    with ExitStack() as opened:
        sinks: list[Sink] = []
        if run.publish.igtl is not None:
            from scanmon.publish.igtl import IgtlSink

            sinks.append(IgtlSink(*run.publish.igtl))
            opened.callback(sinks[-1].close)
        if run.publish.metrics is not None:
            from scanmon.publish.prometheus import PrometheusSink

            sinks.append(PrometheusSink(*run.publish.metrics))
            opened.callback(sinks[-1].close)
        if run.record is not None:
            from scanmon.app.sessions import make_recorder
            from scanmon.session.recorder import Options

            options = Options(
                codec="ffv1" if run.record.lossless else "h264",
                whole_screen=run.record.whole_screen,
                wait=wait,
            )
            recorder = make_recorder(run.record.folder, run.source, run.settings, options, rate_hz)
            opened.callback(recorder.close)
            recorder.start()  # the last step: nothing is recorded of a run that does not begin
            sinks.insert(0, recorder)  # rows are on the disk before anybody is told of them
        opened.pop_all()
    return sinks
