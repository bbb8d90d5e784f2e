"""Simulated tissue as a row of scan lines: what echoes come back from where, before any receiver."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]  # (samples, lines)
Geometry = Literal["sector", "linear"]

SAMPLES = 560  # along a line


@dataclass(frozen=True, slots=True)
class Probe:
    """What tells one kind of probe from another; lengths in mm, angles in rad."""

    geometry: Geometry
    depth_mm: float
    radius_mm: float  # of the probe's surface; 0: flat
    view: float  # mm of a flat probe, rad of a curved one
    world: float  # how much tissue there is, in the same unit
    lines: int  # scan lines over `world`
    frequency_mhz: float
    pulse: float  # axial blur, samples
    beam: float  # lateral blur at the focus, lines
    focus: float  # share of the depth
    spread: float  # how much wider the beam is a whole depth away from the focus
    black_db: float  # what is shown as black, against mean tissue: the gain that a careful hand chooses


PROBES: dict[Geometry, Probe] = {
    "sector": Probe("sector", 150.0, 12.0, 1.25, 2.2, 900, 3.5, 1.5, 2.8, 0.55, 3.0, -14.0),
    "linear": Probe("linear", 45.0, 0.0, 40.0, 80.0, 1200, 7.5, 1.4, 2.5, 0.45, 0.7, -17.0),
}

LOOKS = 2  # directions from which each place is seen; their mean is shown (spatial compounding)
_TISSUE_DB_PER_CM_MHZ = 0.5  # soft tissue, one way
_UNDERFLOW = 14.5  # spreads from its middle a Gaussian is 0 in single precision
_SPECKLE_BLEND = (1.0, 2.2, 4.0)  # beam widths that are mixed between the focus and away from it


def echo_field(probe: Probe, rng: np.random.Generator, looks: int = LOOKS) -> Field:
    """(SAMPLES, lines) echo amplitude; about 1 is mean soft tissue at the probe.

    Speckle is the magnitude of complex white scatterers, weighted with the echogenicity and blurred by the
    point spread function (fully developed speckle: Rayleigh amplitude), averaged over so many `looks`. The
    beam widens away from the focus. Attenuation is summed along each line, two ways, so that fluid leaves
    enhancement behind it.
    """
    x_mm, z_mm = _places(probe)
    tissue = _Tissue(probe, x_mm, z_mm, rng)
    tissue.add_wall()
    tissue.add_inside()
    echo, smooth = 10.0 ** (tissue.level_db / 20.0), tissue.smooth
    amplitude = np.zeros_like(echo)
    for _ in range(looks):
        parts = [echo * rng.standard_normal(echo.shape, np.float32) for _ in range(2)]
        parts[0] += smooth
        amplitude += cv2.magnitude(*(_blur(part, probe) for part in parts))
    step_cm = probe.depth_mm / 10.0 / SAMPLES
    lost_db = 2.0 * probe.frequency_mhz * step_cm * np.cumsum(tissue.loss, axis=0)
    return np.ascontiguousarray(amplitude * (10.0 ** (-lost_db / 20.0) / looks), np.float32)


def receiver_gain_db(probe: Probe) -> Field:
    """(SAMPLES, 1) time gain compensation: what mean tissue loses."""
    depth_cm = np.linspace(0.0, probe.depth_mm / 10.0, SAMPLES, dtype=np.float32)[:, None]
    return 2.0 * _TISSUE_DB_PER_CM_MHZ * probe.frequency_mhz * depth_cm


def _places(probe: Probe) -> tuple[Field, Field]:
    """Where each sample lies, in mm beside and below the middle of the probe."""
    along = np.linspace(0.0, probe.depth_mm, SAMPLES, dtype=np.float32)[:, None] + probe.radius_mm
    across = np.linspace(-probe.world / 2, probe.world / 2, probe.lines, dtype=np.float32)[None, :]
    if probe.geometry == "linear":
        return np.broadcast_to(across, (SAMPLES, probe.lines)), np.repeat(along, probe.lines, axis=1)
    return along * np.sin(across), along * np.cos(across) - probe.radius_mm


class _Tissue:
    """What lies under the probe: a body wall of layers, then an organ with vessels, or muscle with one.

    `level_db` is the strength of the scatterers above that of the organ, `loss` the attenuation in
    dB/cm/MHz, `smooth` the amplitude of boundaries that send one echo: bright, and without speckle.
    """

    def __init__(self, probe: Probe, x_mm: Field, z_mm: Field, rng: np.random.Generator) -> None:
        self._probe, self._x, self._z, self._rng = probe, x_mm, z_mm, rng
        shape = (SAMPLES, probe.lines)
        self._sample_mm = probe.depth_mm / SAMPLES
        self._depth = np.broadcast_to(
            np.linspace(0.0, probe.depth_mm, SAMPLES, dtype=np.float32)[:, None], shape
        )  # from the surface of the probe
        self.level_db = self._slow(2.0, 24)
        self.loss = np.full(shape, _TISSUE_DB_PER_CM_MHZ, np.float32)
        self.smooth = np.zeros(shape, np.float32)

    def add_wall(self) -> None:
        """Skin, fat with septa, muscle with fibres, a fascia below each."""
        flat = self._probe.geometry == "linear"
        edges = (1.5, 7.0, 21.0) if flat else (3.0, 12.0, 24.0)
        rough = self._slow(0.05 * edges[2], 5)
        tops = [edge + rough * edge / edges[2] for edge in edges]
        skin = self._depth < tops[0]
        fat = ~skin & (self._depth < tops[1])
        muscle = (self._depth >= tops[1]) & (self._depth < tops[2])
        self.level_db[skin] += 4.0
        self.level_db[fat] += (self._strands(70.0, 1.6, 0.03) - 3.0)[fat]
        self.level_db[muscle] += (self._strands(90.0, 1.8, 0.22 if flat else 0.05) - 1.0)[muscle]
        for top, strength in zip(tops, (1.5, 2.0, 3.0), strict=True):
            self._line(self._depth - top, strength, broken=0.2)

    def add_inside(self) -> None:
        """A curved probe sees an organ with vessels, a bladder and what bounds it; a flat one a vessel."""
        rng, depth = self._rng, self._probe.depth_mm
        if self._probe.geometry == "linear":
            below = self._depth > 21.5
            self.level_db[below] += (self._strands(60.0, 2.0, -0.08) + 1.0)[below]
            for number in range(3):
                x = (number - 1) * 24.0 + rng.uniform(-4, 4)
                self._vessel(x, rng.uniform(25, 29), rng.uniform(2.6, 4.0), 1.0, wall=4.0)
            bone = 36.0 + self._slow(1.5, 4)
            self._line(self._depth - bone, 5.0, broken=0.6)
            self.level_db[self._depth > bone + 1] += 1.0
            return
        for number in range(9):
            x = (number - 4) * 26.0 + rng.uniform(-9, 9)
            self._vessel(
                x, rng.uniform(0.28, 0.72) * depth, rng.uniform(2.5, 6.5), rng.uniform(0.6, 2.6),
                wall=rng.choice([0.8, 3.0]),
            )  # fmt: skip
        for x in (rng.uniform(-60, -25), rng.uniform(25, 60)):
            self._vessel(x, rng.uniform(0.42, 0.58) * depth, rng.uniform(10, 14), 1.7, wall=2.5)
        far = 0.8 * depth + 8.0 * np.sin(self._x / 45.0 + rng.uniform(0, 6)) - self._x**2 / 900.0
        self._line(self._z - far, 7.0, broken=0.1, thickness=1.8)
        self.level_db[self._z > far + 2] -= 5.0

    def _vessel(self, x: float, z: float, radius: float, flat: float, wall: float) -> None:
        """Fluid: hardly any scatterers or loss; the wall is brightest where it faces the probe."""
        turn, blur = self._rng.uniform(-0.4, 0.4), 1.5 * self._sample_mm
        reach = (radius + _UNDERFLOW * blur) * max(1.0, flat)  # all beyond stays as it is, to the last bit
        near = (np.abs(self._x - x) <= reach) & (np.abs(self._z - z) <= reach)
        left, top, wide, high = cv2.boundingRect(near.view(np.uint8))
        if not wide:
            return
        here = slice(top, top + high), slice(left, left + wide)
        x_mm, z_mm, smooth = self._x[here] - x, self._z[here] - z, self.smooth[here]
        along = x_mm * np.cos(turn) + z_mm * np.sin(turn)
        across = z_mm * np.cos(turn) - x_mm * np.sin(turn)
        distance = np.hypot(along / flat, across)
        inside = distance < radius
        self.level_db[here][inside] = -45.0
        self.loss[here][inside] = 0.03
        facing = np.abs(across) / np.maximum(distance, 1e-3)
        smooth[inside] = 0.0
        smooth += wall * facing**3 * np.exp(-0.5 * ((distance - radius) / blur) ** 2)

    def _line(self, distance_mm: Field, strength: float, broken: float, thickness: float = 1.2) -> None:
        """A boundary, with places in it that send less."""
        strength_here = strength * np.clip(1.0 - broken + self._slow(0.5, 30), 0.0, 1.4)
        self.smooth += strength_here * np.exp(-0.5 * (distance_mm / (thickness * self._sample_mm)) ** 2)

    def _slow(self, spread: float, places: int) -> Field:
        """A smooth random field that changes over a `places`-th of the width."""
        coarse = self._rng.standard_normal((max(3, places // 2), places)).astype(np.float32)
        shape = (self._probe.lines, SAMPLES)
        return np.asarray(spread * cv2.resize(coarse, shape, interpolation=cv2.INTER_CUBIC), np.float32)

    def _strands(self, length: float, thickness: float, slope: float) -> Field:
        """dB of fibres and septa: long, thin, bright; `slope` is how far they fall, mm per mm."""
        noise = self._rng.standard_normal((SAMPLES, self._probe.lines)).astype(np.float32)
        strands = cv2.GaussianBlur(noise, (0, 0), sigmaX=length, sigmaY=thickness)
        rows = np.arange(SAMPLES, dtype=np.float32)[:, None] - slope * self._x / self._sample_mm
        columns = np.broadcast_to(np.arange(self._probe.lines, dtype=np.float32), noise.shape)
        turned = cv2.remap(
            strands, columns.copy(), rows.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        return np.asarray(np.clip(6.0 * (turned / turned.std() - 0.3), -3.0, 13.0), np.float32)


def _blur(scatter: Field, probe: Probe) -> Field:
    """Point spread function with a beam that is narrow at the focus; the mean power stays."""
    away = np.abs(np.linspace(0.0, 1.0, SAMPLES, dtype=np.float32)[:, None] - probe.focus)
    want = 1.0 + probe.spread * away  # beam width in units of the one at the focus
    result = np.zeros_like(scatter)
    for number, width in enumerate(_SPECKLE_BLEND):
        beam = probe.beam * width
        blurred = cv2.GaussianBlur(scatter, (0, 0), sigmaX=beam, sigmaY=probe.pulse)
        blurred *= 2.0 * np.sqrt(np.pi * beam * probe.pulse)  # white noise keeps its variance
        others = [other for at, other in enumerate(_SPECKLE_BLEND) if at != number]
        gap = min(abs(width - other) for other in others)
        result += np.clip(1.0 - np.abs(want - width) / gap, 0.0, 1.0) * blurred
    return result
