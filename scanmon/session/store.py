"""The folder of one session while it is recorded: an SQLite database, the video, snapshots.

It is whole at every moment. docs/formats.md describes it for people.
"""

import errno
import json
import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
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
from scanmon.session.regions import StoredRegion, same_region
from scanmon.session.video import Codec, VideoFile

logger = logging.getLogger(__name__)

REMEDY: Final = "what was recorded until then is kept; free some space or choose another folder"
_BUSY_S: Final = 5.0  # how long a reader on a network share may hold a commit up
_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"ocfs2", "orangefs", "panfs", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs"}
)
_REMOTE_DRIVE: Final = 4  # GetDriveTypeW


@dataclass(frozen=True, slots=True)
class About:
    """Where the material comes from. Never a path, a host or a name."""

    source_kind: str  # `video`, `dicom`, `grabber`, `rtsp` ...
    software: str = ""
    rate_hz: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)  # resolved; texts that could be paths are left out


class SessionStore:
    """Takes entries, gives them their numbers and stores them. One thread.

    What was added is on the disk after `commit`. Raises `OSError` as the disk does, and `SinkError`.
    `started_s` is the monotonic time that `captured_s` of the rows counts from.
    """

    def __init__(
        self, root: Path, about: About, codec: Codec, *, started_s: float, whole_screen: bool
    ) -> None:
        started = datetime.now(UTC)
        self.path = _new_folder(root, started)
        self.warning = ""  # one line for the user
        self.frames = 0  # rows
        self.pictures = 0  # of the video
        self.withheld = 0  # frames without pixels since no sector was known
        self._not_stored = 0  # frames whose pixels were lost on the way here
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
            self._database = begun.enter_context(closing(self._connected()))
            self._wal = self._with_tables()
            self.set_values(
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
            self._insert("frames", dropped_row(self.frames, None) | {"source": self._source})
            self.frames += 1
        self.seconds = entry.time_s - self._first_s
        numbered = {
            "source": self._source,
            "frame": self.frames,
            "time_s": self.seconds,
            "captured_s": entry.row["captured_s"] - self._started_s,
            "video_frame": self.pictures if entry.packet else None,
            "region_id": self._number_of(entry.region),
        }
        self._insert("frames", entry.row | numbered)
        if entry.heat is not None:
            height, width = entry.heat.shape
            packed = {"height": height, "width": width, "steps": heat.pack(entry.heat)}
            self._insert("heat", {"frame": self.frames, **packed})
        self.frames += 1
        if entry.packet:
            if self._video is None:
                self._video = self._new_video(entry.size)
            self._video.add(entry.packet)
            self.pictures += 1
        for kind, details in entry.events:
            self.event(kind, **details)
        self._not_stored += entry.row["pixels"] == "lost"
        if entry.row["pixels"] == "withheld":
            self.withheld += 1
            if self.withheld == 1:
                self.event("withheld")

    def scored_by(self, provenance: Provenance) -> None:
        """Note where the scores come from; a change during the session is an event too."""
        second = next(iter(provenance.engines[1:]), None)
        too_slow = {"too_slow": provenance.slow.metric} if provenance.slow else {}
        scoring = {
            "bundle": provenance.bundle if plain(provenance.bundle) else "",
            "backend": provenance.engine.backend,
            "precision": provenance.engine.precision,
            "second_backend": second.backend if second else None,
            "second_precision": second.precision if second else None,
            "thresholds": provenance.thresholds,
            "details": plain_values(provenance.details) | too_slow,
        }
        if self._scored:
            self.event("scoring", **scoring)
        self._scored = True
        self.set_values(scoring=scoring)

    def set_values(self, **values: Any) -> None:
        """Keep values of the session; a later one takes the place of an earlier one."""
        for key, value in values.items():
            self._insert("session", {"key": key, "value": json.dumps(value, allow_nan=False)})

    def event(self, kind: str, **details: Any) -> None:
        place = {"time_s": self.seconds, "frame": self.frames - 1}
        self._insert("events", {"kind": kind, **place, "details": details})

    def bookmark(self, text: str | None, source_frame: int | None) -> None:
        """Mark the frame that the source numbered so, or the newest one; None takes the mark away."""
        row, time_s = self.frames - 1, self.seconds
        if source_frame is not None:
            last = "SELECT frame, time_s FROM frames WHERE source_frame = ? ORDER BY frame DESC LIMIT 1"
            row, time_s = self.run(last, (source_frame,)).fetchone() or (row, time_s)
        bookmarks.put(self.run, row, time_s, text)

    def snapshot(self, png: bytes) -> None:
        name = f"frame_{max(0, self.frames - 1):06d}.png"
        (self.path / layout.SNAPSHOTS).mkdir(mode=0o700, exist_ok=True)
        write_atomic(self.path / layout.SNAPSHOTS / name, png, mode=PRIVATE)
        self.event("snapshot", file=name)

    def commit(self) -> None:
        """What was added survives a power cut. Raises `SinkError` where a file has been taken away."""
        self._check()
        if self._video is not None:
            self._video.sync()
        self._commit()

    def close(self, why: str) -> None:
        """End the session. Takes no longer after an hour than after a second.

        One file of SQLite's is left, which can be read from any medium, unless somebody reads it now.
        """
        self._check()
        self.event("stop", why=why)
        if self._video is not None:
            self._video.finish()
            self._video = None
        counts = {"frames": self.frames, "pictures": self.pictures}
        counts |= {"not_stored": self._not_stored, "withheld": self.withheld}
        self.set_values(seconds=self.seconds, **counts, complete=True)
        self._commit()
        if self._wal:
            self.run("PRAGMA busy_timeout = 0")
            with suppress(BlockingIOError):
                self.run("PRAGMA journal_mode = delete")
        self._database.close()

    def abandon(self, why: str) -> None:
        """Let go of the files as they are, where the disk takes it with the reason in them."""
        try:
            self.event("error", text=" ".join(why.split())[:200])
        except OSError:
            logger.debug("the reason could not be stored", exc_info=True)
        with suppress(OSError):
            self._commit()
        with suppress(sqlite3.Error):
            self._database.close()
        if self._video is not None:
            self._video.abandon()

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """One statement, as part of what the next `commit` keeps."""
        try:
            return self._database.execute(sql, values)
        except sqlite3.Error as error:
            raise _disk_error(error) from error

    def _commit(self) -> None:
        try:
            self._database.commit()
        except sqlite3.Error as error:
            raise _disk_error(error) from error

    def _insert(self, table: str, values: Mapping[str, Any]) -> None:
        """A list of numbers is kept as `1,2,3`, an object as JSON."""
        marks = ", ".join("?" * len(values))
        sql = f"INSERT OR REPLACE INTO {table} ({', '.join(values)}) VALUES ({marks})"
        self.run(sql, [_plain(value) for value in values.values()])

    def _connected(self) -> sqlite3.Connection:
        path = self.path / layout.STORE
        # SQLite gives its own files the rights of this one
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
        return sqlite3.connect(path, timeout=_BUSY_S)

    def _with_tables(self) -> bool:
        """Make the tables: with the first commit, or not at all. Whether they have a write-ahead log.

        That needs memory which all readers share, so on a network share there is a plain rollback journal.
        """
        share = network_share(self.path)
        wal = not share and self.run("PRAGMA journal_mode = wal").fetchone() == ("wal",)
        if not wal:
            self.run("PRAGMA journal_mode = truncate")
            self.warning = f"recording to a network share ({share or 'no WAL here'}): it may be slow"
            logger.warning("%s, %s", self.warning, self.path.parent)
        self.run("PRAGMA synchronous = full")  # a commit survives a power cut
        self.run("BEGIN")
        self.run(f"PRAGMA user_version = {layout.SCHEMA_VERSION}")
        for name, columns in layout.TABLES.items():
            self.run(f"CREATE TABLE {name} ({columns}) STRICT")
        return wal

    def _check(self) -> None:
        """A deleted file takes what is written to it, and nobody would know."""
        names = [layout.STORE, *([f"{layout.STORE}-wal"] if self._wal else [])]
        names += [layout.VIDEO] if self._video is not None else []
        for path in (self.path / name for name in names):
            with disk_errors(SinkError, f"recording ended, {path.name} has gone", self.path, REMEDY):
                found = path.stat()
            if self._found.setdefault(path, (found.st_dev, found.st_ino)) != (found.st_dev, found.st_ino):
                raise SinkError(f"recording ended, {path.name} was replaced", self.path, REMEDY)

    def _number_of(self, region: Region | None) -> int | None:
        if region is None:
            return None
        if self._region_id < 0 or not same_region(region, self._region):
            self._region_id += 1
            self._insert("regions", {"region_id": self._region_id, **StoredRegion.of(region)._asdict()})
        self._region = region
        return self._region_id

    def _new_video(self, size: tuple[int, int]) -> VideoFile:
        height, width = self.size = size
        self.set_values(codec=self._codec, height=height, width=width)
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


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value, allow_nan=False) if isinstance(value, dict) else value


def _disk_error(error: sqlite3.Error) -> OSError:
    """SQLite's word for a disk that refuses as the system's own."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if code == sqlite3.SQLITE_BUSY:
        return BlockingIOError(errno.EAGAIN, str(error))
    return OSError(errno.EIO, f"{os.strerror(errno.EIO)}: {error}")


def network_share(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of network share that `folder` is on, for instance `nfs4`; None for a disk of this machine.

    File systems in user space (sshfs and the like) count as shares. Where the system does not tell (macOS),
    the answer is None.
    """
    folder = folder.resolve()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone

        remote = ctypes.windll.kernel32.GetDriveTypeW(folder.drive + "\\") == _REMOTE_DRIVE
        return "network drive" if remote or folder.drive.startswith("\\\\") else None
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kinds = {}
    for line in lines:  # 36 35 98:0 /root /mount/point options - kind device options
        before, _, after = line.partition(" - ")
        point = before.split()[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        kinds[Path(point)] = after.split()[0]  # of two at the same place the later one lies on top
    kind = next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "")
    return kind if kind in _NETWORK or kind.startswith("fuse.") else None
