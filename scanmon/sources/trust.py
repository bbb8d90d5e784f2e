"""Which files this process reads itself: those whose header bounds what decoding takes of memory and time."""

from __future__ import annotations

from pathlib import Path

from scanmon.core.errors import SourceError
from scanmon.sources.material import DICOM, IMAGES, VIDEOS, is_research
from scanmon.sources.picture_size import image_sizes

_PIXELS = 1 << 24  # of a picture: more of them take long in any decoder
_BYTES = 1 << 26  # of a picture's file, which is read whole
_HEAD = 4096
_PLAIN = (b"\x89PNG", b"\xff\xd8", b"BM", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
_SCAN = b"\xff\xda"
_SCANS = 16  # of a JPEG: a progressive one has about ten, and each is a pass over the picture
_NATIVE = (b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1")  # little endian, neither coded nor deflated
# types whose length has four bytes (PS3.5 7.1.2)
_LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")


def is_trusted(path: Path) -> bool:
    """Whether `path`, or each picture in it where it is a folder, is a plain PNG, JPEG, BMP or PNM picture or
    an uncompressed DICOM file. What cannot be read is trusted too: reading it says why.
    """
    try:
        if path.is_dir():
            return all(_is_plain(file) for file in path.iterdir() if _may_be_a_frame(file))
        return not path.is_file() or _is_plain(path)
    except OSError:
        return True


def _may_be_a_frame(file: Path) -> bool:
    number = not file.suffix or file.suffix[1:].isdecimal()
    return not file.name.startswith(".") and file.is_file() and (number or _suffix(file) in IMAGES | DICOM)


def _suffix(file: Path) -> str:
    return file.suffix.lower()


def _is_plain(path: Path) -> bool:
    if _suffix(path) in VIDEOS or is_research(path):
        return False  # whatever it begins with, the ending decides who reads it
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[128:132] == b"DICM":
        return _syntax(head) in _NATIVE
    if not head.startswith(_PLAIN):
        return not head
    try:
        (size,) = image_sizes(path)
    except SourceError:  # is raised again where it is opened
        return True
    return (
        size.width * size.height <= _PIXELS
        and path.stat().st_size <= _BYTES
        and (not head.startswith(b"\xff\xd8") or path.read_bytes().count(_SCAN) <= _SCANS)
    )


def _syntax(head: bytes) -> bytes:
    """The transfer syntax that the file meta information states last; empty where that goes beyond `head`."""
    at, stated = 132, b""
    while head[at : at + 2] == b"\2\0":
        if head[at + 4 : at + 6] in _LONG:
            start, length = at + 12, int.from_bytes(head[at + 8 : at + 12], "little")
        else:
            start, length = at + 8, int.from_bytes(head[at + 6 : at + 8], "little")
        if head[at + 2 : at + 4] == b"\x10\0":
            stated = head[start : start + length].rstrip(b"\0 ")
        at = start + length
    return stated if at < len(head) else b""
