"""`session.db` of one session while it is recorded: an SQLite database that is whole at every moment."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Final

from scanmon.core.write_atomic import PRIVATE
from scanmon.session.layout import SCHEMA_VERSION, TABLES

_BUSY_S: Final = 5.0  # how long a reader on a network share may hold a commit up
_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"ocfs2", "orangefs", "panfs", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs"}
)
_REMOTE_DRIVE: Final = 4  # GetDriveTypeW


class SessionStore:
    """Makes `path` and appends to it. What was added is on the disk after `commit`. One thread.

    Raises `OSError` as the disk does. `shared`: other machines may see the file. SQLite's write-ahead log
    needs memory that all readers share, so a plain rollback journal is used there.
    """

    def __init__(self, path: Path, *, shared: bool) -> None:
        # SQLite gives its own files the rights of this one
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
        self._path = path
        with ExitStack() as opened:
            self._database = opened.enter_context(closing(sqlite3.connect(path, timeout=_BUSY_S)))
            self.wal = not shared and self.run("PRAGMA journal_mode = wal").fetchone() == ("wal",)
            if not self.wal:
                self.run("PRAGMA journal_mode = truncate")
            self.run("PRAGMA synchronous = full")  # a commit survives a power cut
            self.run("BEGIN")  # the tables are there with the first commit, or not at all
            self.run(f"PRAGMA user_version = {SCHEMA_VERSION}")
            for name, columns in TABLES.items():
                self.run(f"CREATE TABLE {name} ({columns}) STRICT")
            opened.pop_all()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the session now."""
        log = self._path.with_name(f"{self._path.name}-wal")
        return (self._path, log) if self.wal else (self._path,)

    def add(self, table: str, values: Mapping[str, Any]) -> None:
        """Append a row. A list of numbers is kept as `1,2,3`, an object as JSON."""
        marks = ", ".join("?" * len(values))
        sql = f"INSERT OR REPLACE INTO {table} ({', '.join(values)}) VALUES ({marks})"
        self.run(sql, [_plain(value) for value in values.values()])

    def set_values(self, **values: Any) -> None:
        """Keep values of the session; a later one takes the place of an earlier one."""
        for key, value in values.items():
            self.add("session", {"key": key, "value": json.dumps(value, allow_nan=False)})

    def commit(self) -> None:
        """What was added until now stays, whatever happens."""
        try:
            self._database.commit()
        except sqlite3.Error as error:
            raise _disk_error(error) from error

    def close(self) -> None:
        """Commit. One file is left, which can be read from any medium, unless somebody reads it now."""
        self.commit()
        if self.wal:
            self.run("PRAGMA busy_timeout = 0")
            with suppress(BlockingIOError):
                self.run("PRAGMA journal_mode = delete")
        self._database.close()

    def abandon(self) -> None:
        """Keep what the disk takes, and let go. Raises nothing: the reason was told before."""
        with suppress(sqlite3.Error):
            self._database.commit()
        with suppress(sqlite3.Error):
            self._database.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """One statement, as part of what the next `commit` keeps."""
        try:
            return self._database.execute(sql, values)
        except sqlite3.Error as error:
            raise _disk_error(error) from error


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
