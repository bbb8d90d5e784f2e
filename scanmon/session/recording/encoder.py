"""Pictures -> packets. Exactly one packet for each picture, at once: nothing waits inside the encoder.

PyAV is slow to load, and the window comes up before anything is recorded: it is imported where it is used.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError

if TYPE_CHECKING:
    import av

Codec = Literal["h264", "ffv1"]
TICK: Final = Fraction(1, 1000)  # Matroska counts milliseconds
KEYFRAMES_EVERY: Final = 30  # frames: what a seek has to decode at most

_KINDS: Final[dict[Codec, tuple[str, str, dict[str, str]]]] = {
    # visually lossless: tools/measure_recording.py prints PSNR and the time a picture takes; at so many bits
    # CAVLC saves a fifth of the time for a tenth more of them
    "h264": (
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
    "ffv1": ("ffv1", "gray", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}),
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
        context = cast("av.VideoCodecContext", av.CodecContext.create(_KINDS[codec][0], "w"))
        self._context = configured(context, codec, width, height)
        self._last = -1

    def encode(self, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        """(H, W) full-range gray at `time_s`. Raises `SinkError` where the codec refuses."""
        import av

        ticks = max(self._last + 1, round(time_s * 1000))
        self._last = ticks
        picture = av.VideoFrame(*coded_size(self.codec, self.width, self.height), _KINDS[self.codec][1])
        picture.color_range = av.video.reformatter.ColorRange.JPEG
        luma = _bytes(picture.planes[0]).reshape(-1, picture.planes[0].line_size)
        luma[: self.height, : self.width] = pixels
        luma[self.height : picture.height, :] = 0
        luma[:, self.width : picture.width] = 0
        for plane in picture.planes[1:]:
            _bytes(plane)[:] = 128  # gray
        picture.pts, picture.time_base = ticks, TICK
        try:
            packets = self._context.encode(picture)
        except av.FFmpegError as error:
            raise SinkError(
                f"the encoder failed ({error})", self.codec, "record with the other codec"
            ) from error
        if len(packets) != 1:
            raise SinkError(f"the encoder gave {len(packets)} packets for one picture", self.codec)
        return Packet(bytes(packets[0]), packets[0].is_keyframe, ticks)


def coded_size(codec: Codec, width: int, height: int) -> tuple[int, int]:
    """Width and height in the file: H.264 with halved colour takes even numbers alone."""
    return (width, height) if codec == "ffv1" else (width + width % 2, height + height % 2)


def configured(context: av.VideoCodecContext, codec: Codec, width: int, height: int) -> av.VideoCodecContext:
    """The settings of `codec`, put on a context that was not opened yet."""
    from av.codec.context import Flags
    from av.video.reformatter import ColorRange

    _, pixel_format, options = _KINDS[codec]
    context.width, context.height = coded_size(codec, width, height)
    context.pix_fmt = pixel_format
    context.time_base = TICK
    context.framerate = Fraction(KEYFRAMES_EVERY, 1)
    context.color_range = ColorRange.JPEG
    context.options = dict(options)
    context.thread_count = 1  # more threads hold pictures back
    context.flags |= Flags.global_header
    return context


def library_name(codec: Codec) -> str:
    """The name that PyAV knows the encoder by."""
    return _KINDS[codec][0]


def _bytes(plane: Any) -> NDArray[np.uint8]:
    """The memory of a plane, writable."""
    return np.frombuffer(plane, np.uint8)
