"""A file that is written atomically is the old one or the new one, for whoever may read it."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from scanmon.core.write_atomic import PRIVATE, replacing, write_atomic


def test_a_file_appears_with_its_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b" / "file.toml", b"one")
    write_atomic(tmp_path / "a" / "b" / "file.toml", b"two")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["file.toml"]
    assert (tmp_path / "a" / "b" / "file.toml").read_bytes() == b"two"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"one", mode=PRIVATE)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_name_in_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "inside").touch()
    with pytest.raises(OSError, match=r".+"):
        write_atomic(tmp_path / "file", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_many_writers_of_one_file_leave_one_of_their_files_whole(tmp_path: Path) -> None:
    path, texts = tmp_path / "file", [bytes([letter]) * 100_000 for letter in b"abcdefgh"]
    writers = [threading.Thread(target=write_atomic, args=(path, text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in texts
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="folders are not synced there")
@pytest.mark.parametrize(("number", "harmless"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_share_that_cannot_sync_a_folder_is_written_to_and_a_failing_disk_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, harmless: bool
) -> None:
    fsync = os.fsync

    def failing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    if harmless:
        write_atomic(tmp_path / "file", b"one")
    else:
        with pytest.raises(OSError, match=os.strerror(number)):
            write_atomic(tmp_path / "file", b"one")
    assert (tmp_path / "file").read_bytes() == b"one"


def test_an_error_while_a_large_file_is_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("film.mp4", b"old")]
    with replacing(path) as part:
        part.write_bytes(b"new")
    assert path.read_bytes() == b"new"
