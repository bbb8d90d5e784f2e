"""What is told by its name: which files of a folder can be scored, which addresses are streams."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from scanmon.core.errors import SourceError
from scanmon.core.text import shown
from scanmon.session.reader import is_session

IMAGES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".apng", ".webp"}
    | {".jls", ".jp2", ".j2k", ".pgm", ".ppm", ".pnm"}
)
VIDEOS = frozenset(
    {".mp4", ".mkv", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".ts", ".webm", ".wmv", ".gif", ".mjpeg"}
    | {".mjpg", ".h264", ".264", ".hevc", ".h265", ".265", ".m2ts", ".mts", ".3gp", ".flv", ".vob", ".mxf"}
    | {".asf", ".ogv"}
)
_RESEARCH = (".mha", ".mhd", ".nrrd", ".nii", ".nii.gz", ".npy", ".npz", ".mat", ".h5", ".hdf5")
DICOM = frozenset({".dcm", ".dicom", ".ima"})
# schemes
STREAMS = frozenset({"rtsp", "rtsps", "http", "https", "udp", "tcp", "rtp", "rtmp", "rtmps", "srt"})
_KNOWN = IMAGES | VIDEOS | DICOM


def material_in(path: Path, passed_over: list[Path] | None = None) -> Iterator[Path]:
    """`path` itself where it is a file; every picture and cine loop below it, sorted, where it is a folder.

    A file that was named is taken whatever its ending. The folder of a recorded session is one cine. Hidden
    files and folders are left out, and links to folders are not followed, so that the walk ends. Other files
    that are left out are added to `passed_over`. Raises `SourceError` where there is nothing.
    """
    if not path.is_dir():
        yield path
        return
    found = False
    for folder, folders, names in os.walk(path):
        if is_session(Path(folder)):
            found = True
            folders.clear()
            yield Path(folder)
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith("."):
                continue
            if file.suffix.lower() in _KNOWN or is_research(file) or is_dicom(file):
                found = True
                yield file
            elif passed_over is not None:
                passed_over.append(file)
    if not found:
        raise SourceError("holds no pictures and no cine loops", path, "name a folder with images or videos")


def is_research(file: Path) -> bool:
    """By its ending: a format that research keeps pictures in."""
    return file.name.lower().endswith(_RESEARCH)


def by_kind(files: Iterable[Path]) -> str:
    """How many files of which ending, as `2 .txt, 1 DICOMDIR`."""
    kinds = Counter(file.suffix.lower() or file.name for file in files)
    return ", ".join(f"{count} {shown(kind)}" for kind, count in sorted(kinds.items()))


def is_dicom(file: Path) -> bool:
    """By its ending; archives name DICOM files by numbers alone: there the file's own mark decides."""
    if not file.is_file():  # a pipe or a device, which may never end
        return False
    if file.suffix.lower() in DICOM:
        return True
    if file.suffix and not file.suffix[1:].isdecimal():
        return False
    try:
        with file.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM" or is_bare_dicom(file)
    except OSError:
        return False


def is_bare_dicom(path: Path) -> bool:
    """A data set without the preamble of a file, as old scanners and some exports write it.

    It begins with an element of group 0002 or 0008, little endian, with a two-letter type or a short length.
    """
    with path.open("rb") as file:
        head = file.read(132)
    if head[128:] == b"DICM" or len(head) < 16 or head[:2] not in (b"\x02\0", b"\x08\0") or head[3]:
        return False
    return (head[4:6].isalpha() and head[4:6].isupper()) or int.from_bytes(head[4:8], "little") < 1024
