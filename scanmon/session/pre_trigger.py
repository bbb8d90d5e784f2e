"""The last seconds, encoded and held in memory, so that a recording can begin before it was asked for."""

from __future__ import annotations

from collections import deque

from scanmon.session.entries import Entry


class PreTriggerBuffer:
    """Entries of the last `seconds`, as far as `limit_bytes` of memory go. One thread."""

    def __init__(self, seconds: float, limit_bytes: int) -> None:
        self._seconds = seconds
        self._limit = limit_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    @property
    def seconds(self) -> float:
        """How far it reaches back."""
        return self._entries[-1].time_s - self._entries[0].time_s if self._entries else 0.0

    def add(self, entry: Entry) -> None:
        """Append one; the oldest go. A picture of another size begins anew."""
        if self._entries and entry.packet and entry.size != self._entries[-1].size != (0, 0):
            self._clear()
        self._entries.append(entry)
        self._bytes += entry.weight
        while self._bytes > self._limit or self.seconds > self._seconds:
            self._bytes -= self._entries.popleft().weight

    def take(self, seconds: float) -> list[Entry]:
        """Empty it: the last `seconds`, from the first picture on that decoding can begin with."""
        since_s = self._entries[-1].time_s - seconds if self._entries else 0.0
        entries = [entry for entry in self._entries if entry.time_s >= since_s]
        self._clear()
        keys = (number for number, entry in enumerate(entries) if entry.packet and entry.packet.key)
        return entries[next(keys, len(entries)) :]

    def _clear(self) -> None:
        self._entries.clear()
        self._bytes = 0
