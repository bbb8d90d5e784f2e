"""A simulated scanner: tissue under a moving probe -> 8-bit B-mode pictures, always the same for a seed."""

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Region
from scanmon.picture.region.shapes import Quad, Sector, Shape, outline
from scanmon.sources.phantom_tissue import PROBES, SAMPLES, Field, Geometry, echo_field, receiver_gain_db

_RANGE_DB = 60.0  # between black and white
_NOISE_DB = -66.0  # electronic noise below mean tissue at the probe, before gain
_TREMOR, _TREMOR_RAD_S = 1.5, 9.0  # scan lines and samples; a hand trembles at 1 to 2 Hz
_PIXEL = 0.3  # blur, in pixels
_NOISES = 12  # noise pictures that take turns
_MARGIN = 0.03  # of the picture's height, black around the sector


class Phantom:
    """One scan without end: `image(i)` is a function of what is given here and of `i` alone.

    `gain_db` is turned up or down from where a careful hand would leave it. The probe slides or rocks over
    more tissue than it sees, and the tissue breathes under it. About 8 ms a picture of 640 x 480 on one core.
    """

    def __init__(
        self,
        seed: int = 0,
        geometry: Geometry = "sector",
        width: int = 640,
        height: int = 480,
        rate_hz: float = 30.0,
        gain_db: float = 0.0,
    ) -> None:
        rng = np.random.default_rng(seed)
        self._probe = PROBES[geometry]
        self._rate_hz = rate_hz
        self._line, self._sample, inside, shape = _scan_lines(geometry, width, height)
        self._echo = _for_pixels(echo_field(self._probe, rng), self._line, self._sample, inside)
        self.box = Box(*cv2.boundingRect(inside.view(np.uint8)))
        mask = inside[self.box.rows, self.box.columns]
        mask.setflags(write=False)
        kind: Literal["sector", "linear"] = "sector" if geometry == "sector" else "linear"
        self.region = Region(self.box, mask, outline(shape), kind, "declared")
        self._outside = ~inside
        compensation_db = cv2.remap(
            np.repeat(receiver_gain_db(self._probe), 2, axis=1),
            np.zeros_like(self._sample),
            self._sample,
            cv2.INTER_LINEAR,
        )
        self._gain_db = np.asarray(compensation_db, np.float32) + np.float32(gain_db)
        self._black_db = np.float32(self._probe.black_db)
        mean = 10.0 ** (_NOISE_DB / 10.0)
        noise = (rng.exponential(mean, (height, width)).astype(np.float32) for _ in range(_NOISES))
        self._noise = [np.asarray(cv2.GaussianBlur(one, (0, 0), 0.7), np.float32) for one in noise]
        self._phases = rng.uniform(0.0, 2.0 * math.pi, 3)

    def image(self, index: int) -> GrayImage:
        """(height, width) picture number `index`, black outside the sector."""
        time_s = index / self._rate_hz
        # a hand is never quite still: a small circle, so that at no time nothing moves
        tremble = _TREMOR_RAD_S * time_s
        line = self._line + np.float32(self._slide(time_s) + _TREMOR * math.cos(tremble))
        breath = 0.98 + 0.016 * math.sin(2.3 * time_s + self._phases[2])
        sample = self._sample * np.float32(breath) + np.float32(_TREMOR * (1.0 + math.sin(tremble)))
        echo = cv2.remap(self._echo, line, sample, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        power = cv2.multiply(echo, echo)
        cv2.add(power, self._noise[index * 5 % _NOISES], dst=power)
        log_db = np.asarray(cv2.log(power), np.float32) * np.float32(10.0 / math.log(10.0))
        log_db += self._gain_db
        above_black = np.maximum(log_db, self._black_db) - self._black_db
        gray = np.asarray(cv2.convertScaleAbs(above_black, None, 255.0 / _RANGE_DB), np.uint8)
        gray[self._outside] = 0
        return gray

    def _slide(self, time_s: float) -> float:
        """How far the probe has moved, in scan lines: two swings that never meet again."""
        free = self._probe.lines * (1.0 - self._probe.view / self._probe.world) / 2.0
        first, second, _ = self._phases
        return free * (0.65 * math.sin(0.45 * time_s + first) + 0.3 * math.sin(1.13 * time_s + second))


def _scan_lines(
    geometry: Geometry, width: int, height: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], Shape]:
    """For each pixel its place in the tissue (line, sample), the probe in the middle, and whether it is seen.

    The shape is that of the pixels that are seen. Scan conversion: a pixel of a sector lies at range
    hypot(x, z) and angle atan2(x, z) from the apex.
    """
    probe = PROBES[geometry]
    top, room = _MARGIN * height, (1.0 - 2.0 * _MARGIN) * height
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x -= (width - 1) / 2.0
    if geometry == "linear":
        mm = min(room / probe.depth_mm, width * 0.94 / probe.view)  # pixels per mm, the same both ways
        across, along = x / mm, (y - top) / mm
        wide = probe.view * mm
        left = (width - wide) / 2.0
        corners = ((left, top), (left + wide, top), (left + wide, top + probe.depth_mm * mm))
        shape: Shape = Quad((*corners, (left, top + probe.depth_mm * mm)))
    else:
        half = probe.view / 2.0
        apex_mm = probe.radius_mm * math.cos(half)  # the corners of the probe lie at the top
        deep = probe.radius_mm + probe.depth_mm
        mm = min(room / (deep - apex_mm), width * 0.94 / (2.0 * deep * math.sin(half)))
        z_mm, x_mm = (y - top) / mm + apex_mm, x / mm
        across, along = np.arctan2(x_mm, z_mm), np.hypot(x_mm, z_mm) - probe.radius_mm
        angle_deg = math.degrees(half)
        shape = Sector(
            width / 2.0, top - apex_mm * mm, probe.radius_mm * mm, deep * mm, -angle_deg, angle_deg
        )
    inside = (np.abs(across) <= probe.view / 2.0) & (along >= 0.0) & (along <= probe.depth_mm)
    line = (across / probe.world + 0.5) * (probe.lines - 1)
    sample = along / probe.depth_mm * (SAMPLES - 1)
    return line.astype(np.float32), sample.astype(np.float32), inside, shape


def _for_pixels(
    echo: Field, line: NDArray[np.float32], sample: NDArray[np.float32], inside: NDArray[np.bool_]
) -> Field:
    """Blurred as far as a pixel is coarser than the scan lines: speckle of a small picture is not jagged."""
    across = float(np.median(np.diff(line, axis=1)[inside[:, 1:]]))
    along = float(np.median(np.diff(sample, axis=0)[inside[1:]]))
    return np.asarray(
        cv2.GaussianBlur(echo, (0, 0), _PIXEL * max(1.0, across), sigmaY=_PIXEL * max(1.0, along))
    )
