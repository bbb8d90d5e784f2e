"""Analyses -> records with the columns of `core.schema`, and back."""

import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, TypeAlias

from scanmon.core.schema import ERROR, FIELDS, PARTS, RESULT, ROI, SESSION, Column
from scanmon.core.values import (
    Analysis,
    Box,
    EngineName,
    Parts,
    Provenance,
    Reading,
    Reason,
    RoiMeasures,
    Verdict,
)

Row: TypeAlias = dict[str, Any]

DROPPED: Final = "dropped"  # reason in a session for a captured frame that was never analysed


def row(analysis: Analysis, age_ms: float | None = None, columns: tuple[Column, ...] = RESULT) -> Row:
    """The record of the first reading; its keys are the names of `columns`, in that order.

    `age_ms` is the age of the picture when the record is written; without it, the age of the oldest window
    of the score.
    """
    record = _record(columns, analysis)
    return record if age_ms is None else record | {"age_ms": _number(age_ms)}


def session_row(analysis: Analysis) -> Row:
    """The record of one frame of a session; what only the recorder knows is None."""
    return _record(SESSION, analysis)


def error_row(source: str, message: str) -> Row:
    """The record of a file that could not be read: every field None but `source`, and the key `error`."""
    return {**dict.fromkeys(FIELDS), "source": source, ERROR.name: message}


def dropped_row(frame: int, time_s: float | None, provenance: Provenance | None = None) -> Row:
    """The record of a frame of a session that was captured, or lost by the source, and never analysed."""
    record: Row = dict.fromkeys(column.name for column in SESSION)
    record |= {"frame": int(frame), "time_s": _number(time_s), "state": "suspended", "reason": DROPPED}
    if provenance is not None:
        record |= {"source": provenance.source, "bundle": provenance.bundle}
        record |= {"backend": provenance.engine.backend, "precision": provenance.engine.precision}
    return record


def flat(record: Row) -> Row:
    """A record as a row of a table: its parts as columns of their own."""
    if "parts" not in record:
        return record
    parts = record["parts"] or {}
    return {key: value for key, value in record.items() if key != "parts"} | {
        f"part_{kind}": parts.get(kind) for kind in PARTS
    }


def reading_from(record: Mapping[str, Any]) -> Reading | None:
    """The reading of a record, nested or flat; None for a dropped frame or an error.

    Raises `KeyError`, `TypeError` or `ValueError` where the record is none of ours.
    """
    if record.get(ERROR.name) or record["reason"] == DROPPED:
        return None
    age_ms = record["age_ms"]
    values = {
        name: _parsed(column, record.get(column.name)) for name, column in _columns_of("reading").items()
    }
    values |= {"frame": int(record["frame"]), "time_s": float(record["time_s"])}
    values |= {"oldest_s": None if age_ms is None else age_ms / 1000.0, "parts": _parts(record)}
    # what was withdrawn for its age was stored so
    return Reading(**values, outdated_s=0.0, engine=_engine(record["backend"], record["precision"]))


def second_from(record: Mapping[str, Any]) -> Reading | None:
    """The reading of the other metric that a row of a session holds; None where one metric ran."""
    if record["second_metric"] is None:
        return None
    values = {name: _parsed(column, record[column.name]) for name, column in _columns_of("second").items()}
    return Reading(
        frame=int(record["frame"]),
        time_s=float(record["time_s"]),
        reason=None if record["reason"] is None else Reason(record["reason"]),
        **values,
        outdated_s=0.0,
        engine=_engine(record["second_backend"], record["second_precision"]),
    )


def roi_from(record: Mapping[str, Any]) -> RoiMeasures | None:
    """What a row of a session holds of regions of interest; None where none was drawn."""
    if record["roi"] is None:
        return None
    values = {column.path.removeprefix("roi."): _parsed(column, record[column.name]) for column in ROI}
    return RoiMeasures(**values)


@cache
def _columns_of(place: str) -> dict[str, Column]:
    """Fields of a reading -> the columns that hold them; `place` is `reading` or `second`."""
    known = {field.name for field in fields(Reading)}
    own = {column.path.removeprefix(f"{place}."): column for column in (*RESULT, *SESSION)}
    return {name: column for name, column in own.items() if name in known}


def _record(columns: tuple[Column, ...], analysis: Analysis) -> Row:
    return {column.name: _plain(column, _value(column.path, analysis)) for column in columns}


def _value(path: str, start: object) -> Any:
    """What a path leads to; None where a step of it is None."""
    value: Any = start if path else None
    for name in path.split("."):
        if value is None:
            return None
        value = getattr(value, name)
    return value


def _plain(column: Column, value: Any) -> Any:
    """A value as JSON holds it."""
    if value is None:
        return None
    match column.kind:
        case "number":
            return _number(value)
        case "integer":
            return int(value)
        case "integers":
            return [int(number) for number in value.as_list()]
        case "parts":
            return value._asdict()
        case _:
            return str(value)


def _number(value: float | None) -> float | None:
    """A plain float; None for what JSON has no word for."""
    return None if value is None or not math.isfinite(value) else float(value)


def _parsed(column: Column, value: Any) -> Any:
    if value is None:
        return None
    match column.name:
        case "region" | "worst" | "roi" | "roi_background":
            return Box(*(int(number) for number in value))
        case "reason":
            return Reason(value)
        case "verdict" | "pending":
            return Verdict(value)
        case _:
            return value


def _engine(backend: str | None, precision: str | None) -> EngineName | None:
    return None if backend is None else EngineName(backend, precision or "")


def _parts(record: Mapping[str, Any]) -> Parts | None:
    parts = record.get("parts") or {kind: record.get(f"part_{kind}") for kind in PARTS}
    return Parts(**parts) if any(value is not None for value in parts.values()) else None
