"""The recording options of a command -> a recorder that runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress

from scanmon.app.sessions import make_recorder
from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.runtime.background import Job
from scanmon.runtime.monitor import Monitor
from scanmon.session.recording import Options, Recorder

_LOOK_S = 0.5  # a recording that is closed within that time says nothing of it
_STEP = 10  # percent between two lines in a file


def recorder_of(
    args: argparse.Namespace,
    settings: Settings,
    *,
    every_frame: bool,
    rate_hz: float | None = None,
) -> Recorder | None:
    """A recorder that has begun; None where the command was not asked to record.

    `every_frame`: the recorder may hold the scores up, as for stored material. Raises `SettingsError`.
    """
    if args.record is None:
        if args.lossless or args.record_screen:
            raise SettingsError("nothing is recorded", remedy="name a folder with --record DIR")
        return None
    if args.record_screen:
        print("warning: the whole screen is recorded, with all that is written on it", file=sys.stderr)
    elif settings.scoring.region == "full":
        print(
            "warning: with --region full scores alone are recorded, no picture, as names may stand in it: "
            "name the sector with --region X,Y,W,H or store the whole screen with --record-screen",
            file=sys.stderr,
        )
    options = Options(
        codec="ffv1" if args.lossless else "h264", whole_screen=args.record_screen, wait=every_frame
    )
    recorder = make_recorder(args.record, args.source, settings, options, rate_hz)
    recorder.start()
    return recorder


class WindowRecording:
    """Records the first source that the window opens; what is opened later is not what was asked for."""

    def __init__(self, args: argparse.Namespace, settings: Settings) -> None:
        self._args = args
        self._settings = settings
        self._recorder: Recorder | None = None

    def added(self, monitor: Monitor, source: str) -> Monitor:
        """The monitor, with the recorder among its sinks where `source` is the command's own."""
        if self._recorder is None and source == self._args.source:
            self._recorder = recorder_of(self._args, self._settings, every_frame=False)
            if self._recorder is not None:
                monitor.add_sink(self._recorder)
        return monitor

    def finish(self) -> None:
        """See `finish`."""
        finish(self._recorder)


def finish(recorder: Recorder | None) -> None:
    """Close it and say on stderr what there is. Raises the error that ended the recording."""
    if recorder is None:
        return
    tell_closing(recorder.close, recorder)
    status = recorder.status()
    if not status.name:
        return
    told = f"recorded {status.name}: {status.frames} frames, {status.seconds:.1f} s"
    if status.not_stored:
        told += f", {status.not_stored} without a picture as the disk was too slow"
    if status.withheld:
        told += f", {status.withheld} without a picture as no sector was known (--region X,Y,W,H names it)"
    print(told, file=sys.stderr)


def tell_closing(work: Callable[[], None], recorder: Recorder | None) -> None:
    """Run what closes a recorder, and say on stderr how far it is. Raises what `work` raises."""
    job, terminal, told = Job(work, "close"), sys.stderr.isatty(), -_STEP
    while not job.done:
        with suppress(TimeoutError):
            job.result(_LOOK_S)
        share = None if job.done or recorder is None else recorder.status().closing
        percent = told if share is None else int(100 * share)
        if percent >= told + (1 if terminal else _STEP):
            told = percent
            line = f"closing the recording, {percent} %"
            print(
                f"\r\x1b[K{line}" if terminal else line,
                end="" if terminal else "\n",
                file=sys.stderr,
                flush=True,
            )
    if terminal and told >= 0:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    job.result()
