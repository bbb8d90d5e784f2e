"""The sector that the demo states is the one that is found in its cine."""

from __future__ import annotations

import numpy as np

from scanmon.app.analyzers import region_finder
from scanmon.app.demo import SECTOR, cine_path
from scanmon.core.values import Region
from scanmon.picture.region.shapes import region_of
from scanmon.sources.opening import open_recording


def on_the_picture(region: Region, shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[region.box.rows, region.box.columns] = True if region.mask is None else region.mask
    return mask


def test_the_stated_sector_of_the_demo_is_the_one_that_is_found() -> None:
    finder = region_finder("auto")
    for frame in open_recording(str(cine_path())):
        found = finder.find(frame)
    shape = frame.pixels.shape
    ours, theirs = on_the_picture(region_of(SECTOR, *shape), shape), on_the_picture(found, shape)
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.97
