"""Captured frames and their analyses -> entries, in the order of capture, and the newest of them kept.

A frame that was never analysed has no region of its own. Its pixels are kept where the regions before and
after agree; it waits for the second of them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.records import Row, dropped_row, session_row
from scanmon.core.values import Analysis, Box, Frame, Provenance, Reason, Region, SettingsSeen, Verdict
from scanmon.picture.letters import HeldText, TextFinder
from scanmon.session.heat import to_steps
from scanmon.session.regions import same_region, sector_only
from scanmon.session.video import Packet

WAITING_BYTES: Final = 64_000_000  # of frames that no analysis has reached yet
WAITING_FRAMES: Final = 256
MOST_MISSING: Final = 300  # a longer jump of the index is another scene, not lost frames
_UNKNOWN_STEP_S: Final = 1 / 30
_SIGNAL_EVENTS: Final = {
    Reason.FROZEN: "freeze",
    Reason.NO_SIGNAL: "signal_lost",
    Reason.NOT_B_MODE: "not_b_mode",
}

Encode = Callable[[NDArray[np.uint8], float], Packet]
Event = tuple[str, dict[str, Any]]  # kind, details


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One captured frame, ready to be stored. Numbers within the session are given when it is stored."""

    row: Row  # of records.session_row; `captured_s` still by the clock
    time_s: float  # of the session's time line, any origin
    missing: int  # frames that the source or the mailbox lost just before this one
    region: Region | None
    heat: NDArray[np.uint8] | None
    packet: Packet | None  # where the pixels are stored
    size: tuple[int, int]  # height, width of the picture; zeros where its pixels were lost
    events: tuple[Event, ...]

    @property
    def weight(self) -> int:
        """Bytes of memory, roughly."""
        packet = len(self.packet.data) if self.packet else 0
        return packet + (self.heat.nbytes if self.heat is not None else 0) + 2000


def without_pixels(frame: Frame) -> Frame:
    """The frame as it waits where there is no room for its pixels, or where they wait elsewhere."""
    return replace(frame, pixels=_NO_PIXELS, chroma=None, colour=None)


_NO_PIXELS: Final = np.zeros((0, 0), np.uint8)


class FrameMatcher:
    """One per run. `encode` gets masked pixels and the session's time."""

    def __init__(self, encode: Encode, *, whole_screen: bool, finder: TextFinder | None = None) -> None:
        """`finder`: letters inside the regions are stored black too."""
        self._encode = encode
        self._whole = whole_screen
        self._text = HeldText(finder) if finder else None
        self._waiting: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._region: Region | None = None
        self._provenance: Provenance | None = None
        self._timeline = _Timeline()
        self._changes = _Changes()

    @property
    def newest(self) -> int | None:
        """Index of the newest frame that no analysis has reached."""
        return self._waiting[-1].index if self._waiting else None

    def captured(self, frame: Frame) -> Iterator[Entry]:
        """Take a frame; gives out those that have waited too long, without pixels. The newest one waits,
        however large."""
        self._waiting.append(frame)
        self._waiting_bytes += frame.pixels.nbytes
        while len(self._waiting) > 1 and (
            len(self._waiting) > WAITING_FRAMES or self._waiting_bytes > WAITING_BYTES
        ):
            yield self._never_analysed(self._pop(), None)

    def analysed(self, analysis: Analysis) -> Iterator[Entry]:
        """Take a result; gives out its frame and all before it."""
        self._provenance = analysis.provenance
        key = _key(analysis.frame)
        if not any(_key(waiting) == key for waiting in self._waiting):
            return  # given out long ago, or scored a second time
        while _key(self._waiting[0]) != key:
            yield self._never_analysed(self._pop(), analysis.region)
        yield self._entry(
            self._pop(),
            session_row(analysis),
            (analysis.region,),
            region=analysis.region,
            heat=None if analysis.heatmap is None else to_steps(analysis.heatmap),
            events=self._changes.of(analysis),
        )
        self._region = analysis.region

    def rest(self) -> Iterator[Entry]:
        """Give out what still waits, without pixels: no region is known after it."""
        while self._waiting:
            yield self._never_analysed(self._pop(), None)

    def _pop(self) -> Frame:
        frame = self._waiting.popleft()
        self._waiting_bytes -= frame.pixels.nbytes
        return frame

    def _never_analysed(self, frame: Frame, after: Region | None) -> Entry:
        """Entry of a frame between the last region and `after`."""
        regions = (self._region, after) if self._region and after else ()
        return self._entry(frame, dropped_row(frame.index, frame.time_s, self._provenance), regions)

    def _entry(
        self,
        frame: Frame,
        row: Row,
        regions: tuple[Region, ...],
        *,
        region: Region | None = None,
        heat: NDArray[np.uint8] | None = None,
        events: tuple[Event, ...] = (),
    ) -> Entry:
        time_s, missing, jumped = self._timeline.place(frame.index, frame.time_s)
        packet = None
        if frame.pixels.size:
            kept = frame.pixels if self._whole else sector_only(frame.pixels, regions)
            if kept is not None and self._text is not None:
                kept = kept.copy() if self._whole else kept
                height, width = kept.shape
                self._text.blank(kept, frame.pixels, regions[0].box if regions else Box(0, 0, width, height))
            packet = None if kept is None else self._encode(kept, time_s)
        row |= {
            "source_frame": frame.index,
            "source_time_s": frame.time_s,
            "captured_s": frame.captured_s,
            "pixels": "stored" if packet else "withheld" if frame.pixels.size else "lost",
        }
        size = (frame.pixels.shape[0], frame.pixels.shape[1])
        events = (("jump", {}), *events) if jumped else events
        return Entry(row, time_s, missing, region, heat, packet, size, events)


