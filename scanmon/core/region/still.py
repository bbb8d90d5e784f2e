"""The ultrasound image in one still picture: the largest textured area."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import Box, GrayImage


def find_in_still(pixels: GrayImage) -> Box | None:
    """Bounding box of the largest textured area, or None where nothing is textured."""
    height, width = pixels.shape
    step = max(1, round(max(height, width) / 320))
    small = cv2.resize(pixels, (width // step, height // step), interpolation=cv2.INTER_AREA)
    gradient = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    textured = (gradient > 3).astype(np.uint8)
    density = cv2.blur(textured.astype(np.float32), (15, 15))
    solid = (density > 0.55).astype(np.uint8)
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(solid)
    if count < 2:
        return None
    best = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
    x, y, w, h = (int(value) * step for value in best[:4])
    if w * h < 0.04 * width * height:
        return None
    return Box(x, y, min(w, width - x), min(h, height - y))
