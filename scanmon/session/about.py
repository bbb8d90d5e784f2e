"""What a session says of itself and of its events, checked once: every reader finds what it expects."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypedDict, cast

import msgspec
from msgspec import Meta

from scanmon.examination.protocol import MOST_VIEWS

_LINE: Final = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*\Z"
_Text = Annotated[str, Meta(max_length=1000, pattern=_LINE)] | None
_Number = Annotated[float, Meta(ge=-1e300, le=1e300)]
_Count = Annotated[int, Meta(ge=0, le=1 << 40)] | None
_Folder = Annotated[str, Meta(pattern=r"\Arun_[0-9A-Za-z_]{1,60}\Z")]  # beside this one
_Side = Annotated[int, Meta(ge=1, le=1 << 16)] | None


class _Scoring(TypedDict, total=False):
    bundle: _Text
    backend: _Text
    precision: _Text
    second_backend: _Text
    second_precision: _Text
    thresholds: tuple[_Number, _Number] | None
    details: dict[str, _Text] | None


class _View(TypedDict):
    name: Annotated[str, Meta(max_length=100, pattern=_LINE)]
    state: Literal["open", "saved", "skipped"]
    reach: Literal["adequate", "marginal"]
    quality: _Number | None
    hold_s: _Number
    best_frame: _Count
    best_quality: _Number | None


class _Examination(TypedDict):
    protocol: Annotated[str, Meta(max_length=100, pattern=_LINE)]
    label: Annotated[str, Meta(max_length=1000, pattern=_LINE)]
    ended: bool
    views: Annotated[list[_View], Meta(max_length=MOST_VIEWS)]


class _About(TypedDict, total=False):
    """A key may be missing, or null where nothing is known: a session that was cut off says less."""

    software: _Text
    source: _Text
    started_utc: datetime | None
    stored: _Text
    codec: _Text
    rate_hz: _Number | None
    seconds: _Number | None
    frames: _Count
    pictures: _Count
    not_stored: _Count
    withheld: _Count
    width: _Side
    height: _Side
    scoring: _Scoring | None
    settings: dict[str, Any] | None
    examination: _Examination | None
    continues: _Folder | None
    continued_in: _Folder | None


class _Event(TypedDict):
    kind: Annotated[str, Meta(max_length=1000, pattern=_LINE)]
    time_s: _Number


class _Bookmark(_Event, total=False):
    frame: Annotated[int, Meta(ge=-1, le=1 << 40)] | None
    text: _Text
    before_s: _Number


def checked(document: object, version: int) -> dict[str, Any]:
    """`document` as it is, with what scanmon does not know. Raises `ValueError` that names the key."""
    if isinstance(document, dict) and (found := document.get("schema_version")) != version:
        raise ValueError(f"schema_version {str(found)[:20]} is unknown")
    return _as(_About, document)


def checked_event(event: dict[str, Any]) -> dict[str, Any]:
    """An event as it is. Raises `ValueError` that names the key."""
    return _as(_Bookmark, event)


def _as(kind: Any, document: object) -> dict[str, Any]:
    try:
        msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error).replace("`", "")) from error
    return cast("dict[str, Any]", document)