class _Timeline:
    """Seconds that grow strictly, whatever the source does: a seek backwards goes on where it left off."""

    def __init__(self) -> None:
        self._index: int | None = None
        self._source_s = 0.0
        self._shift_s = 0.0
        self._step_s = _UNKNOWN_STEP_S

    def place(self, index: int, source_s: float) -> tuple[float, int, bool]:
        """Time of the session, frames missing before this one, and whether the source jumped."""
        missing, jumped = 0, False
        if self._index is not None:
            elapsed_s, skipped = source_s - self._source_s, index - self._index - 1
            if elapsed_s <= 0 or not 0 <= skipped <= MOST_MISSING:
                self._shift_s += self._step_s - elapsed_s if elapsed_s <= 0 else 0.0
                jumped = True
            else:
                missing = skipped
                self._step_s = elapsed_s / (1 + skipped)
        self._index, self._source_s = index, source_s
        return source_s + self._shift_s, missing, jumped


class _Changes:
    """Events that follow from one analysis and the one before it."""

    def __init__(self) -> None:
        self._reason: Reason | None = None
        self._verdict: Verdict | None = None
        self._region: Region | None = None
        self._settings = SettingsSeen()

    def of(self, analysis: Analysis) -> tuple[Event, ...]:
        reading = analysis.reading
        events: list[Event] = []
        if reading.reason != self._reason:
            kind = _SIGNAL_EVENTS.get(reading.reason, "suspended") if reading.reason else "signal_back"
            events.append((kind, {}))
            self._reason = reading.reason
        if reading.verdict is not None and reading.verdict != self._verdict:
            before = self._verdict.value if self._verdict else None
            events.append(("verdict", {"verdict": reading.verdict.value, "before": before}))
            self._verdict = reading.verdict
        settings = analysis.settings or self._settings
        if settings.changes > self._settings.changes and settings.since_s is not None:
            events.append(("settings", {"before_s": round(reading.time_s - settings.since_s, 3)}))
        self._settings = settings
        if not same_region(self._region, analysis.region):
            if self._region is not None:
                events.append(("region", {"region": analysis.region.box.as_list()}))
            self._region = analysis.region
        return tuple(events)


def _key(frame: Frame) -> tuple[int, float]:
    """Tells frames apart, also after a seek."""
    return frame.index, frame.captured_s


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
