"""MetaImage (`.mha`, `.mhd` with its `.raw`), as ITK and PLUS write it.

Format: itk.org/Wiki/ITK/MetaIO/Documentation. PLUS keeps the time of each frame in `Seq_Frame...` keys.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from scanmon.core.errors import SourceError
from scanmon.sources.research.orientation import Turn, plus_turn, slicer_turn
from scanmon.sources.research.stack import Stack, damaged, mapped, unpacked

_TYPES = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_MAX_HEADER = 1 << 26  # PLUS writes some lines for each frame
_TIME = re.compile(r"Seq_Frame(\d+)_Timestamp")


def read_metaimage(path: Path) -> Stack:
    """Raises `SourceError`."""
    header, offset = _header(path)
    try:
        sizes = [int(word) for word in header["DimSize"].split()]
        colours = int(header.get("ElementNumberOfChannels", "1"))
        big = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", "False")) == "True"
        kind = np.dtype((">" if big else "<") + _TYPES[header["ElementType"]])
        data, skip = _data(path, header["ElementDataFile"], offset), int(header.get("HeaderSize", "0"))
        turn = _turn(header)
    except (KeyError, ValueError) as error:
        raise SourceError(f"is not a MetaImage that is read ({error})", path, "save it as .mha") from None
    if not 2 <= len(sizes) <= 4 or min(sizes) <= 0 or (len(sizes) == 4 and sizes[2] != 1):
        raise SourceError("is not a sequence of pictures", path, "save width, height and frames")
    if colours not in (1, 3, 4) or not data.is_file():
        raise damaged(path)
    start = offset if data == path else max(0, skip)
    shape = (sizes[-1] if len(sizes) > 2 else 1, sizes[1], sizes[0], *((colours,) if colours > 1 else ()))
    if header.get("CompressedData") == "True":
        size = int(np.prod(shape, dtype=object)) * kind.itemsize
        with data.open("rb") as file:
            file.seek(start)
            stored = np.frombuffer(unpacked(file, size, path), kind).reshape(shape)
    else:
        stored = mapped(data, kind, shape, start)
    first = turn(stored[0])
    return Stack(
        shape[0], first.shape[0], first.shape[1], lambda k: turn(stored[k]), _times(header, shape[0])
    )


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Keys and values, and where the data begins."""
    header: dict[str, str] = {}
    with path.open("rb") as file:
        while file.tell() < _MAX_HEADER:
            line = file.readline(1 << 16)
            if not line.endswith(b"\n"):
                break
            key, _, value = line.decode("latin-1").partition("=")
            header[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":  # the last one, by the format
                return header, file.tell()
    raise damaged(path)


def _data(path: Path, name: str, offset: int) -> Path:
    if name.upper() == "LOCAL":
        return path
    if name != Path(name).name or name in ("", ".", "..") or name.startswith("LIST") or "\\" in name:
        raise ValueError(f"data in {name:.40}")  # of this folder alone
    return path.with_name(name)


def _turn(header: dict[str, str]) -> Turn:
    if "UltrasoundImageOrientation" in header:
        return plus_turn(header["UltrasoundImageOrientation"])
    words = header.get("TransformMatrix", header.get("Rotation", header.get("Orientation", ""))).split()
    numbers = np.array([float(word) for word in words]) if len(words) == 9 else np.eye(3).ravel()
    directions = numbers.reshape(3, 3)
    if not np.isfinite(directions).all():
        raise ValueError("TransformMatrix")
    return slicer_turn(directions[0], directions[1])


def _times(header: dict[str, str], count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    found = {int(match[1]): header[key] for key in header if (match := _TIME.fullmatch(key))}
    try:
        return np.array([float(found[k]) for k in range(count)])
    except (KeyError, ValueError):
        return None
