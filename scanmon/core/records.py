"""A reading -> the flat record of it, and back. The one place that knows the names of the fields.

The fields and their order are a promise to scripts (docs/formats.md): they are the keys of a JSON line, and
the columns of a CSV or Parquet table. Every key is always there; what is not known, or not finite, is None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

from scanmon.core.values import Box, Metric, Provenance, Reading, Reason, Verdict

Row: TypeAlias = dict[str, Any]

FIELDS: Final = (
    "source",
    "frame",
    "time_s",
    "state",
    "reason",
    "metric",
    "score",
    "quality",
    "verdict",
    "region",
    "worst",
    "organ",
    "patches",
    "coverage",
    "age_ms",
    "bundle",
    "backend",
    "precision",
    "preprocess_ms",
    "engine_ms",
    "head_ms",
)
INTEGERS: Final = frozenset({"frame", "patches"})
NUMBERS: Final = frozenset(
    {"time_s", "score", "quality", "coverage", "age_ms", "preprocess_ms", "engine_ms", "head_ms"}
)
BOXES: Final = frozenset({"region", "worst"})  # [x, y, w, h] in frame pixels
ERROR: Final = "error"  # key of a row that stands for a file which could not be read
DROPPED: Final = "dropped"  # reason in a session for a captured frame that was never analysed


def row(reading: Reading, provenance: Provenance, age_ms: float | None = None) -> Row:
    """The record of one reading; its keys are `FIELDS`, in that order.

    `age_ms` is the age of the picture when the record is given out; left out, it is the age of the oldest
    part of the score (0 where the whole grid is fresh).
    """
    if age_ms is None and reading.oldest_s is not None:
        age_ms = 1000.0 * reading.oldest_s
    return {
        "source": provenance.source,
        "frame": int(reading.frame),
        "time_s": _finite(reading.time_s),
        "state": "scored" if reading.scored else "suspended",
        "reason": _word(reading.reason),
        "metric": reading.metric,
        "score": _finite(reading.score),
        "quality": _finite(reading.quality),
        "verdict": _word(reading.verdict),
        "region": _corners(reading.region),
        "worst": _corners(reading.worst),
        "organ": reading.organ,
        "patches": None if reading.patches is None else int(reading.patches),
        "coverage": _finite(reading.coverage),
        "age_ms": _finite(age_ms),
        "bundle": provenance.bundle,
        "backend": provenance.backend,
        "precision": provenance.precision,
        "preprocess_ms": _finite(reading.preprocess_ms),
        "engine_ms": _finite(reading.engine_ms),
        "head_ms": _finite(reading.head_ms),
    }


def error_row(source: str, message: str) -> Row:
    """The record of a file that could not be read: every field None but `source`, and the key `error`."""
    return {**dict.fromkeys(FIELDS), "source": source, ERROR: message}


def dropped_row(frame: int, time_s: float | None, provenance: Provenance) -> Row:
    """The record of a captured frame that was never analysed. Only the tables of sessions hold such rows."""
    return {
        **dict.fromkeys(FIELDS),
        "source": provenance.source,
        "frame": int(frame),
        "time_s": _finite(time_s),
        "state": "suspended",
        "reason": DROPPED,
        "bundle": provenance.bundle,
        "backend": provenance.backend,
        "precision": provenance.precision,
    }


def reading_from(record: Mapping[str, Any]) -> Reading | None:
    """The reading that a record tells of; None for a dropped frame or an error.

    `steady` is taken where the record has it (sessions do). Raises `KeyError`, `TypeError` or `ValueError`
    where the record is none of ours.
    """
    if record.get(ERROR) or record["reason"] == DROPPED:
        return None
    reason, verdict, age_ms = record["reason"], record["verdict"], record["age_ms"]
    return Reading(
        frame=int(record["frame"]),
        time_s=float(record["time_s"]),
        metric=cast(Metric, record["metric"]),
        reason=None if reason is None else Reason(reason),
        score=record["score"],
        quality=record["quality"],
        steady=record.get("steady"),
        verdict=None if verdict is None else Verdict(verdict),
        region=_box(record["region"]),
        worst=_box(record["worst"]),
        organ=record["organ"],
        patches=record["patches"],
        coverage=record["coverage"],
        oldest_s=None if age_ms is None else age_ms / 1000.0,
        preprocess_ms=record["preprocess_ms"],
        engine_ms=record["engine_ms"],
        head_ms=record["head_ms"],
    )


def _finite(value: float | None) -> float | None:
    """A plain float; None for what JSON has no word for."""
    return None if value is None or not math.isfinite(value) else float(value)


def _word(value: Reason | Verdict | None) -> str | None:
    return None if value is None else value.value


def _corners(box: Box | None) -> list[int] | None:
    return None if box is None else [int(number) for number in box.as_list()]


def _box(corners: list[int] | None) -> Box | None:
    return None if corners is None else Box(*(int(number) for number in corners))
