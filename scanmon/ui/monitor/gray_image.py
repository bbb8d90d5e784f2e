"""A frame as a QImage at the very size at which it is drawn."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from scanmon.core.values import GrayImage

Bytes = NDArray[np.uint8]


class GrayImageScaler:
    """Scales with OpenCV into buffers that are kept, so that painting is a plain copy of pixels.

    Every pixel counts when shrinking: speckle must not flicker on the screen when it does not in the picture.
    Halves are taken as means of 2 x 2 pixels, and what is left down to half a size is interpolated: a fifth
    of the time that averages over areas take, and a picture waits for it.
    """

    def __init__(self) -> None:
        self._size = (0, 0)
        self._gray: Bytes = np.zeros((0, 0), np.uint8)
        self._image = QImage()
        self._colours: tuple[Bytes, Bytes, Bytes, QImage] | None = None  # Cr and Cb, Y Cr Cb, R G B

    def scaled(
        self,
        pixels: GrayImage,
        width: int,
        height: int,
        colour: Bytes | None = None,
        table: Bytes | None = None,
    ) -> QImage:
        """`pixels` at `width` x `height` device pixels; the image stays valid until the next call.

        `colour` (h, w, 2) is Cr and Cb of the same place at any smaller size. `table` (256,): what each gray
        level is shown as.
        """
        if self._size != (width, height):
            self._size, self._colours = (width, height), None
            stride = (width + 3) // 4 * 4  # QImage wants rows of whole 32-bit words
            self._gray = np.zeros((height, stride), np.uint8)
            self._image = QImage(self._gray.data, width, height, stride, QImage.Format.Format_Grayscale8)
        gray = self._gray[:, :width]
        cv2.resize(_halved(pixels, width, height), (width, height), dst=gray)
        if table is not None:
            cv2.LUT(gray, table, dst=gray)
        return self._image if colour is None else self._coloured(gray, colour)

    def _coloured(self, gray: Bytes, colour: Bytes) -> QImage:
        """`gray` with the colours of the picture."""
        height, width = gray.shape
        if self._colours is None:
            stride = (width + 3) // 4 * 4
            rgb = np.zeros((height, stride, 3), np.uint8)
            image = QImage(rgb.data, width, height, rgb.strides[0], QImage.Format.Format_RGB888)
            self._colours = (
                np.zeros((height, width, 2), np.uint8),
                np.zeros((height, width, 3), np.uint8),
                rgb,
                image,
            )
        chroma, parts, rgb, image = self._colours
        cv2.resize(colour, (width, height), dst=chroma)
        cv2.mixChannels([gray[..., None], chroma], [parts], [0, 0, 1, 1, 2, 2])
        cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB, dst=rgb[:, :width])
        return image


def _halved(pixels: GrayImage, width: int, height: int) -> NDArray[np.uint8]:
    """Halved as often as it stays larger than `width` x `height`."""
    result: NDArray[np.uint8] = pixels
    while result.shape[1] >= 2 * width and result.shape[0] >= 2 * height:
        half = (result.shape[1] // 2, result.shape[0] // 2)
        result = np.asarray(cv2.resize(result, half, interpolation=cv2.INTER_AREA), np.uint8)
    return result
