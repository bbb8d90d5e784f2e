"""A reading with the picture that it is of."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core import records, values
from scanmon.core.values import Analysis, GrayImage, Mask
from scanmon.scoring.overlay import with_heat


@dataclass(frozen=True, slots=True)
class Reading(values.Reading):
    """What scanmon says of one picture. Boxes are in pixels of that picture.

    `quality` is None while `reason` says why there is no score, and for a bundle that is not calibrated.
    """

    _analysis: Analysis = field(kw_only=True, repr=False, compare=False)

    @property
    def pixels(self) -> GrayImage:
        """(H, W) uint8, read-only: the whole picture, as it was scored."""
        return self._analysis.frame.pixels

    @property
    def mask(self) -> Mask | None:
        """(region.height, region.width), True inside the sector; None: the whole region."""
        return self._analysis.region.mask

    @property
    def heatmap(self) -> NDArray[np.float32] | None:
        """(gh, gw) local quality 0..100 on a coarse grid over `region`, read-only; None without a score."""
        return self._analysis.heatmap

    def picture(self, heat: float = 0.8) -> NDArray[np.uint8]:
        """(h, w, 3) red, green, blue: the region, tinted where it is poor, its worst place framed.

        `heat` is the strength of the tint, 0 to 1.
        """
        return np.ascontiguousarray(with_heat(self._analysis, heat)[..., ::-1])

    def row(self) -> records.Row:
        """The columns of `docs/formats.md`, as a JSON line has them."""
        return records.row(self._analysis)

    def _repr_png_(self) -> bytes:
        """For a notebook."""
        return cv2.imencode(".png", with_heat(self._analysis, 0.8))[1].tobytes()


def reading_of(analysis: Analysis) -> Reading:
    known = {entry.name: getattr(analysis.reading, entry.name) for entry in fields(values.Reading)}
    return Reading(**known, _analysis=analysis)
