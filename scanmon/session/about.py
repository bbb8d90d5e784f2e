"""What `session.json` and `events.jsonl` may say, checked once: every reader finds what it expects."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from scanmon.session.layout import SCHEMA_VERSION
from scanmon.session.regions import MOST_PIXELS

MOST_LETTERS: Final = 1000
_TEXTS: Final = ("software", "source", "started_utc", "stored", "codec")
_ENGINE_TEXTS: Final = ("bundle", "backend", "precision", "second_backend", "second_precision")
_NUMBERS: Final = ("rate_hz", "started_monotonic_s", "seconds")
_COUNTS: Final = ("frames", "pictures", "not_stored", "withheld")
_SIDES: Final = ("width", "height")


def checked(document: object) -> dict[str, Any]:
    """`document` as it is; what scanmon does not know is left alone. Raises `TypeError` or `ValueError`.

    A key may be missing, or null where nothing is known: a session that was cut off says less.
    """
    if not isinstance(document, dict):
        raise TypeError("no JSON object")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version {str(version)[:20]} is unknown")
    for name in _TEXTS:
        _text(document, name)
    if document.get("started_utc") is not None:
        datetime.fromisoformat(document["started_utc"])
    for name in _NUMBERS:
        _number(document, name)
    for name in _COUNTS:
        _count(document, name, 0, 1 << 40)
    for name in _SIDES:
        _count(document, name, 1, MOST_PIXELS)
    _scoring(document.get("scoring"))
    return document


def checked_event(event: dict[str, Any]) -> dict[str, Any]:
    """A line of `events.jsonl` as it is. Raises `ValueError` that names the key."""
    _text(event, "kind")
    _text(event, "text")
    _number(event, "time_s")
    if event.get("kind") is None or event.get("time_s") is None:
        raise ValueError("an event without kind or time")
    return event


def _scoring(scoring: object) -> None:
    if scoring is None:
        return
    if not isinstance(scoring, dict):
        raise TypeError("scoring is no object")
    for name in _ENGINE_TEXTS:
        _text(scoring, name)
    details, thresholds = scoring.get("details"), scoring.get("thresholds")
    if details is not None and not isinstance(details, dict):
        raise TypeError("details of scoring are no object")
    for name in details or {}:
        _text(details or {}, name)
    if thresholds is None:
        return
    if not isinstance(thresholds, list) or len(thresholds) != 2:
        raise ValueError("thresholds are not two numbers")
    for place in (0, 1):
        _number(dict(enumerate(thresholds)), place, "a threshold")


def _text(document: dict[Any, Any], name: str) -> None:
    value = document.get(name)
    if value is None:
        return
    if not isinstance(value, str) or len(value) > MOST_LETTERS or not value.isprintable():
        raise ValueError(f"{name} is no text of one line")


def _number(document: dict[Any, Any], key: object, name: str = "") -> None:
    value = document.get(key)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name or key} is no finite number")


def _count(document: dict[Any, Any], name: str, least: int, most: int) -> None:
    value = document.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} is no number from {least} to {most}")
