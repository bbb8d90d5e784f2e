"""Which frames a video file holds, in the order of display: found by reading packets, not by decoding all."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from scanmon.sources.video_reader import VideoReader

_HEAD = 20  # frames: more than any codec holds back to reorder


@dataclass(frozen=True, slots=True, eq=False)
class VideoIndex:
    """Display times of the frames, and where decoding may begin."""

    pts: NDArray[np.int64]  # (n,) in units of the stream, strictly growing
    keyframes: NDArray[np.int64]  # display index of each key frame, growing
    seekable: bool  # False: time stamps are missing or wrong, frames are counted from the start

    def position(self, pts: int | None) -> int:
        """Display index of the frame with this time stamp, -1 when no frame has it."""
        if pts is None:
            return -1
        at = int(np.searchsorted(self.pts, pts))
        return at if at < len(self.pts) and self.pts[at] == pts else -1


def read_index(reader: VideoReader) -> VideoIndex:
    """Read all packets, then decode the two ends, where a recording may have been cut.

    An index without frames means that nothing in the file can be decoded.
    """
    reader.restart()
    packets, stamps, keys = 0, array("q"), array("q")
    for packet in reader.packets():  # one at a time: together they are the whole file
        if packet.size and not packet.is_discard:
            packets += 1
            if packet.pts is not None:
                stamps.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
    pts = np.unique(np.array(stamps, np.int64))
    index = VideoIndex(pts, np.searchsorted(pts, np.unique(np.array(keys, np.int64))), seekable=True)
    if not keys or len(pts) != packets:
        return _counted(reader)
    head = _places_from_start(reader, index)
    tail = _places_of_tail(reader, index)
    if not head or not tail or min(head + tail) < 0 or head != sorted(head):
        return _counted(reader)
    first, last = head[0], max(tail)
    keyframes = index.keyframes[(index.keyframes >= first) & (index.keyframes <= last)] - first
    return VideoIndex(pts[first : last + 1], keyframes, seekable=True)


def _places_from_start(reader: VideoReader, index: VideoIndex) -> list[int]:
    """Of the first frames: out of order where a container kept the order of decoding as its time stamps."""
    reader.restart()
    return [index.position(frame.pts) for frame in islice(reader.frames(), _HEAD)]


def _places_of_tail(reader: VideoReader, index: VideoIndex) -> list[int]:
    """Of the frames behind the last key frame from which the decoder gives any."""
    back = 1
    while back < len(index.keyframes):
        reader.seek(int(index.pts[index.keyframes[-back]]))
        places = [index.position(frame.pts) for frame in reader.frames()]
        if places:
            return places
        back *= 2
    reader.restart()
    return [index.position(frame.pts) for frame in reader.frames()]


def _counted(reader: VideoReader) -> VideoIndex:
    """Decode everything once; the stamps in growing order serve as times where every frame has its own."""
    reader.restart()
    stamps = [frame.pts for frame in reader.frames()]
    pts = np.unique(np.array([stamp for stamp in stamps if stamp is not None], np.int64))
    if len(pts) != len(stamps):
        rate = reader.stream.average_rate or reader.stream.guessed_rate or 25
        step = max(1, round(1 / (float(rate) * float(reader.stream.time_base or 1 / 90000))))
        pts = np.arange(len(stamps), dtype=np.int64) * step
    return VideoIndex(pts, np.zeros(min(1, len(pts)), np.int64), seekable=False)
