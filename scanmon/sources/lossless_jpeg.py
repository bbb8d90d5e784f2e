"""JPEG-LS and lossless JPEG as files of their own: OpenCV reads neither, FFmpeg both."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from scanmon.sources.picture_size import JPEG_LOSSLESS, JPEG_LS

_DECODERS = {JPEG_LS: "jpegls", JPEG_LOSSLESS: "mjpeg"}


def is_lossless(form: int) -> bool:
    """Whether a JPEG whose frame has this marker is read here."""
    return form in _DECODERS


def decoded(data: bytes, form: int) -> NDArray[Any]:
    """(H, W) uint8 or uint16, or (H, W, 3) uint8 BGR. Deep samples fill their 16 bits from the top.

    Raises `ValueError`.
    """
    import av  # noqa: PLC0415 - slow to load, and rarely needed

    codec: Any = av.CodecContext.create(_DECODERS[form], "r")
    codec.thread_count = 1
    codec.options = {"err_detect": "explode"}  # else what is missing is black
    try:
        frames = [*codec.decode(av.Packet(data)), *codec.decode(None)]
    except av.FFmpegError as error:
        raise ValueError("a picture that cannot be decoded") from error
    if not frames:
        raise ValueError("a picture that cannot be decoded")
    name = frames[0].format.name
    pixels: NDArray[Any] = frames[0].to_ndarray(format=None if name.startswith("gray") else "bgr24")
    return pixels
