"""Names in every tag and in the pixels beside the sector: none in any byte of anything that is written."""

from __future__ import annotations

import getpass
import gzip
import itertools
import re
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from scanmon.cli import main
from scanmon.core.schema import SESSION
from scanmon.session.parquet import read_table
from scanmon.session.reader import read_session
from scanmon.sources.session import SessionRecording

NAME = "MUSTERFRAU^ERIKA"
SECRETS = ("MUSTERFRAU", "Musterfrau", "ERIKA", "19640812", "KH-4711-0815")
TEXT_KINDS = {"PN", "LO", "SH", "ST", "LT", "UT", "UC", "AE"}
SIZE = (200, 260)  # height, width
SECTOR = (40, 50, 180, 130)  # x, y, width, height
FRAMES = 12
SMEAR = 24  # gray levels that a lossy codec may carry over the edge of the sector; writing is at 255


def pictures() -> NDArray[np.uint8]:
    """(n, H, W) speckle, with the name written over all that is not the sector."""
    dice = np.random.default_rng(5)
    stack = []
    for _ in range(FRAMES):
        pixels = np.zeros(SIZE, np.uint8)
        for y in range(14, SIZE[0] + 14, 14):
            cv2.putText(pixels, "MUSTERFRAU ERIKA 19640812", (0, y), cv2.FONT_HERSHEY_PLAIN, 1, 255, 1)
        x, y, width, height = SECTOR
        noise = cv2.GaussianBlur(dice.normal(90, 60, (height, width)), (0, 0), 1.5)
        pixels[y : y + height, x : x + width] = np.clip(noise, 0, 255)
        stack.append(pixels)
    return np.stack(stack)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A cine whose every text attribute, file name and folder holds the name."""
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
    stack = pictures()
    dataset.Rows, dataset.Columns = SIZE
    dataset.NumberOfFrames = FRAMES
    dataset.FrameTime = "40"
    dataset.FrameIncrementPointer = 0x00181063
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.add_new(0x7FE00010, "OB", stack.tobytes())
    folder = tmp_path / "Musterfrau Erika 19640812"
    folder.mkdir()
    dataset.save_as(folder / "MUSTERFRAU_KH-4711-0815.dcm", enforce_file_format=True)
    return folder / "MUSTERFRAU_KH-4711-0815.dcm"


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


def outside(pixels: NDArray[np.uint8]) -> int:
    """Brightest pixel beside the sector."""
    x, y, width, height = SECTOR
    beside = pixels.copy()
    beside[y : y + height, x : x + width] = 0
    return int(beside.max())


@pytest.mark.parametrize("options", [[], ["--lossless"]], ids=["h264", "ffv1"])
def test_no_name_gets_into_a_session_or_any_of_its_exports(
    planted: Path, tmp_path: Path, tiny_bundle: Path, options: list[str]
) -> None:
    pytest.importorskip("highdicom", reason="highdicom comes with the extra `dicom`")
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `evaluate`")
    assert secrets_in(planted), "the search itself finds nothing"
    sessions, exports = tmp_path / "sessions", tmp_path / "exports"
    exports.mkdir()
    region = ",".join(map(str, SECTOR))
    scoring = ["--bundle", str(tiny_bundle), "--metric", "map"]
    argv = ["replay", str(planted), "--headless", "--region", region, "--record", str(sessions)]
    assert main([*argv, *scoring, *options]) == 0
    (session,) = sessions.iterdir()
    for ending in ("csv", "parquet", "jsonl", "mp4", "png", "pdf", "dcm", "seq.nrrd"):
        assert main(["export", str(session), "--to", str(exports / f"out.{ending}")]) == 0

    written = [path for path in (*session.rglob("*"), *exports.iterdir()) if path.is_file()]
    assert len(written) == 2 + 10
    assert {path.name: found for path in written if (found := secrets_in(path))} == {}

    exact = bool(options)
    recording = SessionRecording(session)
    brightest = max(outside(frame.pixels) for frame in recording)
    recording.close()
    assert brightest <= (0 if exact else SMEAR)
    assert {text for group in read_table(exports / "out.parquet", SESSION) for text in group["source"]} == {
        "dicom"
    }
    assert set(read_session(session).table.texts("source")) == {"dicom"}
    packed = (exports / "out.seq.nrrd").read_bytes().split(b"\n\n", 1)[1]
    volume = np.frombuffer(gzip.decompress(packed), np.uint8).reshape(FRAMES, *SIZE)
    assert max(outside(picture) for picture in volume) <= (0 if exact else SMEAR)
    stored = pydicom.dcmread(exports / "out_pictures.dcm")
    assert (stored.Rows, stored.Columns) == (SECTOR[3], SECTOR[2])
    assert stored.BurnedInAnnotation == "NO"
    with av.open(str(exports / "out.mp4")) as film:
        picture = next(film.decode(video=0)).to_ndarray(format="gray")
    left = (picture.shape[1] - SIZE[1]) // 2
    assert outside(picture[: SIZE[0], left : left + SIZE[1]]) <= SMEAR


def test_no_name_gets_into_an_error_of_a_session(planted: Path, tmp_path: Path, tiny_bundle: Path) -> None:
    sessions = tmp_path / "sessions"
    argv = ["replay", str(planted), "--headless", "--region", "full", "--record", str(sessions)]
    assert main([*argv, "--bundle", str(tiny_bundle), "--metric", "map"]) == 0
    (session,) = sessions.iterdir()
    assert not (session / "video.mkv").exists()
    assert {path.name: found for path in session.iterdir() if (found := secrets_in(path))} == {}
