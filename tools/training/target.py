"""The dense target: how far a place of the degraded picture is from the same place of the clean one.

severity = (44 dB - local PSNR) / 36 dB, cut to 0..1; the squared error is averaged over a Gaussian window of
about 32 pixels of the view. One scale for every kind of fault: 0 is not to be told from clean (error below
1.6 gray levels), 1 is 8 dB and worse.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BEST_DB = 44.0
WORST_DB = 8.0
STRIDE = 16  # pixels of the view per cell of the target


def severity_of_error(mse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Severity 0..1 of a mean squared error in gray levels squared, same shape."""
    psnr = 10.0 * np.log10(255.0**2 / np.maximum(mse, 1e-3))
    return np.asarray(np.clip((BEST_DB - psnr) / (BEST_DB - WORST_DB), 0.0, 1.0), np.float32)


def local_severity(
    clean: NDArray[np.uint8], degraded: NDArray[np.uint8], mask: NDArray[np.bool_], view: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Severity and weight, each (h, w) float32, on the grid of a (H, W) view of the (native) pictures.

    The weight is the share of a cell that lies inside the mask.
    """
    fine = (view[1] // 8, view[0] // 8)
    inside = mask.astype(np.float32)
    error = cv2.absdiff(clean, degraded).astype(np.float32) ** 2 * inside
    share = cv2.resize(inside, fine, interpolation=cv2.INTER_AREA)
    energy = cv2.resize(error, fine, interpolation=cv2.INTER_AREA)
    around = cv2.GaussianBlur(share, (0, 0), 1.2, borderType=cv2.BORDER_CONSTANT)
    mse = cv2.GaussianBlur(energy, (0, 0), 1.2, borderType=cv2.BORDER_CONSTANT) / np.maximum(around, 1e-3)
    grid = (view[1] // STRIDE, view[0] // STRIDE)
    coarse = cv2.resize(np.asarray(mse, np.float32), grid, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(share, grid, interpolation=cv2.INTER_AREA)
    return severity_of_error(np.asarray(coarse, np.float32)), np.asarray(weight, np.float32)
