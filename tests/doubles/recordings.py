"""Small recordings of every kind, made on the spot."""

import struct
import zlib
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pydicom
import pydicom.data
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage, generate_uid

RATE_HZ = 25


def moving_gray(index: int, height: int = 96, width: int = 128) -> NDArray[np.uint8]:
    """(height, width) a smooth pattern that tells its frame number by its mean and moves a little."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 20.0 * np.sin((x + 2 * index) / 9.0) * np.cos(y / 11.0)
    return np.asarray(np.clip(40 + index + wave, 0, 255), np.uint8)


def colored(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) BGR with a coloured corner."""
    picture = np.repeat(gray[:, :, None], 3, axis=2)
    picture[: gray.shape[0] // 3, : gray.shape[1] // 3] = (200, 60, 30)
    return picture


def write_video(
    path: Path,
    frames: int = 60,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
) -> Path:
    """Encode `moving_gray` with colour."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE_HZ, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 128, 96, pixel_format
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(colored(moving_gray(index)), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_images(folder: Path, frames: int = 12) -> Path:
    """A folder of PNG files whose alphabetical order is not their natural order."""
    folder.mkdir()
    for index in range(frames):
        cv2.imwrite(str(folder / f"frame_{index}.png"), moving_gray(index))
    return folder


def write_dicom(
    path: Path, pixels: NDArray[np.generic], syntax: UID = ExplicitVRLittleEndian, **elements: object
) -> Path:
    """An ultrasound file; `pixels` is (frames, H, W) or (frames, H, W, 3). An element of None is left out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.PatientName, data.PatientID, data.Modality = "Doe^Jane", "SECRET-7", "US"
    data.NumberOfFrames, data.Rows, data.Columns = pixels.shape[:3]
    data.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
    data.PhotometricInterpretation = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
    if pixels.ndim == 4:
        data.PlanarConfiguration = 0
    data.BitsAllocated = pixels.dtype.itemsize * 8
    data.BitsStored, data.PixelRepresentation = data.BitsAllocated, 0
    data.HighBit = data.BitsStored - 1
    data.PixelData = pixels.tobytes()
    for name, value in elements.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    if syntax.is_encapsulated:
        if "PixelData" in elements:  # coded already
            data["PixelData"].is_undefined_length = True
        else:
            meta.TransferSyntaxUID = ExplicitVRLittleEndian
            data.compress(syntax)
    data.save_as(path, enforce_file_format=True)
    return path


def write_report(path: Path) -> Path:
    """A DICOM file without a picture."""
    nothing: dict[str, Any] = dict.fromkeys(("Rows", "Columns", "PixelData", "BitsAllocated"))
    return write_dicom(path, np.stack([moving_gray(1)]), **nothing)


def ultrasound_region(x0: int, y0: int, x1: int, y1: int, kind: int = 1) -> pydicom.Dataset:
    """An item of SequenceOfUltrasoundRegions; `kind` 1 is tissue, 2 colour flow."""
    region = pydicom.Dataset()
    region.RegionDataType, region.RegionSpatialFormat = kind, 1
    region.RegionLocationMinX0, region.RegionLocationMinY0 = x0, y0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = x1, y1
    return region


def shipped_dicom(name: str) -> Path:
    """A DICOM file inside the installed pydicom package; nothing is downloaded."""
    return Path(pydicom.data.__file__).parent / "test_files" / name


def png_header(width: int, height: int) -> bytes:
    """A whole PNG of that size that compresses to next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
