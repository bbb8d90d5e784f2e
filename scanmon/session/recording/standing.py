"""How a recording stands: told by the recorder's thread, read by every other."""

from __future__ import annotations

import threading
from dataclasses import replace

from scanmon.core.errors import ScanmonError
from scanmon.session.recording.values import Status


class Standing:
    """A `Status` behind a lock, with the count of pictures that the queue gave up."""

    def __init__(self, *, whole_screen: bool) -> None:
        self._lock = threading.Lock()
        self._status = Status(whole_screen=whole_screen)
        self._lost = 0  # since the recorder was made
        self._lost_before = 0  # of them, those before this session

    def now(self) -> Status:
        """What the screen may show."""
        with self._lock:
            return replace(self._status, not_stored=self._lost - self._lost_before)

    def tell(self, **changes: object) -> None:
        """Change some of it."""
        with self._lock:
            self._status = replace(self._status, **changes)  # type: ignore[arg-type]

    def lose(self) -> None:
        """A picture was given up, as the queue was full."""
        with self._lock:
            self._lost += 1

    def begin(self, lost_before: int) -> None:
        """Another session; `lost_before` pictures were lost before its first frame."""
        with self._lock:
            self._status = Status(whole_screen=self._status.whole_screen)
            self._lost_before = lost_before

    def withhold(self) -> bool:
        """Count a frame whose pixels may not be stored; True for the first."""
        with self._lock:
            first = not self._status.withheld
            self._status = replace(self._status, withheld=self._status.withheld + 1)
            return first

    def take_error(self) -> ScanmonError | None:
        """The error that ended the recording, once."""
        with self._lock:
            error = self._status.error
            self._status = replace(self._status, error=None)
            return error
