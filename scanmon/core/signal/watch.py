"""Live, frozen, no signal: decided from the frames alone, with the time that the frames carry."""

from __future__ import annotations

import cv2
import numpy as np

from scanmon.core.values import Frame, GrayImage, Reason, Region, Signal

FROZEN_AFTER_S = 0.4
FLAT_LEVELS = 3.0  # standard deviation of a picture without content


class SignalWatch:
    """Follows the frames of one source in order. One thread at a time."""

    def __init__(self) -> None:
        self._signal = Signal()
        self._still: GrayImage | None = None
        self._moved_s = 0.0

    def update(self, frame: Frame, region: Region) -> Signal:
        """The state at `frame`; `region` is where the image is."""
        picture = frame.pixels[region.box.rows, region.box.columns]
        size = (min(160, picture.shape[1]), min(120, picture.shape[0]))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        reason = None
        if float(small.std()) < FLAT_LEVELS:
            reason = Reason.NO_SIGNAL
        elif self._changed(small):
            self._still, self._moved_s = small, frame.time_s
        elif frame.time_s - self._moved_s >= FROZEN_AFTER_S:
            reason = Reason.FROZEN
        if reason is not self._signal.reason:
            self._signal = Signal(reason, frame.time_s)
        return self._signal

    def reset(self) -> None:
        """After a seek: what was seen before says nothing any more."""
        self._signal, self._still, self._moved_s = Signal(), None, 0.0

    def _changed(self, small: GrayImage) -> bool:
        if self._still is None or self._still.shape != small.shape:
            return True
        return float(cv2.absdiff(small, self._still).mean()) > 0.02
