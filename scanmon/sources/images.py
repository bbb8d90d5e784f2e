"""Still pictures: one file, or a folder whose files are the frames in the natural order of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.sources.gray import Picture, from_color, gray_picture, to_8_bit
from scanmon.sources.indexed import IndexedRecording, steady_times
from scanmon.sources.material import IMAGES
from scanmon.sources.picture_size import image_sizes

_NOMINAL_HZ = 25.0  # pictures have no times of their own, yet a replay needs some


def images_in(folder: Path) -> list[Path]:
    """The pictures that lie directly in a folder, `frame_2` before `frame_10`; hidden files are left out.

    Raises `SourceError` when there are none.
    """
    try:
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in IMAGES and not path.name.startswith(".") and path.is_file()
        ]
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", folder, "check the path and its rights"
        ) from None
    if not found:
        raise SourceError(
            "holds no picture", folder, "give a folder with PNG, JPEG, BMP, TIFF or DICOM files in it"
        )
    return sorted(found, key=lambda path: natural(path.name))


def open_images(path: Path) -> IndexedRecording:
    """A picture, a TIFF of many pages, or a folder of pictures as a recording.

    Headers are checked here (`SourceError`), pixels are decoded one frame at a time. Alpha is ignored.
    Orientation tags are ignored: a scanner writes none.
    """
    files = images_in(path) if path.is_dir() else [path]
    pages = [(file, page, size) for file in files for page, size in enumerate(image_sizes(file))]
    first = pages[0][2]
    info = SourceInfo(path.name, first.width, first.height, None, len(pages), f"{len(pages)} picture(s)")

    def pictures_from(index: int) -> Iterator[Picture]:
        return (_read(file, page) for file, page, _ in pages[index:])

    return IndexedRecording(info, steady_times(len(pages), _NOMINAL_HZ), pictures_from)


def _read(path: Path, page: int) -> Picture:
    try:
        # not cv2.imread: it cannot open every path on Windows
        data = np.fromfile(path, np.uint8)
        flags = cv2.IMREAD_UNCHANGED
        if page:
            _, found = cv2.imdecodemulti(data, flags, range=(page, page + 1))
            pixels = found[0] if found else None
        else:
            pixels = cv2.imdecode(data, flags)
    except (OSError, cv2.error):
        pixels = None
    if pixels is None or pixels.size == 0:
        raise SourceError("cannot be decoded", path, "the file is damaged; save it again")
    gray_or_color = to_8_bit(pixels, None, path)
    if gray_or_color.ndim == 2:
        return gray_picture(gray_or_color)
    if gray_or_color.shape[2] in (1, 2):  # gray, gray with alpha
        return gray_picture(np.ascontiguousarray(gray_or_color[:, :, 0]))
    return from_color(np.ascontiguousarray(gray_or_color[:, :, :3]), bgr=True)


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key to sort names by in which digits compare as numbers."""
    parts = re.split(r"(\d+)", name.lower())
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]
