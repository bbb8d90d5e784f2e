"""What a person types at a moment: in the store, in exports, and never more than that."""

import csv
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.app.sessions import export_session
from scanmon.core.errors import SinkError
from scanmon.session.bookmarks import put_in_session
from scanmon.session.content import RecordedScores
from scanmon.session.export.movie import NUMBER_PX, Painter
from scanmon.session.reader import read_session
from tests.doubles.sessions import begun, frame, record


def marks(folder: Path) -> list[tuple[int, str]]:
    return [(row, text) for row, _, text in read_session(folder).bookmarks]


def test_a_recorder_marks_the_frame_that_was_shown_and_takes_its_text_later(tmp_path: Path) -> None:
    keeper, folder = begun(tmp_path, 8)
    for text in ("", "plaque\nwall"):
        keeper.bookmark(text, 3)
    keeper.bookmark("wrong", 5)
    keeper.bookmark(None, 5)
    keeper.bookmark("newest")
    keeper.close()
    assert marks(folder) == [(3, "plaque wall"), (7, "newest")]


def test_a_session_that_has_ended_takes_bookmarks_and_stays_readable(tmp_path: Path) -> None:
    folder = record(tmp_path, 10)
    put_in_session(folder, 4, 0.16, "")
    put_in_session(folder, 4, 0.16, "gut sichtbar")
    put_in_session(folder, 6, 0.24, "x" * 5000)
    put_in_session(folder, 2, 0.08, "gone")
    put_in_session(folder, 2, 0.08, None)
    assert [(row, len(text)) for row, text in marks(folder)] == [(4, 12), (6, 1000)]


def test_a_table_says_what_was_typed_at_its_frame(tmp_path: Path) -> None:
    folder = record(tmp_path, 6)
    put_in_session(folder, 4, 0.16, "here")
    export_session(folder, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        assert [row["bookmark"] for row in csv.DictReader(file)] == ["", "", "", "", "here", ""]


def test_nothing_that_stands_in_a_strange_session_runs_when_a_bookmark_is_added(tmp_path: Path) -> None:
    folder = record(tmp_path, 4)
    with sqlite3.connect(folder / "session.db") as store:
        store.execute("CREATE TRIGGER x AFTER INSERT ON events BEGIN DELETE FROM frames; END")
    store.close()
    with pytest.raises(SinkError, match="cannot be kept"):
        put_in_session(folder, 1, 0.04, "here")
    assert len(read_session(folder).table) == 4
    assert marks(folder) == []


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="old session"):
        put_in_session(tmp_path, 0, 0.0, "here")


def test_the_film_shows_what_was_typed_for_some_seconds(tmp_path: Path) -> None:
    folder = record(tmp_path, 100)
    put_in_session(folder, 4, 0.16, "Gefäß, größer")
    content = read_session(folder)
    assert Painter(content, 121, 91, 4.0)._bookmarks == [(0.16, "Gefaess, groesser")]

    def words(index: int, text: str) -> NDArray[np.uint8]:
        put_in_session(folder, 4, 0.16, text)
        now = read_session(folder)
        painter = Painter(now, 121, 91, 4.0)
        row = painter.paint(RecordedScores(now).analyze(frame(index)))[92:118]
        return row[:, NUMBER_PX - 4 :]

    assert (words(5, "here") > 200).any()
    assert not (words(3, "here") > 200).any()  # not yet
    assert not (words(95, "here") > 200).any()  # no more
    assert not (words(5, "") > 200).any()
    long = words(5, "x" * 900)
    assert (long > 200).any()
    assert not (long[:, -8:] > 200).any()
