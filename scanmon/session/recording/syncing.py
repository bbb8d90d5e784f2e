"""Brings what was written to the disk, on a thread of its own.

A busy disk may take seconds for it. Writing goes on meanwhile: what waits in memory is lost with the process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from scanmon.session.recording.appending import AppendingFile

logger = logging.getLogger(__name__)

SYNC_S: Final = 0.4  # with the clusters of the video, what a power cut can take


class Syncing:
    """Runs until `stop`. A failure stays in the `failure` of its file, where the writer finds it."""

    def __init__(self, files: Callable[[], tuple[AppendingFile, ...]]) -> None:
        self._files = files
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scanmon-recorder-sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; files may be closed then. More calls do nothing."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(SYNC_S):
            for file in self._files():
                try:
                    file.sync()
                except OSError as error:
                    logger.debug("%s cannot be synced: %s", file.name, error)
                    return
