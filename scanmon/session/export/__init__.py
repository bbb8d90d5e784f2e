"""A recorded session as files for other programs: `export`, by the ending of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from scanmon.core.errors import SettingsError
from scanmon.session.export.material import Material, Progress
from scanmon.session.export.movie import export_movie
from scanmon.session.export.report import export_report
from scanmon.session.export.tables import export_nrrd, export_table

__all__ = ["ENDINGS", "Material", "export"]


def _export_dicom(material: Material, path: Path, progress: Progress) -> None:
    from scanmon.session.export.dicom import export_dicom  # noqa: PLC0415 pydicom is slow to load

    export_dicom(material, path, progress)


ENDINGS: Final[dict[str, Callable[[Material, Path, Progress], None]]] = {
    ".csv": export_table,
    ".parquet": export_table,
    ".jsonl": export_table,
    ".mp4": export_movie,
    ".png": export_report,
    ".pdf": export_report,
    ".dcm": _export_dicom,
    ".seq.nrrd": export_nrrd,
}


def export(material: Material, path: Path, progress: Progress = lambda done, everything: None) -> None:
    """Write the session in the form that the ending of `path` asks for; nothing half-written stays behind.

    Raises `SettingsError` for an unknown ending, and `SinkError`.
    """
    for ending, write in ENDINGS.items():
        if path.name.lower().endswith(ending):
            write(material, path, progress)
            return
    raise SettingsError("has no ending of an export", path, f"use one of {', '.join(ENDINGS)}")
