"""Animated WebP and PNG, one picture at a time: OpenCV decodes them from the first one on for every block."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

PNG = b"\x89PNG\r\n\x1a\n"
_CLEAR, _BACK = 1, 2  # what a picture leaves behind: nothing, or what was there before it


class _Piece(NamedTuple):
    x: int
    y: int
    width: int
    height: int
    over: bool  # drawn over what is there by its alpha, else in its place
    leaves: int
    coded: bytes  # as a picture of its own


def animated(data: bytes, width: int, height: int) -> Iterator[NDArray[Any]]:
    """The pictures of an animated WebP (RFC 9649) or PNG: (`height`, `width`) or with three colours, BGR.

    Raises `ValueError` where one cannot be decoded.
    """
    canvas: NDArray[Any] | None = None
    for piece in _of_png(data) if data.startswith(PNG) else _of_webp(data):
        if piece.x + piece.width > width or piece.y + piece.height > height:
            raise ValueError("a picture outside the animation")
        pixels = cv2.imdecode(np.frombuffer(piece.coded, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None or pixels.shape[:2] != (piece.height, piece.width):
            raise ValueError("a picture that cannot be decoded")
        colour = pixels if pixels.ndim == 2 else pixels[:, :, :3]
        if canvas is None:
            canvas = np.zeros((height, width, *colour.shape[2:]), colour.dtype)
        place = canvas[piece.y : piece.y + piece.height, piece.x : piece.x + piece.width]
        before = place.copy()
        if piece.over and pixels.ndim == 3 and pixels.shape[2] == 4:
            share = pixels[:, :, 3:].astype(np.float32) / (255 if pixels.dtype == np.uint8 else 65535)
            colour = np.rint(before + (colour - before.astype(np.float32)) * share)
        place[...] = colour
        yield canvas.copy()
        if piece.leaves == _CLEAR:
            place[...] = 0
        elif piece.leaves == _BACK:
            place[...] = before


def _chunks(data: bytes, at: int, *, png: bool) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the chunks from `at` on, until one that is cut off."""
    while at + 8 <= len(data):
        first, second = data[at : at + 4], data[at + 4 : at + 8]
        kind, length = (second, first) if png else (first, second)
        size = int.from_bytes(length, "big" if png else "little")
        if at + 8 + size > len(data):
            return
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (4 if png else size & 1)


def _of_webp(data: bytes) -> Iterator[_Piece]:
    for kind, body in _chunks(data, 12, png=False):
        if kind != b"ANMF" or len(body) < 16:
            continue
        x, y, width, height = (int.from_bytes(body[at : at + 3], "little") for at in (0, 3, 6, 9))
        head = b"VP8X" + struct.pack("<II", 10, 0x10) + body[6:12]  # 0x10: with alpha
        coded = b"WEBP" + head + body[16:]
        whole = b"RIFF" + struct.pack("<I", len(coded)) + coded
        yield _Piece(2 * x, 2 * y, width + 1, height + 1, not body[15] & 2, body[15] & 1, whole)


def _of_png(data: bytes) -> Iterator[_Piece]:
    head, control = b"", b""
    shared: dict[bytes, bytes] = {}  # the last of each kind
    packed: list[bytes] = []
    for kind, body in _chunks(data, len(PNG), png=True):
        if kind == b"IHDR":
            head = body
        elif kind in (b"PLTE", b"tRNS"):
            shared[kind] = _chunk(kind, body)
        elif kind in (b"fcTL", b"IEND"):
            if len(control) >= 26 and packed:
                width, height, x, y = struct.unpack(">4I", control[4:20])
                own = _chunk(b"IHDR", control[4:12] + head[8:])
                pixels = _chunk(b"IDAT", b"".join(packed))
                coded = b"".join((PNG, own, *shared.values(), pixels, _chunk(b"IEND", b"")))
                yield _Piece(x, y, width, height, bool(control[25]), control[24], coded)
            control, packed = body, []
        elif control and kind in (b"IDAT", b"fdAT"):
            packed.append(body if kind == b"IDAT" else body[4:])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
