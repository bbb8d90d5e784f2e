"""Regions that need no search: the whole picture, and what a person has chosen or written in a file."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from scanmon.core.documents import read_toml
from scanmon.core.errors import SettingsError
from scanmon.core.ports import RegionFinder
from scanmon.core.values import Box, Frame, Region
from scanmon.picture.region.shapes import Outline, Point, Quad, Rectangle, Sector, Shape, region_of, whole

_FAR_PX = 1e9  # nothing that is written is further away; infinity is no number of pixels
MOST_POINTS = 400  # of a free outline
_FORMS = {
    "box": 'kind = "box", box = [x, y, width, height]',
    "slanted": 'kind = "slanted", corners = [[x, y], [x, y], [x, y], [x, y]] clockwise from the top left',
    "outline": 'kind = "outline", points = [[x, y], [x, y], [x, y], ...]',
    "sector": 'kind = "sector", apex = [x, y], radius = [inner, outer], angles_deg = [left, right]',
}


class FixedRegion:
    """What a person chose always wins: a box, a shape, or the whole picture (None), whatever is in it.

    The region is the same object while the size of the picture stays.
    """

    def __init__(self, shape: Shape | Box | None = None) -> None:
        self.shape = Rectangle(shape) if isinstance(shape, Box) else shape
        self._of = lru_cache(1)(self._region)

    def find(self, frame: Frame) -> Region:
        """The chosen region; a box has to lie inside the picture, a shape may reach over its edge.

        Raises `SettingsError` where it does not.
        """
        return self._of(*frame.pixels.shape)

    def reset(self) -> None:
        """Nothing is remembered that matters."""

    def _region(self, height: int, width: int) -> Region:
        if self.shape is None:
            return whole(height, width)
        if isinstance(self.shape, Rectangle) and not self.shape.box.within(height, width):
            fault = f"the region {self.shape.box.text} is not inside the picture of {width}x{height}"
            raise SettingsError(fault, "--region", "choose a smaller one, or auto")
        return region_of(self.shape, height, width)


def given_region(text: str) -> RegionFinder:
    """What `--region full|X,Y,W,H|FILE` asks for. Raises `SettingsError` with what is possible."""
    if text == "full":
        return FixedRegion()
    parts = text.split(",")
    if len(parts) == 4 and all(part.strip().lstrip("-").isdecimal() for part in parts):
        return FixedRegion(Rectangle(Box(*(int(part) for part in parts))))
    remedy = "use auto, other, full, X,Y,WIDTH,HEIGHT or a TOML file with a shape"
    return FixedRegion(shape_in(text, "not a region", remedy))


def shape_in(file: str, fault: str, remedy: str) -> Shape:
    """The shape in a TOML file. Raises `SettingsError`: `fault` with its `remedy` where there is no file."""
    path = Path(file)
    if not path.is_file():
        raise SettingsError(fault, file, remedy)
    return shape_from(read_toml(path), path)


def shape_from(document: Mapping[str, Any], where: object = "shape") -> Shape:
    """The shape in a TOML table (the inverse of `shape_table`). Raises `SettingsError` naming the key."""
    kind = str(document.get("kind"))
    if kind not in _FORMS:
        raise SettingsError("a shape needs a kind", where, "; or ".join(_FORMS.values()))

    def numbers(key: str, count: int, values: object = None) -> list[float]:
        values = document.get(key) if values is None else values
        plain = isinstance(values, list) and {*map(type, values)} <= {int, float}  # a bool is an int
        if plain and len(values) == count and all(abs(value) < _FAR_PX for value in values):  # type: ignore[arg-type,union-attr]
            return [float(value) for value in values]  # type: ignore[union-attr]
        raise SettingsError(f"key `{key}` needs {count} numbers", where, _FORMS[kind])

    def points(key: str, least: int, most: int) -> tuple[Point, ...]:
        listed = document.get(key)
        if isinstance(listed, list) and least <= len(listed) <= most:
            return tuple((x, y) for x, y in (numbers(key, 2, pair) for pair in listed))
        raise SettingsError(f"key `{key}` needs {least} to {most} [x, y] pairs", where, _FORMS[kind])

    def box(key: str) -> Box:
        x, y, width, height = (int(value) for value in numbers(key, 4))
        return Box(x, y, width, height)

    if kind == "box":
        return Rectangle(box("box"))
    if kind == "outline":
        return Outline(points("points", 3, MOST_POINTS))
    window = box("window") if "window" in document else None  # where the screen cuts the image off
    if kind == "slanted":
        return Quad(points("corners", 4, 4), window)
    (x, y), (inner, outer), (left, right) = (numbers(key, 2) for key in ("apex", "radius", "angles_deg"))
    return Sector(x, y, inner, outer, left, right, window)


def shape_table(shape: Shape) -> dict[str, Any]:
    """A shape as a table of plain values that TOML can hold."""
    if isinstance(shape, Rectangle):
        return {"kind": "box", "box": shape.box.as_list()}
    if isinstance(shape, Outline):
        return {"kind": "outline", "points": _pairs(*shape.points)}
    window = {"window": shape.window.as_list()} if shape.window else {}
    if isinstance(shape, Quad):
        return {"kind": "slanted", "corners": _pairs(*shape.corners), **window}
    apex, radius, angles = _pairs(
        (shape.apex_x, shape.apex_y), (shape.inner_px, shape.outer_px), (shape.left_deg, shape.right_deg)
    )
    return {"kind": "sector", "apex": apex, "radius": radius, "angles_deg": angles, **window}


def _pairs(*points: Point) -> list[list[float]]:
    return [[float(first), float(second)] for first, second in points]
