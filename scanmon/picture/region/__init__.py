"""Where the ultrasound image is in a picture."""

from scanmon.picture.region.auto import AutoRegion
from scanmon.picture.region.given import FixedRegion, FullRegion
from scanmon.picture.region.shapes import Quad, Rectangle, Sector, Shape, region_of
from scanmon.picture.region.written import parse_region, shape_from, shape_table

__all__ = [
    "AutoRegion",
    "FixedRegion",
    "FullRegion",
    "Quad",
    "Rectangle",
    "Sector",
    "Shape",
    "parse_region",
    "region_of",
    "shape_from",
    "shape_table",
]
