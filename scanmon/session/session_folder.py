"""The folder of one session while it is recorded: store, video, snapshots. Whole at every moment."""

from __future__ import annotations

import logging
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scanmon.core.errors import SinkError, disk_errors
from scanmon.core.records import dropped_row
from scanmon.core.values import Provenance, Region
from scanmon.core.write_atomic import PRIVATE, sync_folder, write_atomic
from scanmon.session import bookmarks, heat, layout
from scanmon.session.entries import Entry
from scanmon.session.privacy import plain, plain_values
from scanmon.session.recording import About
from scanmon.session.regions import StoredRegion, same_region
from scanmon.session.store import SessionStore, network_share
from scanmon.session.video import Codec, VideoFile

logger = logging.getLogger(__name__)

REMEDY: Final = "what was recorded until then is kept; free some space or choose another folder"


class SessionFolder:
    """Takes entries, gives them their numbers and stores them. One thread.

    Raises `OSError` as the disk does, and `SinkError`. `started_s` is the monotonic time that `captured_s`
    of the rows counts from.
    """

    def __init__(
        self, root: Path, about: About, codec: Codec, *, started_s: float, whole_screen: bool
    ) -> None:
        started = datetime.now(UTC)
        self.path = _new_folder(root, started)
        self.warning = ""  # one line for the user
        self.frames = 0  # rows
        self.pictures = 0  # of the video
        self.seconds = 0.0
        self.size: tuple[int, int] | None = None  # height, width of the video
        self._source = about.source_kind
        self._codec = codec
        self._started_s = started_s
        self._first_s: float | None = None
        self._scored = False
        self._region: Region | None = None
        self._region_id = -1
        self._video: VideoFile | None = None
        self._found: dict[Path, tuple[int, int]] = {}  # the files by device and number
        with ExitStack() as begun:
            begun.callback(shutil.rmtree, self.path, ignore_errors=True)  # a disk that is full already
            share = network_share(self.path)
            self._store = SessionStore(self.path / layout.STORE, shared=share is not None)
            begun.callback(self._store.abandon)
            if not self._store.wal:
                self.warning = f"recording to a network share ({share or 'no WAL here'}): it may be slow"
                logger.warning("%s, %s", self.warning, root)
            self._store.set_values(
                schema_version=layout.SCHEMA_VERSION,
                software=about.software,
                source=about.source_kind,
                rate_hz=about.rate_hz,
                started_utc=started.isoformat(timespec="milliseconds"),
                stored="whole screen" if whole_screen else "sector",
                settings=plain_values(about.settings),
                complete=False,
            )
            self.event("start")
            self.commit()
            sync_folder(self.path)
            sync_folder(root)
            begun.pop_all()

    def add(self, entry: Entry) -> None:
        if self._first_s is None:
            self._first_s = entry.time_s
        for _ in range(entry.missing if self.frames else 0):
            self._store.add("frames", dropped_row(self.frames, None) | {"source": self._source})
            self.frames += 1
        self.seconds = entry.time_s - self._first_s
        self._store.add(
            "frames",
            entry.row
            | {
                "source": self._source,
                "frame": self.frames,
                "time_s": self.seconds,
                "captured_s": entry.row["captured_s"] - self._started_s,
                "video_frame": self.pictures if entry.packet else None,
                "region_id": self._number_of(entry.region),
            },
        )
        if entry.heat is not None:
            height, width = entry.heat.shape
            packed = {"height": height, "width": width, "steps": heat.pack(entry.heat)}
            self._store.add("heat", {"frame": self.frames, **packed})
        self.frames += 1
        if entry.packet:
            if self._video is None:
                self._video = self._new_video(entry.size)
            self._video.add(entry.packet)
            self.pictures += 1
        for kind, details in entry.events:
            self.event(kind, **details)

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
            "details": plain_values(provenance.details),
        }
        if self._scored:
            self.event("scoring", **scoring)
        self._scored = True
        self._store.set_values(scoring=scoring)

    def event(self, kind: str, **details: Any) -> None:
        """Note what happened, at the newest frame."""
        place = {"time_s": self.seconds, "frame": self.frames - 1}
        self._store.add("events", {"kind": kind, **place, "details": details})

    def note_examination(self, record: dict[str, Any]) -> None:
        """Keep how far the examination has come."""
        self._store.set_values(examination=record)

    def bookmark(self, text: str | None, source_frame: int | None) -> None:
        """Mark the frame that the source numbered so, or the newest one; None takes the mark away."""
        row, time_s = self.frames - 1, self.seconds
        if source_frame is not None:
            last = "SELECT frame, time_s FROM frames WHERE source_frame = ? ORDER BY frame DESC LIMIT 1"
            row, time_s = self._store.run(last, (source_frame,)).fetchone() or (row, time_s)
        bookmarks.put(self._store.run, row, time_s, text)

    def snapshot(self, png: bytes) -> None:
        """Keep a picture of the newest frame."""
        name = f"frame_{max(0, self.frames - 1):06d}.png"
        (self.path / layout.SNAPSHOTS).mkdir(mode=0o700, exist_ok=True)
        write_atomic(self.path / layout.SNAPSHOTS / name, png, mode=PRIVATE)
        self.event("snapshot", file=name)

    def commit(self) -> None:
        """What was added survives a power cut. Raises `SinkError` where a file has been taken away."""
        self._check()
        if self._video is not None:
            self._video.sync()
        self._store.commit()

    def close(self, why: str, **counts: int) -> None:
        """End the session. Takes no longer after an hour than after a second."""
        self._check()
        self.event("stop", why=why)
        if self._video is not None:
            self._video.finish()
            self._video = None
        self._store.set_values(seconds=self.seconds, frames=self.frames, pictures=self.pictures, **counts)
        self._store.set_values(complete=True)
        self._store.close()

    def abandon(self, why: str) -> None:
        """Let go of the files as they are, where the disk takes it with the reason in them."""
        try:
            self.event("error", text=" ".join(why.split())[:200])
        except OSError:
            logger.debug("the reason could not be stored", exc_info=True)
        self._store.abandon()
        if self._video is not None:
            self._video.abandon()

    def _check(self) -> None:
        """A deleted file takes what is written to it, and nobody would know."""
        video = [self.path / layout.VIDEO] if self._video is not None else []
        for path in (*self._store.files, *video):
            with disk_errors(SinkError, f"recording ended, {path.name} has gone", self.path, REMEDY):
                found = path.stat()
            if self._found.setdefault(path, (found.st_dev, found.st_ino)) != (found.st_dev, found.st_ino):
                raise SinkError(f"recording ended, {path.name} was replaced", self.path, REMEDY)

    def _number_of(self, region: Region | None) -> int | None:
        if region is None:
            return None
        if self._region_id < 0 or not same_region(region, self._region):
            self._region_id += 1
            self._store.add("regions", {"region_id": self._region_id, **StoredRegion.of(region)._asdict()})
        self._region = region
        return self._region_id

    def _new_video(self, size: tuple[int, int]) -> VideoFile:
        height, width = self.size = size
        self._store.set_values(codec=self._codec, height=height, width=width)
        video = VideoFile(self.path / layout.VIDEO, self._codec, width, height)
        sync_folder(self.path)
        return video


def _new_folder(root: Path, started: datetime) -> Path:
    """`run_<UTC>`, with a number behind it where two begin within one second."""
    root.mkdir(parents=True, exist_ok=True)
    name = f"run_{started:%Y%m%dT%H%M%SZ}"
    number = 1
    while True:
        path = root / (name if number == 1 else f"{name}_{number}")
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return path
