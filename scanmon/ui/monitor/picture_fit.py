"""Where a picture lies in a widget, and how a person chose to look at it: never stretched, never scored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from scanmon.core.values import Box

LARGEST = 16.0
WHOLE_WINDOW, MIDDLE = 255.0, 127.5


@dataclass(frozen=True, slots=True)
class Look:
    """Zoom, place, window and level: of the display alone."""

    zoom: float = 1.0
    x: float = 0.5  # share of the picture that is in the middle
    y: float = 0.5
    window: float = WHOLE_WINDOW  # gray levels from black to white
    level: float = MIDDLE  # gray level in the middle of them

    @property
    def table(self) -> NDArray[np.uint8] | None:
        """(256,) what each gray level is shown as; None where it is shown as it is."""
        if (self.window, self.level) == (WHOLE_WINDOW, MIDDLE):
            return None
        shown = (np.arange(256) - self.level) / self.window * 255.0 + 127.5
        return np.asarray(np.clip(np.rint(shown), 0, 255), np.uint8)

    def zoomed(self, by: float, at: tuple[float, float] = (0.5, 0.5)) -> Look:
        """Larger by a factor; the place `at`, as a share of the picture, stays where it is."""
        zoom = min(LARGEST, max(1.0, self.zoom * by))
        keeps = self.zoom / zoom
        return replace(self, zoom=zoom).moved_to(
            at[0] + (self.x - at[0]) * keeps, at[1] + (self.y - at[1]) * keeps
        )

    def moved_to(self, x: float, y: float) -> Look:
        """Another place in the middle; no further than the edge of the picture."""
        half = 0.5 / self.zoom
        return replace(self, x=min(1 - half, max(half, x)), y=min(1 - half, max(half, y)))

    def windowed(self, window: float, level: float) -> Look:
        """More window and level by so many gray levels."""
        return replace(
            self,
            window=min(510.0, max(2.0, self.window + window)),
            level=min(255.0, max(0.0, self.level + level)),
        )


AS_CAPTURED = Look()


@dataclass(frozen=True, slots=True)
class Fit:
    """From frame pixels to widget units: `widget = offset + scale * frame`."""

    scale: float
    x: float
    y: float

    @staticmethod
    def of(picture: tuple[int, int], room: tuple[float, float], look: Look = AS_CAPTURED) -> Fit:
        """Fit a picture (width, height) into a room (width, height); both positive."""
        scale = look.zoom * min(room[0] / picture[0], room[1] / picture[1])
        x, y = (
            _offset(size * scale, space, share)
            for size, space, share in zip(picture, room, (look.x, look.y), strict=True)
        )
        return Fit(scale, x, y)

    def point(self, x: float, y: float) -> QPointF:
        """Frame pixels to widget units."""
        return QPointF(self.x + self.scale * x, self.y + self.scale * y)

    def rect(self, box: Box) -> QRectF:
        """A box of the frame in widget units."""
        return QRectF(self.point(box.x, box.y), self.point(box.right, box.bottom))

    def frame_point(self, position: QPointF) -> tuple[float, float]:
        """Widget units to frame pixels; may lie outside the frame."""
        return (position.x() - self.x) / self.scale, (position.y() - self.y) / self.scale

    def seen(self, picture: tuple[int, int], room: tuple[float, float]) -> Box:
        """What of a picture (width, height) lies in the room; begins at even pixels, as chroma does."""
        left, top = (max(0, floor(-offset / self.scale)) // 2 * 2 for offset in (self.x, self.y))
        right, bottom = (
            min(size, ceil((space - offset) / self.scale))
            for size, space, offset in zip(picture, room, (self.x, self.y), strict=True)
        )
        return Box(left, top, max(1, right - left), max(1, bottom - top))


def _offset(size: float, room: float, share: float) -> float:
    """In the middle where it is smaller than the room; else over all of it, `share` as near the middle."""
    if size <= room:
        return (room - size) / 2
    return min(0.0, max(room - size, room / 2 - size * share))
