"""Pictures of a simulated phantom: speckle that sinks into noise, wires and discs whose numbers are known."""

from typing import Any

import cv2
import numpy as np

AXIAL_PX, LATERAL_PX = 2.4, 3.75  # standard deviations of the echo of a wire
ROWS, COLUMNS = 420, 384
SCREEN = (slice(40, 460), slice(128, 512))


def phantom_frames(
    *,
    wires: tuple[tuple[float, float], ...] = (),
    discs: tuple[tuple[float, float, float, float], ...] = (),
    loss_db: float = 70.0,
    noise_db: float = -45.0,
    shade_db: float = 0.0,
    tgc_db: float = 35.0,
    frames: int = 1,
    seed: int = 0,
) -> list[Any]:
    """Screens (480, 640) uint8 of one still scan with new noise in each.

    `wires` (column, row), `discs` (column, row, radius, dB). Echo and noise are equal where
    `loss_db * row / ROWS` is `-noise_db`. 60 dB from black to white.
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    gain = np.ones((ROWS, COLUMNS))
    for x, y, radius, contrast_db in discs:
        gain[np.hypot(rows - y, columns - x) <= radius] = 10 ** (contrast_db / 20)
    echo = _blurred(rng, gain, 1.2, 2.5)
    for x, y in wires:
        echo = echo + 25 * np.exp(-(((rows - y) / AXIAL_PX) ** 2 + ((columns - x) / LATERAL_PX) ** 2) / 2)
    echo = echo * 10 ** ((shade_db * (columns / COLUMNS - 0.5) - loss_db * rows / ROWS) / 20)
    found = []
    for _ in range(frames):
        noise = 10 ** (noise_db / 20) * _blurred(rng, np.ones_like(gain), 1.0, 1.0)
        level = 20 * np.log10(np.abs(echo + noise) * 10 ** (tgc_db * rows / ROWS / 20) + 1e-9)
        screen = np.zeros((480, 640), np.uint8)
        screen[SCREEN] = np.clip((level + 38) / 60 * 255, 0, 255)
        found.append(screen)
    return found


def _blurred(rng: np.random.Generator, gain: Any, axial: float, lateral: float) -> Any:
    parts = [
        cv2.GaussianBlur(gain * rng.standard_normal(gain.shape), (0, 0), sigmaX=lateral, sigmaY=axial)
        for _ in range(2)
    ]
    found = parts[0] + 1j * parts[1]
    return found / np.sqrt(np.mean(np.abs(found) ** 2))
