"""DICOM images and cine loops, decoded one frame at a time by pydicom."""

import io
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi, convert_color_space
from pydicom.pixels.utils import iter_pixels

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording, SourceInfo
from scanmon.sources.dicom_header import DicomHeader, frames_missing, is_video, number, read_header
from scanmon.sources.gray import GrayScale, Picture, as_picture, to_8_bit
from scanmon.sources.picture_size import Size
from scanmon.sources.recordings import IndexedRecording

_BYTE = 8  # bits
# what decoders raise where the data end before the frames that the header counts
_ENDED = (IndexError, ValueError, StopIteration, EOFError)


def open_dicom(path: Path) -> Recording:
    """A single-frame or multi-frame DICOM file as a recording; the header is checked here (`SourceError`).

    8-bit samples count as stored; deeper ones are shown through the window of the file, or by their own
    range. MONOCHROME1 is inverted, palettes are applied.
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
            yield pixels >> header.unused if header.unused else pixels
            given += 1
    finally:
        arrays.close()


def _arrays(path: Path, header: DicomHeader, indices: range) -> Generator[NDArray[Any]]:
    halved = header.photometric == "YBR_FULL_422" and not header.syntax.is_encapsulated
    options: dict[str, Any] = {
        "number_of_frames": len(header.times_s),
        # not every file states them
        "photometric_interpretation": header.photometric,
        "pixel_representation": int(header.dataset.get("PixelRepresentation") or 0),
        "bits_stored": header.bits + header.unused,  # pydicom blanks the bits above
        "bits_allocated": int(header.dataset.get("BitsAllocated") or _BYTE),
        "samples_per_pixel": int(header.dataset.get("SamplesPerPixel") or 1),
    }
    if header.syntax.is_deflated:  # pydicom unpacks it whole; `read_header` has seen how large it gets
        data = pydicom.dcmread(path)
        if halved:
            yield from _halved_chroma(io.BytesIO(data.PixelData), 0, header.size, indices)
        else:
            yield from iter_pixels(data, indices=indices, **options)
        return
    if header.syntax == pydicom.uid.JPEGExtended12Bit and header.bits > _BYTE:
        yield from _jpeg12_frames(path, header.size, indices, len(header.times_s))
        return
    with path.open("rb") as file:
        if halved:
            yield from _halved_chroma(file, header.begin, header.size, indices)
            return
        options["transfer_syntax_uid"] = header.syntax
        yield from iter_pixels(file, indices=indices, **options)


def _halved_chroma(file: BinaryIO, begin: int, size: Size, indices: range) -> Generator[NDArray[Any]]:
    """Frames that store Y, Y, Cb, Cr for two pixels (PS3.3 C.7.6.3.1.2), as RGB: pydicom 3.0 finds the first
    one alone."""
    width, height = size
    for index in indices:
        file.seek(begin + index * 2 * width * height)
        pairs = np.frombuffer(file.read(2 * width * height), np.uint8).reshape(height, width // 2, 4)
        luma, chroma = pairs[:, :, :2].reshape(height, width, 1), np.repeat(pairs[:, :, 2:], 2, axis=1)
        yield convert_color_space(np.concatenate((luma, chroma), axis=2), "YBR_FULL", "RGB")


def _scale(path: Path, header: DicomHeader) -> GrayScale | None:
    """For samples deeper than a byte; of the first frame, so that a seek shows what playing shows."""
    deep = int(header.dataset.get("BitsAllocated") or 8) > 8
    if not deep or header.photometric not in ("MONOCHROME1", "MONOCHROME2") or _has_tables(header.dataset):
        return None
    first = next(_samples(path, header, 0), None)
    return None if first is None or first.dtype.kind == "f" else _scale_of(header.dataset, header.bits, first)


def _picture(pixels: NDArray[Any], header: DicomHeader, scale: GrayScale | None, path: Path) -> Picture:
    if header.photometric == "PALETTE COLOR":
        try:
            pixels = apply_color_lut(pixels, header.dataset)
        except Exception:  # noqa: BLE001 - a damaged palette can raise anything
            raise SourceError("the DICOM palette is damaged", path, "export it again") from None
        samples = to_8_bit(pixels, pixels.dtype.itemsize * 8, path)
    elif scale is not None:
        samples = scale(pixels)
    elif pixels.ndim == 2 and _has_tables(header.dataset):
        try:
            samples = _through_tables(pixels, header.dataset)
        except Exception:  # noqa: BLE001 - a damaged table can raise anything
            raise SourceError("the DICOM gray tables are damaged", path, "export it again") from None
    else:
        samples = to_8_bit(pixels, header.bits, path)
    inverted = samples.ndim == 2 and header.photometric == "MONOCHROME1"
    return as_picture(255 - samples if inverted else samples)


def _scale_of(data: pydicom.Dataset, bits: int, first: NDArray[np.integer[Any]]) -> GrayScale:
    """The scale of a loop whose first frame is `first` (H, W).

    The window of the file, taken back to stored samples through its rescale (PS3.3 C.11.1, C.11.2.1.2);
    without one the stored bits, and where these are all that the type holds (many exports write 16 whatever
    the range), the bits that the first frame uses, from its lowest sample on where samples are negative.
    """
    slope, intercept = number(data, "RescaleSlope") or 1.0, number(data, "RescaleIntercept") or 0.0
    center, width = number(data, "WindowCenter"), number(data, "WindowWidth")
    if center is not None and width is not None and width >= 1:
        exact = data.get("VOILUTFunction") == "LINEAR_EXACT"
        low, high = (
            (center - width / 2, center + width / 2)
            if exact or width == 1
            else (center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2)
        )
        return GrayScale((low - intercept) / slope, (high - intercept) / slope)
    low = min(0, int(first.min()))
    used = max(8, (int(first.max()) - low).bit_length())
    depth = bits if used <= bits < first.dtype.itemsize * 8 and low == 0 else used
    return GrayScale(low, low + (1 << depth) - 1)


def _has_tables(data: pydicom.Dataset) -> bool:
    """Whether samples go through a table that the file holds."""
    return bool(data.get("ModalityLUTSequence") or data.get("VOILUTSequence"))


def _through_tables(samples: NDArray[Any], data: pydicom.Dataset) -> NDArray[np.uint8]:
    """Apply the modality and VOI tables of the file and show their range (PS3.3 C.11.1.1, C.11.2.1.1)."""
    shown = apply_modality_lut(samples, data)
    tables: Any = data.get("VOILUTSequence") or data.get("ModalityLUTSequence")
    if data.get("VOILUTSequence"):
        shown = apply_voi(shown, data)
    bits = int(tables[0].LUTDescriptor[2])
    return GrayScale(0.0, float((1 << bits) - 1))(shown)


def _jpeg12_frames(path: Path, size: Size, indices: range, stated: int) -> Generator[NDArray[Any]]:
    """JPEG with 12 bits a sample (process 4), which pydicom leaves out: (H, W) uint16 each, gray alone.

    Raises what the parser and GDCM raise on what is damaged.
    """
    data = pydicom.dcmread(path).PixelData
    for index, coded in enumerate(generate_frames(data, number_of_frames=stated)):
        if index in indices:
            yield _jpeg12(coded, size)


def _jpeg12(coded: bytes, size: Size) -> NDArray[np.uint16]:
    import gdcm  # noqa: PLC0415 - slow to load, and rarely needed

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(coded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((size.width, size.height, 1))
    image.SetDataElement(element)
    gray = gdcm.PhotometricInterpretation.MONOCHROME2
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gray))
    syntax = gdcm.TransferSyntax.GetTSType(str(pydicom.uid.JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    decoded = image.GetBuffer().encode("utf-8", "surrogateescape")  # it gives bytes as text
    return np.frombuffer(decoded, "<u2").reshape(size.height, size.width)
