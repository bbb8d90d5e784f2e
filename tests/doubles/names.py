"""Names in every tag of a DICOM file, and the search for them in all that is written."""

import getpass
import itertools
import re
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

NAME = "MUSTERFRAU^ERIKA"
SECRETS = ("MUSTERFRAU", "Musterfrau", "ERIKA", "19640812", "KH-4711-0815")
TEXT_KINDS = {"PN", "LO", "SH", "ST", "LT", "UT", "UC", "AE"}


def brightest_beside(picture: NDArray[np.uint8], box: tuple[int, int, int, int], margin: int = 0) -> int:
    """The brightest pixel of (H, W) outside of x, y, width, height and a margin around it."""
    x, y, width, height = box
    beside = picture.copy()
    beside[y - margin : y + height + margin, x - margin : x + width + margin] = 0
    return int(beside.max())


def named_dicom(stack: NDArray[np.uint8], path: Path, **elements: object) -> Path:
    """(n, H, W) pictures as a cine whose every text attribute, file name and folder holds the name."""
    dataset = Dataset()
    for tag, entry in DicomDictionary.items():
        group = tag >> 16
        if entry[0] in TEXT_KINDS and group >= 0x0008 and group not in (0x7FE0, 0xFFFC):
            dataset.add_new(tag, entry[0], NAME if entry[0] == "PN" else f"{NAME} KH-4711-0815"[:16])
    block = dataset.private_block(0x0009, "MUSTERFRAU", create=True)
    block.add_new(0x01, "LT", NAME)
    dataset.PatientBirthDate = dataset.StudyDate = dataset.ContentDate = "19640812"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.Modality = "US"
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = stack.shape
    dataset.FrameTime = "40"
    dataset.FrameIncrementPointer = 0x00181063
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset.add_new(0x7FE00010, "OB", stack.tobytes() + bytes(stack.size % 2))
    path.parent.mkdir(exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def hidden(data: bytes) -> Iterator[bytes]:
    """`data`, and whatever in it is packed with zlib or gzip."""
    yield data
    for found in itertools.chain(
        re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data), re.finditer(rb"\x1f\x8b\x08", data)
    ):
        bits = 31 if found[0].startswith(b"\x1f") else 15
        try:
            yield zlib.decompressobj(bits).decompress(data[found.start() :], 1 << 24)
        except zlib.error:
            continue
    for found in re.finditer(rb"PK\x03\x04", data):  # members of a zip are packed without a head
        start = found.start() + 30 + int.from_bytes(data[found.start() + 26 : found.start() + 28], "little")
        start += int.from_bytes(data[found.start() + 28 : found.start() + 30], "little")
        try:
            yield zlib.decompressobj(-15).decompress(data[start:], 1 << 24)
        except zlib.error:
            continue


def secrets_in(path: Path) -> list[str]:
    """The secrets that a file, or its name, holds in any common coding."""
    own = [socket.gethostname(), str(path.parents[2])]
    words = [*SECRETS, *(word for word in own if len(word) > 3)]
    if len(getpass.getuser()) > 5:  # a short one, such as `root`, is found in any text
        words.append(getpass.getuser())
    found = [word for word in words if word in path.name]
    for data in hidden(path.read_bytes()):
        for word, coding in itertools.product(words, ("utf-8", "utf-16-le", "utf-16-be")):
            if word.encode(coding) in data:
                found.append(f"{word} as {coding}")
    return found
