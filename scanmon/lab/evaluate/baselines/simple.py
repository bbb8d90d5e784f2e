"""Numbers that anybody would try first. Each takes a picture and a mask (h, w) and is higher for better."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import GrayImage, Mask

_CELL_PX = 15  # side of the neighbourhoods in which speckle is measured
_ECHO_LEVEL = 20.0  # darker neighbourhoods hold no speckle


def brightness(image: GrayImage, mask: Mask) -> float:
    """Mean gray level inside the mask."""
    return float(image[mask].mean()) if mask.any() else float("nan")


def laplacian_variance(image: GrayImage, mask: Mask) -> float:
    """Variance of the Laplacian inside the mask: the usual measure of sharpness."""
    return float(cv2.Laplacian(image, cv2.CV_64F)[mask].var()) if mask.any() else float("nan")


def speckle_snr(image: GrayImage, mask: Mask) -> float:
    """Median over neighbourhoods of mean by standard deviation (of gray levels, where there are echoes)."""
    values = image.astype(np.float64)
    mean = cv2.blur(values, (_CELL_PX, _CELL_PX))
    variance = cv2.blur(values * values, (_CELL_PX, _CELL_PX)) - mean * mean
    chosen = mask & (mean > _ECHO_LEVEL)
    if not chosen.any():
        return 0.0
    return float(np.median(mean[chosen] / np.sqrt(np.maximum(variance[chosen], 1.0))))
