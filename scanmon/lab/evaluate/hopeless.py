"""Pictures without any content as pictures of an evaluation.

They are made at the working height, so that no scaling softens them: what a metric sees is what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanmon.core.values import Box, Region
from scanmon.degradations.negatives import NEGATIVES, negative
from scanmon.lab.evaluate.plan import Picture

DEGENERATE = "degenerate"
_NATIVE_PX = 480  # height where the bundle works at native scale


def hopeless_pictures(height_px: int = 0, seed: int = 2026) -> Iterator[Picture]:
    """The pictures of `NEGATIVES`, always the same: 4:3, `height_px` high (0: 480), all of it the region."""
    height = height_px or _NATIVE_PX
    width = round(height * 4 / 3)
    whole = Region(Box(0, 0, width, height), kind="full", origin="full")
    for name in NEGATIVES:
        yield Picture(f"{DEGENERATE}/{name}", DEGENERATE, negative(name, height, width, seed), whole)
