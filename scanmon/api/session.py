"""A recorded session as frames and tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from scanmon.api.options import Place, text_of
from scanmon.api.reading import Reading, reading_of
from scanmon.app.sessions import open_recorded_scores
from scanmon.core.schema import SESSION
from scanmon.session.content import RecordedScores, SessionContent
from scanmon.sources.session import SessionRecording


def open_session(folder: Place) -> Session:
    """A recorded session, ended or still being recorded. Raises `ScanmonError`."""
    path = Path(text_of(folder))
    return Session(path, open_recorded_scores(path))


class Session:
    """Made by `open_session`. It holds no file open between two calls."""

    def __init__(self, folder: Path, content: SessionContent) -> None:
        self._folder = folder
        self._content = content

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self._content.name

    @property
    def about(self) -> dict[str, Any]:
        """What was recorded with which software, bundle, settings and region."""
        return dict(self._content.about)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Start, freeze, signal lost, bookmarks and so on: `kind`, `time_s`, `frame` and more."""
        return [dict(event) for event in self._content.events]

    def __len__(self) -> int:
        """Captured frames: the rows of `table`."""
        return len(self._content.table)

    def table(self) -> dict[str, list[Any]]:
        """A row for each captured frame, in columns that pandas takes; None where nothing is known."""
        return {column.name: self._content.table.values(column.name) for column in SESSION}

    def frames(self) -> Iterator[Reading]:
        """Each stored picture with what was recorded of it. Raises `ScanmonError` where none was stored."""
        with closing(SessionRecording(self._folder)) as recording:
            scores = RecordedScores(recording.content)
            for frame in recording:
                yield reading_of(scores.analyze(frame))
