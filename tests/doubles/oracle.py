"""Pictures and a metric whose right answers are known."""

from dataclasses import dataclass

import cv2
import numpy as np

from scanmon.core.values import Box, Region, View
from scanmon.lab.evaluate.measure import Measured
from scanmon.lab.evaluate.plan import Picture
from scanmon.scoring.calibration import Calibration

CALIBRATION = Calibration((-100.0, 0.0), (0.0, 100.0), marginal=40.0, adequate=70.0)


def speckled(seed: int = 0, height: int = 120, width: int = 160) -> np.ndarray:
    """Smooth speckle (H, W) uint8 with bright and dark places."""
    rng = np.random.default_rng(seed)
    field = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 1.5)
    return np.clip(110 + 130 * field, 0, 255).astype(np.uint8)


def picture(name: str = "a", organ: str = "liver", seed: int = 0) -> Picture:
    pixels = speckled(seed)
    return Picture(f"{organ}/{name}", organ, pixels, Region(Box(0, 0, 160, 120), kind="full"))


@dataclass
class Oracle:
    """Knows the clean picture: score is minus the mean absolute difference, the heat is the local one."""

    clean: np.ndarray
    name: str = "oracle"
    identity: str = "1"
    sign: float = 1.0
    calls: int = 0
    calibration: Calibration | None = CALIBRATION

    def measure(self, view: View, *, local: bool) -> Measured:
        self.calls += 1
        if view.image.shape != self.clean.shape:
            return Measured(-100.0)
        error = np.abs(view.image.astype(np.float32) - self.clean)
        if not local:
            return Measured(self.sign * -float(error.mean()))
        smooth = cv2.blur(error, (31, 31))
        y, x = (int(v) for v in np.unravel_index(smooth.argmax(), smooth.shape))
        left, top = min(max(x - 15, 0), 129), min(max(y - 15, 0), 89)
        return Measured(self.sign * -float(error.mean()), -smooth, Box(left, top, 31, 31))
