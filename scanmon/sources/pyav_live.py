"""Devices and streams through PyAV with as little buffering as it allows."""

from __future__ import annotations

import select
import time
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scanmon.core import ffmpeg_memory
from scanmon.core.errors import SourceError
from scanmon.sources.live_source import Arrival
from scanmon.sources.picture_size import MAX_PIXELS, Size, check_size
from scanmon.sources.pyav_frame import ODD_METADATA, flushes, looks_full, picture_of, states_range

LOW_DELAY = {"fflags": "nobuffer", "flags": "low_delay", "max_delay": "0"}
TIMEOUTS_S = (3.0, 4.0)  # libav gives up opening, reading; a stall is noticed earlier, by the source
UNDECODABLE_S = 20.0  # longer than from one key frame to the next: the far side sends something else now
_MOST_PIXELS = 1 << 25  # 8K: a decoder holds up to 17 pictures
_SAID = {None: "", True: ", full range", False: ", limited range"}
_PLAUSIBLE_S = 0.5  # a driver's time stamp older than this, or in the future, is on another clock


class StreamEnded(SourceError):
    """The sender has closed the stream in good order."""


def arrivals(
    where: str,
    url: str | BytesIO,
    *,
    format_name: str | None = None,
    options: dict[str, str] | None = None,
    timeouts_s: tuple[float, float] = TIMEOUTS_S,
    undecodable_s: float = UNDECODABLE_S,
    device: str | None = None,
    full: bool | None = None,
) -> Generator[Arrival]:
    """Open `url` and give its pictures; raises `SourceError` when it cannot be opened or is lost.

    `where` stands in messages in place of `url`, which may hold a password, or be the bytes of a description
    (SDP). `device` is the file of a V4L2 device: its time stamps are the monotonic clock of the moment of
    capture, where they are plausible.
    `full`: whether gray levels have full range, 0..255, and not 16..235; None: as the stream states it, else
    limited until a picture shows that it is full.
    """
    ffmpeg_memory.limit()
    container = _open(where, url, format_name, options or {}, timeouts_s)
    try:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            raise SourceError("carries no video", where, "check what is sent")
        _check_size(stream.codec_context, where)
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        stream.codec_context.thread_count = 1  # threads of a decoder hold frames back
        stream.codec_context.flags |= Flags.low_delay.value
        # MJPEG over HTTP states no rate, FFmpeg then says 25
        stated = None if container.format.name == "mpjpeg" else stream.average_rate or stream.guessed_rate
        rate = float(stated or 0)
        rate_hz = rate if 0.1 <= rate <= 1000 else None
        name = stream.codec_context.name
        shown = full
        good_s = time.monotonic()
        packets = container.demux(stream)
        handle = _handle_of(device)
        while True:
            asked_s = time.monotonic()
            # a V4L2 read has no time limit
            if handle is not None and not select.select([handle], [], [], timeouts_s[1])[0]:
                raise SourceError("is silent", where, "check cable and device")
            packet = _next_packet(packets, where)
            came_s = time.monotonic()
            if came_s - asked_s > timeouts_s[1] * 0.9:  # the parser gives up what it held back: old pictures
                raise SourceError("is lost (no answer)", where, "check cable and sender")
            try:
                # an empty one repeats a picture, and would end the decoder
                frames = stream.decode(packet) if packet.size or flushes(packet) else []
            except av.FFmpegError:
                frames = []
            good_s = came_s if frames else good_s
            if came_s - good_s > undecodable_s:
                raise SourceError("sends nothing that can be decoded", where, "check the sender")
            for frame in frames:
                _check_size(frame, where)
                captured_s = _captured_s(frame, came_s) if device else came_s
                if full is None and not shown and not states_range(frame):
                    shown = looks_full(frame)
                details = f"{name} {frame.format.name}{_SAID[shown]}"
                yield Arrival(picture_of(frame, shown), captured_s, rate_hz, details)
            if flushes(packet):  # the end; what the decoder held back has been given
                raise StreamEnded("has ended", where, "start the sender again")
    finally:
        container.close()


def _check_size(picture: VideoCodecContext | av.VideoFrame, where: str) -> None:
    """What has no size yet may get one."""
    if picture.width and picture.height:
        check_size(Size(picture.width, picture.height), where, _MOST_PIXELS)


def _open(
    where: str,
    url: str | BytesIO,
    format_name: str | None,
    options: dict[str, str],
    timeouts_s: tuple[float, float],
) -> InputContainer:
    try:
        container: InputContainer = av.open(
            url, "r", format=format_name, options=options, timeout=timeouts_s, **ODD_METADATA
        )
        return container
    except av.error.ProtocolNotFoundError:
        scheme = url.partition(":")[0] if isinstance(url, str) else "RTP"
        raise SourceError(
            f"cannot be opened: the installed FFmpeg library has no {scheme.upper()}",
            where,
            "let a gateway turn it into udp:// or rtsp://",
        ) from None
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"cannot be opened ({_reason(error)})", where, "check that it is on") from None


def _next_packet(packets: object, where: str) -> av.Packet[VideoStream]:
    try:
        packet: av.Packet[VideoStream] = next(packets)  # type: ignore[call-overload]
    except StopIteration:
        raise StreamEnded("has ended", where, "start the sender again") from None
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"is lost ({_reason(error)})", where, "check cable and sender") from None
    return packet


def _handle_of(device: str | None) -> int | None:
    """The handle under which FFmpeg has just opened a device file; None where that cannot be said."""
    for link in Path("/proc/self/fd").glob("*") if device else ():
        try:
            if str(link.readlink()) == device:
                return int(link.name)
        except OSError:
            continue  # it was open only to list this folder
    return None


def _captured_s(frame: av.VideoFrame, came_s: float) -> float:
    if frame.pts is None or frame.time_base is None:
        return came_s
    stamp_s = float(frame.pts * frame.time_base)
    return stamp_s if came_s - _PLAUSIBLE_S <= stamp_s <= came_s else came_s


def _reason(error: BaseException) -> str:
    if isinstance(error, (av.ExitError, TimeoutError)):
        return "no answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
