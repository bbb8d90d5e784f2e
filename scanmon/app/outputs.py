"""The outputs that a run asks for: a recorder, servers for other programs."""

from __future__ import annotations

from contextlib import ExitStack

from scanmon.app.run import Run
from scanmon.core.ports import Sink


def open_outputs(run: Run, rate_hz: float | None = None, *, wait: bool = False) -> list[Sink]:
    """All are running. `wait`: the recorder may hold the scores up, as for stored material.

    Raises `SinkError` where a port is taken; nothing is left open then.
    """
    sinks: list[Sink] = []
    with ExitStack() as opened:
        if run.record is not None:
            from scanmon.app.sessions import make_recorder
            from scanmon.session.recording import Options

            options = Options(
                codec="ffv1" if run.record.lossless else "h264",
                whole_screen=run.record.whole_screen,
                wait=wait,
            )
            recorder = make_recorder(run.record.folder, run.source, run.settings, options, rate_hz)
            sinks.append(recorder)
            opened.callback(recorder.close)
        if run.publish.igtl is not None:
            from scanmon.publish.igtl import IgtlSink

            sinks.append(IgtlSink(*run.publish.igtl))
            opened.callback(sinks[-1].close)
        if run.publish.metrics is not None:
            from scanmon.publish.prometheus import PrometheusSink

            sinks.append(PrometheusSink(*run.publish.metrics))
        if run.record is not None:
            recorder.start()  # the last step: nothing is recorded of a run that does not begin
        opened.pop_all()
    return sinks
