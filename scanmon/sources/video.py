"""Video files through PyAV: an index in which every frame is exact, and a seek gives what playing gives."""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

import av
import numpy as np
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame
from scanmon.sources.picture_size import Size, check_size
from scanmon.sources.pyav_frame import ODD_METADATA, flushes, picture_of
from scanmon.sources.recordings import TimedRecording, mean_rate_hz

StreamOf: TypeAlias = Callable[[], BinaryIO]

# formats that hold their pictures themselves; lists of other files (hls, dash, concat, sdp, ...) are none.
# Sound and text, which FFmpeg can film, are told by their own words.
_FORMATS = (
    "3g2,3gp,apng,asf,av1,avi,avs2,avs3,bmp_pipe,cavsvideo,cine,dirac,dnxhd,dv,evc,flv,gif,gif_pipe,"
    "gxf,h261,h263,h264,hevc,ivf,j2k_pipe,jpeg_pipe,jpegls_pipe,jpegxl_pipe,m4a,m4v,matroska,mj2,mjpeg,"
    "mjpeg_2000,mov,mp4,mpeg,mpegts,mpegvideo,mpjpeg,mxf,nsv,nut,obu,ogg,pam_pipe,pbm_pipe,pgm_pipe,"
    "pgmyuv_pipe,png_pipe,ppm_pipe,rawvideo,rm,tiff_pipe,tty,vc1,vc1test,vvc,webm,webp,webp_pipe,wtv,"
    "yuv4mpegpipe,aac,ac3,aiff,amr,flac,mp3,wav"
)
_MOST_THREADS = 4  # each holds pictures of its own
_LISTS = (b"#EXTM3U", b"ffconcat", b"v=0\r", b"v=0\n")
_HEAD = 20  # frames: more than any codec holds back to reorder


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
                sized = reader.stream.codec_context.width * reader.stream.codec_context.height
                what = "holds no frame that can be decoded" if sized else "states no size of its pictures"
                raise SourceError(what, path, "copy it again, or convert it")
            _, first = next(_frames_from(reader, self._index, 0), (0, None))
            if first is None:
                raise SourceError("the first frame cannot be decoded", path, "the file is damaged")
            check_size(Size(first.width, first.height), path)
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
                    picture = picture_of(frame)
                yield self._frame(picture, at)
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
        stated = float(reader.stream.average_rate) if reader.stream.average_rate else None
        rate_hz = mean_rate_hz(self._times_s) if len(self._times_s) > 1 else stated
        details = f"{reader.stream.codec_context.name} {first.format.name}"
        return SourceInfo(self._path.name, width, height, rate_hz, len(self._times_s), details)


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


class VideoReader:
    """Holds the file open until `close`. What cannot be decoded is passed over: frames are missing."""

    def __init__(self, path: Path, stream: StreamOf | None = None) -> None:
        self._path, self._opener = path, stream
        self._file: BinaryIO | None = None
        self._open()

    def close(self) -> None:
        """May be called more than once."""
        self._container.close()
        if self._file is not None:
            self._file.close()

    def restart(self) -> None:
        """Back to the first byte. Many containers cannot seek there, so the file is opened anew."""
        if not self._fresh:
            self.close()
            self._open()

    def _open(self) -> None:
        self._file = self._opener() if self._opener else None
        try:
            self._container, self.stream = _open(self._path, self._file)
        except BaseException:
            if self._file is not None:
                self._file.close()
            raise
        self._fresh = True

    def seek(self, pts: int) -> None:
        """To a key frame at or before `pts`, as far as the container knows one; else to the start."""
        self._fresh = False
        try:
            self._container.seek(pts, stream=self.stream)
        except av.FFmpegError:
            self.restart()

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Packets up to the end or to where the file cannot be read any more; the last one is empty."""
        self._fresh = False
        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except (av.FFmpegError, OSError, StopIteration):
                return
            yield packet
            if flushes(packet):
                return

    def frames(self) -> Iterator[VideoFrame]:
        flushed = False
        for packet in self.packets():
            flushed = flushes(packet)
            if packet.size or flushed:
                yield from self._decode(packet)
        if not flushed:
            yield from self._decode(None)

    def _decode(self, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        try:
            return self.stream.decode(packet)
        except av.FFmpegError:
            return []  # whoever looks at the time stamps sees that a frame is missing


def _open(path: Path, file: BinaryIO | None) -> tuple[InputContainer, VideoStream]:
    if file is None:
        _refuse_lists(path)
    try:
        # local files only: nothing may make the machine call somebody
        container = av.open(
            file or f"file:{path}",
            "r",
            options={"protocol_whitelist": "file", "format_whitelist": _FORMATS},
            **ODD_METADATA,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        outside = isinstance(error, av.ArgumentError)  # of the formats above
        reason = "unknown format" if outside else getattr(error, "strerror", None) or "unknown format"
        raise SourceError(f"cannot be opened as a video ({reason})", path, "check the file") from None
    stream = container.streams.best("video")
    try:
        if container.format.name == "tty":  # FFmpeg can film a text file
            raise SourceError("is text", path, "give a video, DICOM or image file")
        if not isinstance(stream, VideoStream) or stream.codec_context is None:
            raise SourceError("holds no video", path, "give a video, DICOM or image file")
        if stream.codec_context.width and stream.codec_context.height:  # else a picture may say it
            check_size(Size(stream.codec_context.width, stream.codec_context.height), path)
    except SourceError:
        container.close()
        raise
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = min(_MOST_THREADS, os.cpu_count() or 1)
    return container, stream


def _refuse_lists(path: Path) -> None:
    """What is no video but names some: FFmpeg's own words would not say so."""
    try:
        with path.open("rb") as file:
            head = file.read(16).removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise SourceError(f"cannot be opened as a video ({error.strerror})", path, "check the file") from None
    if head.startswith(_LISTS):
        raise SourceError("is a list of other files, which are not opened", path, "give the video itself")
