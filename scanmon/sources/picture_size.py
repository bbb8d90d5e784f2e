"""The size of a picture, read from its header before anything is decoded, and the largest accepted."""

import io
import re
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scanmon.core.errors import SourceError

MAX_BYTES = 1 << 29  # of a file with pictures, which is read whole
MAX_PIXELS = 1 << 26  # 67 megapixels: an 8K screen twice over; decoded as 16-bit colour this is 400 MB

JPEG_LS, JPEG_LOSSLESS = 0xF7, 0xC3  # markers of the frame
_JPEG_NO_LENGTH = {0x01, *range(0xD0, 0xDA)}
_JPEG_FRAMES = {JPEG_LS, *range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS, _TIFF_INTERPRETATION = 256, 257, 258, 262
_MAX_PAGES = 100_000


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


_MOST_CHUNKS = 100_000  # of an animation: some for each picture


def check_size(size: Size, where: object, most: int = MAX_PIXELS) -> None:
    """Raise `SourceError` for a picture without pixels or with more than `most`."""
    if size.width <= 0 or size.height <= 0:
        raise SourceError("the picture is empty", where, "there is nothing to score")
    if size.width * size.height > most:
        raise SourceError(
            f"the picture is too large: {size.width} x {size.height} pixels",
            where,
            f"crop or reduce it to {most // 10**6} megapixels at most",
        )


def image_sizes(path: Path) -> list[Size]:
    """The size of each page of a PNG, JPEG, JPEG 2000, BMP, WebP, PNM or TIFF file; only a TIFF has several.

    Raises `SourceError` for other files, for files that were cut off, and for pictures that are too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(
                f"the file is larger than {MAX_BYTES >> 20} MB", path, "it is no picture of a scanner"
            )
        with path.open("rb") as file:
            sizes = _sizes(file, path)
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", path, "check the path and its rights"
        ) from None
    except (struct.error, IndexError, ValueError, OverflowError):
        raise SourceError("is cut off", path, "copy it again") from None
    if not sizes:
        raise SourceError("holds no picture", path, "save it again")
    for size in sizes:
        check_size(size, path)
    return sizes


def tiff_whites(path: Path) -> list[int | None]:
    """For each page of a sound TIFF the 16-bit sample that is black where 0 is white; None where 0 is black.

    A page that states no depth between 8 and 16 bits uses all of them.
    """
    with path.open("rb") as file:
        pages = _tiff_pages(file, file.read(32))
    whites: list[int | None] = []
    for page in pages:
        bits = page.get(_TIFF_BITS, 16)
        white = (1 << bits) - 1 if 8 < bits < 16 else 65535
        whites.append(white if page.get(_TIFF_INTERPRETATION) == 0 else None)
    return whites


def coded_size(head: bytes) -> Size | None:
    """The size that a JPEG, JPEG-LS or JPEG 2000 stream states in its first bytes; None where it is neither.

    Raises `ValueError` where it is one and states no size there.
    """
    if head.startswith(b"\xff\xd8"):
        try:
            return _jpeg_frame(io.BytesIO(head))[2]
        except (struct.error, IndexError) as error:
            raise ValueError("no size") from error
    if head.startswith(b"\xff\x4f") or head[4:8] == b"jP  ":
        at = head.find(b"\xff\x4f\xff\x51")
        if at < 0 or len(head) < at + 24:
            raise ValueError("no size")
        right, bottom, left, top = struct.unpack_from(">IIII", head, at + 8)
        return Size(right - left, bottom - top)
    return None


def _sizes(file: BinaryIO, path: Path) -> list[Size]:
    head = file.read(32)
    if not head:
        raise SourceError("the file is empty", path, "copy it again")
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        pages = _tiff_pages(file, head)
        return [Size(page.get(_TIFF_WIDTH, 0), page.get(_TIFF_HEIGHT, 0)) for page in pages]
    return [_size(file, head, path)] * _animated(file, head)


def _animated(file: BinaryIO, head: bytes) -> int:
    """Pictures of an animated WebP or PNG, by its chunks; 1 of anything else."""
    webp = head[8:16] == b"WEBPVP8X" and bool(head[20] & 2)
    if not webp and not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return 1
    at, count, moves = (12, 0, True) if webp else (8, 0, False)
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        piece = file.read(8)
        kind = piece[:4] if webp else piece[4:]
        if len(piece) < 8 or (kind == b"IDAT" and not moves):
            break
        moves |= kind == b"acTL"
        count += kind in (b"ANMF", b"fcTL")
        length = int.from_bytes(piece[4:] if webp else piece[:4], "little" if webp else "big")
        at += 8 + length + (length & 1 if webp else 4)
    return max(1, count)


def _size(file: BinaryIO, head: bytes, path: Path) -> Size:
    size: Size | None = None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        _require_end(file, path, b"IEND")
        size = Size(*struct.unpack(">II", head[16:24]))
    elif head.startswith(b"\xff\xd8"):
        _require_end(file, path, b"\xff\xd9")
        size = _jpeg_frame(file)[2]
    elif head.startswith(b"BM"):
        size = _bmp_size(file, head)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        size = _webp_size(head)
    elif head[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"):
        size = _pnm_size(head + file.read(4096))
    else:
        size = coded_size(head + file.read(1 << 16))
    if size is None:
        raise SourceError(
            "is not a PNG, JPEG, JPEG 2000, BMP, WebP, PNM or TIFF picture",
            path,
            "convert it, or check the file",
        )
    return size


def _require_end(file: BinaryIO, path: Path, mark: bytes) -> None:
    """A decoder fills a file that was cut off with gray and says nothing: so look for the mark of its end.

    From the end backwards, since phones and cameras write more behind it.
    """
    block, end = 1 << 16, file.seek(0, 2)
    while end > 0:
        start = max(0, end - block)
        file.seek(start)
        if mark in file.read(end - start + len(mark)):
            return
        end = start
    raise SourceError("is cut off", path, "copy it again")


def jpeg_form(data: bytes) -> tuple[int, int]:
    """The marker of a JPEG's frame, and its bits a sample; (0, 8) where it has none."""
    try:
        return _jpeg_frame(io.BytesIO(data))[:2]
    except (struct.error, IndexError):
        return 0, 8


def _jpeg_frame(file: BinaryIO) -> tuple[int, int, Size]:
    """Its marker, bits a sample, and size."""
    file.seek(2)
    while True:
        byte = file.read(1)
        while byte not in (b"\xff", b""):
            byte = file.read(1)
        while byte == b"\xff":
            byte = file.read(1)
        marker = byte[0]
        if marker in _JPEG_NO_LENGTH:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _JPEG_FRAMES:
            bits, height, width = struct.unpack(">BHH", file.read(5))
            return marker, bits, Size(width, height)
        file.seek(max(0, length - 2), 1)


def _bmp_size(file: BinaryIO, head: bytes) -> Size:
    offset, header = struct.unpack("<I", head[10:14])[0], struct.unpack("<I", head[14:18])[0]
    if header == 12:  # the first version, with 16-bit sizes
        width, height, _, bits = struct.unpack("<HHHH", head[18:26])
        packing = 0
    else:
        width, height, _, bits, packing = struct.unpack("<iiHHI", head[18:34] + file.read(2))
    rows = abs(height)  # negative: stored from the top down
    if packing == 0 and file.seek(0, 2) < offset + (width * bits + 31) // 32 * 4 * rows:
        raise IndexError
    return Size(width, rows)


def _webp_size(head: bytes) -> Size:
    """Of the lossy, the lossless and the extended form (RFC 9649)."""
    form = head[12:16]
    if form == b"VP8X":
        return Size(1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"))
    if form == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack("<HH", head[26:30])
    return Size(width & 0x3FFF, height & 0x3FFF)


def _pnm_size(head: bytes) -> Size:
    words = re.sub(rb"#[^\n]*\n", b" ", head[2:]).split(None, 2)
    return Size(int(words[0]), int(words[1]))


def _tiff_pages(file: BinaryIO, head: bytes) -> list[dict[int, int]]:
    """Of each page the numbers that are needed of it, by their tags."""
    order, big = "<" if head[:2] == b"II" else ">", head[2:4] in (b"+\0", b"\0+")
    pointer, count, entry = (order + "Q", order + "Q", 20) if big else (order + "I", order + "H", 12)
    offset = struct.unpack_from(pointer, head, 8 if big else 4)[0]
    pages: list[dict[int, int]] = []
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _MAX_PAGES:
        seen.add(offset)
        file.seek(offset)
        (entries,) = struct.unpack(count, file.read(struct.calcsize(count)))
        found: dict[int, int] = {}
        for _ in range(min(entries, 4096)):
            field = file.read(entry)
            tag, kind = struct.unpack_from(order + "HH", field)
            form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
            if tag in (_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS, _TIFF_INTERPRETATION) and form:
                value = struct.unpack_from(order + form, field, 12 if big else 8)[0]
                found[tag] = max(found.get(tag, 0), value)  # decoders disagree on which of two counts
        pages.append(found)
        (offset,) = struct.unpack(pointer, file.read(struct.calcsize(pointer)))
    return pages
