"""`scanmon live`: a live source in the window, or its scores as JSON lines."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.opening import open_monitor
from scanmon.cli.headless import JsonLines
from scanmon.cli.options import add_record_options, add_run_options, add_scoring_options, settings_from
from scanmon.cli.publishing import WindowPublishing, add_publish_options, publishers
from scanmon.cli.recording import WindowRecording, finish, recorder_of, tell_closing
from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.core.ports import FrameAnalyzer, FrameSource, Sink
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Latency, Snapshot
from scanmon.session.recording import Recorder
from scanmon.sources.opening import open_live

_STATUS_EVERY_S = 10.0
_LOOK_EVERY_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="grabber:ID, rtsp://, http://, udp://, tcp://, igtl://HOST:PORT/NAME, screen:X,Y,W,H, phantom:; "
        "without it the set-up page",
    )
    add_run_options(parser)
    add_record_options(parser)
    add_publish_options(parser)
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Until the window is closed, the source ends, or `--seconds` are over."""
    settings = settings_from(args)
    if args.headless:
        if args.source is None:
            raise SettingsError("--headless needs a SOURCE", remedy="scanmon devices lists the grabbers")
        analyzer = open_analyzer(settings, Plan(args.source, paced=True))
        source = open_live(args.source)
        recorder = recorder_of(args, settings, every_frame=False)
        sinks = [*([recorder] if recorder else []), *publishers(args)]
        try:
            return live_headless(source, analyzer, args.source, args.seconds, sinks)
        finally:
            finish(recorder)
    from scanmon.ui.app import run_window

    recorders, publishing = WindowRecording(args, settings), WindowPublishing(args)
    try:
        return run_window(
            # a file that is dropped on the window later is a recording: its form decides
            lambda source: publishing.added(
                recorders.added(
                    open_monitor(source, settings, live=True if source == args.source else None), source
                )
            ),
            args.source,
            settings=settings,
            seconds=args.seconds,
        )
    finally:
        recorders.finish()


def live_headless(
    source: FrameSource, analyzer: FrameAnalyzer, name: str, seconds: float | None, sinks: Sequence[Sink] = ()
) -> int:
    """JSON lines on stdout; on stderr rates and latency every 10 s, and how a recording is closed."""
    monitor = Monitor(source, lambda: analyzer, [JsonLines(), *sinks])
    recorder = monitor.find_sink(Recorder)
    told_s = time.monotonic()
    end_s = None if seconds is None else told_s + seconds
    monitor.start()
    try:
        while not monitor.join(_until(end_s)):
            now_s, snapshot = time.monotonic(), monitor.snapshot()
            if snapshot.state in ("finished", "failed") or (end_s is not None and now_s >= end_s):
                break
            if now_s - told_s >= _STATUS_EVERY_S:
                told_s = now_s
                print(_status(snapshot), file=sys.stderr, flush=True)
    finally:
        tell_closing(monitor.stop, recorder)
    ended = monitor.snapshot()
    error = ended.error or ended.sink_error  # scores go on without a recording that failed: told at the end
    if error is not None:
        raise (
            error
            if isinstance(error, ScanmonError)
            else ScanmonError(f"{type(error).__name__}: {error}", name)
        )
    return 0


def _until(end_s: float | None) -> float:
    return _LOOK_EVERY_S if end_s is None else max(0.0, min(_LOOK_EVERY_S, end_s - time.monotonic()))


def _status(snapshot: Snapshot) -> str:
    counts = snapshot.counts
    return (
        f"{snapshot.state}: captured {counts.captured}, scored {counts.scored}, dropped {counts.dropped}, "
        f"gaps {counts.gaps}, capture to score {_percentiles(snapshot.capture_to_score)}"
        + (f"; {snapshot.trouble}" if snapshot.trouble else "")
    )


def _percentiles(latency: Latency | None) -> str:
    if latency is None:
        return "-"
    return f"p50 {latency.p50_ms:.0f} p95 {latency.p95_ms:.0f} p99 {latency.p99_ms:.0f} ms"
