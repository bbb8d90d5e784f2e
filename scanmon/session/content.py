"""A recorded session, opened: what exports, verification and replay work on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.ports import FrameAnalyzer
from scanmon.core.records import DROPPED, reading_from, roi_from, second_from
from scanmon.core.schema import SESSION
from scanmon.core.values import (
    Analysis,
    Box,
    EngineName,
    Frame,
    Metric,
    Provenance,
    Reading,
    Reason,
    Region,
    SettingsSeen,
)
from scanmon.session import bookmarks
from scanmon.session.frame_table import FrameTable
from scanmon.session.regions import Regions

T = TypeVar("T")
SETTINGS: Final = "settings"  # kind of an event: the scanner's settings changed
Heatmap: TypeAlias = Callable[[int], NDArray[np.float32] | None]
"""Of a row: (gh, gw) quality 0..100, NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class SessionContent:
    """`pictures[k]` is the row of picture k of the video; rows without pixels are in no place of it."""

    name: str  # of the folder
    about: dict[str, Any]
    table: FrameTable
    pictures: NDArray[np.int64]  # (p,) rows, growing
    regions: Regions
    region_ids: NDArray[np.int64]  # (n,) of each row, as `region` has it; -1: no row has one
    events: tuple[dict[str, Any], ...]
    heatmap: Heatmap

    @classmethod
    def of(
        cls,
        name: str,
        about: dict[str, Any],
        table: FrameTable,
        regions: Regions,
        events: Iterable[dict[str, Any]],
        heatmap: Heatmap,
    ) -> SessionContent:
        """What a store holds, put together. Raises `ValueError` where the rows do not belong together."""
        numbers = table.numbers("video_frame")
        pictures = np.flatnonzero(np.isfinite(numbers))
        if not np.array_equal(numbers[pictures], np.arange(len(pictures))):
            raise ValueError("its pictures are numbered wrongly")
        times_s = table.numbers("time_s")[pictures]
        if not np.isfinite(times_s).all() or (np.diff(times_s) <= 0).any():
            raise ValueError("its times do not grow")
        region_ids = _carried_on(table.numbers("region_id"))
        return cls(name, about, table, pictures, regions, region_ids, tuple(events), heatmap)

    @property
    def complete(self) -> bool:
        """Whether the recording was ended, rather than cut off by a power cut or a full disk."""
        return bool(self.about.get("complete"))

    @property
    def smoothed(self) -> bool:
        """Whether quality was smoothed over time; that of stills is not."""
        return bool(np.isfinite(self.table.numbers("steady")).any())

    @property
    def bookmarks(self) -> tuple[tuple[int, float, str], ...]:
        """Row, time and text of each, in the order of time."""
        marks = [event for event in self.events if event["kind"] == bookmarks.KIND]
        return tuple(
            sorted((int(mark.get("frame") or 0), mark["time_s"], mark.get("text") or "") for mark in marks)
        )

    @property
    def settings_s(self) -> tuple[float, ...]:
        """When the scanner's settings changed; each was noticed `before_s` later."""
        seen = [event for event in self.events if event["kind"] == SETTINGS]
        return tuple(float(event["time_s"]) - float(event.get("before_s") or 0.0) for event in seen)

    def shown(self, metric: Literal["", "second_"] = "") -> NDArray[np.float64]:
        """(n,) quality as the meter showed it: smoothed where it was; NaN where there is none."""
        steady, quality = self.table.numbers(f"{metric}steady"), self.table.numbers(f"{metric}quality")
        return np.where(np.isnan(steady), quality, steady)

    def region(self, row: int) -> Region | None:
        """The region of a row: its own, of the last row before it that has one, or of the first after it."""
        number = self.region_ids[row]
        return self.regions[number] if 0 <= number < len(self.regions) else None

    def provenance(self) -> Provenance:
        """Where the recorded scores come from."""
        scoring = self.about.get("scoring") or {}
        low, high = scoring.get("thresholds") or (None, None)
        return Provenance(
            source=self.name,
            bundle=scoring.get("bundle") or "",
            engines=_engines(scoring),
            details={key: str(value or "") for key, value in (scoring.get("details") or {}).items()},
            thresholds=None if low is None or high is None else (float(low), float(high)),
        )

    @property
    def engines(self) -> str:
        """What made the scores, in the order in which it did: an engine that failed gave way to another."""
        return self._engines("backend", "precision")

    @property
    def second_engines(self) -> str:
        """The same of the other metric; empty where one metric ran, or the session is of an older scanmon."""
        return self._engines("second_backend", "second_precision")

    def reading(self, row: int) -> Reading | None:
        """What was measured; None for a frame that was never analysed."""
        return _reading(self.table.record(row))

    def _engines(self, backend: str, precision: str) -> str:
        rows = zip(self.table.texts(backend), self.table.texts(precision), strict=True)
        return ", then ".join(dict.fromkeys(" ".join(map(str, row)) for row in rows if row[0]))


