"""DICOM images and cine loops, decoded one frame at a time by pydicom."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import iter_pixels

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording, SourceInfo
from scanmon.sources.dicom_gray import GrayScale, has_tables, scale_of, through_tables
from scanmon.sources.dicom_header import DicomHeader, frames_missing, is_video, read_header
from scanmon.sources.dicom_jpeg12 import frames_of
from scanmon.sources.gray import Picture, from_color, gray_picture, to_8_bit
from scanmon.sources.indexed import IndexedRecording

_BYTE = 8  # bits
# what decoders raise where the data end before the frames that the header counts
_ENDED = (IndexError, ValueError, StopIteration, EOFError)


def open_dicom(path: Path) -> Recording:
    """A single-frame or multi-frame DICOM file as a recording; the header is checked here (`SourceError`).

    8-bit samples count as stored; deeper ones are shown through the window of the file, or by their own
    range (`dicom_gray`). MONOCHROME1 is inverted, palettes are applied.
    """
    header = read_header(path)
    if is_video(header.syntax):
        return _video(path, header)
    info = SourceInfo(
        path.name,
        header.size.width,
        header.size.height,
        header.rate_hz,
        len(header.times_s),
        f"DICOM {header.photometric}",
    )
    scale = _scale(path, header)

    def pictures_from(index: int) -> Iterator[Picture]:
        return _pictures(path, header, scale, index)

    lacking = header.stated - len(header.times_s)
    missing = frames_missing(lacking, header.stated, path) if lacking else None
    return IndexedRecording(info, header.times_s, pictures_from, header.region, missing)


def _video(path: Path, header: DicomHeader) -> Recording:
    from scanmon.sources.dicom_video import DicomVideo  # noqa: PLC0415 - slow to load, most files do without

    return DicomVideo(path, header)


def picture_at(path: Path) -> Picture:
    """The only picture of a file whose header is read anew. Raises `SourceError`."""
    header = read_header(path)
    if is_video(header.syntax):
        with closing(_video(path, header)) as video:
            frame = next(iter(video))
        return Picture(frame.pixels, frame.chroma, frame.colour)
    try:
        return next(_pictures(path, header, _scale(path, header), 0))
    except StopIteration:
        raise SourceError("the DICOM file holds no picture", path, "export it again") from None


def _pictures(path: Path, header: DicomHeader, scale: GrayScale | None, index: int) -> Iterator[Picture]:
    """Holds the file open until it ends or is closed."""
    return (_picture(pixels, header, scale, path) for pixels in _samples(path, header, index))


def _samples(path: Path, header: DicomHeader, index: int) -> Iterator[NDArray[Any]]:
    frames = len(header.times_s)
    given, arrays = index, _arrays(path, header, range(index, frames))
    try:
        while given < frames:
            try:
                pixels = next(arrays)
            except StopIteration:
                raise frames_missing(header.stated - given, header.stated, path) from None
            except Exception as error:  # noqa: BLE001 - decoders raise anything; their text may quote the header
                if given > 0 and isinstance(error, _ENDED):
                    raise frames_missing(header.stated - given, header.stated, path) from None
                kind = type(error).__name__
                raise SourceError(
                    f"the DICOM pixels cannot be decoded ({kind})", path, "export it again, uncompressed"
                ) from None
            yield pixels
            given += 1
    finally:
        arrays.close()


def _arrays(path: Path, header: DicomHeader, indices: range) -> Generator[NDArray[Any], None, None]:
    if header.syntax.is_deflated:  # pydicom unpacks it whole; `read_header` has seen how large it gets
        yield from iter_pixels(pydicom.dcmread(path), indices=indices)
        return
    if header.syntax == pydicom.uid.JPEGExtended12Bit and header.bits > _BYTE:
        yield from frames_of(path, header.size, indices, len(header.times_s))
        return
    with path.open("rb") as file:
        options: dict[str, Any] = {
            "number_of_frames": len(header.times_s),
            "transfer_syntax_uid": header.syntax,
        }
        yield from iter_pixels(file, indices=indices, **options)


def _scale(path: Path, header: DicomHeader) -> GrayScale | None:
    """For samples deeper than a byte; of the first frame, so that a seek shows what playing shows."""
    deep = int(header.dataset.get("BitsAllocated") or 8) > 8
    if not deep or header.photometric not in ("MONOCHROME1", "MONOCHROME2") or has_tables(header.dataset):
        return None
    first = next(_samples(path, header, 0), None)
    return None if first is None or first.dtype.kind == "f" else scale_of(header.dataset, header.bits, first)


def _picture(pixels: NDArray[Any], header: DicomHeader, scale: GrayScale | None, path: Path) -> Picture:
    if header.photometric == "PALETTE COLOR":
        try:
            pixels = apply_color_lut(pixels, header.dataset)
        except Exception:  # noqa: BLE001 - a damaged palette can raise anything
            raise SourceError("the DICOM palette is damaged", path, "export it again") from None
        samples = to_8_bit(pixels, pixels.dtype.itemsize * 8, path)
    elif scale is not None:
        samples = scale(pixels)
    elif pixels.ndim == 2 and has_tables(header.dataset):
        try:
            samples = through_tables(pixels, header.dataset)
        except Exception:  # noqa: BLE001 - a damaged table can raise anything
            raise SourceError("the DICOM gray tables are damaged", path, "export it again") from None
    else:
        samples = to_8_bit(pixels, header.bits, path)
    if samples.ndim == 3:
        return from_color(np.ascontiguousarray(samples[:, :, :3]), bgr=False)
    return gray_picture(255 - samples if header.photometric == "MONOCHROME1" else samples)
