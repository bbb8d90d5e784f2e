"""Where a picture lies in a widget: as large as fits, centred, never stretched."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from scanmon.core.values import Box


@dataclass(frozen=True, slots=True)
class Fit:
    """From frame pixels to widget units: `widget = offset + scale * frame`."""

    scale: float
    x: float
    y: float

    @staticmethod
    def of(picture: tuple[int, int], room: tuple[float, float]) -> Fit:
        """Fit a picture (width, height) into a room (width, height); both positive."""
        scale = min(room[0] / picture[0], room[1] / picture[1])
        return Fit(scale, (room[0] - scale * picture[0]) / 2, (room[1] - scale * picture[1]) / 2)

    def point(self, x: float, y: float) -> QPointF:
        """Frame pixels to widget units."""
        return QPointF(self.x + self.scale * x, self.y + self.scale * y)

    def rect(self, box: Box) -> QRectF:
        """A box of the frame in widget units."""
        return QRectF(self.point(box.x, box.y), self.point(box.right, box.bottom))

    def frame_point(self, position: QPointF) -> tuple[float, float]:
        """Widget units to frame pixels; may lie outside the frame."""
        return (position.x() - self.x) / self.scale, (position.y() - self.y) / self.scale
