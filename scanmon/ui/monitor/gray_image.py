"""A gray frame as a QImage at the very size at which it is drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from scanmon.core.values import GrayImage


class GrayImageScaler:
    """Scales with OpenCV into one buffer that is kept, so that painting is a plain copy of pixels.

    Every pixel counts when shrinking: speckle must not flicker on the screen when it does not in the picture.
    Halves are taken as means of 2 x 2 pixels, and what is left down to half a size is interpolated: a fifth
    of the time that averages over areas take, and a picture waits for it.
    """

    def __init__(self) -> None:
        self._buffer: NDArray[np.uint8] | None = None
        self._image = QImage()

    def scaled(self, pixels: GrayImage, width: int, height: int) -> QImage:
        """`pixels` at `width` x `height` device pixels; the image stays valid until the next call."""
        stride = (width + 3) // 4 * 4  # QImage wants rows of whole 32-bit words
        if self._buffer is None or self._buffer.shape != (height, stride) or self._image.width() != width:
            self._buffer = np.zeros((height, stride), np.uint8)
            self._image = QImage(self._buffer.data, width, height, stride, QImage.Format.Format_Grayscale8)
        cv2.resize(_halved(pixels, width, height), (width, height), dst=self._buffer[:, :width])
        return self._image


def _halved(pixels: GrayImage, width: int, height: int) -> NDArray[np.uint8]:
    """Halved as often as it stays larger than `width` x `height`."""
    result: NDArray[np.uint8] = pixels
    while result.shape[1] >= 2 * width and result.shape[0] >= 2 * height:
        half = (result.shape[1] // 2, result.shape[0] // 2)
        result = np.asarray(cv2.resize(result, half, interpolation=cv2.INTER_AREA), np.uint8)
    return result
