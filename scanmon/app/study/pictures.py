"""The pictures of a study: the sector alone, since what stands beside it tells where they are from."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scanmon.app.analyzers import region_finder
from scanmon.core.errors import ScanmonError
from scanmon.core.values import Frame
from scanmon.sources.opening import open_recording


class StudyPictures:
    """One at a time, on one thread."""

    def __init__(self, region: str) -> None:
        self._finder = region_finder(region)

    def of(self, file: Path) -> Frame | None:
        """The middle frame, as `scanmon agree` takes it; None where it cannot be read."""
        try:
            with closing(open_recording(str(file))) as recording:
                frame = next(iter(recording.frames_from(len(recording.times_s) // 2)))
            self._finder.reset()
            region = self._finder.find(frame)
        except ScanmonError:
            return None  # the study goes on with the next pair, and counts this one
        pixels = frame.pixels[region.box.rows, region.box.columns].copy()
        if region.mask is not None:
            pixels[~region.mask] = 0
        return replace(frame, pixels=pixels, chroma=None, declared=None, colour=None)
