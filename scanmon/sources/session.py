"""A recorded session as a recording: the pictures of its video, with the times of its table."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.records import DROPPED
from scanmon.core.values import Frame, Reason, Region, Signal
from scanmon.session import layout
from scanmon.session.content import SessionContent
from scanmon.session.reader import read_session, store_in
from scanmon.sources.limited_recording import LimitedRecording
from scanmon.sources.recordings import TimedRecording


class SessionRecording(TimedRecording):
    """A `Recording` of the pictures that were stored; `content` has all that was recorded with them.

    A video that was cut off may hold fewer pictures than the table tells of: those that it holds are played.
    Raises `SourceError`.
    """

    def __init__(self, folder: Path) -> None:
        content = read_session(folder)
        if not (folder / layout.VIDEO).exists() or not len(content.pictures):
            raise SourceError(
                "holds scores but no pictures", folder, "export its table, or record with a known sector"
            )
        self._video = LimitedRecording(folder / layout.VIDEO)  # it may be another's
        pictures = content.pictures[: len(self._video.times_s)]
        self.content: SessionContent = replace(content, pictures=pictures)
        times_s = content.table.numbers("time_s")[pictures]
        super().__init__(times_s - times_s[0], content.name)
        self._source_s = content.table.numbers("source_time_s")[pictures]
        coded = self._video.info
        self._height = content.about.get("height", coded.height)
        self._width = content.about.get("width", coded.width)
        if self._height not in range(1, coded.height + 1) or self._width not in range(1, coded.width + 1):
            self._video.close()
            remedy = "copy the folder again"
            raise SourceError("states another size than its video has", store_in(folder), remedy)
        self.info = SourceInfo(
            name=content.name,
            width=self._width,
            height=self._height,
            rate_hz=coded.rate_hz,
            frames=len(pictures),
            chapters=_views(content, pictures, times_s),
            details=f"recorded {content.about.get('stored', 'sector')}, {content.about.get('codec', '')}",
        )

    def frames_as_captured(self) -> Iterator[Frame]:
        """All frames with the times that their source gave them, for scoring them again to the last bit."""
        return self._decoded(0, self._source_s)

    def close(self) -> None:
        self._video.close()

    def _frames(self, index: int) -> Iterator[Frame]:
        return self._decoded(index, self._times_s)

    def _decoded(self, index: int, times_s: NDArray[np.float64]) -> Iterator[Frame]:
        frames = itertools.islice(self._video.frames_from(index), len(times_s) - index)
        for number, frame in enumerate(frames, start=index):
            # the code may need even sizes: what was added is cut off again
            pixels = frame.pixels[: self._height, : self._width]
            yield replace(
                frame, pixels=pixels, index=number, time_s=float(times_s[number]), chroma=None, colour=None
            )


class RecordedRegions:
    """A `RegionFinder` that gives the regions as they were when the session was recorded."""

    def __init__(self, content: SessionContent) -> None:
        self._content = content

    def find(self, frame: Frame) -> Region:
        """The region of picture `frame.index`. Raises `SourceError` where none was recorded."""
        region = self._content.region(int(self._content.pictures[frame.index]))
        if region is None:
            raise SourceError(f"no region was recorded for frame {frame.index}", self._content.name)
        return region

    def reset(self) -> None:
        """Nothing is remembered."""


class RecordedSignal:
    """Says of each picture what was said when it was recorded; one that was never analysed is live."""

    def __init__(self, content: SessionContent) -> None:
        self._content = content

    def update(self, frame: Frame, region: Region) -> Signal:
        reason = self._content.table.record(int(self._content.pictures[frame.index]))["reason"]
        return Signal() if reason in (None, DROPPED) else Signal(Reason(reason), frame.time_s)

    def reset(self) -> None:
        """Nothing is remembered."""


def _views(
    content: SessionContent, pictures: NDArray[np.int64], times_s: NDArray[np.float64]
) -> tuple[tuple[float, str], ...]:
    """Where in the recording another view of an examination was chosen, as its named parts."""
    if not content.about.get("examination"):
        return ()
    names = np.array(content.table.texts("view"), object)[pictures]
    found: list[tuple[float, str]] = []
    for time_s, name in zip(times_s, names, strict=True):
        if name and (not found or name != found[-1][1]):
            found.append((float(time_s - times_s[0]), name))
    return tuple(found)
