"""The vector instructions of this processor, on which a build is proved."""

from __future__ import annotations

import platform

import cv2

# OpenCV's numbers of the features (cvdef.h), which its Python module does not name; the best one first
_SETS = (
    (23, "AVX-512 VNNI"),
    (14, "AVX-512 BW"),
    (11, "AVX2"),
    (6, "SSE4.1"),
    (101, "NEON dot product"),
    (100, "NEON"),
)


def instruction_set() -> str:
    """Name of the best known set; AVX-VNNI, which OpenCV does not tell apart, counts as AVX2."""
    return next((name for number, name in _SETS if cv2.checkHardwareSupport(number)), platform.machine())
