"""Formats of research. NumPy and MetaImage need nothing more; the others need the extra `research`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scanmon.core.errors import SourceError
from scanmon.sources.indexed import IndexedRecording
from scanmon.sources.research.arrays import read_hdf5, read_mat, read_npy, read_npz
from scanmon.sources.research.metaimage import read_metaimage
from scanmon.sources.research.nifti import read_nifti
from scanmon.sources.research.nrrd_file import read_nrrd
from scanmon.sources.research.stack import Stack, recording_of

_READERS: dict[str, tuple[str, Callable[[Path], Stack]]] = {
    ".mha": ("MetaImage", read_metaimage),
    ".mhd": ("MetaImage", read_metaimage),
    ".nrrd": ("NRRD", read_nrrd),
    ".nii": ("NIfTI", read_nifti),
    ".gz": ("NIfTI", read_nifti),
    ".npy": ("NumPy", read_npy),
    ".npz": ("NumPy", read_npz),
    ".mat": ("MATLAB", read_mat),
    ".h5": ("HDF5", read_hdf5),
    ".hdf5": ("HDF5", read_hdf5),
}


def open_research(path: Path) -> IndexedRecording:
    """Raises `SourceError`."""
    form, read = _READERS[path.suffix.lower()]
    try:
        return recording_of(read(path), path, form)
    except ImportError as error:
        raise SourceError(
            f"{form} needs the extra research", path, "python -m pip install 'scanmon[research]'"
        ) from error
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror or error})", path, "check the path and its rights"
        ) from error
