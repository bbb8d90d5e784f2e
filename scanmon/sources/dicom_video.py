"""Video inside DICOM: MPEG-2, H.264 and HEVC streams, elementary or in a container, read where they lie."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.encaps import parse_fragments

from scanmon.core.errors import SourceError
from scanmon.core.values import Frame
from scanmon.sources.dicom_header import DicomHeader
from scanmon.sources.video import VideoRecording


class DicomVideo(VideoRecording):
    """A `Recording` over the stream; the header's times count where it states as many frames as there are."""

    def __init__(self, path: Path, header: DicomHeader) -> None:
        super().__init__(path, lambda: _stream(path))
        self._region = header.region
        self._stated = header.stated
        if len(self._times_s) == header.stated:
            self._times_s = header.times_s
            self._times_s.setflags(write=False)
            self.info = replace(self.info, rate_hz=header.rate_hz)
        self.info = replace(self.info, details=f"DICOM {self.info.details}")

    def _frames(self, index: int) -> Iterator[Frame]:
        for frame in super()._frames(index):
            yield replace(frame, declared=self._region)
        if (missing := self._stated - len(self._times_s)) > 0 and not self._closed:
            raise SourceError(
                f"{missing} of its {self._stated} frames are missing", self._path, "copy it again"
            )


class _Fragments(io.RawIOBase):
    """The fragments of encapsulated pixel data as one file that can be sought in; nothing is copied."""

    def __init__(self, file: BinaryIO, pieces: list[tuple[int, int]]) -> None:
        self._file, self._pieces = file, pieces
        self._at, self._size = 0, sum(size for _, size in pieces)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        skipped = self._at
        for start, size in self._pieces:
            if skipped < size:
                self._file.seek(start + skipped)
                count = self._file.readinto(memoryview(buffer)[: size - skipped])  # type: ignore[attr-defined]
                self._at += count
                return int(count)
            skipped -= size
        return 0

    def close(self) -> None:
        self._file.close()
        super().close()


def _stream(path: Path) -> BinaryIO:
    file = path.open("rb")
    try:
        pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["Rows"])
        file.seek(12, io.SEEK_CUR)  # tag, type and the undefined length of the pixel data
        _, offsets = parse_fragments(file)
        pieces = []
        for offset in offsets[1:]:  # the first item is the table of offsets
            file.seek(offset + 4)
            size = int.from_bytes(file.read(4), "little")
            pieces.append((offset + 8, size))
    except Exception:  # noqa: BLE001 - a damaged file can raise anything in the parser; its text may quote values
        file.close()
        raise SourceError("the video in the DICOM file is damaged", path, "export it again") from None
    return io.BufferedReader(_Fragments(file, pieces))
