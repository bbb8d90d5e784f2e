"""Heatmaps and regions on disk: what goes in comes out, and a torn end loses only the end."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.values import Box, Region
from scanmon.session import heat, regions


def test_a_heatmap_comes_back_within_a_fifth_of_a_quality_point() -> None:
    quality = np.random.default_rng(1).uniform(0, 100, (12, 17)).astype(np.float32)
    quality[3, 4] = np.nan
    back = heat.to_quality(heat.to_steps(quality))
    assert np.isnan(back[3, 4])
    assert np.nanmax(np.abs(back - quality)) <= 0.2 + 1e-4
    assert not back.flags.writeable


def test_records_are_read_back_in_order() -> None:
    maps = [np.full((2, 3 + n), n, np.uint8) for n in range(4)]
    file = io.BytesIO(b"".join(heat.pack(10 * n, steps) for n, steps in enumerate(maps)))
    read = list(heat.unpack(file))
    assert [record.frame for record in read] == [0, 10, 20, 30]
    assert all(np.array_equal(record.steps, steps) for record, steps in zip(read, maps, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_or_damaged_end_loses_nothing_before_it(data: st.DataObject) -> None:
    pieces = [heat.pack(n, np.full((5, 5), n, np.uint8)) for n in range(6)]
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    complete = sum(len(b"".join(pieces[: n + 1])) <= cut for n in range(6))
    garbage = data.draw(st.binary(max_size=30))
    read = list(heat.unpack(io.BytesIO(whole[:cut] + garbage)))
    assert [record.frame for record in read][:complete] == list(range(complete))


def test_a_sector_comes_back_to_the_pixel() -> None:
    mask = np.tri(40, 60, dtype=bool)
    region = Region(Box(5, 6, 60, 40), mask, ((5.0, 6.0), (64.5, 45.0)), "sector", "detected")
    back = regions.from_record(json.loads(json.dumps(regions.to_record(region))))
    assert regions.same_region(region, back)
    assert (back.kind, back.origin, back.outline) == (region.kind, region.origin, region.outline)


def test_regions_differ_by_box_and_by_mask() -> None:
    box = Region(Box(0, 0, 4, 4))
    assert regions.same_region(box, Region(Box(0, 0, 4, 4), kind="linear"))
    assert not regions.same_region(box, Region(Box(0, 0, 4, 5)))
    assert not regions.same_region(box, Region(Box(0, 0, 4, 4), np.ones((4, 4), bool)))
    assert not regions.same_region(box, None)


@pytest.mark.parametrize("mask", ["AAAA", "!", "eJwDAAAAAAE="])
def test_a_damaged_mask_is_an_error_that_the_reader_knows(mask: str) -> None:
    record = regions.to_record(Region(Box(0, 0, 8, 8))) | {"mask": mask}
    with pytest.raises(ValueError):
        regions.from_record(record)


def test_the_whole_picture_may_not_be_stored_just_because_no_sector_was_found() -> None:
    box = Box(0, 0, 640, 480)
    assert not regions.may_be_stored(Region(box, kind="full", origin="full"))
    assert not regions.may_be_stored(Region(box, kind="box", origin="full"))
    assert regions.may_be_stored(Region(box, kind="box", origin="user"))
