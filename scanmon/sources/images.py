"""Still pictures: one file, or a folder whose files are the frames in the natural order of their names."""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError, disk_errors
from scanmon.core.ports import SourceInfo
from scanmon.sources.gray import Picture, as_picture, to_8_bit
from scanmon.sources.material import IMAGES
from scanmon.sources.picture_size import JPEG_LOSSLESS, JPEG_LS, Size, image_sizes, jpeg_form, tiff_whites
from scanmon.sources.recordings import IndexedRecording, steady_times

_AS_STORED = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH  # gray stays gray, 16 bits stay; turned upright
_BLOCK_PIXELS = 1 << 24  # of the pages of a TIFF that are decoded at once
_LOOKED_AT = 16  # pictures of a series, for its scale
_PNG = b"\x89PNG\r\n\x1a\n"
_CLEAR, _BACK = 1, 2  # what a picture of an animation leaves behind: nothing, or what was there before it
_DECODERS = {JPEG_LS: "jpegls", JPEG_LOSSLESS: "mjpeg"}  # of FFmpeg: OpenCV reads neither


def images_in(folder: Path) -> list[Path]:
    """The pictures that lie directly in a folder, `frame_2` before `frame_10`; hidden files are left out.

    Raises `SourceError` when there are none.
    """
    with disk_errors(SourceError, "cannot be read", folder, "check the path and its rights"):
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in IMAGES and not path.name.startswith(".") and path.is_file()
        ]
    if not found:
        raise SourceError(
            "holds no picture", folder, "give a folder with PNG, JPEG, BMP, TIFF or DICOM files in it"
        )
    return sorted(found, key=lambda path: natural(path.name))


def open_images(path: Path) -> IndexedRecording:
    """A picture, a TIFF of many pages, or a folder of pictures as a recording.

    Headers are checked here (`SourceError`), pixels are decoded a few pages at a time. Alpha is ignored.
    A picture is turned upright as its orientation tag says.
    """
    files = images_in(path) if path.is_dir() else [path]
    pages = [(file, image_sizes(file)) for file in files]
    count = sum(len(sizes) for _, sizes in pages)
    bits = _common_bits(pages)
    height, width = next(_read(files[0], pages[0][1], 0, bits)).gray.shape
    info = SourceInfo(path.name, width, height, None, count, f"{count} picture(s)")

    def pictures_from(index: int) -> Iterator[Picture]:
        for file, sizes in pages:
            if index < len(sizes):
                yield from _read(file, sizes, index, bits)
            index = max(0, index - len(sizes))

    return IndexedRecording(info, steady_times(count), pictures_from)


def _common_bits(pages: Sequence[tuple[Path, list[Size]]]) -> int | None:
    """The depth in use of 16-bit pictures of one size, so that they have one scale; None for others."""
    every = [(file, sizes, page) for file, sizes in pages for page in range(len(sizes))]
    if len(every) < 2 or len({size for _, sizes in pages for size in sizes}) > 1:
        return None
    most = 0
    for number in np.unique(np.linspace(0, len(every) - 1, _LOOKED_AT).astype(int)):
        file, sizes, page = every[number]
        try:
            pixels = next(_samples(file, sizes[: max(2, page + 1)], page))  # no more of a TIFF than that
        except SourceError:  # told once its turn comes
            continue
        if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize != 2:
            return None
        most = max(most, int(pixels.max()) - min(0, int(pixels.min())))
    return max(8, most.bit_length())


def _read(path: Path, sizes: list[Size], page: int, bits: int | None = None) -> Iterator[Picture]:
    return (as_picture(to_8_bit(pixels, bits, path), bgr=True) for pixels in _samples(path, sizes, page))


