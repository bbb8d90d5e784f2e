"""A recorded session as a recording: seeks, damage, and what is missing."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import (
    Spoil,
    cut,
    most_are_played_or_refused,
    overwrite,
    played_or_refused,
    record,
    refused_by_name,
)

FRAMES = 70
FILES = [layout.STORE, layout.VIDEO]


@pytest.fixture(scope="module", params=["h264", "ffv1"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("whole"), FRAMES, codec=request.param)


@pytest.fixture
def session(whole: Path) -> Iterator[SessionRecording]:
    recording = open_recording(str(whole))
    assert isinstance(recording, SessionRecording)
    yield recording
    recording.close()
    recording.close()


@pytest.fixture
def copy(tmp_path: Path, whole: Path) -> Path:
    """A session that a test may spoil."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def test_a_seek_gives_the_frames_that_playing_gives(session: SessionRecording) -> None:
    played = list(session)
    assert [frame.index for frame in played] == list(range(FRAMES))
    for start in (0, 1, 29, 30, 31, 69, 5):
        sought = next(iter(session.frames_from(start)))
        assert (sought.index, sought.time_s) == (start, session.times_s[start])
        np.testing.assert_array_equal(sought.pixels, played[start].pixels)


def test_times_are_those_of_the_table_and_not_the_rounded_ones_of_the_video(tmp_path: Path) -> None:
    recording = SessionRecording(record(tmp_path, 10))
    assert recording.times_s.tolist() == [index / 25 for index in range(10)]
    recording.close()


def test_it_says_what_it_is(session: SessionRecording) -> None:
    info = session.info
    assert (info.width, info.height, info.frames) == (121, 91, FRAMES)
    assert info.name.startswith("run_")
    assert "recorded sector" in info.details


def test_frames_are_read_only_and_have_the_size_of_the_screen(session: SessionRecording) -> None:
    frame = next(iter(session))
    assert frame.pixels.shape == (91, 121)
    assert not frame.pixels.flags.writeable


def test_a_frame_that_is_not_there_is_one_line(session: SessionRecording) -> None:
    with pytest.raises(SourceError, match="use 0 to 69"):
        session.frames_from(FRAMES)


def test_recorded_heatmaps_are_found_in_any_order(session: SessionRecording) -> None:
    heatmaps = [session.content.heatmap(row) for row in range(FRAMES)]
    for row in (69, 3, 40):
        again, before = session.content.heatmap(row), heatmaps[row]
        assert again is not None
        assert before is not None
        np.testing.assert_array_equal(again, before)
    assert session.content.heatmap(FRAMES) is None


def sql(*statements: str, **values: object) -> Spoil:
    """Change the store; `values` are those of the session, as JSON."""

    def spoil(folder: Path) -> None:
        with closing(sqlite3.connect(folder / layout.STORE)) as store, store:
            for statement in statements:
                store.execute(statement)
            for key, value in values.items():
                store.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (key, json.dumps(value)))

    return spoil


def without_types(folder: Path) -> None:
    """The same tables, in which every column takes any value."""
    with closing(sqlite3.connect(folder / layout.STORE)) as store, store:
        for table in layout.TABLES:
            store.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
            columns = ", ".join(column.split()[0] for column in layout.TABLES[table].split(", "))
            store.execute(f"CREATE TABLE {table} ({columns})")
            store.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")


