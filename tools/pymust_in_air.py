"""A picture of a probe in air by an independent simulator: what `scanmon qa air` finds in it is known.

    pip install pymust==0.1.9
    python tools/pymust_in_air.py dead.png --dead 20,70
    scanmon qa air dead.png --elements 128

PyMUST (LGPL, for this tool alone) computes the echoes of mirrors at the depths of the reverberations; an
L11-5v of 128 elements sends a plane wave. Elements differ by 2 %, mirrors along the face by 5 %. About 40 s.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanmon.core.values import GrayImage

ELEMENTS = 128
RINGS, SPACING_M, DECAY_DB = 8, 1.2e-3, 5.0
HALF_FACE_M, DEEPEST_M = 19e-3, 20e-3
RANGE_DB = 60.0


def picture(dead: list[int], seed: int) -> GrayImage:
    """The screen (480, 640); the image in its middle is 384 px wide."""
    pymust: Any = import_module("pymust")
    rng = np.random.default_rng(seed)
    probe = pymust.getparam("L11-5v")
    probe.fs, probe.fnumber = 4 * probe.fc, 1.5
    across = np.linspace(-21e-3, 21e-3, 1400)
    depth = SPACING_M * np.arange(1, RINGS + 1)
    share = 10 ** (-DECAY_DB * np.arange(1, RINGS + 1) / 20)
    mirrors = share[:, None] * (1 + 0.05 * rng.standard_normal((RINGS, len(across))))
    gains = 1 + 0.02 * rng.standard_normal(ELEMENTS)
    gains[dead] = 0
    probe.TXapodization, together = gains, np.zeros((1, ELEMENTS))
    sent, _ = pymust.simus(
        np.tile(across, RINGS), np.repeat(depth, len(across)), mirrors.ravel(), together, probe
    )
    heard = sent * gains
    heard = heard + 1e-4 * np.abs(heard).max() * rng.standard_normal(heard.shape)
    echoes = pymust.rf2iq(heard, probe)
    xs, zs = np.meshgrid(np.linspace(-HALF_FACE_M, HALF_FACE_M, 384), np.linspace(3e-4, DEEPEST_M, 400))
    beams = pymust.dasmtx(echoes, xs, zs, together, probe) @ echoes.flatten(order="F")
    level = 20 * np.log10(np.abs(beams).reshape(xs.shape, order="F") / np.abs(beams).max() + 1e-6)
    screen = np.zeros((480, 640), np.uint8)
    screen[40:440, 128:512] = np.clip((level + RANGE_DB) / RANGE_DB * 255, 0, 255)
    return screen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path, metavar="FILE.png")
    parser.add_argument("--dead", default="", metavar="N,...", help="elements, from 0 at the left")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cv2.imwrite(str(args.out), picture([int(one) for one in args.dead.split(",") if one], args.seed))


if __name__ == "__main__":
    main()
