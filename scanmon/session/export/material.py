"""What an export is made of, and how it says how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanmon.core import write_atomic
from scanmon.core.errors import SinkError, disk_errors
from scanmon.core.ports import Recording
from scanmon.core.values import Analysis
from scanmon.session.content import RecordedScores, SessionContent

Progress = Callable[[int, int], None]
"""Called with what is done and the whole; an exception that it raises cancels, and leaves nothing behind."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A session and its pictures; None where none were stored."""

    content: SessionContent
    recording: Recording | None

    def pictures(self, path: Path) -> Recording:
        """The pictures, for an export that needs them. Raises `SinkError`."""
        if self.recording is None:
            raise SinkError("the session holds no pictures", path, "export a table: .csv, .parquet or .jsonl")
        return self.recording

    def analyses(self, path: Path, progress: Progress) -> Iterator[Analysis]:
        """Every picture with what was recorded of it."""
        recording = self.pictures(path)
        scores = RecordedScores(self.content)
        frames = len(recording.times_s)
        for frame in recording.frames_from(0):
            yield scores.analyze(frame)
            progress(frame.index + 1, frames)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` at the end, or is gone after an error.

    Raises `SinkError` where the disk refuses.
    """
    refused = disk_errors(SinkError, "cannot be written", path, "choose a folder with space")
    with refused, write_atomic.replacing(path) as part:
        yield part
