"""What a session may say of itself: anything else is refused before somebody computes with it."""

from __future__ import annotations

from typing import Any

import pytest

from scanmon.session.about import checked, checked_event

WHOLE: dict[str, Any] = {
    "schema_version": 2,
    "software": "scanmon 1",
    "source": "dicom",
    "started_utc": "2026-11-22T04:12:37.120+00:00",
    "rate_hz": 25.0,
    "scoring": {
        "bundle": "default 1",
        "backend": "onnxruntime",
        "thresholds": [40.0, 70.0],
        "details": {"bundle_sha256": "00"},
    },
    "complete": True,
    "width": 640,
    "height": 480,
    "frames": 12,
}


def test_what_a_recorder_writes_is_taken_as_it_is() -> None:
    assert checked(dict(WHOLE), 2) == WHOLE


def test_what_is_not_known_may_be_missing_or_null() -> None:
    for name in set(WHOLE) - {"schema_version"}:
        assert checked(WHOLE | {name: None}, 2)[name] is None
        assert name not in checked({key: value for key, value in WHOLE.items() if key != name}, 2)


def test_keys_of_a_later_scanmon_are_left_alone() -> None:
    assert checked(WHOLE | {"probe": [1, 2]}, 2)["probe"] == [1, 2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema_version", 1),
        ("schema_version", "2"),
        ("software", ["scanmon"]),
        ("software", "two\nlines"),
        ("source", "x" * 5000),
        ("source", "\ud800"),
        ("started_utc", "yesterday"),
        ("started_utc", 1),
        ("rate_hz", float("nan")),
        ("rate_hz", "25"),
        ("width", 0),
        ("width", True),
        ("height", 1 << 40),
        ("frames", -1),
        ("frames", 1.5),
        ("scoring", "fast"),
        ("scoring", {"bundle": 3}),
        ("scoring", {"details": ["a"]}),
        ("scoring", {"details": {"bundle_sha256": {}}}),
        ("scoring", {"thresholds": [1]}),
        ("scoring", {"thresholds": [1, "2"]}),
        ("scoring", {"thresholds": [1, float("inf")]}),
        ("scoring", {"thresholds": {"0": 1, "1": 2}}),
    ],
)
def test_a_value_that_nobody_can_use_is_refused(name: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        checked(WHOLE | {name: value}, 2)


def test_what_is_no_object_is_refused() -> None:
    for document in (None, 1, "text", [WHOLE]):
        with pytest.raises((TypeError, ValueError)):
            checked(document, 2)


def test_an_event_has_a_kind_and_a_time() -> None:
    event = {"kind": "bookmark", "time_s": 1.5, "frame": 3, "text": "here"}
    assert checked_event(dict(event)) == event
    for spoilt in ({"kind": None}, {"time_s": None}, {"time_s": "1"}, {"kind": 7}, {"text": []}):
        with pytest.raises(ValueError, match=r"kind|time|text"):
            checked_event(event | spoilt)
