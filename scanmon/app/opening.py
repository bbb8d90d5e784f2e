"""A run -> its monitor with its outputs, ready to be started."""

from contextlib import ExitStack
from functools import partial

import numpy as np

from scanmon.app.analyzers import Plan, analyzer_of, is_still
from scanmon.app.demo import DEMO, DemoCine, cine_path
from scanmon.app.run import Run
from scanmon.core.ports import FrameAnalyzer, FrameSource, Recording, Sink
from scanmon.runtime.ahead import RUN_UP_S, Ahead
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.playback import EveryFrame, Playback
from scanmon.runtime.snapshot import Known, Trace
from scanmon.runtime.state import OpenAnalyzer
from scanmon.runtime.trace import VERDICTS
from scanmon.sources.opening import open_file, open_live, open_recording
from scanmon.sources.session import SessionRecording


def open_recorded(source: str) -> Recording:
    """A recording by its path, or the demo. Raises `SourceError`."""
    if source == DEMO:
        return DemoCine(open_file(cine_path()))  # ours: it needs no process with limits
    return open_recording(source)


def open_monitor(run: Run, lines: Sink | None = None) -> Monitor:
    """`lines` gets each result before the other outputs do. Raises `ScanmonError`; nothing is left open then.

    Of a live source only the newest frame is scored, so that video never waits for a score. In the window the
    engines are loaded once it runs, so that the picture comes first; a recording is scored whole and begins
    to play when the engine is ready; stored pictures stand until the user moves on. Headless, the engines are
    open when this returns, and of a recording every frame is scored.
    """
    reopen = run.own.recording or partial(open_recorded, run.source)
    with ExitStack() as opened:
        recording = None if run.is_live else reopen()
        source: FrameSource = recording or run.own.live or open_live(run.source)
        opened.callback(source.close)
        scoring = scoring_of(run, recording)
        if run.headless:
            analyzer = scoring()
            opened.callback(analyzer.close)
            scoring = partial(_same, analyzer)
        still = recording is not None and is_still(recording)
        known = _known(recording, again=run.score_again) if recording and not run.headless else None
        outputs = [*([lines] if lines else []), *open_outputs(run, recording if run.headless else None)]
        opened.pop_all()  # nothing failed: the monitor closes it
    if recording is None:
        return Monitor(source, scoring, outputs)
    if run.headless:
        return Monitor(EveryFrame(recording), scoring, outputs, keep="every")
    return Monitor(
        Playback(recording, playing=not still, begins=not still),
        scoring,
        outputs,
        ahead=Ahead(reopen, recording.times_s, run_up_s=0.0 if still else RUN_UP_S),
        known=known,
    )


def scoring_of(run: Run, recording: Recording | None = None) -> OpenAnalyzer:
    """What scores a run, to be opened on the thread that scores; see `analyzer_of`.

    `recording`: what the run has opened; None: it is live. The window shows both metrics, against the clock.
    """
    name = recording.info.name if recording and not run.headless else run.source
    paced = recording is None or not run.headless
    plan = Plan(name, both=not run.headless, paced=paced, own=run.own.metric)
    return partial(analyzer_of, recording, run.settings, plan, again=run.score_again)


def _same(analyzer: FrameAnalyzer) -> FrameAnalyzer:
    return analyzer


def _known(recording: Recording, *, again: bool) -> Known | None:
    """Of a whole session: the line itself, or where it is scored `again` what is drawn beside the new one."""
    if not isinstance(recording, SessionRecording):
        return None
    content = recording.content
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


def open_outputs(run: Run, recording: Recording | None = None) -> list[Sink]:
    """All are running. The recorder may hold the scores of a `recording` up; nothing else waits for it.

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
                wait=recording is not None,
            )
            rate_hz = recording.info.rate_hz if recording else None
            recorder = make_recorder(run.record.folder, run.source, run.settings, options, rate_hz)
            opened.callback(recorder.close)
            recorder.start()  # the last step: nothing is recorded of a run that does not begin
            sinks.insert(0, recorder)  # rows are on the disk before anybody is told of them
        opened.pop_all()
    return sinks
