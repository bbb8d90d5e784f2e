"""Pictures of a simulated probe in air, every element of which is known.

A line sums the elements of an aperture that grows with depth, in transmission and in reception. Rings of one
spacing decay into complex noise; amplification grows with depth; then log compression and scan conversion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from scanmon.core.values import GrayImage

WIDTH, HEIGHT = 640, 480
SHIFT = 40  # rows above the face


@dataclass(frozen=True)
class ProbeInAir:
    """`gains`: sensitivity of single elements; all others have 1 within `roughness`."""

    kind: str = "linear"  # convex, phased
    elements: int = 128
    gains: Mapping[int, float] = field(default_factory=dict)
    least: float = 3.0  # elements of the smallest aperture
    most: float = 48.0
    spacing: float = 22.0  # rows between rings
    decay_db: float = 6.0  # from ring to ring
    speckle: float = 0.1
    noise_db: float = -55.0
    roughness: float = 0.03
    angle_deg: float = 62.0
    inner_px: float = 90.0
    rows: int = 410
    lines: int = 256
    seed: int = 0

    def lines_db(self) -> Any:
        """(rows, lines) gray before scan conversion."""
        rng = np.random.default_rng(self.seed)
        gains = 1 + self.roughness * rng.standard_normal(self.elements)
        for element, gain in self.gains.items():
            gains[element] = gain
        depth = np.arange(self.rows)
        active = np.round(self.least + (self.most - self.least) * depth / self.rows)
        place = (np.arange(self.lines) + 0.5) / self.lines * self.elements
        summed = np.concatenate([[0], np.cumsum(gains)])
        echo = np.empty((self.rows, self.lines))
        for count in np.unique(active):
            ends = [np.clip(place + side * count / 2, 0, self.elements) for side in (-1, 1)]
            low, high = (np.interp(end, np.arange(self.elements + 1), summed) for end in ends)
            echo[active == count] = ((high - low) / (ends[1] - ends[0])) ** 2
        rings = sum(
            10 ** (-self.decay_db * ring / 20) * np.exp(-(((depth - 3 - ring * self.spacing) / 5) ** 2))
            for ring in range(60)
        )
        rings = rings + 0.15 * 10 ** (-self.decay_db * depth / self.spacing / 20)
        field_ = echo * rings[:, None] * (1 + self.speckle * _complex(rng, echo.shape, 2.0))
        field_ = field_ + 10 ** (self.noise_db / 20) * _complex(rng, echo.shape, 1.0)
        level = 20 * np.log10(np.abs(field_) * 10 ** (12 * depth / self.rows / 20)[:, None] + 1e-9)
        return np.clip((level + 57) / 60 * 255, 0, 255).astype(np.float32)

    def picture(self) -> GrayImage:
        """The screen: (480, 640), the image in the middle, letters beside it."""
        lines = self.lines_db()
        ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
        if self.kind == "linear":
            rows, columns = ys - SHIFT, (xs - 128) / 384 * self.lines
        else:
            half = np.radians(self.angle_deg / 2)
            inner = self.inner_px if self.kind == "convex" else 4.0
            apex_y = SHIFT - inner * np.cos(half)
            rows = np.hypot(xs - WIDTH / 2, ys - apex_y) - inner
            columns = (np.arctan2(xs - WIDTH / 2, ys - apex_y) + half) / (2 * half) * self.lines
        inside = (rows >= 0) & (rows < self.rows) & (columns >= 0) & (columns < self.lines)
        seen = cv2.remap(
            lines,
            (columns - 0.5).astype(np.float32),
            (rows - 0.5).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        screen = np.where(inside, seen, 0).astype(np.uint8)
        for text, at in (("PROBE IN AIR", (8, 16)), ("MI 0.8", (560, 16)), ("7.5 cm", (575, 470))):
            cv2.putText(screen, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 200, 1, cv2.LINE_AA)
        return screen


def _complex(rng: np.random.Generator, shape: tuple[int, int], smooth: float) -> Any:
    parts = [cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), smooth) for _ in range(2)]
    found = parts[0] + 1j * parts[1]
    return found / np.sqrt(np.mean(np.abs(found) ** 2))
