"""One open video file: packets and frames in file order, and the way back to the start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

import av
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from scanmon.core.errors import SourceError
from scanmon.sources.picture_size import Size, check_size
from scanmon.sources.pyav import ODD_METADATA

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
            if packet.size == 0:
                return

    def frames(self) -> Iterator[VideoFrame]:
        """Frames from the present position to the end."""
        flushed = False
        for packet in self.packets():
            yield from self._decode(packet)
            flushed = packet.size == 0
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
