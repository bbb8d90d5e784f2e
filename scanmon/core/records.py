"""Readings -> records with the columns of `core.schema`, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from scanmon.core.schema import ERROR, FIELDS, PARTS, RESULT, SESSION, Column
from scanmon.core.values import Box, Parts, Provenance, Reading, Reason, Verdict

Row: TypeAlias = dict[str, Any]

DROPPED: Final = "dropped"  # reason in a session for a captured frame that was never analysed


class Result(NamedTuple):
    """What the paths of the columns begin at."""

    reading: Reading | None
    provenance: Provenance | None
    age_ms: float | None = None
    second: Reading | None = None

    @property
    def other(self) -> Provenance | None:
        return self.provenance if self.second else None


def row(reading: Reading, provenance: Provenance, age_ms: float | None = None) -> Row:
    """The record of one reading; its keys are `FIELDS`, in that order.

    `age_ms` is the age of the picture when the record is given out; left out, it is the age of the oldest
    part of the score (0 where the whole grid is fresh).
    """
    return _record(RESULT, Result(reading, provenance, _age_ms(reading, age_ms)))


def session_row(reading: Reading, provenance: Provenance, second: Reading | None = None) -> Row:
    """The record of one frame of a session; what only the recorder knows is None."""
    return _record(SESSION, Result(reading, provenance, _age_ms(reading, None), second))


def error_row(source: str, message: str) -> Row:
    """The record of a file that could not be read: every field None but `source`, and the key `error`."""
    return {**dict.fromkeys(FIELDS), "source": source, ERROR.name: message}


def dropped_row(frame: int, time_s: float | None, provenance: Provenance | None = None) -> Row:
    """The record of a frame of a session that was captured, or lost by the source, and never analysed."""
    unknown = _record(SESSION, Result(None, provenance))
    return unknown | {"frame": int(frame), "time_s": time_s, "state": "suspended", "reason": DROPPED}


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
    values = {name: _parsed(column, record.get(column.name)) for name, column in _fields_of_reading()}
    values |= {"frame": int(record["frame"]), "time_s": float(record["time_s"])}
    values |= {"oldest_s": None if age_ms is None else age_ms / 1000.0, "parts": _parts(record)}
    return Reading(**values)


@cache
def _fields_of_reading() -> tuple[tuple[str, Column], ...]:
    """(field, column) for each column that holds a field of a reading."""
    known = {field.name for field in fields(Reading)}
    own = ((column.path.removeprefix("reading."), column) for column in RESULT)
    return tuple((name, column) for name, column in own if name in known)


def _record(columns: tuple[Column, ...], result: Result) -> Row:
    return {column.name: _plain(column, _value(column, result)) for column in columns}


def _value(column: Column, result: Result) -> Any:
    """What the path of a column leads to; None where a part of it is None."""
    value: Any = result
    for name in column.path.split("."):
        if value is None or not name:
            return None
        value = getattr(value, name)
    return value


def _plain(column: Column, value: Any) -> Any:
    """A value as JSON holds it."""
    if value is None:
        return None
    match column.kind:
        case "number":
            return float(value) if math.isfinite(value) else None
        case "integer":
            return int(value)
        case "integers":
            return [int(number) for number in value.as_list()]
        case "parts":
            return value._asdict()
        case _:
            return str(value)


def _parsed(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "integers":
        return Box(*(int(number) for number in value))
    return {"reason": Reason, "verdict": Verdict}.get(column.name, lambda same: same)(value)


def _parts(record: Mapping[str, Any]) -> Parts | None:
    parts = record.get("parts") or {kind: record.get(f"part_{kind}") for kind in PARTS}
    return Parts(**parts) if any(value is not None for value in parts.values()) else None


def _age_ms(reading: Reading, age_ms: float | None) -> float | None:
    if age_ms is None and reading.oldest_s is not None:
        return 1000.0 * reading.oldest_s
    return age_ms
