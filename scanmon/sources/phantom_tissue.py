"""Simulated tissue as a row of scan lines: what echoes come back from where, before any receiver."""

from __future__ import annotations

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


PROBES: dict[Geometry, Probe] = {
    "sector": Probe("sector", 150.0, 12.0, 1.25, 2.2, 900, 3.5, 1.5, 2.2, 0.55),
    "linear": Probe("linear", 45.0, 0.0, 40.0, 80.0, 1200, 7.5, 1.3, 2.0, 0.45),
}

_TISSUE_DB_PER_CM_MHZ = 0.5  # soft tissue, one way
_SPECKLE_BLEND = (1.0, 2.2, 4.0)  # beam widths that are mixed between the focus and away from it


def echo_field(probe: Probe, rng: np.random.Generator) -> Field:
    """(SAMPLES, lines) echo amplitude; 1 is mean soft tissue at the probe.

    Speckle is the magnitude of complex white scatterers, weighted with the echogenicity and blurred by the
    point spread function (fully developed speckle: Rayleigh amplitude). The beam widens away from the focus.
    Attenuation is summed along each line, two ways, so that fluid leaves enhancement behind it.
    """
    x_mm, z_mm = _places(probe)
    echo, loss = _anatomy(probe, x_mm, z_mm, rng)
    shape = echo.shape
    scatter = [echo * rng.standard_normal(shape, np.float32) for _ in range(2)]
    scatter[0] += _interfaces(x_mm, z_mm, probe, rng) * (echo > 0.05)
    real, imaginary = (_blur(part, probe) for part in scatter)
    step_cm = probe.depth_mm / 10.0 / SAMPLES
    lost_db = 2.0 * probe.frequency_mhz * step_cm * np.cumsum(loss, axis=0)
    amplitude = cv2.magnitude(real, imaginary) * np.power(10.0, -lost_db / 20.0)
    return np.ascontiguousarray(amplitude, np.float32)


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


def _anatomy(probe: Probe, x_mm: Field, z_mm: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Echogenicity (amplitude) and attenuation (dB/cm/MHz): layers, texture, cysts and masses."""
    depth = z_mm / probe.depth_mm
    coarse = rng.standard_normal((12, 24)).astype(np.float32)
    texture = cv2.resize(coarse, (probe.lines, SAMPLES), interpolation=cv2.INTER_CUBIC)
    echo = np.power(10.0, 2.0 * texture / 20.0)  # 2 dB of slow variation
    loss = np.full_like(echo, _TISSUE_DB_PER_CM_MHZ)
    edges = np.cumsum(rng.uniform(0.05, 0.11, 3))
    wave = 0.012 * np.sin(x_mm / probe.depth_mm * rng.uniform(5, 9) + rng.uniform(0, 6))
    for edge, level_db in zip(edges, rng.permutation([-5.0, 4.0, -1.0]), strict=True):
        layer = (depth + wave < edge) & (depth + wave >= edge - 0.09)
        echo[layer] *= 10.0 ** (level_db / 20.0)
    reach = float(np.abs(x_mm).max())
    for number in range(9):
        size = probe.depth_mm * rng.uniform(0.035, 0.10)
        x, z = rng.uniform(-0.9, 0.9) * reach, probe.depth_mm * rng.uniform(0.35, 0.9)
        flat = rng.uniform(0.7, 1.3)
        inside = ((x_mm - x) / size) ** 2 + ((z_mm - z) / (size * flat)) ** 2 < 1.0
        if number % 3 < 2:  # fluid: no scatterers, hardly any loss
            echo[inside] = 0.004
            loss[inside] = 0.02
        else:
            echo[inside] *= 10.0 ** (rng.choice([-7.0, 6.0]) / 20.0)
            loss[inside] = rng.uniform(0.5, 0.8)
    return echo.astype(np.float32), loss.astype(np.float32)


def _interfaces(x_mm: Field, z_mm: Field, probe: Probe, rng: np.random.Generator) -> Field:
    """Smooth boundaries send an echo of one phase: bright, no speckle, weaker when tilted."""
    lines = np.zeros_like(x_mm)
    thickness = probe.depth_mm / SAMPLES
    for _ in range(4):
        slope, bend = rng.uniform(-0.12, 0.12), rng.uniform(5, 12)
        height = probe.depth_mm * (rng.uniform(0.12, 0.9) + 0.02 * np.sin(x_mm / probe.depth_mm * bend))
        distance = (z_mm - height - slope * x_mm) / thickness
        broken = np.clip(np.sin(x_mm / probe.depth_mm * rng.uniform(8, 20) + rng.uniform(0, 6)) + 0.5, 0, 1)
        lines += rng.uniform(0.6, 1.6) * (1 - 4 * abs(slope)) * broken * np.exp(-0.5 * distance**2)
    return lines.astype(np.float32)


def _blur(scatter: Field, probe: Probe) -> Field:
    """Point spread function with a beam that is narrow at the focus; the mean power stays."""
    away = np.abs(np.linspace(0.0, 1.0, SAMPLES, dtype=np.float32)[:, None] - probe.focus)
    want = 1.0 + 4.0 * away  # beam width in units of the one at the focus
    result = np.zeros_like(scatter)
    for number, width in enumerate(_SPECKLE_BLEND):
        beam = probe.beam * width
        blurred = cv2.GaussianBlur(scatter, (0, 0), sigmaX=beam, sigmaY=probe.pulse)
        blurred *= 2.0 * np.sqrt(np.pi * beam * probe.pulse)  # white noise keeps its variance
        others = [other for at, other in enumerate(_SPECKLE_BLEND) if at != number]
        gap = min(abs(width - other) for other in others)
        result += np.clip(1.0 - np.abs(want - width) / gap, 0.0, 1.0) * blurred
    return result
