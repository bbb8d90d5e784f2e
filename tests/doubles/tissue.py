"""Seeded tissue and the part of the picture that shows it."""

import cv2
import numpy as np


def picture(seed: int, shape: tuple[int, int] = (200, 260)) -> np.ndarray:
    """A speckled picture with layers and a cyst, inside 0..255."""
    rng = np.random.default_rng(seed)
    speckle = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), 1.6, sigmaY=0.8)
    rows = np.linspace(0, 1, shape[0])[:, None]
    gray = 95 + 40 * np.sin(9 * rows + seed) + 70 * speckle
    cv2.circle(gray, (shape[1] // 2, shape[0] // 2), 25, 12.0, -1)
    return np.clip(gray, 0, 255).astype(np.uint8)


def sector(shape: tuple[int, int]) -> np.ndarray:
    """A fan that leaves the corners of the picture out."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.abs(columns - shape[1] / 2) < 30 + 0.5 * rows
