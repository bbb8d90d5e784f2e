"""Results by key: the last of each counts, other runs are refused, damage and full disks are one line."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scanmon.core.errors import SettingsError, SinkError
from scanmon.session.keyed_store import KeyedStore


def test_the_last_result_of_a_key_counts_and_one_that_failed_is_to_be_tried_again(tmp_path: Path) -> None:
    store = KeyedStore(tmp_path / "run.db", "a")
    store.put("one", b"1")
    store.put("two", b"", failed=True)
    assert (store.done("one"), store.done("two"), store.done("three")) == (True, False, False)
    store.put("two", b"2")
    store.put("one", b"11")
    assert (store.get("one"), store.get("two"), store.get("three")) == (b"11", b"2", None)
    store.close()
    again = KeyedStore(tmp_path / "run.db", "a")
    assert list(again.items()) == [("two", b"2"), ("one", b"11")]
    again.remove()
    assert list(tmp_path.iterdir()) == []


def test_another_run_is_refused(tmp_path: Path) -> None:
    store = KeyedStore(tmp_path / "run.db", "a")
    with pytest.raises(SettingsError, match="another run is at work"):
        KeyedStore(tmp_path / "run.db", "a")
    store.close()
    with pytest.raises(SettingsError, match="other settings"):
        KeyedStore(tmp_path / "run.db", "b")
    KeyedStore(tmp_path / "run.db", "a").close()


def test_what_is_no_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.db").write_bytes(b"text" * 900)
    with pytest.raises(SettingsError, match="is no unfinished run"):
        KeyedStore(tmp_path / "run.db", "a")
    with pytest.raises(SinkError, match="cannot be written"):
        KeyedStore(tmp_path / "nowhere" / "run.db", "a")


def test_a_database_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "checks.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE checks (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="the file of something else"):
        KeyedStore(path, "study")
    assert path.read_bytes() == before


def test_a_full_disk_is_one_line_and_keeps_what_was_there(tmp_path: Path) -> None:
    store = KeyedStore(tmp_path / "run.db", "a")
    store.put("one", b"1")
    store._database.execute("PRAGMA max_page_count = 5")
    with pytest.raises(SinkError, match="full"):
        store.put("two", bytes(50_000))
    store.close()
    again = KeyedStore(tmp_path / "run.db", "a")
    assert list(again.items()) == [("one", b"1")]
    again.close()


def test_a_run_that_ended_without_closing_goes_on(tmp_path: Path) -> None:
    store = KeyedStore(tmp_path / "run.db", "a")
    store.put("one", b"1")
    for name in ("run.db", "run.db-wal"):
        (tmp_path / f"copy_of_{name}").write_bytes((tmp_path / name).read_bytes())
    store.close()
    copy = KeyedStore(tmp_path / "copy_of_run.db", "a")
    assert copy.done("one")
    copy.close()
    with pytest.raises(sqlite3.ProgrammingError):
        copy.get("one")
