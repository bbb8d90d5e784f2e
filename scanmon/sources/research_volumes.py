"""Volumes with axes in space: MetaImage, NRRD and NIfTI, as ITK, PLUS, 3D Slicer and our export write them.

MetaImage: itk.org/Wiki/ITK/MetaIO/Documentation. PLUS keeps the time of each frame in `Seq_Frame...` keys.
pynrrd reads the header of NRRD, nibabel NIfTI, whose axes point in RAS space.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.sources.research_stack import Stack, check_held, damaged, mapped, unpacked

Turn = Callable[[NDArray[Any]], NDArray[Any]]  # which way up a stored plane is shown

_META_TYPES = {
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
_NRRD_TYPES = {
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


def read_metaimage(path: Path) -> Stack:
    """Raises `SourceError`."""
    header, offset = _meta_header(path)
    try:
        sizes = [int(word) for word in header["DimSize"].split()]
        colours = int(header.get("ElementNumberOfChannels", "1"))
        big = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", "False")) == "True"
        kind = np.dtype((">" if big else "<") + _META_TYPES[header["ElementType"]])
        data, skip = _meta_data(path, header["ElementDataFile"], offset), int(header.get("HeaderSize", "0"))
        turn = _meta_turn(header)
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
        shape[0], first.shape[0], first.shape[1], lambda k: turn(stored[k]), _meta_times(header, shape[0])
    )


def _meta_header(path: Path) -> tuple[dict[str, str], int]:
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


def _meta_data(path: Path, name: str, offset: int) -> Path:
    if name.upper() == "LOCAL":
        return path
    if name != Path(name).name or name in ("", ".", "..") or name.startswith("LIST") or "\\" in name:
        raise ValueError(f"data in {name:.40}")  # of this folder alone
    return path.with_name(name)


def _meta_turn(header: dict[str, str]) -> Turn:
    if "UltrasoundImageOrientation" in header:
        return _plus_turn(header["UltrasoundImageOrientation"])
    words = header.get("TransformMatrix", header.get("Rotation", header.get("Orientation", ""))).split()
    numbers = np.array([float(word) for word in words]) if len(words) == 9 else np.eye(3).ravel()
    directions = numbers.reshape(3, 3)
    if not np.isfinite(directions).all():
        raise ValueError("TransformMatrix")
    return _slicer_turn(directions[0], directions[1])


def _meta_times(header: dict[str, str], count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    found = {int(match[1]): header[key] for key in header if (match := _TIME.fullmatch(key))}
    try:
        return np.array([float(found[k]) for k in range(count)])
    except (KeyError, ValueError):
        return None


def read_nrrd(path: Path) -> Stack:
    """Raises `SourceError`."""
    import nrrd  # noqa: PLC0415 - an extra

    with path.open("rb") as file:
        try:
            header: dict[str, Any] = nrrd.read_header(file)
            kind = np.dtype((">" if header.get("endian") == "big" else "<") + _NRRD_TYPES[header["type"]])
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
    turn = _slicer_turn(*_directions(header, plane))
    first = turn(pictures[0])
    times_s = _nrrd_times(header, listed[0]) if listed else None
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


def _nrrd_times(header: dict[str, Any], axis: int) -> NDArray[np.float64] | None:
    try:
        return np.array(str(header[f"axis {axis} index values"]).split(), np.float64)
    except (KeyError, ValueError):
        return None


def read_nifti(path: Path) -> Stack:
    """Frames are the third axis, or the fourth where the third has one plane. Raises `SourceError`."""
    import nibabel  # noqa: PLC0415 - an extra

    try:
        image: Any = nibabel.load(path)
        shape = tuple(int(side) for side in image.shape)
        kind = image.header.get_data_dtype()
        affine = np.asarray(image.affine, np.float64)
    except Exception as error:
        reason = " ".join(str(error).split())[:80]
        raise SourceError(f"is not a NIfTI file that is read ({reason})", path, "save it again") from error
    if not 2 <= len(shape) <= 4 or min(shape) <= 0 or (len(shape) == 4 and shape[2] != 1):
        raise SourceError("is not a sequence of pictures", path, "save width, height and frames")
    if kind.names is None and kind.kind not in "iuf":
        raise SourceError(f"holds samples of type {kind}", path, "save gray levels")
    stored: Any = image.dataobj
    if path.suffix.lower() == ".gz":  # cannot be read from the middle
        check_held(math.prod(shape) * max(kind.itemsize, 1), path)
        stored = _plane(stored, slice(None), path)
    good = np.isfinite(affine).all() and affine[:3, 0].any() and affine[:3, 1].any()
    to_lps = np.array([-1, -1, 1])
    first, second = (affine[:3, axis] * to_lps if good else np.eye(3)[axis] for axis in (0, 1))
    turn = _slicer_turn(first, second)

    def picture(k: int) -> Any:
        index = (..., k) if len(shape) > 2 else (...,)
        plane = _plane(stored, index, path)
        plane = plane.reshape(shape[0], shape[1])
        if plane.dtype.names:  # RGB
            plane = np.stack([plane[name] for name in plane.dtype.names], axis=-1)
        return turn(np.swapaxes(plane, 0, 1))

    sides = picture(0).shape
    step_s = float(image.header.get_zooms()[3]) if len(shape) == 4 else 0.0
    times_s = np.arange(shape[3], dtype=np.float64) * step_s if len(shape) == 4 and step_s > 0 else None
    return Stack(shape[-1] if len(shape) > 2 else 1, sides[0], sides[1], picture, times_s)


def _plane(stored: Any, index: Any, path: Path) -> Any:
    try:
        return np.asarray(stored[index])
    except Exception as error:
        raise damaged(path) from error


def _slicer_turn(first: NDArray[np.float64], second: NDArray[np.float64]) -> Turn:
    """For a plane stored as [second axis, first axis], whose axes point so in LPS space (3,): as 3D Slicer.

    Its slice views have the patient's left at the right of the screen, and below it posterior (axial view) or
    inferior (the others); sagittal, posterior is at the right (slicer.readthedocs.io, coordinate systems).
    """
    axes = [int(np.argmax(np.abs(direction))) for direction in (first, second)]
    swap = axes[0] > axes[1]  # left before posterior before superior runs along the screen
    across, down = (second, first) if swap else (first, second)
    mirror = across[int(np.argmax(np.abs(across)))] < 0
    along = int(np.argmax(np.abs(down)))
    return _turn(swap, (down[along] < 0) != (along == 2), mirror)  # superior is up


def _plus_turn(letters: str) -> Turn:
    """PLUS: where the axes point, to the Marked or Unmarked side of the probe, Near or Far; shown as `MF`."""
    named = letters.upper() if len(letters) >= 2 else "MF"
    first, second = named[0], named[1]
    swap = first in "NF"
    across, down = (second, first) if swap else (first, second)
    return _turn(swap, down == "N", across == "U")


def _turn(swap: bool, flip: bool, mirror: bool) -> Turn:
    def turn(plane: NDArray[Any]) -> NDArray[Any]:
        plane = np.swapaxes(plane, 0, 1) if swap else plane
        return plane[:: -1 if flip else 1, :: -1 if mirror else 1]

    return turn
