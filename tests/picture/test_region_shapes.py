"""Shapes: masks, outlines, their TOML, and what the option --region takes."""

import tomllib
from math import cos, pi, radians, sin
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanmon.app.analyzers import region_finder
from scanmon.core.documents import toml_text
from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Frame
from scanmon.picture.region import (
    AutoRegion,
    FixedRegion,
    Quad,
    Rectangle,
    Sector,
    Shape,
    region_of,
    shape_from,
    shape_table,
)

CONVEX = Sector(320.0, -40.0, 80.0, 460.0, -35.0, 35.0)
SLANTED = Quad(((180.0, 60.0), (420.0, 60.0), (360.0, 400.0), (120.0, 400.0)))

finite = st.floats(-2000, 2000).map(lambda value: round(value, 3))
boxes = st.builds(Box, st.integers(0, 500), st.integers(0, 500), st.integers(1, 900), st.integers(1, 900))
windows = st.none() | boxes
shapes: st.SearchStrategy[Shape] = st.one_of(
    st.builds(Rectangle, boxes),
    st.builds(Quad, st.tuples(*[st.tuples(finite, finite)] * 4), windows),
    st.builds(
        Sector,
        finite,
        finite,
        st.floats(0, 100),
        st.floats(101, 900),
        st.floats(-90, -1),
        st.floats(1, 90),
        windows,
    ),
)


def blank(height: int = 480, width: int = 640) -> Frame:
    return Frame(np.zeros((height, width), np.uint8), 0, 0.0, 0.0)


def test_the_mask_of_a_sector_has_the_area_of_a_ring_segment() -> None:
    region = region_of(CONVEX, 480, 640)
    expected = pi * (460**2 - 80**2) * 70 / 360
    assert region.mask.sum() == pytest.approx(expected, rel=0.01)
    assert region.kind == "sector"
    assert region.box.bottom == 420
    assert region.box.y == round(-40 + 80 * cos(radians(35)))
    assert region.box.width == pytest.approx(2 * 460 * sin(radians(35)), abs=2)
    assert not region.mask.flags.writeable


def test_a_phased_array_has_its_apex_as_a_corner() -> None:
    region = region_of(Sector(320.0, 20.0, 0.0, 400.0, -45.0, 45.0), 480, 640)
    assert region.outline[0] == (320.0, 20.0)
    assert region.box.y == 20


def test_the_mask_of_a_slanted_image_has_the_area_of_the_parallelogram() -> None:
    region = region_of(SLANTED, 480, 640)
    assert region.mask.sum() == pytest.approx(240 * 340, rel=0.01)
    assert (region.box.as_list(), region.kind) == ([120, 60, 300, 340], "linear")


def test_edges_through_centres_of_pixels_give_a_square_of_its_own_area() -> None:
    corners = ((2.5, 2.5), (10.5, 2.5), (10.5, 10.5), (2.5, 10.5))
    region = region_of(Quad(corners), 20, 20)
    assert region.box == Box(2, 2, 8, 8)
    assert region.mask.sum() == 64


def test_a_window_cuts_mask_and_outline_and_keeps_the_slant() -> None:
    window = Box(150, 60, 270, 340)
    region = region_of(Quad(SLANTED.corners, window), 480, 640)
    assert region.box == window
    assert min(x for x, _ in region.outline) == 150
    assert (150.0, pytest.approx(230.0)) in [(x, y) for x, y in region.outline]


def test_what_reaches_over_the_picture_is_cut_off_and_what_misses_it_is_an_error() -> None:
    region = region_of(Sector(0.0, 0.0, 10.0, 200.0, -30.0, 30.0), 100, 640)
    assert (region.box.x, region.box.bottom) == (0, 100)
    with pytest.raises(SettingsError, match="outside the picture"):
        region_of(Sector(-900.0, 0.0, 10.0, 200.0, -30.0, 30.0), 100, 640)


@given(shapes)
def test_a_shape_survives_its_toml(shape: Shape) -> None:
    assert shape_from(tomllib.loads(toml_text(shape_table(shape)))) == shape
    assert shape_from(shape_table(shape)) == shape


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('kind = "circle"', "kind"),
        ('kind = "box"\nbox = [1, 2, 3]', "box"),
        ('kind = "box"\nbox = [inf, 2, 3, 4]', "box"),
        ('kind = "outline"\npoints = [[1, 2], [3, true], [3, 4]]', "points"),
        ('kind = "sector"\napex = [1, 2]\nradius = [9, 3]\nangles_deg = [-30, 30]', "radius"),
        ('kind = "sector"\napex = [1, "a"]\nradius = [1, 3]\nangles_deg = [-30, 30]', "apex"),
        ('kind = "sector"\napex = [1, 2]\nradius = [1, nan]\nangles_deg = [-30, 30]', "radius"),
        ('kind = "slanted"\ncorners = [[1, 2], [3, 4]]', "corners"),
        ("kind = ", "TOML"),
    ],
)
def test_a_shape_file_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "shape.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=names):
        region_finder(str(path))


def test_the_option_takes_auto_full_a_box_and_a_file(tmp_path: Path) -> None:
    path = tmp_path / "shape.toml"
    path.write_text(toml_text(shape_table(CONVEX)), encoding="utf-8")
    assert isinstance(region_finder("auto"), AutoRegion)
    assert region_finder("full").find(blank()).kind == "full"
    assert region_finder("10,20,300,200").find(blank()).box == Box(10, 20, 300, 200)
    assert region_finder(str(path)).find(blank()).kind == "sector"
    for nonsense in ("everything", "1,2,3", "0,0,0,10", "-1,0,10,10"):
        with pytest.raises(SettingsError):
            region_finder(nonsense)


def test_a_box_outside_the_picture_is_refused_with_both_sizes() -> None:
    with pytest.raises(SettingsError, match=r"600,20,100,100 is not inside the picture of 640x480"):
        FixedRegion(Box(600, 20, 100, 100)).find(blank())


def test_given_regions_are_one_object_until_the_picture_changes_size() -> None:
    for finder in (FixedRegion(), FixedRegion(CONVEX)):
        first = finder.find(blank())
        assert finder.find(blank()) is first
        assert finder.find(blank(600, 800)) is not first
