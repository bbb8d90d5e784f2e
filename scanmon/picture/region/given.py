"""Regions that need no search: the whole picture, and what a person has chosen or written in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from scanmon.core.documents import read_toml
from scanmon.core.errors import SettingsError
from scanmon.core.ports import RegionFinder
from scanmon.core.roi import Rois, RoisIn
from scanmon.core.values import Box, Frame, Region
from scanmon.picture.region.shapes import (
    Outline,
    Quad,
    Rectangle,
    Sector,
    Shape,
    centres_inside,
    outline,
    region_of,
)

MOST_POINTS = 400  # of a free outline
_CIRCLE_POINTS = 96  # less than a tenth of a pixel off at a radius of 150
_FORMS = {
    "box": 'kind = "box", box = [x, y, width, height]',
    "slanted": 'kind = "slanted", corners = [[x, y], [x, y], [x, y], [x, y]] clockwise from the top left',
    "outline": 'kind = "outline", points = [[x, y], [x, y], [x, y], ...]',
    "sector": 'kind = "sector", apex = [x, y], radius = [inner, outer], angles_deg = [left, right]',
}


class FullRegion:
    """The whole picture, whatever is in it. The region is the same object while the size stays."""

    def __init__(self) -> None:
        self._region: Region | None = None

    def find(self, frame: Frame) -> Region:
        """The whole of `frame`."""
        height, width = frame.pixels.shape
        if self._region is None or (self._region.box.height, self._region.box.width) != (height, width):
            self._region = Region(Box(0, 0, width, height), kind="full", origin="full")
        return self._region

    def reset(self) -> None:
        """Nothing is remembered that matters."""


class FixedRegion:
    """A box or shape that a person chose: it always wins."""

    def __init__(self, shape: Shape | Box) -> None:
        self.shape: Shape = Rectangle(shape) if isinstance(shape, Box) else shape
        self._size: tuple[int, ...] = ()
        self._region: Region | None = None

    def find(self, frame: Frame) -> Region:
        """The chosen region; a box has to lie inside the picture, a shape may reach over its edge.

        Raises `SettingsError` where it does not.
        """
        if self._region is None or self._size != frame.pixels.shape:
            height, width = frame.pixels.shape
            if isinstance(self.shape, Rectangle) and not self.shape.box.within(height, width):
                raise SettingsError(
                    f"the region {self.shape.box.text} is not inside the picture of {width}x{height}",
                    "--region",
                    "choose a smaller one, or auto",
                )
            self._size = frame.pixels.shape
            self._region = region_of(self.shape, height, width)
        return self._region

    def reset(self) -> None:
        """Nothing is remembered that matters."""


def given_region(text: str) -> RegionFinder:
    """What `--region full|X,Y,W,H|FILE` asks for. Raises `SettingsError` with what is possible."""
    if text == "full":
        return FullRegion()
    parts = text.split(",")
    if len(parts) == 4 and all(part.strip().lstrip("-").isdecimal() for part in parts):
        return FixedRegion(Rectangle(Box(*(int(part) for part in parts))))
    path = Path(text)
    if not path.is_file():
        raise SettingsError(
            "not a region", text, "use auto, other, full, X,Y,WIDTH,HEIGHT or a TOML file with a shape"
        )
    return FixedRegion(shape_from(read_toml(path), path))


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
    path = Path(text)
    if not path.is_file():
        remedy = "use X,Y,WIDTH,HEIGHT, X,Y,RADIUS for a circle, or a TOML file with a shape"
        raise SettingsError("not a region of interest", text, remedy)
    return shape_from(read_toml(path), path)


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


def shape_from(document: Mapping[str, Any], where: object = "shape") -> Shape:
    """The shape in a TOML table (the inverse of `shape_table`). Raises `SettingsError` naming the key."""
    kind = document.get("kind")
    if kind == "box":
        x, y, width, height = (int(value) for value in _numbers(document, "box", 4, where))
        return Rectangle(Box(x, y, width, height))
    if kind == "slanted":
        corners = document.get("corners")
        if not isinstance(corners, list) or len(corners) != 4:
            raise SettingsError("key `corners` needs four [x, y] pairs", where, _FORMS["slanted"])
        points = [_numbers({"corners": corner}, "corners", 2, where) for corner in corners]
        first, second, third, fourth = ((x, y) for x, y in points)
        return Quad((first, second, third, fourth), _window(document, where))
    if kind == "outline":
        listed = document.get("points")
        if not isinstance(listed, list) or not 3 <= len(listed) <= MOST_POINTS:
            raise SettingsError(
                f"key `points` needs 3 to {MOST_POINTS} [x, y] pairs", where, _FORMS["outline"]
            )
        pairs = [_numbers({"points": pair}, "points", 2, where) for pair in listed]
        return Outline(tuple((x, y) for x, y in pairs))
    if kind == "sector":
        apex_x, apex_y = _numbers(document, "apex", 2, where)
        inner, outer = _numbers(document, "radius", 2, where)
        left, right = _numbers(document, "angles_deg", 2, where)
        return Sector(apex_x, apex_y, inner, outer, left, right, _window(document, where))
    raise SettingsError("a shape needs a kind", where, "; or ".join(_FORMS.values()))


def shape_table(shape: Shape) -> dict[str, Any]:
    """A shape as a table of plain values that TOML can hold."""
    if isinstance(shape, Rectangle):
        return {"kind": "box", "box": shape.box.as_list()}
    if isinstance(shape, Outline):
        return {"kind": "outline", "points": [[float(x), float(y)] for x, y in shape.points]}
    window = {"window": shape.window.as_list()} if shape.window else {}
    if isinstance(shape, Quad):
        return {"kind": "slanted", "corners": [[float(x), float(y)] for x, y in shape.corners], **window}
    return {
        "kind": "sector",
        "apex": [float(shape.apex_x), float(shape.apex_y)],
        "radius": [float(shape.inner_px), float(shape.outer_px)],
        "angles_deg": [float(shape.left_deg), float(shape.right_deg)],
        **window,
    }


def _window(document: Mapping[str, Any], where: object) -> Box | None:
    """Where the image is cut off on the screen: `window = [x, y, width, height]`, or not there."""
    if "window" not in document:
        return None
    x, y, width, height = (int(value) for value in _numbers(document, "window", 4, where))
    return Box(x, y, width, height)


def _numbers(document: Mapping[str, Any], key: str, count: int, where: object) -> list[float]:
    values = document.get(key)
    plain = isinstance(values, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    )
    if not plain or len(values) != count:  # type: ignore[arg-type]
        raise SettingsError(
            f"key `{key}` needs {count} numbers", where, _FORMS[str(document.get("kind", "box"))]
        )
    return [float(value) for value in values]  # type: ignore[union-attr]
