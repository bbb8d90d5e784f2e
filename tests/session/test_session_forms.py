"""Heatmaps and regions on disk: what goes in comes out, and damage is an error that the reader knows."""

from __future__ import annotations

import resource
import zlib

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


def test_packed_steps_are_read_back_as_they_were() -> None:
    for steps in (np.full((2, 3 + n), n, np.uint8) for n in range(4)):
        np.testing.assert_array_equal(heat.unpack(heat.pack(steps), *steps.shape), steps)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(-1, 1 << 40), st.integers(-1, 1 << 40))
def test_packed_steps_that_are_none_are_an_error_that_the_reader_knows(
    data: bytes, height: int, width: int
) -> None:
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
