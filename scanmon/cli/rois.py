"""Regions of interest as `--roi` and `--background` name them."""

from dataclasses import replace
from functools import lru_cache
from math import cos, pi, sin

from scanmon.core.errors import SettingsError
from scanmon.core.roi import Rois, RoisIn, centres_inside
from scanmon.core.values import Box, Region
from scanmon.picture.region.given import shape_in
from scanmon.picture.region.shapes import Outline, Rectangle, Shape, outline, region_of

_CIRCLE_POINTS = 96  # less than a tenth of a pixel off at a radius of 150


def roi_shape(text: str) -> Shape:
    """A region of interest: `X,Y,W,H`, `X,Y,R` for a circle around X,Y, or a TOML file with a shape.

    Raises `SettingsError`.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 4 and all(number.is_integer() for number in numbers):
        return Rectangle(Box(*(int(number) for number in numbers)))
    if len(numbers) == 3 and all(abs(number) < 1e6 for number in numbers) and numbers[2] > 0:
        x, y, radius = numbers
        turns = [2 * pi * point / _CIRCLE_POINTS for point in range(_CIRCLE_POINTS)]
        return Outline(tuple((x + radius * cos(turn), y + radius * sin(turn)) for turn in turns))
    remedy = "use X,Y,WIDTH,HEIGHT, X,Y,RADIUS for a circle, or a TOML file with a shape"
    return shape_in(text, "not a region of interest", remedy)


def roi_region(shape: Shape, height: int, width: int) -> Region:
    """The whole of a shape in a picture of that size: the pixels whose centres lie inside, and no edge.

    Raises `SettingsError` for one that reaches over.
    """
    xs, ys = zip(*outline(shape), strict=True)
    if min(xs) < 0 or min(ys) < 0 or max(xs) > width or max(ys) > height:
        span = f"x {min(xs):.0f} to {max(xs):.0f}, y {min(ys):.0f} to {max(ys):.0f}"
        raise SettingsError(f"the region of interest reaches over the picture of {width}x{height}", span)
    region = region_of(shape, height, width)
    return region if region.mask is None else replace(region, mask=centres_inside(region.outline, region.box))


def rois_of(roi: Shape, background: Shape | None = None) -> RoisIn:
    """A region, and perhaps what it is held against, once the size of the picture is known."""

    @lru_cache(1)
    def of(height: int, width: int) -> Rois:
        other = None if background is None else roi_region(background, height, width)
        return Rois(roi_region(roi, height, width), other)

    return of
