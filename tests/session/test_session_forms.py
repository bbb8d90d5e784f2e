"""Heatmaps and regions on disk: what goes in comes out, and damage is an error that the reader knows."""

import resource
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.values import Box, Region
from scanmon.session import heat, regions
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


def test_a_heatmap_comes_back_within_a_fifth_of_a_quality_point() -> None:
    quality = np.random.default_rng(1).uniform(0, 100, (12, 17)).astype(np.float32)
    quality[3, 4] = np.nan
    back = heat.to_quality(heat.to_steps(quality))
    assert np.isnan(back[3, 4])
    assert np.nanmax(np.abs(back - quality)) <= 0.2 + 1e-4
    assert not back.flags.writeable


def test_packed_steps_are_read_back_as_they_were() -> None:
    for steps in (np.full((2, 3 + n), n, np.uint8) for n in range(4)):
        np.testing.assert_array_equal(heat.unpack(heat.pack(steps), *steps.shape), steps)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(-1, 1 << 40), st.integers(-1, 1 << 40))
def test_packed_steps_that_are_none_are_an_error_that_the_reader_knows(data, height, width) -> None:
    with pytest.raises(ValueError, match="a heatmap"):
        heat.unpack(data, height, width)


def test_a_bomb_of_a_heatmap_is_not_unpacked() -> None:
    with pytest.raises(ValueError, match="size"):
        heat.unpack(zlib.compress(bytes(300 << 20), 1), 30, 40)


def test_a_sector_comes_back_to_the_pixel() -> None:
    mask = np.tri(40, 60, dtype=bool)
    region = Region(Box(5, 6, 60, 40), mask, ((5.0, 6.0), (64.5, 45.0)), "sector", "detected")
    back = regions.StoredRegion.of(region).region()
    assert regions.same_region(region, back)
    assert (back.kind, back.origin, back.outline) == (region.kind, region.origin, region.outline)


def test_regions_differ_by_box_and_by_mask() -> None:
    box = Region(Box(0, 0, 4, 4))
    assert regions.same_region(box, Region(Box(0, 0, 4, 4), kind="linear"))
    assert not regions.same_region(box, Region(Box(0, 0, 4, 5)))
    assert not regions.same_region(box, Region(Box(0, 0, 4, 4), np.ones((4, 4), bool)))
    assert not regions.same_region(box, None)


@pytest.mark.parametrize("mask", [b"", b"AAAA", zlib.compress(b""), zlib.compress(bytes(9))])
def test_a_damaged_mask_is_an_error_that_the_reader_knows(mask: bytes) -> None:
    stored = regions.StoredRegion.of(Region(Box(0, 0, 8, 8)))._replace(mask=mask)
    with pytest.raises(ValueError, match="mask"):
        stored.region()


def test_masks_of_many_large_regions_are_not_all_held_in_memory() -> None:
    """Each of them unpacks to 64 MB."""
    side = 8192
    mask = zlib.compress(bytes(side * side // 8))
    stored = regions.StoredRegion(f"0,0,{side},{side}", "sector", "user", "[]", mask)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(regions.Regions([stored] * 10, {})) == 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB
    with pytest.raises(ValueError, match="larger than any picture"):
        regions.Regions([stored._replace(box=f"0,0,{side},{side + 1}")], {})


def test_the_whole_picture_may_not_be_stored_just_because_no_sector_was_found() -> None:
    box = Box(0, 0, 640, 480)
    assert not regions.may_be_stored(Region(box, kind="full", origin="full"))
    assert not regions.may_be_stored(Region(box, kind="box", origin="full"))
    assert regions.may_be_stored(Region(box, kind="box", origin="user"))


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
