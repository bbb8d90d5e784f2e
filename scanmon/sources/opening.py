"""From what a user types to a source: the forms of SOURCE in one place.

Each kind is imported when it is asked for: pydicom with its decoders, PyAV and the others take a second
together, and a session needs one of them.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from scanmon.core.errors import SourceError, disk_errors
from scanmon.core.ports import LiveSource, Recording
from scanmon.session.reader import is_session, session_of
from scanmon.sources.material import DICOM, IMAGES, STREAMS, VIDEOS, is_bare_dicom, is_research
from scanmon.sources.picture_size import JPEG_LOSSLESS, JPEG_LS, image_sizes, jpeg_form
from scanmon.sources.scheme import scheme_of

_KNOWN = IMAGES | VIDEOS
_IMAGE_MARKS = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
_LARGE = 1 << 26  # bytes: a file that has more may be made of holes

# files that this process reads itself: their header bounds what decoding takes of memory and time
_PLAIN_PIXELS = 1 << 24  # of a picture: more of them take long in any decoder
_PLAIN_BYTES = 1 << 26  # of a picture's file, which is read whole
_HEAD = 4096
_PLAIN = (b"\x89PNG", b"\xff\xd8", b"BM", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
_SCAN = b"\xff\xda"
_SCANS = 16  # of a JPEG: a progressive one has about ten, and each is a pass over the picture
_CHUNKS = 1 << 14  # of a PNG: they have 8 kB as a rule
_NATIVE = (b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1")  # little endian, neither coded nor deflated
# types whose length has four bytes (PS3.5 7.1.2)
_LONG = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")

_LIVE_FORMS = (
    "use grabber:ID, rtsp://, rtmp://, http://, udp://, tcp://, igtl://, FILE.sdp, screen:X,Y,W,H or phantom:"
)


def open_recording(source: str) -> Recording:
    """A video, DICOM or image file, a folder of images, a recorded session, or `phantom:`.

    The kind is told by the content where the ending says nothing. Raises `SourceError`.
    """
    scheme = scheme_of(source)
    if scheme == "phantom":
        from scanmon.sources.phantom import open_phantom

        return open_phantom(source)
    if scheme is not None and not Path(source).exists():
        raise SourceError("is not recorded material", source, "use `scanmon live` for it, or give a file")
    path = Path(session_of(source))
    if not path.exists():
        raise SourceError("there is no such file or folder", source, "check the path")
    if is_session(path):
        from scanmon.sources.session import SessionRecording

        return SessionRecording(path)
    if not is_trusted(path):
        from scanmon.sources.limited_recording import LimitedRecording

        return LimitedRecording(path)
    return open_file(path)


def open_file(path: Path) -> Recording:
    """A video, DICOM or image file, or a folder of images, whatever it may do to this process.

    Raises `SourceError`.
    """
    if path.is_dir():
        return _open_folder(path)
    return _kind(path)(path)


def _open_folder(folder: Path) -> Recording:
    """Its pictures; they win over DICOM files, which archives put beside them."""
    from scanmon.sources.images import images_in, open_images

    try:
        images_in(folder)
    except SourceError:
        from scanmon.sources.dicom_folder import dicom_files_in, open_dicom_folder

        files = dicom_files_in(folder)
        if not files:
            raise
        return open_dicom_folder(folder, files)
    return open_images(folder)


def open_live(source: str) -> LiveSource:
    """`grabber:`, `rtsp://`, `http://`, `udp://`, `tcp://`, `igtl://`, an SDP file, `screen:` or `phantom:`.

    Raises `SourceError` where the form is wrong. A device that is not there yet is waited for.
    """
    scheme = scheme_of(source) or ""
    if scheme == "phantom":
        from scanmon.sources.phantom import PhantomLive

        return PhantomLive(source)
    if scheme == "grabber":
        from scanmon.sources.grabber import open_grabber

        return open_grabber(source)
    if scheme == "igtl":
        from scanmon.sources.igtl import open_igtl

        return open_igtl(source)
    if scheme == "screen":
        from scanmon.sources.screen import open_screen

        return open_screen(source)
    if scheme in STREAMS:
        from scanmon.sources.stream import open_stream

        return open_stream(source)
    if source.lower().endswith(".sdp"):
        from scanmon.sources.stream import open_description

        return open_description(source)
    remedy = "use scanmon replay for it" if os.path.exists(source) else _LIVE_FORMS  # noqa: PTH110 - no name is too long for it
    raise SourceError("is not a live source", source, remedy)


def identity(source: str) -> str:
    """What of a source stays when it comes back: a device by its id, without wishes; no user, no password."""
    scheme = scheme_of(source)
    if scheme == "grabber":
        from scanmon.sources.devices import lasting_id

        return f"grabber:{lasting_id(source.partition(':')[2].partition('?')[0])}"
    if scheme in STREAMS or scheme == "igtl":
        before, _, address = source.partition("://")
        host, slash, path = address.partition("/")
        return f"{before.lower()}://{host.rpartition('@')[2].lower()}{slash}{path}"
    return source


def _kind(path: Path) -> Callable[[Path], Recording]:
    if not path.is_file():  # reading a pipe or a device may never end
        raise SourceError("is neither a file nor a folder", path, "copy what comes from it into a file")
    refused = disk_errors(SourceError, "cannot be read", path, "check the path and its rights")
    with refused, path.open("rb") as file:
        head = file.read(132)
        if is_hollow(path):
            raise SourceError("is a file of holes (sparse)", path, "copy it again")
    if not head:
        raise SourceError("the file is empty", path, "copy it again")
    suffix = path.suffix.lower()
    if head[128:] == b"DICM" or suffix in DICOM or (suffix not in _KNOWN and is_bare_dicom(path)):
        from scanmon.sources.dicom import open_dicom

        return open_dicom
    if suffix in IMAGES or (suffix not in VIDEOS and head.startswith(_IMAGE_MARKS)):
        from scanmon.sources.images import open_images

        return open_images
    if is_research(path):
        from scanmon.sources.research import open_research

        return open_research
    from scanmon.sources.video import VideoRecording

    return VideoRecording


def is_hollow(path: Path) -> bool:
    """Whether a file is large and at least 99 % of it were never written. Raises `OSError`."""
    size = path.stat().st_size
    if size < _LARGE or not hasattr(os, "SEEK_DATA"):
        return False
    at, written = 0, 0
    with path.open("rb") as file:
        try:
            while at < size and written * 100 < size:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
                end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
                at, written = end, written + end - at
        except OSError as error:
            if error.errno != errno.ENXIO:  # a file system that does not tell
                return False
    return written * 100 < size


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
        return _suffix(path) not in IMAGES and _syntax(head) in _NATIVE
    if not head.startswith(_PLAIN):
        return not head
    if head.startswith(b"P") and b"#" in head:  # readers differ in where a comment ends
        return False
    try:
        size, *more = image_sizes(path)
    except SourceError:  # is raised again where it is opened
        return True
    return (
        not more
        and size.width * size.height <= _PLAIN_PIXELS
        and path.stat().st_size <= _PLAIN_BYTES
        and (not head.startswith(b"\xff\xd8") or _is_common(path.read_bytes()))
        and (not head.startswith(b"\x89PNG") or _chunks_fit(path))
    )


def _is_common(jpeg: bytes) -> bool:
    return jpeg.count(_SCAN) <= _SCANS and jpeg_form(jpeg)[0] not in (JPEG_LS, JPEG_LOSSLESS)


def _chunks_fit(path: Path) -> bool:
    """Whether every chunk of a PNG ends within the file: OpenCV makes room for whatever a length says."""
    size, at = path.stat().st_size, 8
    with path.open("rb") as file:
        for _ in range(_CHUNKS):
            file.seek(at)
            head = file.read(8)
            at += 12 + int.from_bytes(head[:4], "big")
            if at > size or head[4:] == b"IEND":
                break
    return at <= size and head[4:] == b"IEND"


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
