"""What a long run of `scanmon score` has done so far: the rows of each scored file, packed, by its key."""

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanmon.core.records import Row
from scanmon.session.keyed_store import KeyedStore
from scanmon.session.results_table import line


class FileScores(NamedTuple):
    """All rows of one scored file, packed."""

    data: bytes  # gzip of JSON lines
    rows: int  # how many; none where the file is sound and holds no picture
    failed: bool  # a row says why the file, or a frame of it, could not be scored


def packed(rows: Iterable[Row]) -> FileScores:
    """Pack rows as they come: a long cine takes kilobytes."""
    buffer, count, failed = io.BytesIO(), 0, False
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=4, mtime=0) as file:
        for record in rows:
            file.write(line(record).encode())
            count, failed = count + 1, failed or record.get("error") is not None
    return FileScores(buffer.getvalue(), count, failed)


def lines_of(data: bytes) -> Iterator[Row]:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as lines:
        for text in lines:
            yield json.loads(text)


class Journal(KeyedStore):
    """Results that come in any order go into the table in the order of the files."""

    def add(self, key: str, scores: FileScores) -> None:
        """Keep the result of a file; a second one takes the place of the first."""
        self.put(key, scores.data, failed=scores.failed)

    def rows(self, key: str) -> Iterator[Row]:
        """The rows of a file; nothing where there is no result."""
        data = self.get(key)
        yield from lines_of(data) if data is not None else ()
