"""The folder of one session while it is being written. What is added goes to the disk at once."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanmon.core.records import dropped_row
from scanmon.core.values import Provenance, Region
from scanmon.session import heat, layout, regions
from scanmon.session.recording.appending import AppendingFile
from scanmon.session.recording.durable import sync_folder, whole_file
from scanmon.session.recording.encoder import Codec
from scanmon.session.recording.plain import plain, plain_details, settings_text
from scanmon.session.recording.syncing import Syncing
from scanmon.session.recording.values import About, Entry
from scanmon.session.recording.video import VideoFile
from scanmon.session.regions import same_region


@dataclass(frozen=True, slots=True)
class Picture:
    """Size and coding of the video."""

    codec: Codec
    height: int
    width: int


class SessionFolder:
    """Takes entries, gives them their numbers and stores them. One thread. Raises `OSError` as the disk does.

    `started_s` is the monotonic time that `captured_s` of the rows counts from.
    """

    def __init__(
        self, root: Path, about: About, *, started_s: float, whole_screen: bool, now: datetime | None = None
    ) -> None:
        started = now or datetime.now(UTC)
        self.path = _new_folder(root, started)
        self._started_s = started_s
        self._about: dict[str, Any] = {
            "schema_version": layout.SCHEMA_VERSION,
            "software": about.software,
            "source": about.source_kind,
            "rate_hz": about.rate_hz,
            "started_utc": started.isoformat(timespec="milliseconds"),
            "started_monotonic_s": started_s,
            "stored": "whole screen" if whole_screen else "sector",
            "scoring": {},
            "complete": False,
        }
        (self.path / layout.SETTINGS).write_text(settings_text(about.settings), encoding="utf-8")
        self._write_about()
        self._rows = AppendingFile(self.path / layout.ROW_STORE)
        self._heat = AppendingFile(self.path / layout.HEAT_STORE)
        self._events = AppendingFile(self.path / layout.EVENTS)
        self._regions = AppendingFile(self.path / layout.REGIONS)
        self._video: VideoFile | None = None
        self._video_file: AppendingFile | None = None
        self._region: Region | None = None
        self._region_id = -1
        self._first_s: float | None = None
        self.frames = 0  # rows
        self.pictures = 0  # of the video
        self.seconds = 0.0
        self.event("start")
        sync_folder(self.path)
        sync_folder(root)
        self._syncing = Syncing(lambda: self.files)

    @property
    def files(self) -> tuple[AppendingFile, ...]:
        """All that grow."""
        return (self._rows, self._heat, self._events, self._regions, *(filter(None, [self._video_file])))

    def add(self, entry: Entry, picture: Picture) -> None:
        """Store one entry: its row goes first, so that no picture is on the disk without one."""
        if self._first_s is None:
            self._first_s = entry.time_s
        for _ in range(entry.missing if self.frames else 0):
            self._row(dropped_row(self.frames, None) | {"source": self._about["source"]})
        self.seconds = entry.time_s - self._first_s
        number = self.frames
        self._row(
            {
                **entry.record,
                "source": self._about["source"],
                "time_s": self.seconds,
                "video_frame": self.pictures if entry.packet else None,
                "region_id": self._region_number(entry.region),
                "source_frame": entry.source_frame,
                "source_time_s": entry.source_time_s,
                "captured_s": entry.captured_s - self._started_s,
                "pixels": entry.pixels,
            }
        )
        if entry.packet:
            if self._video is None:
                self._open_video(picture)
            assert self._video is not None  # opened just now
            self._video.add(entry.packet)
            self.pictures += 1
        if entry.heat is not None:
            self._heat.write(heat.pack(number, entry.heat))
        for event in entry.events:
            self.event(**event)

    def scored_by(self, provenance: Provenance) -> None:
        """Note where the scores come from; a change during the session is an event too."""
        second = next(iter(provenance.engines[1:]), None)
        scoring = {
            "bundle": provenance.bundle if plain(provenance.bundle) else "",
            "backend": provenance.engine.backend,
            "precision": provenance.engine.precision,
            "second_backend": second.backend if second else None,
            "second_precision": second.precision if second else None,
            "thresholds": provenance.thresholds,
            "details": plain_details(provenance.details),
        }
        if self._about["scoring"]:
            self.event("scoring", **scoring)
        self._about["scoring"] = scoring
        self._write_about()

    def event(self, kind: str, **details: Any) -> None:
        """Note what happened, at the newest frame."""
        self._line(self._events, {"kind": kind, "time_s": self.seconds, "frame": self.frames - 1, **details})

    def snapshot(self, png: bytes) -> str:
        """Keep a picture of the newest frame; returns its name. Raises `OSError`."""
        folder = self.path / layout.SNAPSHOTS
        folder.mkdir(exist_ok=True)
        name = f"frame_{max(0, self.frames - 1):06d}.png"
        (folder / name).write_bytes(png)
        self.event("snapshot", file=name)
        return name

    def check(self) -> None:
        """Show others that somebody writes here. Raises `OSError` where the folder or the disk has gone."""
        os.utime(self.path / layout.ABOUT)
        for file in self.files:
            if file.failure is not None:
                raise file.failure

    def close(self, why: str, **counts: int) -> None:
        """Finish the video. The row stores are left to `seal`, which may take seconds."""
        self.event("stop", why=why)
        if self._video:
            self._video.close()
        self._syncing.stop()
        for file in self.files:
            file.sync()
        self.abandon()
        self._about |= {"complete": True, "seconds": self.seconds, "frames": self.frames}
        self._about |= {"pictures": self.pictures, **counts}
        self._write_about()

    def abandon(self) -> None:
        """Let go of the files as they are."""
        self._syncing.stop()
        for file in self.files:
            file.close()

    def _row(self, record: dict[str, Any]) -> None:
        self._line(self._rows, {**record, "frame": self.frames})
        self.frames += 1

    def _region_number(self, region: Region | None) -> int | None:
        if region is None:
            return None
        if self._region_id < 0 or not same_region(region, self._region):
            self._region_id += 1
            self._line(self._regions, regions.to_record(region))
        self._region = region
        return self._region_id

    def _open_video(self, picture: Picture) -> None:
        self._about |= {"codec": picture.codec, "height": picture.height, "width": picture.width}
        self._write_about()
        self._video_file = AppendingFile(self.path / layout.VIDEO)
        self._video = VideoFile(self._video_file, picture.codec, picture.width, picture.height)

    def _line(self, file: AppendingFile, record: dict[str, Any]) -> None:
        file.write((json.dumps(record, allow_nan=False, separators=(",", ":")) + "\n").encode())

    def _write_about(self) -> None:
        with whole_file(self.path / layout.ABOUT) as file:
            file.write((json.dumps(self._about, indent=1, allow_nan=False) + "\n").encode())


def _new_folder(root: Path, started: datetime) -> Path:
    """`run_<UTC>`, with a number behind it where two begin within one second."""
    root.mkdir(parents=True, exist_ok=True)
    name = f"run_{started:%Y%m%dT%H%M%SZ}"
    number = 1
    while True:
        path = root / (name if number == 1 else f"{name}_{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path