def joined(parts: Sequence[SessionContent]) -> SessionContent:
    """The parts of a recording on one time line, that of the source: what is to be said of all of it.

    Pictures are numbered through all parts; regions and heatmaps stay with their part.
    """
    first, last = parts[0], parts[-1]
    groups: list[dict[str, list[Any]]] = []
    events: list[dict[str, Any]] = []
    pictures: list[NDArray[np.int64]] = []
    rows = shown = 0
    end_s = 0.0
    for part in parts:
        table = part.table
        at_s = _begins_s(first, part) if part is not first else 0.0
        at_s = max(at_s, end_s)
        group = {column.name: table.values(column.name) for column in SESSION}
        group["video_frame"] = [  # a video that was cut off has fewer than the table tells of
            None if number is None or number >= len(part.pictures) else number + shown
            for number in group["video_frame"]
        ]
        for name, by in (("frame", rows), ("time_s", at_s)):
            group[name] = [None if value is None else value + by for value in group[name]]
        groups.append(group)
        for event in part.events:
            frame = event.get("frame")
            moved = {
                "time_s": float(event["time_s"]) + at_s,
                "frame": None if frame is None else frame + rows,
            }
            events.append({**event, **moved})
        pictures.append(part.pictures + rows)
        rows, shown = rows + len(table), shown + len(part.pictures)
        end_s = at_s + float(np.nanmax(table.numbers("time_s"), initial=0.0))
    return replace(
        first,
        about={**first.about, "examination": last.about.get("examination"), "complete": last.complete},
        table=FrameTable(groups),
        pictures=np.concatenate(pictures),
        events=tuple(events),
    )


def _begins_s(first: SessionContent, part: SessionContent) -> float:
    """When a part begins on the time line of the first one; 0 where the source's own times do not say it."""
    before, now = (one.table.numbers("source_time_s") for one in (first, part))
    known = np.flatnonzero(np.isfinite(before)), np.flatnonzero(np.isfinite(now))
    if not len(known[0]) or not len(known[1]):
        return 0.0
    begins_s = now[known[1][0]] - before[known[0][0]] + first.table.numbers("time_s")[known[0][0]]
    return float(begins_s)


class RecordedScores:
    """Gives the recorded results for the frames of a session, in place of an analyzer that scores them anew.

    Frames carry the number of their picture. One that was never analysed is `stale`.
    """

    def __init__(self, content: SessionContent) -> None:
        self._content = content
        metrics = [metric for metric in content.table.texts("metric") if metric]
        self._metric: Metric = "nrq" if metrics and metrics[0] == "nrq" else "map"
        self._provenance = content.provenance()

    @property
    def provenance(self) -> Provenance:
        """Of the frame before: engines and bundles may change within a session."""
        return self._provenance

    def reset(self) -> None:
        """Nothing is remembered."""

    def shift_thresholds(self, points: float) -> None:
        """What was recorded stays as it is."""

    def close(self) -> None:
        """No engine is open."""

    def analyze(self, frame: Frame) -> Analysis:
        row = int(self._content.pictures[frame.index])
        height, width = frame.pixels.shape
        region = self._content.region(row) or Region(Box(0, 0, width, height), kind="full", origin="full")
        record = self._content.table.record(row)
        stale = Reading(frame.index, frame.time_s, self._metric, reason=Reason.STALE, region=region.box)
        if record["reason"] == DROPPED:
            return Analysis(frame, region, (stale,), None, self._provenance)
        made_by = replace(self._provenance, bundle=record["bundle"] or "", engines=_engines(record))
        if made_by != self._provenance:
            self._provenance = made_by
        record |= {"frame": frame.index, "time_s": frame.time_s}
        readings = (_reading(record) or stale, second_from(record))
        known = tuple(reading for reading in readings if reading is not None)
        roi = _understood(roi_from, record)
        settings = None if record["settings"] is None else SettingsSeen(record["settings"])
        return Analysis(frame, region, known, self._content.heatmap(row), self._provenance, roi, settings)


class BesideRecorded:
    """Scores frames anew; the reading that was recorded comes along as the second one of each analysis."""

    def __init__(self, analyzer: FrameAnalyzer, content: SessionContent) -> None:
        self._analyzer = analyzer
        self._recorded = RecordedScores(content)

    @property
    def provenance(self) -> Provenance:
        """Of the new reading; its second engine is that of the recorded one."""
        new, old = self._analyzer.provenance, self._recorded.provenance
        return replace(new, engines=(new.engine, old.engine))

    def reset(self) -> None:
        self._analyzer.reset()

    def shift_thresholds(self, points: float) -> None:
        """Of the new reading."""
        self._analyzer.shift_thresholds(points)

    def close(self) -> None:
        self._analyzer.close()

    def analyze(self, frame: Frame) -> Analysis:
        new, old = self._analyzer.analyze(frame), self._recorded.analyze(frame)
        return replace(new, readings=(new.reading, old.reading), provenance=self.provenance)


def _engines(record: Mapping[str, Any]) -> tuple[EngineName, ...]:
    """Engines that a row, or what a session says of its scoring, names: of one metric or of two."""
    names = [(record.get(f"{place}backend"), record.get(f"{place}precision")) for place in ("", "second_")]
    return tuple(EngineName(backend or "", precision or "") for backend, precision in names if backend)


def _carried_on(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each place without a number takes the last one before it, or the first of all; -1 where there is none.

    A recording may begin with a picture that was never analysed. Its pixels were kept because the regions
    before and after it are the same; the one before is no part of the recording.
    """
    known = np.isfinite(numbers)
    if not known.any():
        return np.full(len(numbers), -1, np.int64)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(numbers)), -1))
    return numbers[np.where(latest >= 0, latest, np.argmax(known))].astype(np.int64)


def _reading(record: dict[str, Any]) -> Reading | None:
    return _understood(reading_from, record)


def _understood(form: Callable[[dict[str, Any]], T | None], record: dict[str, Any]) -> T | None:
    try:
        return form(record)
    except (KeyError, TypeError, ValueError, ScanmonError) as error:
        raise SourceError(f"holds a row that makes no sense ({error})", record["frame"]) from error
