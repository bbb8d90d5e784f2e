"""Makes the tables of ended sessions, on a thread of its own.

After an hour that takes seconds, in which the next recording has long begun.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from scanmon.core.errors import SinkError
from scanmon.session import layout
from scanmon.session.recording.seal import seal

logger = logging.getLogger(__name__)

_REMEDY: Final = "it can be replayed as it is, its tables are made when it is opened with space to spare"


class Closing:
    """Takes folders from any thread. `failed` is told on its own thread what could not be closed."""

    def __init__(self, failed: Callable[[SinkError], None]) -> None:
        self._failed = failed
        self._waiting: deque[Path] = deque()
        self._share: float | None = None
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    @property
    def share(self) -> float | None:
        """How much of the session that is being closed is done, 0 to 1; None where none is."""
        with self._changed:
            return self._share

    def add(self, folder: Path) -> None:
        """Close one more."""
        with self._changed:
            self._waiting.append(folder)
            if self._thread is None:
                self._share = 0.0
                self._thread = threading.Thread(target=self._run, name="scanmon-recorder-close", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Wait until all are closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None)

    def _run(self) -> None:
        while (folder := self._next()) is not None:
            self._tell(folder, 0.0)
            try:
                seal(folder, lambda share, folder=folder: self._tell(folder, share))  # type: ignore[misc]
            except (OSError, ValueError) as error:
                logger.debug("closing failed", exc_info=True)
                reason = error.strerror if isinstance(error, OSError) else str(error)
                self._failed(SinkError(f"a recording could not be closed ({reason})", folder.name, _REMEDY))

    def _next(self) -> Path | None:
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._thread = self._share = None
            self._changed.notify_all()
            return None

    def _tell(self, folder: Path, share: float) -> None:
        with self._changed:
            self._share = share
        with suppress(OSError):  # who opens the folder now sees that somebody works on it
            os.utime(folder / layout.ABOUT)
