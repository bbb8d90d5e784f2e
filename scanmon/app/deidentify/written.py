"""Pictures as new PNG, video or DICOM files: nothing is in them but what is given, none replaces another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import RLELossless

from scanmon.core.write_atomic import PRIVATE
from scanmon.session.video import Encoder, VideoFile

Pictures = Iterable[tuple[NDArray[np.uint8], float]]  # (H, W) with its time in seconds
_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"  # of a length that is not known before
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there before, for its owner alone; gone again after an error."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """One picture, gray or B, G, R."""
    with new_file(path) as file:
        file.write(cv2.imencode(".png", picture)[1].tobytes())


def write_video(path: Path, pictures: Pictures) -> None:
    """H.264 in Matroska, as a session holds it. Raises `SinkError` where the encoder fails."""
    film, encoder = None, None
    try:
        for picture, time_s in pictures:
            if film is None or encoder is None:
                encoder = Encoder("h264", picture.shape[1], picture.shape[0])
                film = VideoFile(path, "h264", picture.shape[1], picture.shape[0])
            film.add(encoder.encode(picture, time_s))
        if film is not None:
            film.finish()
    except BaseException:
        if film is not None:
            film.abandon()
            path.unlink(missing_ok=True)
        raise


def write_dicom(path: Path, described: Dataset, pictures: Pictures) -> None:
    """`described` with its pixels behind it, a picture at a time (PS3.5 A.4)."""
    with new_file(path) as file:
        described.save_as(file, enforce_file_format=True)
        encoder = get_encoder(RLELossless)
        file.write(_PIXEL_DATA + _ITEM + bytes(4))  # an empty table of offsets
        for picture, _ in pictures:
            coded = encoder.encode(
                picture.tobytes(),
                rows=picture.shape[0],
                columns=picture.shape[1],
                samples_per_pixel=1,
                number_of_frames=1,
                bits_allocated=8,
                bits_stored=8,
                pixel_representation=0,
                photometric_interpretation="MONOCHROME2",
            )
            coded += bytes(len(coded) % 2)
            file.write(_ITEM + len(coded).to_bytes(4, "little") + coded)
        file.write(_END)
