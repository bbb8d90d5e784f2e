"""The video of a session: pictures -> packets -> a Matroska file that plays whatever happens to the program.

Each picture becomes exactly one packet, at once: nothing waits inside the encoder, so that packets can also
wait in memory for a recording that begins in the past. PyAV is slow to load and is imported where it is used.
"""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from scanmon.core import ffmpeg_memory
from scanmon.core.errors import SinkError
from scanmon.core.write_atomic import PRIVATE

if TYPE_CHECKING:
    import av

Codec = Literal["h264", "ffv1"]
KEYFRAMES_EVERY: Final = 30  # frames: what a seek has to decode at most
CLUSTER_MS: Final = 300  # a cluster is written when it is full: what a power cut can take with it
_FFV1_BYTES: Final = 40  # a pixel, that FFmpeg makes room for
_TICK: Final = Fraction(1, 1000)  # Matroska counts milliseconds


class _Kind(NamedTuple):
    library: str  # the name that PyAV knows the encoder by
    pixels: str
    options: dict[str, str]


_KINDS: Final[dict[Codec, _Kind]] = {
    # visually lossless: tools/measure_recording.py prints PSNR and the time a picture takes; at so many bits
    # CAVLC saves a fifth of the time for a tenth more of them
    "h264": _Kind(
        "libx264",
        "yuv420p",
        {
            "preset": "superfast",
            "crf": "14",
            "tune": "zerolatency",
            "coder": "vlc",
            "g": str(KEYFRAMES_EVERY),
        },
    ),
    "ffv1": _Kind("ffv1", "gray", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}),
}


class Packet(NamedTuple):
    """One encoded picture."""

    data: bytes
    key: bool  # decoding can begin here
    ticks: int  # milliseconds on the encoder's time line, growing strictly


class Encoder:
    """Encodes gray pictures of one size. One thread; ends with the object."""

    def __init__(self, codec: Codec, width: int, height: int) -> None:
        import av

        self.codec, self.width, self.height = codec, width, height
        if codec == "ffv1":
            ffmpeg_memory.need(_FFV1_BYTES * width * height)
        context = cast("av.VideoCodecContext", av.CodecContext.create(_KINDS[codec].library, "w"))
        self._context = _configured(context, codec, width, height)
        self._last = -1

    def encode(self, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        """(H, W) full-range gray at `time_s`. Raises `SinkError` where the codec refuses."""
        import av

        ticks = self._last = max(self._last + 1, round(time_s * 1000))
        picture = av.VideoFrame(*_coded_size(self.codec, self.width, self.height), _KINDS[self.codec].pixels)
        picture.color_range = av.video.reformatter.ColorRange.JPEG
        luma = _bytes(picture.planes[0]).reshape(-1, picture.planes[0].line_size)
        luma[: self.height, : self.width] = pixels
        luma[self.height : picture.height, :] = 0
        luma[:, self.width : picture.width] = 0
        for plane in picture.planes[1:]:
            _bytes(plane)[:] = 128  # gray
        picture.pts, picture.time_base = ticks, _TICK
        try:
            packets = self._context.encode(picture)
        except av.FFmpegError as error:
            raise SinkError(
                f"the encoder failed ({error})", self.codec, "record with the other codec"
            ) from error
        if len(packets) != 1:
            raise SinkError(f"the encoder gave {len(packets)} packets for one picture", self.codec)
        return Packet(bytes(packets[0]), packets[0].is_keyframe, ticks)


class VideoFile:
    """Takes packets of an `Encoder` with the same codec and size. Raises `OSError` as the disk does."""

    def __init__(self, path: Path, codec: Codec, width: int, height: int) -> None:
        import av

        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)  # FFmpeg opens it too
        self._first: int | None = None
        self._container = av.open(
            str(path),
            "w",
            format="matroska",
            # each cluster goes to the file as soon as it is full
            options={"cluster_time_limit": str(CLUSTER_MS), "flush_packets": "1"},
        )
        self._stream = self._container.add_stream(_KINDS[codec].library, rate=Fraction(KEYFRAMES_EVERY, 1))
        _configured(cast("av.VideoCodecContext", self._stream.codec_context), codec, width, height)
        self._container.start_encoding()

    def add(self, packet: Packet) -> None:
        """Append one picture; the first one is at time 0, whatever its own time says, and must be a key."""
        import av

        if self._first is None:
            self._first = packet.ticks
        piece = av.Packet(packet.data)
        piece.stream = self._stream
        piece.time_base = _TICK
        piece.pts = piece.dts = packet.ticks - self._first
        piece.is_keyframe = packet.key
        self._container.mux(piece)

    def sync(self) -> None:
        """What was written survives a power cut."""
        getattr(os, "fdatasync", os.fsync)(self._file)

    def finish(self) -> None:
        """Write the index and the duration, and close the file."""
        self._container.close()
        self.sync()
        os.close(self._file)

    def abandon(self) -> None:
        """Let go of the file, with an index where the disk takes it. Raises nothing."""
        import av

        with suppress(OSError, av.FFmpegError):
            self._container.close()
        with suppress(OSError):
            os.close(self._file)


def _coded_size(codec: Codec, width: int, height: int) -> tuple[int, int]:
    """Width and height in the file: H.264 with halved colour takes even numbers alone."""
    return (width, height) if codec == "ffv1" else (width + width % 2, height + height % 2)


def _configured(context: av.VideoCodecContext, codec: Codec, width: int, height: int) -> av.VideoCodecContext:
    """The settings of `codec`, put on a context that was not opened yet."""
    from av.codec.context import Flags
    from av.video.reformatter import ColorRange

    context.width, context.height = _coded_size(codec, width, height)
    context.pix_fmt = _KINDS[codec].pixels
    context.time_base = _TICK
    context.framerate = Fraction(KEYFRAMES_EVERY, 1)
    context.color_range = ColorRange.JPEG
    context.options = dict(_KINDS[codec].options)
    context.thread_count = 1  # more threads hold pictures back
    context.flags |= Flags.global_header
    return context


def _bytes(plane: Any) -> NDArray[np.uint8]:
    """The memory of a plane, writable."""
    return np.frombuffer(plane, np.uint8)
