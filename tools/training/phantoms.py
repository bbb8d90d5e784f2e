"""Simulated clean pictures for variety of texture and geometry: layers, cysts, bright reflectors, vessels.

Other processes make them beside a training, which takes them whenever some are ready.
"""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.sources.phantom_tissue import PROBES, Geometry, echo_field, receiver_gain_db
from tools.training.pictures import Picture

_FIRST_UNSEEN = 10_000
OF_SCANNER = 0.85
"""Share of the simulated scanner's pictures; more that are all speckle teach that noise is clean."""


def _tissue(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Scattering strength in dB (H, W) below the brightest: wavy layers, ellipses and thin reflectors."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    strength = np.full(shape, rng.uniform(-30, -12), np.float32)
    for _ in range(int(rng.integers(0, 6))):
        wave = rng.uniform(0, 0.06) * height * np.sin(columns / width * rng.uniform(1, 8) + rng.uniform(0, 6))
        strength[rows + wave > rng.uniform(0, height)] += rng.uniform(-9, 9)
    for _ in range(int(rng.integers(0, 9))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        axes = (int(rng.uniform(0.02, 0.25) * height) + 1, int(rng.uniform(0.02, 0.2) * height) + 1)
        inside = cv2.ellipse(np.zeros(shape, np.uint8), centre, axes, rng.uniform(0, 180), 0, 360, 1, -1) > 0
        strength[inside] = -60.0 if rng.random() < 0.45 else strength[inside] + rng.uniform(-14, 14)
    for _ in range(int(rng.integers(0, 14))):
        start = rng.uniform(0, 1, 2) * (width, height)
        angle, length = rng.normal(0, 0.35), rng.uniform(0.05, 0.9) * width
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        line = cv2.line(
            np.zeros(shape, np.uint8),
            (int(start[0]), int(start[1])),
            (int(end[0]), int(end[1])),
            1,
            int(rng.integers(1, 4)),
        )
        strength[line > 0] = rng.uniform(-6, 8)
    drift = cv2.resize(
        rng.normal(0, 4, (5, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return strength + drift


def phantom(rng: np.random.Generator, shape: tuple[int, int] = (480, 480)) -> Picture:
    """One simulated rectangular picture (H, W); `scan_convert` bends it into a sector."""
    height, width = shape
    strength = _tissue(rng, shape)
    amplitude = 10.0 ** (strength / 20.0)
    axial, lateral = rng.uniform(1.0, 2.0), rng.uniform(2.2, 5.0)  # coarser than receiver noise
    field = rng.standard_normal((2, height, width), dtype=np.float32) * amplitude
    echo = np.stack([cv2.GaussianBlur(part, (0, 0), lateral, sigmaY=axial) for part in field])
    envelope = np.sqrt((echo * echo).sum(axis=0)) * (2.0 * np.sqrt(np.pi * axial * lateral))
    fall = rng.uniform(0, 8) * np.linspace(0, 1, height, dtype=np.float32)[:, None]
    decibel = 20.0 * np.log10(np.maximum(envelope, 1e-6)) - fall
    # the gain of a clean picture: most tissue between dark and middle gray, hardly anything saturated
    middle, dynamic_range = rng.uniform(30, 115), rng.uniform(45, 70)
    shown = middle + (decibel - np.percentile(decibel, 60)) * (255.0 / dynamic_range)
    smoothed = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), rng.uniform(0.3, 0.9))
    gray = np.clip(smoothed, 0, 255).astype(np.uint8)
    return Picture("phantom", "phantom", gray, np.ones(shape, bool))


def scanned(rng: np.random.Generator) -> Picture:
    """One picture of the simulated scanner of `scanmon demo`, with a probe and settings of its own.

    What training pictures hardly hold: vessels, fluid with enhancement behind it, layers of wall and fascia,
    a beam that widens, tissue that fades into black or into the noise of the receiver.
    """
    geometry: Geometry = "linear" if rng.random() < 0.6 else "sector"
    usual = PROBES[geometry]
    probe = replace(
        usual,
        depth_mm=usual.depth_mm * rng.uniform(0.6, 1.3),
        frequency_mhz=usual.frequency_mhz * rng.uniform(0.7, 1.4),
        pulse=rng.uniform(0.7, 2.6),
        beam=rng.uniform(1.2, 4.8),
        focus=rng.uniform(0.2, 0.7),
        spread=usual.spread * rng.uniform(0.5, 1.5),
    )
    echo = echo_field(probe, rng, looks=int(rng.integers(1, 7)))
    noise = rng.exponential(10.0 ** (rng.uniform(-86, -70) / 10.0), echo.shape).astype(np.float32)
    compensated = receiver_gain_db(probe) * rng.uniform(0.85, 1.05)
    decibel = 10.0 * np.log10(echo * echo + noise) + compensated
    seen = round(probe.lines * probe.view / probe.world)
    first = int(rng.integers(probe.lines - seen + 1))
    black_db, range_db = probe.black_db + rng.uniform(-8, 8), rng.uniform(40, 72)
    share = np.clip((decibel[:, first : first + seen] - black_db) / range_db, 0.0, 1.0)
    bent = share + rng.uniform(-0.08, 0.08) * np.sin(np.pi * share)  # a gray map of its own
    shown = 255.0 * bent ** np.exp(rng.normal(0.0, 0.12))
    width = round(480 * probe.view / probe.depth_mm) if geometry == "linear" else 480
    sized = cv2.resize(np.clip(shown, 0, 255).astype(np.float32), (width, 480), interpolation=cv2.INTER_AREA)
    gray = np.rint(sized).astype(np.uint8)
    flat = Picture("phantom", "scanned", gray, np.ones(gray.shape, bool))
    return flat if geometry == "linear" else scan_convert(flat, rng)


def scan_convert(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture bent into a sector: phased (narrow top), or convex; surround black."""
    height, width = picture.gray.shape
    phased = rng.random() < 0.6
    half_angle = rng.uniform(0.5, 0.8) if phased else rng.uniform(0.35, 0.65)
    near = rng.uniform(0.0, 0.08) if phased else rng.uniform(0.25, 0.9)
    out_h = 480
    far = near + 1.0
    top = near * np.cos(half_angle)
    scale = (far - top) / out_h
    out_w = int(2 * far * np.sin(half_angle) / scale)
    rows, columns = np.mgrid[:out_h, :out_w].astype(np.float32)
    x, y = (columns - out_w / 2) * scale, rows * scale + top
    radius, angle = np.hypot(x, y), np.arctan2(x, y)
    map_y = (radius - near) * (height - 1)
    map_x = (angle / half_angle + 1.0) * 0.5 * (width - 1)
    inside = (radius >= near) & (radius <= far) & (np.abs(angle) <= half_angle)
    bent = cv2.remap(
        picture.gray,
        map_x.astype(np.float32),
        map_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    gray = np.where(inside, bent, 0).astype(np.uint8)
    known = cv2.remap(picture.mask.astype(np.uint8), map_x.astype(np.float32), map_y.astype(np.float32), 0)
    return Picture(picture.organ, picture.name + "-sector", gray, inside & (known > 0))


def simulated(seed: int) -> Picture:
    rng = np.random.default_rng((77, seed))
    if rng.random() < OF_SCANNER:
        return scanned(rng)
    flat = phantom(rng)
    return scan_convert(flat, rng) if rng.random() < 0.6 else flat


def unseen(count: int) -> Iterator[Picture]:
    """So many simulated pictures that no training made."""
    return (simulated(_FIRST_UNSEEN + number) for number in range(count))


def _begin() -> None:
    cv2.setNumThreads(1)
    os.nice(10)


class Simulation:
    """Makes `count` pictures in `processes` processes. Where none can be started, there are no pictures."""

    def __init__(self, count: int, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)
        self._waiting: list[Future[Picture]] = [self._pool.submit(simulated, n) for n in range(count)]

    def ready(self) -> list[Picture]:
        """What has been made since the last call."""
        done = [job for job in self._waiting if job.done()]
        self._waiting = [job for job in self._waiting if not job.done()]
        return [job.result() for job in done if job.exception() is None]

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
