"""The recording options of a command, and what it says of a recording on stderr."""

from __future__ import annotations

import argparse
import sys

from scanmon.app.run import Record
from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.session.recorder import Recorder


def record_of(args: argparse.Namespace, settings: Settings) -> Record | None:
    """None where the command was not asked to record. Raises `SettingsError`."""
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
    return Record(args.record, lossless=args.lossless, whole_screen=args.record_screen)


def print_recorded(recorder: Recorder | None) -> None:
    """What a closed recorder has stored, one line."""
    if recorder is None:
        return
    status = recorder.status()
    if not status.name:
        return
    line = f"recorded {status.name}: {status.frames} frames, {status.seconds:.1f} s"
    if status.not_stored:
        line += f", {status.not_stored} without a picture as the disk was too slow"
    if status.withheld:
        line += f", {status.withheld} without a picture as no sector was known (--region X,Y,W,H names it)"
    print(line, file=sys.stderr)
