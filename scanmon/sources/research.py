"""Formats of research: plain arrays here, volumes with axes in `research_volumes`.

NumPy (`.npy`, `.npz`) and MetaImage need nothing more; the others need the extra `research`. Plain arrays say
nothing of their axes. NumPy and HDF5: frames, height, width, colours. MATLAB: height, width, colours, frames.
Three or four planes at the end are colours. Of several arrays the largest is taken. No pickle is loaded.
"""

import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.sources.recordings import IndexedRecording
from scanmon.sources.research_stack import Stack, check_held, damaged, mapped, recording_of
from scanmon.sources.research_volumes import read_metaimage, read_nifti, read_nrrd

_MOST_ARRAYS = 10_000
_MOST_PACKED = 2_000  # to one: deflate reaches 1032
_NONE, _SHAPE = "holds no array that could be pictures", "give height, width, frames"
_MATLAB = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "single", "double"}


def open_research(path: Path) -> IndexedRecording:
    """Raises `SourceError`."""
    form, read = _READERS[path.suffix.lower()]
    try:
        return recording_of(read(path), path, form)
    except SourceError:
        raise
    except ImportError as error:
        remedy = "python -m pip install 'scanmon[research]'"
        raise SourceError(f"{form} needs the extra research", path, remedy) from error
    except Exception as error:  # libraries raise anything on a file that is not sound
        if isinstance(error, OSError) and error.strerror:
            remedy = "check the path and its rights"
            raise SourceError(f"cannot be read ({error.strerror})", path, remedy) from error
        raise damaged(path) from error


def _read_npy(path: Path) -> Stack:
    """Read from the file as it is needed. Raises `SourceError`."""
    with path.open("rb") as file:
        shape, fortran, kind = _npy_header(file)
        _usable(kind, shape, path)
        return _ordered(mapped(path, kind, shape, file.tell(), "F" if fortran else "C"), path)


def _read_npz(path: Path) -> Stack:
    """The sizes that its members state are checked before one is unpacked. Raises `SourceError`."""
    best: tuple[int, str] | None = None
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist()[:_MOST_ARRAYS]:
            if member.filename.endswith(".npy"):
                with archive.open(member) as file:
                    shape, _, kind = _npy_header(file)
                size = math.prod(shape) * kind.itemsize
                if _possible(kind, shape) and (best is None or size > best[0]):
                    best = size, member.filename
        if best is None:
            raise NoPictureError(_NONE, path, _SHAPE)
        check_held(best[0], path)
        with archive.open(best[1]) as file:
            return _ordered(npy.read_array(file, allow_pickle=False), path)


def _read_hdf5(path: Path, matlab: bool = False) -> Stack:
    """The largest data set that could be pictures, read a picture at a time. Raises `SourceError`."""
    import h5py  # noqa: PLC0415 - an extra

    found: list[tuple[int, str]] = []

    def look(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset) and not item.external and not item.is_virtual:
            shape = tuple(int(side) for side in item.shape or ())
            if _possible(item.dtype, shape):
                found.append((math.prod(shape), name))
        return True if len(found) > _MOST_ARRAYS else None

    file = h5py.File(path, "r")
    file.visititems(look)  # follows no links into other files
    if not found:
        raise NoPictureError(_NONE, path, _SHAPE)
    data = file[max(found)[1]]
    shape = tuple(int(side) for side in data.shape)
    if math.prod(shape) * data.dtype.itemsize > max(1, data.id.get_storage_size()) * _MOST_PACKED:
        raise damaged(path)  # pieces that were never written are made up when they are read
    if matlab or len(shape) == 2 or shape[-1] in (3, 4):
        check_held(math.prod(shape) * data.dtype.itemsize, path)
        stored = np.asarray(data)
        file.close()
        return _ordered(stored.T, path, matlab=True) if matlab else _ordered(stored, path)

    def picture(k: int) -> NDArray[Any]:
        try:
            return np.asarray(data[k]).reshape(shape[1:3])
        except Exception as error:
            raise damaged(path) from error

    if len(shape) == 4 and shape[-1] != 1:
        raise NoPictureError("is not a sequence of pictures", path, "save frames, height, width")
    chunk = math.prod(data.chunks or ()) * data.dtype.itemsize
    check_held(chunk, path)  # a chunk is unpacked whole
    return Stack(shape[0], shape[1], shape[2], picture)


def _read_mat(path: Path) -> Stack:
    """MATLAB 4 to 7.2 through SciPy, 7.3 (which is HDF5) through h5py. Raises `SourceError`."""
    with path.open("rb") as head:
        if b"MATLAB 7.3" in head.read(128):
            return _read_hdf5(path, matlab=True)
    from scipy import io  # noqa: PLC0415 - an extra

    named = [
        (math.prod(shape), name)
        for name, shape, kind in io.whosmat(path)
        if len(shape) in (2, 3, 4) and kind in _MATLAB and _sides(shape)
    ]
    if not named:
        raise NoPictureError(_NONE, path, _SHAPE)
    size, name = max(named)
    check_held(size * 8, path)
    return _ordered(io.loadmat(path, variable_names=[name])[name], path, matlab=True)


def _npy_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, kind = read(file)
    return tuple(int(side) for side in shape), bool(fortran), np.dtype(kind)


def _possible(kind: np.dtype[Any], shape: tuple[int, ...]) -> bool:
    return kind.kind in "iuf" and len(shape) in (2, 3, 4) and _sides(shape)


def _sides(shape: tuple[int, ...]) -> bool:
    return min(shape) > 0 and sum(side >= 16 for side in shape) >= 2


def _usable(kind: np.dtype[Any], shape: tuple[int, ...], path: Path) -> None:
    if not _possible(kind, shape):
        raise NoPictureError(f"holds {kind} of shape {shape}, no pictures", path, _SHAPE)


def _ordered(stored: NDArray[Any], path: Path, *, matlab: bool = False) -> Stack:
    """Any of the orders above -> (frames, height, width[, colours])."""
    _usable(stored.dtype, stored.shape, path)
    if stored.ndim == 2:
        return Stack.of(stored[None])
    if matlab and stored.ndim == 4:
        stored = np.moveaxis(stored, 3, 0)
    elif stored.ndim == 3 and stored.shape[-1] in (3, 4):
        stored = stored[None]
    elif matlab:
        stored = np.moveaxis(stored, 2, 0)
    if stored.ndim == 4 and stored.shape[-1] == 1:
        stored = stored[..., 0]
    if stored.ndim == 4 and stored.shape[-1] not in (3, 4):
        raise NoPictureError("is not a sequence of pictures", path, "save frames, height, width")
    return Stack.of(stored)


_READERS: Final[dict[str, tuple[str, Callable[[Path], Stack]]]] = {
    ".mha": ("MetaImage", read_metaimage),
    ".mhd": ("MetaImage", read_metaimage),
    ".nrrd": ("NRRD", read_nrrd),
    ".nii": ("NIfTI", read_nifti),
    ".gz": ("NIfTI", read_nifti),
    ".npy": ("NumPy", _read_npy),
    ".npz": ("NumPy", _read_npz),
    ".mat": ("MATLAB", _read_mat),
    ".h5": ("HDF5", _read_hdf5),
    ".hdf5": ("HDF5", _read_hdf5),
}
