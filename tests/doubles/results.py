"""An analysis to publish."""

import time

import numpy as np

from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Reading, Reason, Region, Verdict

ENGINE = EngineName("numpy", "fp64")
PROVENANCE = Provenance("a source", "a bundle", (ENGINE,))


def result(index: int = 0, reason: Reason | None = None, origin: str = "detected") -> Analysis:
    """A picture of 120 x 160 with text above its sector of 80 x 100, and quality that grows to the right."""
    pixels = np.full((120, 160), 90, np.uint8)
    pixels[:20] = 255  # the text
    mask = np.ones((80, 100), np.bool_)
    mask[:10, :10] = False
    region = Region(Box(30, 30, 100, 80), mask, origin=origin)  # type: ignore[arg-type]
    reading = Reading(
        index,
        index / 30,
        "map",
        reason,
        score=None if reason else 0.5,
        quality=None if reason else 72.5,
        verdict=None if reason else Verdict.ADEQUATE,
        region=region.box,
        engine=ENGINE,
    )
    heatmap = np.tile(np.linspace(10, 90, 5, dtype=np.float32), (4, 1))
    frame = Frame(pixels, index, index / 30, time.monotonic())
    return Analysis(frame, region, (reading,), None if reason else heatmap, PROVENANCE)
