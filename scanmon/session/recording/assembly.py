"""Frames of the capture thread and results of the analysis thread -> entries, one a captured frame.

A frame that was never analysed has no region of its own. Its pixels are kept where the regions before and
after agree; it waits for the second of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.records import dropped_row, session_row
from scanmon.core.values import Analysis, Frame, Provenance, Reason, Region, Verdict
from scanmon.session.heat import to_steps
from scanmon.session.recording.encoder import Packet
from scanmon.session.recording.masking import sector_only
from scanmon.session.recording.queue import Analysed, Captured
from scanmon.session.recording.values import Entry
from scanmon.session.regions import same_region

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


class Assembler:
    """One per run. `encode` gets masked pixels and the session's time."""

    def __init__(self, encode: Encode, *, whole_screen: bool) -> None:
        self._encode = encode
        self._whole = whole_screen
        self._waiting: deque[Captured] = deque()
        self._waiting_bytes = 0
        self._region: Region | None = None
        self._provenance: Provenance | None = None
        self._timeline = _Timeline()
        self._changes = _Changes()

    def captured(self, item: Captured) -> Iterator[Entry]:
        """Take a frame; gives out those that have waited too long, without pixels."""
        self._waiting.append(item)
        self._waiting_bytes += _bytes(item)
        while len(self._waiting) > WAITING_FRAMES or self._waiting_bytes > WAITING_BYTES:
            yield self._dropped(self._pop(), None)

    def analysed(self, item: Analysed) -> Iterator[Entry]:
        """Take a result; gives out its frame and all before it."""
        analysis = item.analysis
        self._provenance = analysis.provenance
        if item.frame is not None:
            captured = Captured(item.key, analysis.frame.time_s, item.frame)
        elif any(waiting.key == item.key for waiting in self._waiting):
            while self._waiting[0].key != item.key:
                yield self._dropped(self._pop(), analysis.region)
            captured = self._pop()
        else:
            return  # given out long ago, or scored a second time
        yield self._entry(captured, analysis)
        self._region = analysis.region

    def rest(self) -> Iterator[Entry]:
        """Give out what still waits, without pixels: no region is known after it."""
        while self._waiting:
            yield self._dropped(self._pop(), None)

    def _pop(self) -> Captured:
        item = self._waiting.popleft()
        self._waiting_bytes -= _bytes(item)
        return item

    def _dropped(self, item: Captured, after: Region | None) -> Entry:
        """Entry of a frame without a result, between the last region and `after`."""
        record: dict[str, Any] = dropped_row(item.key[0], item.time_s, self._provenance or Provenance())
        regions = (self._region, after) if self._region and after else ()
        return self._timed(item, record, tuple(r for r in regions if r), None, None, ())

    def _entry(self, item: Captured, analysis: Analysis) -> Entry:
        record: dict[str, Any] = session_row(analysis)
        heat = None if analysis.heatmap is None else to_steps(analysis.heatmap)
        events = self._changes.of(analysis)
        return self._timed(item, record, (analysis.region,), analysis.region, heat, events)

    def _timed(
        self,
        item: Captured,
        record: dict[str, Any],
        regions: tuple[Region, ...],
        region: Region | None,
        heat: NDArray[np.uint8] | None,
        events: tuple[dict[str, Any], ...],
    ) -> Entry:
        time_s, missing, jumped = self._timeline.place(item.key[0], item.time_s)
        pixels = self._pixels(item.frame, regions)
        packet = None if pixels is None else self._encode(pixels, time_s)
        if jumped:
            events = ({"kind": "jump"}, *events)
        return Entry(
            record=record,
            source_frame=item.key[0],
            time_s=time_s,
            source_time_s=item.time_s,
            captured_s=item.key[1],
            missing=missing,
            region=region,
            heat=heat,
            packet=packet,
            pixels="stored" if packet else "lost" if item.frame is None else "withheld",
            size=(0, 0) if item.frame is None else item.frame.pixels.shape,
            events=events,
        )

    def _pixels(self, frame: Frame | None, regions: tuple[Region, ...]) -> NDArray[np.uint8] | None:
        if frame is None:
            return None
        return frame.pixels if self._whole else sector_only(frame.pixels, regions)


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
    """Events that follow from one result and the one before it."""

    def __init__(self) -> None:
        self._reason: Reason | None = None
        self._verdict: Verdict | None = None
        self._region: Region | None = None

    def of(self, analysis: Analysis) -> tuple[dict[str, Any], ...]:
        reading = analysis.reading
        events: list[dict[str, Any]] = []
        if reading.reason != self._reason:
            kind = _SIGNAL_EVENTS.get(reading.reason, "suspended") if reading.reason else "signal_back"
            events.append({"kind": kind})
            self._reason = reading.reason
        if reading.verdict is not None and reading.verdict != self._verdict:
            before = self._verdict.value if self._verdict else None
            events.append({"kind": "verdict", "verdict": reading.verdict.value, "before": before})
            self._verdict = reading.verdict
        if not same_region(self._region, analysis.region):
            if self._region is not None:
                events.append({"kind": "region", "region": analysis.region.box.as_list()})
            self._region = analysis.region
        return tuple(events)


def _bytes(item: Captured) -> int:
    return 0 if item.frame is None else item.frame.pixels.nbytes
