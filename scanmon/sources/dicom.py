"""DICOM images and cine loops, decoded one frame at a time by pydicom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import iter_pixels

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.sources.dicom_header import DicomHeader, read_header
from scanmon.sources.gray import Picture, from_color, gray_picture, to_8_bit
from scanmon.sources.indexed import IndexedRecording


def open_dicom(path: Path) -> IndexedRecording:
    """A single-frame or multi-frame DICOM file as a recording; the header is checked here (`SourceError`).

    Stored values count: no window, no rescale; MONOCHROME1 is inverted, palettes are applied.
    """
    header = read_header(path)
    frames = len(header.times_s)
    info = SourceInfo(
        path.name,
        header.size.width,
        header.size.height,
        header.rate_hz,
        frames,
        f"DICOM {header.photometric}",
    )

    def pictures_from(index: int) -> Iterator[Picture]:
        return _pictures(path, header, index)

    return IndexedRecording(info, header.times_s, pictures_from, header.region)


def picture_at(path: Path) -> Picture:
    """The only picture of a file whose header is read anew. Raises `SourceError`."""
    pictures = _pictures(path, read_header(path), 0)
    try:
        return next(pictures)
    except StopIteration:
        raise SourceError("the DICOM file holds no picture", path, "export it again") from None


def _pictures(path: Path, header: DicomHeader, index: int) -> Iterator[Picture]:
    """Holds the file open until it ends or is closed."""
    arrays = iter_pixels(path, indices=range(index, len(header.times_s)))
    try:
        while True:
            try:
                pixels = next(arrays)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001 - decoders raise anything; their text may quote the header
                kind = type(error).__name__
                raise SourceError(
                    f"the DICOM pixels cannot be decoded ({kind})", path, "export it again, uncompressed"
                ) from None
            yield _picture(pixels, header, path)
    finally:
        arrays.close()  # type: ignore[attr-defined]  # a generator, though it is annotated as an iterator


def _picture(pixels: NDArray[Any], header: DicomHeader, path: Path) -> Picture:
    if header.photometric == "PALETTE COLOR":
        try:
            pixels = apply_color_lut(pixels, header.dataset)
        except Exception:  # noqa: BLE001 - a damaged palette can raise anything
            raise SourceError("the DICOM palette is damaged", path, "export it again") from None
        bits = pixels.dtype.itemsize * 8
    else:
        bits = header.bits
    samples = to_8_bit(pixels, bits, path)
    if samples.ndim == 3:
        return from_color(np.ascontiguousarray(samples[:, :, :3]), bgr=False)
    return gray_picture(255 - samples if header.photometric == "MONOCHROME1" else samples)
