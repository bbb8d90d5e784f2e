"""Stored DICOM samples -> 8-bit gray: by the window of the file, with one scale for a whole loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_modality_lut, apply_voi


@dataclass(frozen=True, slots=True)
class GrayScale:
    """Samples from `low` (black) to `high` (white), clipped; `high` below `low` inverts."""

    low: float
    high: float

    def __call__(self, samples: NDArray[Any]) -> NDArray[np.uint8]:
        """(H, W) of any number type -> (H, W) uint8."""
        gain = 255.0 / (self.high - self.low)
        shown = np.rint((samples.astype(np.float32) - np.float32(self.low)) * np.float32(gain))
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


def scale_of(data: pydicom.Dataset, bits: int, first: NDArray[np.integer[Any]]) -> GrayScale:
    """The scale of a loop whose first frame is `first` (H, W).

    The window of the file, taken back to stored samples through its rescale (PS3.3 C.11.1, C.11.2.1.2);
    without one the stored bits, and where these are all that the type holds (many exports write 16 whatever
    the range), the bits that the first frame uses, from its lowest sample on where samples are negative.
    """
    slope, intercept = _number(data, "RescaleSlope") or 1.0, _number(data, "RescaleIntercept") or 0.0
    center, width = _number(data, "WindowCenter"), _number(data, "WindowWidth")
    if center is not None and width is not None and width >= 1:
        exact = data.get("VOILUTFunction") == "LINEAR_EXACT"
        low, high = (
            (center - width / 2, center + width / 2)
            if exact or width == 1
            else (center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2)
        )
        return GrayScale((low - intercept) / slope, (high - intercept) / slope)
    low = min(0, int(first.min()))
    used = max(8, (int(first.max()) - low).bit_length())
    depth = bits if used <= bits < first.dtype.itemsize * 8 and low == 0 else used
    return GrayScale(low, low + (1 << depth) - 1)


def has_tables(data: pydicom.Dataset) -> bool:
    """Whether samples go through a table that the file holds."""
    return bool(data.get("ModalityLUTSequence") or data.get("VOILUTSequence"))


def through_tables(samples: NDArray[Any], data: pydicom.Dataset) -> NDArray[np.uint8]:
    """Apply the modality and VOI tables of the file and show their range (PS3.3 C.11.1.1, C.11.2.1.1)."""
    shown = apply_modality_lut(samples, data)
    tables: Any = data.get("VOILUTSequence") or data.get("ModalityLUTSequence")
    if data.get("VOILUTSequence"):
        shown = apply_voi(shown, data)
    bits = int(tables[0].LUTDescriptor[2])
    return GrayScale(0.0, float((1 << bits) - 1))(shown)


def _number(data: pydicom.Dataset, name: str) -> float | None:
    value: Any = data.get(name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None
