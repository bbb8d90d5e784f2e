"""A decoded PyAV frame -> full-range BT.601 gray and colourfulness, without going through RGB if possible."""

from __future__ import annotations

from typing import Any, Final

import av
import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from scanmon.sources.gray import Picture, colorfulness, from_color, gray_picture, shown_colour

ODD_METADATA: Final[dict[str, Any]] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)
"""For `av.open`: text that is no UTF-8 is no reason to refuse a file. From version 19 on it never is."""

_PLANAR = {
    f"{name}{layout}p" for name in ("yuv", "yuvj", "yuva") for layout in (410, 411, 420, 422, 440, 444)
}
_SEMI_PLANAR = {"nv12", "nv16", "nv21", "nv24", "nv42"}
_CR_FIRST = {"nv21", "nv42"}
_PACKED = {"yuyv422": (0, 1, 3), "yvyu422": (0, 3, 1), "uyvy422": (1, 0, 2)}  # offsets of Y, Cb, Cr
_GRAY_MATRIX_MATTERS = 2  # colourfulness above which BT.709 and BT.601 luma differ by more than rounding

# limited range 16..235 -> 0..255 (ITU-R BT.601, 8 bit)
_EXPAND = np.clip(np.rint((np.arange(256) - 16) * (255.0 / 219.0)), 0, 255).astype(np.uint8)


_OUTSIDE = 8, 243  # gray levels that limited range does not reach, ringing of a codec included
_OUTSIDE_SHARE = 0.01  # of the pixels; the ground of a scanner's screen is black


def flushes(packet: av.Packet[Any]) -> bool:
    """Whether it stands for the end: Theora has empty packets for pictures that repeat the one before."""
    return not packet.size and packet.pts is None and packet.dts is None


def states_range(frame: VideoFrame) -> bool:
    """Whether a frame says how its gray levels are stored, or has a format that leaves no choice."""
    name = frame.format.name
    coded = name in _PLANAR | _SEMI_PLANAR | _PACKED.keys() and not name.startswith("yuvj")
    return not coded or frame.color_range in (ColorRange.MPEG, ColorRange.JPEG)


def looks_full(frame: VideoFrame) -> bool:
    """Whether the gray levels of a YCbCr frame go beyond limited range (16..235), as only full range does."""
    planes = _luma_and_chroma(frame, frame.format.name)
    if planes is None:
        return False
    luma = planes[0][::2, ::2]
    return bool(np.mean((luma < _OUTSIDE[0]) | (luma > _OUTSIDE[1])) > _OUTSIDE_SHARE)


def picture_of(frame: VideoFrame, full: bool | None = None) -> Picture:
    """Gray and colourfulness of a frame, turned upright as its display matrix says.

    Video that states no range is limited, except for JPEG formats, gray and RGB (as FFmpeg takes it); `full`
    says it in its place. Video that states no matrix is BT.601. Pixels that are not square stay as they are.
    """
    picture = _as_stored(frame, full)
    turns = round(frame.rotation / 90) % 4
    if not turns:
        return picture
    gray, chroma, colour = (None if part is None else np.rot90(part, turns).copy() for part in picture)
    return gray_picture(np.asarray(gray), chroma, colour)


def _as_stored(frame: VideoFrame, full: bool | None) -> Picture:
    name = frame.format.name
    if name.startswith("gray"):
        gray = _plane(frame if name == "gray" else frame.reformat(format="gray"), 0)
        return gray_picture(_luma(gray, limited=frame.color_range == ColorRange.MPEG))
    planes = _luma_and_chroma(frame, name)
    if planes is None:
        return from_color(_bgr(frame), bgr=True)
    if full is None:
        full = name.startswith("yuvj") or frame.color_range == ColorRange.JPEG
    limited = not full
    luma, cb, cr = planes
    chroma = colorfulness(cb, cr, limited=limited)
    if frame.colorspace == Colorspace.ITU709 and int(chroma.max()) > _GRAY_MATRIX_MATTERS:
        return from_color(_bgr(frame), bgr=True)
    return gray_picture(_luma(luma, limited=limited), chroma, shown_colour(cb, cr, chroma, limited=limited))


def _luma(luma: NDArray[np.uint8], *, limited: bool) -> NDArray[np.uint8]:
    """A copy of our own: the decoder uses its memory again."""
    return np.asarray(cv2.LUT(luma, _EXPAND), np.uint8) if limited else luma.copy()


def _luma_and_chroma(frame: VideoFrame, name: str) -> tuple[NDArray[np.uint8], ...] | None:
    """Y, Cb, Cr of the 8-bit YCbCr formats, chroma at half size at most; None for all other formats."""
    if any(plane.line_size <= 0 for plane in frame.planes):  # stored from the bottom up
        return None
    if name in _PLANAR:
        step = 2 if name.endswith("444p") else 1
        cb, cr = (np.ascontiguousarray(_plane(frame, i)[::step, ::step]) for i in (1, 2))
        return _plane(frame, 0), cb, cr
    if name in _SEMI_PLANAR:
        both = _plane(frame, 1, samples=2)
        step = 2 if name in {"nv24", "nv42"} else 1
        first, second = (np.ascontiguousarray(both[::step, i :: 2 * step]) for i in (0, 1))
        return (_plane(frame, 0), second, first) if name in _CR_FIRST else (_plane(frame, 0), first, second)
    if name in _PACKED:
        pixels = _plane(frame, 0, samples=2)
        y, cb_at, cr_at = _PACKED[name]
        parts = (pixels[:, y::2], pixels[:, cb_at::4], pixels[:, cr_at::4])
        luma, cb, cr = (np.ascontiguousarray(part) for part in parts)
        return luma, cb, cr
    return None


def _plane(frame: VideoFrame, number: int, samples: int = 1) -> NDArray[np.uint8]:
    """(h, w * samples) view of a plane without the padding at the end of its lines."""
    plane = frame.planes[number]
    lines = np.asarray(memoryview(plane), np.uint8)[: plane.height * plane.line_size]
    return lines.reshape(plane.height, plane.line_size)[:, : plane.width * samples]


def _bgr(frame: VideoFrame) -> NDArray[np.uint8]:
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
