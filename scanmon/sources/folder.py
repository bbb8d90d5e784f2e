"""A folder whose files are the frames of one recording: pictures, or DICOM files where there are none."""

from __future__ import annotations

from pathlib import Path

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording
from scanmon.sources.dicom_folder import dicom_files_in, open_dicom_folder
from scanmon.sources.images import images_in, open_images


def open_folder(folder: Path) -> Recording:
    """Pictures win over DICOM files, which archives put beside them. Raises `SourceError`."""
    try:
        images_in(folder)
    except SourceError:
        files = dicom_files_in(folder)
        if not files:
            raise
        return open_dicom_folder(folder, files)
    return open_images(folder)
