"""What a scorer sees of a frame: the masked region at the working scale; and the way back to frame pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Frame, Mask, Region, View


class Viewer:
    """Cuts the region out of a frame and brings it to the working scale, in buffers that are reused."""

    def __init__(self, working_height_px: int) -> None:
        self._height = working_height_px
        self._cut: NDArray[np.uint8] | None = None
        self._scaled: NDArray[np.uint8] | None = None
        self._mask_of: Mask | None = None  # the mask that `_scaled_mask` was made from
        self._scaled_mask: Mask | None = None

    def view(self, frame: Frame, region: Region) -> View:
        """The view of one frame; its arrays are overwritten by the next call."""
        box = region.box
        image = frame.pixels[box.rows, box.columns]
        if region.mask is not None:
            if self._cut is None or self._cut.shape != image.shape:
                self._cut = np.empty(image.shape, np.uint8)
            np.multiply(image, region.mask.view(np.uint8), out=self._cut)
            image = self._cut
        # never enlarged: that adds pixels and no detail, and so a network would take it for a blur
        height = min(self._height or box.height, box.height)
        width = max(1, round(box.width * height / box.height))
        if (height, width) == image.shape:
            return View(image, region.mask, frame.time_s)
        if self._scaled is None or self._scaled.shape != (height, width):
            self._scaled = np.empty((height, width), np.uint8)
        # area averaging, so that fine speckle does not alias into the score
        cv2.resize(image, (width, height), dst=self._scaled, interpolation=cv2.INTER_AREA)
        mask = self._mask(region.mask, height, width)
        return View(self._scaled, mask, frame.time_s, captured=image)

    def _mask(self, mask: Mask | None, height: int, width: int) -> Mask | None:
        if mask is None:
            return None
        if (
            mask is not self._mask_of
            or self._scaled_mask is None
            or self._scaled_mask.shape != (height, width)
        ):
            small = cv2.resize(mask.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
            self._mask_of, self._scaled_mask = mask, small.view(np.bool_)
        return self._scaled_mask


def to_frame(worst: Box, region: Box, view_shape: tuple[int, ...]) -> Box:
    """A box of the view, in frame pixels and inside the region."""
    vertical, horizontal = region.height / view_shape[0], region.width / view_shape[1]
    left = min(max(round(worst.x * horizontal), 0), region.width - 1)
    top = min(max(round(worst.y * vertical), 0), region.height - 1)
    right = min(max(round(worst.right * horizontal), left + 1), region.width)
    bottom = min(max(round(worst.bottom * vertical), top + 1), region.height)
    return Box(region.x + left, region.y + top, right - left, bottom - top)