def _samples(path: Path, sizes: list[Size], page: int) -> Iterator[NDArray[Any]]:
    """Pages from `page` on, as stored."""
    try:
        # not cv2.imread: it cannot open every path on Windows
        data = np.fromfile(path, np.uint8)
        head = data[:2].tobytes()
        if head in (b"II", b"MM"):
            yield from _pages_of_tiff(path, data, sizes, page)
        elif len(sizes) > 1:
            for pixels in islice(_animated(data.tobytes(), *sizes[0]), page, len(sizes)):
                yield pixels
                page += 1
            if page < len(sizes):
                raise ValueError("pictures that are not there")
        elif head == b"\xff\xd8" and (form := jpeg_form(data.tobytes()))[0] in _DECODERS:
            yield _lossless(data.tobytes(), form[0])
        elif head == b"\xff\xd8" and form[1] > 8:
            what = f"is a JPEG of {form[1]} bits a sample, which is read in DICOM alone"
            raise SourceError(what, path, "save it as PNG or TIFF")
        else:
            # numbers in letters: OpenCV wants something behind the last one
            text = head in (b"P1", b"P2", b"P3")
            yield _whole([cv2.imdecode(np.append(data, np.uint8(10)) if text else data, _AS_STORED)])[0]
    except (OSError, MemoryError, ValueError, OverflowError, struct.error, cv2.error):
        raise SourceError("cannot be decoded", path, "the file is damaged; save it again") from None


def _pages_of_tiff(
    path: Path, data: NDArray[np.uint8], sizes: list[Size], page: int
) -> Iterator[NDArray[Any]]:
    """In blocks: a decoder walks to a page from the first one."""
    whites = tiff_whites(path)
    while page < len(sizes):
        block = max(1, _BLOCK_PIXELS // (sizes[page].width * sizes[page].height))
        end = min(len(sizes), page + block)
        pages = _whole(cv2.imdecodemulti(data, _AS_STORED, range=(page, end))[1])
        for white, pixels in zip(whites[page:], pages, strict=False):
            if white is not None and pixels.dtype == np.uint16:  # OpenCV turns those of 8 bits alone
                yield white - np.minimum(pixels, white)
            else:
                yield pixels
        page += len(pages)


def _whole(found: Sequence[NDArray[Any] | None]) -> list[NDArray[Any]]:
    """Raises `ValueError` where a picture is missing."""
    pictures = [pixels for pixels in found if pixels is not None and pixels.size]
    if not pictures or len(pictures) < len(found):
        raise ValueError("a picture that cannot be decoded")
    return pictures


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key to sort names by in which digits compare as numbers."""
    parts = re.split(r"(\d+)", name.lower())
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]


class _Piece(NamedTuple):
    x: int
    y: int
    width: int
    height: int
    over: bool  # drawn over what is there by its alpha, else in its place
    leaves: int
    coded: bytes  # as a picture of its own


def _animated(data: bytes, width: int, height: int) -> Iterator[NDArray[Any]]:
    """The pictures of an animated WebP (RFC 9649) or PNG: (`height`, `width`) or with three colours, BGR.

    OpenCV would decode them from the first one on for every block. Raises `ValueError` for a damaged one.
    """
    canvas: NDArray[Any] | None = None
    for piece in _of_png(data) if data.startswith(_PNG) else _of_webp(data):
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
    for kind, body in _chunks(data, len(_PNG), png=True):
        if kind == b"IHDR":
            head = body
        elif kind in (b"PLTE", b"tRNS"):
            shared[kind] = _chunk(kind, body)
        elif kind in (b"fcTL", b"IEND"):
            if len(control) >= 26 and packed:
                width, height, x, y = struct.unpack(">4I", control[4:20])
                own = _chunk(b"IHDR", control[4:12] + head[8:])
                pixels = _chunk(b"IDAT", b"".join(packed))
                coded = b"".join((_PNG, own, *shared.values(), pixels, _chunk(b"IEND", b"")))
                yield _Piece(x, y, width, height, bool(control[25]), control[24], coded)
            control, packed = body, []
        elif control and kind in (b"IDAT", b"fdAT"):
            packed.append(body if kind == b"IDAT" else body[4:])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _lossless(data: bytes, form: int) -> NDArray[Any]:
    """JPEG-LS or lossless JPEG: (H, W) uint8 or uint16, or (H, W, 3) uint8 BGR.

    Deep samples fill their 16 bits from the top. Raises `ValueError`.
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
