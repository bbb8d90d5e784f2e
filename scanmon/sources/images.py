"""Still pictures: one file, or a folder whose files are the frames in the natural order of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError, disk_errors
from scanmon.core.ports import SourceInfo
from scanmon.sources.gray import Picture, from_color, gray_picture, to_8_bit
from scanmon.sources.material import IMAGES
from scanmon.sources.picture_size import Size, image_sizes
from scanmon.sources.recordings import IndexedRecording, steady_times

_AS_STORED = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH  # gray stays gray, 16 bits stay; turned upright
_BLOCK_PIXELS = 1 << 24  # of the pages of a TIFF that are decoded at once
_LOOKED_AT = 16  # pictures of a series, for its scale
_NOMINAL_HZ = 25.0  # pictures have no times of their own, yet a replay needs some


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

    return IndexedRecording(info, steady_times(count, _NOMINAL_HZ), pictures_from)


def _common_bits(pages: Sequence[tuple[Path, list[Size]]]) -> int | None:
    """The depth in use of 16-bit pictures of one size, so that they have one scale; None for others."""
    every = [(file, sizes, page) for file, sizes in pages for page in range(len(sizes))]
    if len(every) < 2 or len({size for _, sizes in pages for size in sizes}) > 1:
        return None
    most = 0
    for number in np.unique(np.linspace(0, len(every) - 1, _LOOKED_AT).astype(int)):
        file, sizes, page = every[number]
        try:
            pixels = _decoded(file, len(sizes), page, page + 1)[0]
        except SourceError:  # told once its turn comes
            continue
        if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize != 2:
            return None
        most = max(most, int(pixels.max()) - min(0, int(pixels.min())))
    return max(8, most.bit_length())


def _read(path: Path, sizes: list[Size], page: int, bits: int | None = None) -> Iterator[Picture]:
    """Pages from `page` on, decoded in blocks: a decoder walks to a page from the first one."""
    while page < len(sizes):
        block = max(1, _BLOCK_PIXELS // (sizes[page].width * sizes[page].height))
        pictures = _decoded(path, len(sizes), page, min(len(sizes), page + block))
        for pixels in pictures:
            yield _picture(pixels, path, bits)
        page += len(pictures)


def _decoded(path: Path, pages: int, first: int, end: int) -> Sequence[NDArray[Any]]:
    try:
        # not cv2.imread: it cannot open every path on Windows
        data = np.fromfile(path, np.uint8)
        found: Sequence[NDArray[Any] | None]
        if pages > 1:
            tiff = data[:2].tobytes() in (b"II", b"MM")
            # of an animation, a picture is what changed in the one before
            _, found = cv2.imdecodemulti(data, _AS_STORED, range=(first if tiff else 0, end))
            found = found if tiff else found[first:]
        else:
            found = [cv2.imdecode(data, _AS_STORED)]
    except (OSError, MemoryError, cv2.error):
        found = []
    pictures = [pixels for pixels in found if pixels is not None and pixels.size]
    if not pictures or len(pictures) < len(found):
        raise SourceError("cannot be decoded", path, "the file is damaged; save it again")
    return pictures


def _picture(pixels: NDArray[Any], path: Path, bits: int | None) -> Picture:
    gray_or_color = to_8_bit(pixels, bits, path)
    if gray_or_color.ndim == 2:
        return gray_picture(gray_or_color)
    if gray_or_color.shape[2] in (1, 2):  # gray, gray with alpha
        return gray_picture(np.ascontiguousarray(gray_or_color[:, :, 0]))
    return from_color(np.ascontiguousarray(gray_or_color[:, :, :3]), bgr=True)


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key to sort names by in which digits compare as numbers."""
    parts = re.split(r"(\d+)", name.lower())
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]