def untyped(*statements: str) -> Spoil:
    return lambda folder: without_types(folder) or sql(*statements)(folder)


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
DAMAGE: dict[str, Spoil] = {
    "another schema": sql(schema_version=99),
    "no schema": sql("DELETE FROM session"),
    "a size that is no number": sql(height="tall"),
    "a size that is none": sql(width=-5),
    "a size that is not the video's": sql(width=500),
    "no JSON": sql("UPDATE session SET value = '{' WHERE key = 'source'"),
    "no number in JSON": sql("UPDATE session SET value = 'NaN' WHERE key = 'rate_hz'"),
    "nested too deep": sql(f"UPDATE session SET value = '{'[' * 50_000}' WHERE key = 'settings'"),
    "a store cut short": cut(layout.STORE),
    "no database": overwrite(layout.STORE, b"{}" * 9000),
    "no table yet": sql(*(f"DROP TABLE {table}" for table in layout.TABLES)),
    "a store of nothing": overwrite(layout.STORE, b""),
    "a table that is not there": sql("DROP TABLE heat"),
    "a table without a column": sql("ALTER TABLE regions DROP COLUMN box"),
    "frames without numbers": untyped("ALTER TABLE frames DROP COLUMN frame"),
    "an endless view": sql("DROP TABLE frames", f"CREATE VIEW frames AS SELECT x AS frame FROM ({ENDLESS})"),
    "an endless column": sql(
        "ALTER TABLE frames DROP COLUMN organ",
        "ALTER TABLE frames ADD COLUMN organ TEXT AS (hex(zeroblob(1000000000)))",
    ),
    "a virtual table": sql("DROP TABLE events", "CREATE VIRTUAL TABLE events USING fts5(kind, time_s)"),
    "a frame that is missing": sql("DELETE FROM frames WHERE frame = 5"),
    "a picture that is missing": sql("UPDATE frames SET video_frame = NULL WHERE frame = 5"),
    "a score that is a text": untyped("UPDATE frames SET score = '1e9' WHERE frame = 5"),
    "a score without an end": sql("UPDATE frames SET score = 9e999 WHERE frame = 5"),
    "a number with a fraction": untyped("UPDATE frames SET patches = 1.5 WHERE frame = 5"),
    "an organ that is no text": untyped("UPDATE frames SET organ = x'00' WHERE frame = 5"),
    "an organ that is no UTF-8": sql("UPDATE frames SET organ = CAST(x'ff' AS TEXT) WHERE frame = 5"),
    "a text as long as a book": sql("UPDATE frames SET organ = hex(zeroblob(20000000)) WHERE frame = 5"),
    "a box of one number": sql("UPDATE frames SET worst = '5' WHERE frame = 5"),
    "a box of large numbers": sql("UPDATE frames SET worst = '1,2,3,9999999999'"),
    "times that stand still": sql("UPDATE frames SET time_s = 1.0"),
    "a region that is none": sql("UPDATE regions SET box = '1,2'"),
    "a region of another type": untyped("UPDATE regions SET outline = 5, mask = 5"),
    "a mask of another size": sql("UPDATE regions SET mask = x'789c030000000001'"),
    "a region outside": sql("UPDATE regions SET box = '-5,0,9,9'"),
    "a region outside the picture": sql("UPDATE regions SET box = '0,0,5000,9', mask = NULL"),
    "a corner that cannot be drawn": sql("UPDATE regions SET outline = '[[NaN,0]]'"),
    "an event without a time": sql("UPDATE events SET time_s = NULL"),
    "an event whose time is a text": untyped("UPDATE events SET time_s = 'x'"),
    "an event of another kind": sql("UPDATE events SET details = '[1]'"),
    "no video": overwrite(layout.VIDEO, b"\x1a\x45\xdf\xa3" + b"\0" * 40),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_one_line_that_names_the_file(copy: Path, damage: str) -> None:
    refused_by_name(copy, DAMAGE[damage], layout.VIDEO if damage == "no video" else layout.STORE)


@pytest.mark.parametrize(
    "change",
    ["height = 1 << 40", "height = 0", "height = NULL", "steps = x'00'", "steps = NULL", "width = 'x'"],
)
def test_a_heatmap_that_makes_no_sense_is_an_error_of_ours(copy: Path, change: str) -> None:
    without_types(copy)
    sql(f"UPDATE heat SET {change} WHERE frame = 5")(copy)
    content = read_session(copy)
    with pytest.raises(SourceError, match=r"session\.db"):
        content.heatmap(5)
    assert content.heatmap(4) is not None  # the others are not harmed
    assert content.heatmap(6) is not None


def test_what_stands_beside_the_tables_is_never_run(copy: Path) -> None:
    """A physicist may keep a view or a trigger of his own; neither it nor a function in it is called."""
    sql(
        f"CREATE VIEW mine AS {ENDLESS}",
        "CREATE TRIGGER changed AFTER UPDATE ON frames BEGIN DELETE FROM frames; END",
        "ALTER TABLE events ADD COLUMN more BLOB AS (zeroblob(1000000000))",
    )(copy)
    assert len(read_session(copy).events) >= 2


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_link_or_a_pipe_beside_the_store_is_not_opened(copy: Path, ending: str) -> None:
    os.mkfifo(copy / f"{layout.STORE}{ending}")
    with pytest.raises(SourceError, match="is no plain file"):
        read_session(copy)


def test_a_journal_that_goes_while_it_is_looked_at_is_no_fault(copy, monkeypatch) -> None:
    """A writer takes its journal away as it ends; the session is whole without it."""
    lstat = Path.lstat

    def gone(path: Path) -> os.stat_result:
        if path.name.endswith("-journal"):
            path.unlink(missing_ok=True)
        return lstat(path)

    (copy / f"{layout.STORE}-journal").touch()
    monkeypatch.setattr(Path, "lstat", gone)
    assert len(read_session(copy).table) == FRAMES


def test_a_video_that_lost_its_end_is_played_as_far_as_it_goes(copy: Path) -> None:
    data = (copy / layout.VIDEO).read_bytes()
    (copy / layout.VIDEO).write_bytes(data[: len(data) * 2 // 3])
    recording = SessionRecording(copy)
    count = len(list(recording))
    assert 10 < count < FRAMES
    assert len(recording.times_s) == len(recording.content.pictures) >= count
    recording.close()


@pytest.mark.parametrize("seed", range(12))
def test_any_damaged_byte_is_harmless_or_an_error_of_ours(copy: Path, seed: int) -> None:
    assert played_or_refused(copy, FILES, seed) in ("played", "refused")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_fifteen_hundred_damaged_sessions_are_played_or_refused(copy, record_property) -> None:
    most_are_played_or_refused(copy, FILES, record_property)


def test_a_session_of_dropped_frames_alone_has_a_table_and_no_pictures(copy: Path) -> None:
    (copy / layout.VIDEO).unlink()
    assert len(read_session(copy).table) == FRAMES
    with pytest.raises(SourceError, match="holds scores but no pictures"):
        SessionRecording(copy)


def test_a_row_that_makes_no_sense_is_an_error_of_ours(copy: Path) -> None:
    sql("UPDATE frames SET verdict = 'splendid' WHERE frame = 2")(copy)
    spoilt = read_session(copy)
    assert spoilt.reading(1) is not None
    with pytest.raises(SourceError, match="splendid"):
        spoilt.reading(2)


def test_a_table_of_an_older_scanmon_lacks_columns_and_one_of_a_later_one_has_more(copy: Path) -> None:
    sql("ALTER TABLE frames DROP COLUMN part_noise", "ALTER TABLE frames ADD COLUMN colour TEXT")(copy)
    content = read_session(copy)
    assert content.table.record(3)["part_noise"] is None
    assert "colour" not in content.table.record(3)


def test_pandas_reads_the_store_with_one_line(copy: Path) -> None:
    pd = pytest.importorskip("pandas", reason="pandas comes with the test extra")
    frames = pd.read_sql("select * from frames", sqlite3.connect(copy / layout.STORE))
    content = read_session(copy)
    np.testing.assert_array_equal(frames["score"], content.table.numbers("score"))
    assert frames["verdict"].tolist() == content.table.texts("verdict")
