"""The sector of the real cine that comes with pydicom: walls far from the beam are hardly above black."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scanmon.app.analyzers import new_looker
from scanmon.app.demo import cine_path
from scanmon.core.values import Region
from scanmon.picture.region import AutoRegion, Sector, region_of
from scanmon.sources.opening import open_recording

SETTLED_S = 0.5
DRAWN = Sector(170.0, 7.0, 10.0, 193.5, -42.0, 42.0)  # by hand, from the brightest level of each pixel


def overlap_of_masks(found: Region, truth: Region, size: tuple[int, ...]) -> float:
    planes = [np.zeros(size, np.bool_) for _ in range(2)]
    for plane, region in zip(planes, (found, truth), strict=True):
        plane[region.box.rows, region.box.columns] = True if region.mask is None else region.mask
    return float((planes[0] & planes[1]).sum() / (planes[0] | planes[1]).sum())


def test_faint_flanks_of_a_real_sector_are_inside_as_soon_as_motion_has_been_seen() -> None:
    recording = open_recording(str(cine_path()))
    cine = [replace(frame, declared=None) for frame in recording]
    recording.close()
    size = cine[0].pixels.shape
    truth = region_of(DRAWN, *size)
    finder = AutoRegion(new_looker())
    values = []
    for number in range(3 * len(cine)):
        frame = replace(cine[number % len(cine)], index=number, time_s=number / 30.0)
        values.append(overlap_of_masks(finder.find(frame), truth, size))
    assert min(values[round(SETTLED_S * 30) :]) >= 0.95
    assert values[-1] >= values[0]
