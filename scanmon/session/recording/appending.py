"""A file that is written through to the disk twice a second, and remembers why it failed."""

from __future__ import annotations

import os
from pathlib import Path


class AppendingFile:
    """What PyAV and the row stores write to. Nothing stays in a buffer of this process.

    `sync` makes what was written survive a power cut. `failure` keeps the first error of the disk, since
    libraries between here and the caller turn it into errors of their own.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.failure: OSError | None = None
        self._file = path.open("xb", buffering=0)
        self._written = False

    def write(self, data: bytes) -> int:
        """All of `data`, or `OSError`."""
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError as error:
            self.failure = self.failure or error
            raise
        self._written = True
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """For the muxer, which fills in the duration at the end."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._file.tell()

    def sync(self) -> None:
        """Bring what was written since the last call to the disk."""
        if not self._written or self._file.closed:
            return
        self._written = False  # before, not after: another thread may write meanwhile
        try:
            os.fdatasync(self._file.fileno()) if hasattr(os, "fdatasync") else os.fsync(self._file.fileno())
        except OSError as error:
            self.failure = self.failure or error
            raise

    def close(self) -> None:
        """More calls do nothing."""
        self._file.close()
