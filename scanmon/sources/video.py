"""Video files through PyAV: every frame has an exact index, and a seek gives the frame that playing gives."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from av import VideoFrame

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame
from scanmon.sources.pyav_frame import picture_of
from scanmon.sources.timed import TimedRecording
from scanmon.sources.video_index import VideoIndex, read_index
from scanmon.sources.video_reader import StreamOf, VideoReader


class VideoRecording(TimedRecording):
    """A `Recording` over a video file.

    Opening reads the packets of the whole file and decodes its two ends. Iterators are independent of each
    other; each holds the file open until it ends, is closed, or the recording is closed. A lock lets `close`
    come from another thread: it waits for the frame that is being decoded.
    """

    def __init__(self, path: Path, stream: StreamOf | None = None) -> None:
        """`stream` opens the video where it is not the file `path` itself, but lies within it."""
        self._path, self._stream = path, stream
        self._lock = threading.RLock()
        self._closed = False
        self._busy: set[VideoReader] = set()
        reader = VideoReader(path, stream)
        try:
            self._index = read_index(reader)
            if not len(self._index.pts):
                raise SourceError("holds no frame that can be decoded", path, "copy it again, or convert it")
            _, first = next(_frames_from(reader, self._index, 0), (0, None))
            if first is None:
                raise SourceError("the first frame cannot be decoded", path, "the file is damaged")
            ticks = (self._index.pts - self._index.pts[0]).astype(np.float64)
            super().__init__(ticks * float(reader.stream.time_base or 1.0), path)
            self.info = self._describe(reader, first)
        except BaseException:
            reader.close()
            raise
        self._idle: VideoReader | None = reader

    def close(self) -> None:
        """Close the file; running iterations end before their next frame."""
        self._closed = True
        with self._lock:
            for reader in (*self._busy, *((self._idle,) if self._idle else ())):
                reader.close()
            self._busy.clear()
            self._idle = None

    def _frames(self, index: int) -> Iterator[Frame]:
        with self._lock:
            if self._closed:
                return
            reader, self._idle = self._idle or VideoReader(self._path, self._stream), None
            self._busy.add(reader)
        try:
            frames = _frames_from(reader, self._index, index)
            for at in range(index, len(self._times_s)):
                with self._lock:
                    if self._closed:
                        return
                    found, frame = next(frames, (None, None))
                    if frame is None or found != at:
                        raise SourceError(f"frame {at} cannot be decoded", self._path, "the file is damaged")
                    gray, chroma, colour = picture_of(frame)
                yield Frame(gray, at, float(self._times_s[at]), time.monotonic(), chroma, colour=colour)
        finally:
            self._release(reader)

    def _release(self, reader: VideoReader) -> None:
        with self._lock:
            if reader not in self._busy:
                return  # closed in between
            self._busy.remove(reader)
            if self._idle is None and not self._closed:
                self._idle = reader
            else:
                reader.close()

    def _describe(self, reader: VideoReader, first: VideoFrame) -> SourceInfo:
        height, width = picture_of(first).gray.shape
        count, span_s = len(self._times_s), float(self._times_s[-1])
        stated = float(reader.stream.average_rate) if reader.stream.average_rate else None
        rate_hz = round((count - 1) / span_s, 3) if span_s > 0 else stated
        details = f"{reader.stream.codec_context.name} {first.format.name}"
        return SourceInfo(self._path.name, width, height, rate_hz, count, details)


def _frames_from(reader: VideoReader, index: VideoIndex, wanted: int) -> Iterator[tuple[int, VideoFrame]]:
    """Decode from a key frame far enough back that frame `wanted` comes out whole; earlier ones are left out.

    After a seek a decoder holds back frames that lean on what it has not seen (open groups of pictures,
    gradual refresh), and some containers land behind the place that was asked for: then the first frame
    comes too late, and decoding starts again further back, in the end at the start of the file.
    """
    if not index.seekable:
        reader.restart()
        yield from ((at, frame) for at, frame in enumerate(reader.frames()) if at >= wanted)
        return
    start, step = int(np.searchsorted(index.keyframes, wanted, side="right")) - 1, 1
    while True:
        if start > 0:
            reader.seek(int(index.pts[index.keyframes[start]]))
        else:
            reader.restart()
        late = None
        for frame in reader.frames():
            at = index.position(frame.pts)
            if at < 0:
                continue
            late = at > wanted if late is None else late
            if late and start > 0:
                break
            if at >= wanted:
                yield at, frame
        if late is False or start <= 0:
            return
        start, step = max(0, start - step), step * 2
