"""NRRD (`.nrrd`, `.seq.nrrd`), as 3D Slicer, PLUS and the own export write it: pynrrd reads the header."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.sources.research.orientation import slicer_turn
from scanmon.sources.research.stack import Stack, mapped, unpacked

_TYPES = {
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    "float": "f4",
    "double": "f8",
}
_COLOURS = {"RGB-color", "RGBA-color", "3-color", "4-color", "vector"}
_LISTS = {"list", "time"}


def read_nrrd(path: Path) -> Stack:
    """Raises `SourceError`."""
    import nrrd  # noqa: PLC0415 - an extra

    with path.open("rb") as file:
        try:
            header: dict[str, Any] = nrrd.read_header(file)
            kind = np.dtype((">" if header.get("endian") == "big" else "<") + _TYPES[header["type"]])
            sizes = [int(size) for size in header["sizes"]]
        except Exception as error:
            reason = " ".join(str(error).split())[:80]
            raise SourceError(f"is not a NRRD file that is read ({reason})", path, "save it again") from error
        offset = file.tell()
        if (
            "data file" in header
            or "datafile" in header
            or header.get("line skip")
            or header.get("byte skip")
        ):
            raise SourceError("keeps its data elsewhere", path, "save it as one .nrrd file")
        if not 2 <= len(sizes) <= 5 or min(sizes) <= 0:
            raise SourceError("is not a sequence of pictures", path, "save width, height and frames")
        size, encoding = math.prod(sizes) * kind.itemsize, header.get("encoding")
        if encoding == "raw":
            stored = mapped(path, kind, tuple(reversed(sizes)), offset)
        elif encoding in ("gzip", "gz"):
            stored = np.frombuffer(unpacked(file, size, path), kind).reshape(sizes[::-1])
        else:
            raise SourceError(f"has the encoding {encoding!s:.20}", path, "save it raw or with gzip")
    return _stack(stored, sizes, header, path)


def _stack(stored: NDArray[Any], sizes: list[int], header: dict[str, Any], path: Path) -> Stack:
    """`stored` has the axes of the file from the last to the first."""
    kinds = [str(kind) for kind in header.get("kinds") or ()]
    if len(kinds) != len(sizes):
        kinds = [""] * len(sizes)
    colour = [axis for axis, kind in enumerate(kinds) if kind in _COLOURS and sizes[axis] in (3, 4)]
    listed = [axis for axis, kind in enumerate(kinds) if kind in _LISTS and axis not in colour]
    plane = [axis for axis in range(len(sizes)) if axis not in colour and axis not in listed]
    plane = plane[:2] + [axis for axis in plane[2:] if sizes[axis] > 1]
    through = listed[:1] + plane[2:]
    if len(plane) < 2 or len(through) > 1 or len(colour) > 1 or len(listed) > 1:
        raise SourceError("is not a sequence of pictures", path, "save width, height and frames")
    order = [*through, plane[1], plane[0], *colour]
    last = len(sizes) - 1
    left = tuple(last - axis for axis in range(len(sizes)) if axis not in order)
    turned = np.squeeze(stored, left).transpose(_ranks([last - axis for axis in order]))
    pictures = turned if through else turned[None]
    turn = slicer_turn(*_directions(header, plane))
    first = turn(pictures[0])
    times_s = _times(header, listed[0]) if listed else None
    return Stack(len(pictures), first.shape[0], first.shape[1], lambda k: turn(pictures[k]), times_s)


def _ranks(axes: list[int]) -> list[int]:
    """The same order among the axes that are left when the others are squeezed out."""
    return [sorted(axes).index(axis) for axis in axes]


def _directions(header: dict[str, Any], plane: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the two axes of a picture, in LPS; without a space as they are stored."""
    signs = {
        "right-anterior-superior": (-1, -1, 1),
        "ras": (-1, -1, 1),
        "left-anterior-superior": (1, -1, 1),
        "las": (1, -1, 1),
    }.get(str(header.get("space", "")).lower(), (1, 1, 1))
    found = header.get("space directions")
    if found is None:
        return np.eye(3)[0], np.eye(3)[1]
    rows = [np.asarray(found[axis], np.float64) for axis in plane[:2]]
    if any(row.shape != (3,) or not np.isfinite(row).all() or not row.any() for row in rows):
        return np.eye(3)[0], np.eye(3)[1]
    return rows[0] * signs, rows[1] * signs


def _times(header: dict[str, Any], axis: int) -> NDArray[np.float64] | None:
    try:
        return np.array(str(header[f"axis {axis} index values"]).split(), np.float64)
    except (KeyError, ValueError):
        return None
