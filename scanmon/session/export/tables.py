"""The table of frames: CSV, Parquet or JSON lines."""

from __future__ import annotations

from pathlib import Path

from scanmon.core.schema import BOOKMARK, SESSION
from scanmon.session.export.material import Material, Progress
from scanmon.session.results_table import TableFile

_TELL_EVERY = 1000


def export_table(material: Material, path: Path, progress: Progress) -> None:
    """One row for each captured frame. Raises `SinkError`."""
    table = material.content.table
    marked = {row: text for row, _, text in material.content.bookmarks}
    with TableFile(path, (*SESSION, BOOKMARK)) as file:
        for number in range(len(table)):
            file.add(table.record(number) | {BOOKMARK.name: marked.get(number)})
            if number % _TELL_EVERY == 0:
                progress(number, len(table))
    progress(len(table), len(table))
