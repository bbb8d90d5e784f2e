"""A Matroska file that can be played whatever happens to the program that writes it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

from scanmon.core.errors import SinkError
from scanmon.session.recording.appending import AppendingFile
from scanmon.session.recording.encoder import KEYFRAMES_EVERY, TICK, Codec, Packet, configured, library_name

if TYPE_CHECKING:
    import av

CLUSTER_MS: Final = 300  # a cluster is written when it is full: what a power cut can take with it


class VideoFile:
    """Takes packets of an `Encoder` with the same codec and size. Raises `OSError` as the disk does."""

    def __init__(self, file: AppendingFile, codec: Codec, width: int, height: int) -> None:
        import av  # slow to load: only where something is recorded

        self._file = file
        self._first: int | None = None
        self._container = av.open(
            file,
            "w",
            format="matroska",
            options={"cluster_time_limit": str(CLUSTER_MS), "flush_packets": "1"},
        )
        self._stream = self._container.add_stream(library_name(codec), rate=Fraction(KEYFRAMES_EVERY, 1))
        configured(cast("av.VideoCodecContext", self._stream.codec_context), codec, width, height)
        self._guarded(self._container.start_encoding)

    def add(self, packet: Packet) -> None:
        """Append one picture; the first one is at time 0, whatever its own time says, and must be a key."""
        import av

        if self._first is None:
            self._first = packet.ticks
        piece = av.Packet(packet.data)
        piece.stream = self._stream
        piece.time_base = TICK
        piece.pts = piece.dts = packet.ticks - self._first
        piece.is_keyframe = packet.key
        self._guarded(lambda: self._container.mux(piece))

    def close(self) -> None:
        """Write the index and the duration."""
        self._guarded(self._container.close)

    def _guarded(self, call: Callable[[], object]) -> None:
        """The disk's own error, not what the muxer makes of it."""
        import av

        try:
            call()
        except OSError as error:
            raise self._file.failure or error from None
        except av.FFmpegError as error:
            raise self._file.failure or SinkError(f"the video cannot be written ({error})") from error
