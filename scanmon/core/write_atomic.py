"""Files that appear whole or not at all, and are still there after a power cut."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600  # for its owner alone


def write_atomic(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a small file; a reader finds the old one or the new one, never a part. Raises `OSError`.

    Folders above it are made. `mode` is what the umask is taken from. Any number of processes may write the
    same file at once: the last one wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        _put_in_place(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name for a large file, or for a library that writes by name; it takes the place of `path` at the end.

    After an error nothing is left. The name is always the same: what a killed program left is written over.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        _put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """The names in a folder survive a power cut too, where the system lets a folder be synced."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network shares know no such thing
            raise
    finally:
        os.close(handle)


def _put_in_place(part: Path, path: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
