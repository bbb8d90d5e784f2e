"""NIfTI (`.nii`, `.nii.gz`) through nibabel; its axes point in RAS space."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from scanmon.core.errors import SourceError
from scanmon.sources.research.orientation import slicer_turn
from scanmon.sources.research.stack import Stack, check_held


def read_nifti(path: Path) -> Stack:
    """Frames are the third axis, or the fourth where the third has one plane. Raises `SourceError`."""
    import nibabel  # noqa: PLC0415 - an extra

    try:
        image: Any = nibabel.load(path)
        shape = tuple(int(side) for side in image.shape)
        kind = image.header.get_data_dtype()
        affine = np.asarray(image.affine, np.float64)
    except Exception as error:
        reason = " ".join(str(error).split())[:80]
        raise SourceError(f"is not a NIfTI file that is read ({reason})", path, "save it again") from error
    if not 2 <= len(shape) <= 4 or min(shape) <= 0 or (len(shape) == 4 and shape[2] != 1):
        raise SourceError("is not a sequence of pictures", path, "save width, height and frames")
    if kind.names is None and kind.kind not in "iuf":
        raise SourceError(f"holds samples of type {kind}", path, "save gray levels")
    stored: Any = image.dataobj
    if path.suffix.lower() == ".gz":  # cannot be read from the middle
        check_held(math.prod(shape) * max(kind.itemsize, 1), path)
        stored = _read(stored, slice(None), path)
    good = np.isfinite(affine).all() and affine[:3, 0].any() and affine[:3, 1].any()
    to_lps = np.array([-1, -1, 1])
    first, second = (affine[:3, axis] * to_lps if good else np.eye(3)[axis] for axis in (0, 1))
    turn = slicer_turn(first, second)

    def picture(k: int) -> Any:
        index = (..., k) if len(shape) > 2 else (...,)
        plane = _read(stored, index, path)
        plane = plane.reshape(shape[0], shape[1])
        if plane.dtype.names:  # RGB
            plane = np.stack([plane[name] for name in plane.dtype.names], axis=-1)
        return turn(np.swapaxes(plane, 0, 1))

    sides = picture(0).shape
    step_s = float(image.header.get_zooms()[3]) if len(shape) == 4 else 0.0
    times_s = np.arange(shape[3], dtype=np.float64) * step_s if len(shape) == 4 and step_s > 0 else None
    return Stack(shape[-1] if len(shape) > 2 else 1, sides[0], sides[1], picture, times_s)


def _read(stored: Any, index: Any, path: Path) -> Any:
    try:
        return np.asarray(stored[index])
    except Exception as error:
        raise SourceError("is cut off or damaged", path, "copy it again") from error
