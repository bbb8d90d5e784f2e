"""The recording options of a command, and what it says of a recording on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress

from scanmon.app.run import Record
from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.runtime.background import Job
from scanmon.session.recording import Recorder

_LOOK_S = 0.5  # a recording that is closed within that time says nothing of it
_STEP = 10  # percent between two lines in a file


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
