"""OpenCV's resizing by area as a linear map, so that a gradient goes through it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor


def squeezed(pictures: Tensor, side: int) -> Tensor:
    """(n, H, W) -> (n, side, side), as `cv2.resize` with INTER_AREA gives it."""
    height, width = pictures.shape[1:]
    # OpenCV averages areas where both sides shrink, and interpolates both where one of them grows
    shrinks = min(height, width) >= side
    rows, columns = (_matrix(size, side, shrinks).to(pictures) for size in (height, width))
    return rows @ pictures @ columns.T


@lru_cache(maxsize=16)
def _matrix(size: int, side: int, shrinks: bool) -> Tensor:
    """(side, size): what OpenCV does along one side, asked of itself with unit vectors."""
    across = side if shrinks else side // 2  # doubled, each column stands twice and by itself
    parts = []
    for start in range(0, size, across):
        columns = np.zeros((size, across), np.float32)
        count = min(across, size - start)
        columns[np.arange(start, start + count), np.arange(count)] = 1.0
        resized = cv2.resize(columns, (side, side), interpolation=cv2.INTER_AREA)
        parts.append(resized[:, :: side // across][:, :count])
    return torch.from_numpy(np.concatenate(parts, axis=1))
