"""The recording options of a command -> a recorder that runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from scanmon.core.errors import SettingsError
from scanmon.core.values import Provenance
from scanmon.runtime.monitor import Monitor
from scanmon.sessions import make_recorder
from scanmon.settings import Settings
from scanmon.sinks.recording import Options, Recorder


def recorder_of(
    args: argparse.Namespace,
    settings: Settings,
    whence: Callable[[], Provenance | None],
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
    recorder = make_recorder(args.record, args.source, settings, whence, options, rate_hz)
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
            self._recorder = recorder_of(
                self._args, self._settings, lambda: monitor.provenance, every_frame=False
            )
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
    recorder.close()
    status = recorder.status()
    if not status.name:
        return
    told = f"recorded {status.name}: {status.frames} frames, {status.seconds:.1f} s"
    if status.not_stored:
        told += f", {status.not_stored} without a picture as the disk was too slow"
    if status.withheld:
        told += f", {status.withheld} without a picture as no sector was known (--region X,Y,W,H names it)"
    print(told, file=sys.stderr)
