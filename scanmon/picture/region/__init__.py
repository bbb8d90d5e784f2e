"""Where the ultrasound image is in a picture."""

from scanmon.picture.region.auto import AutoRegion
from scanmon.picture.region.given import FixedRegion, given_region, shape_from, shape_table
from scanmon.picture.region.look import Kind, Looker
from scanmon.picture.region.shapes import Outline, Quad, Rectangle, Sector, Shape, region_of

__all__ = [
    "AutoRegion",
    "FixedRegion",
    "Kind",
    "Looker",
    "Outline",
    "Quad",
    "Rectangle",
    "Sector",
    "Shape",
    "given_region",
    "region_of",
    "shape_from",
    "shape_table",
]
