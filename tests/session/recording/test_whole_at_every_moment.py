"""A session is whole while it is recorded: it ends at once, others may read it, and only its owner may."""

import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanmon.app.sessions import export_session
from scanmon.session import store
from scanmon.session.reader import read_session
from scanmon.session.store import SessionStore, network_share
from scanmon.sources.session import SessionRecording
from tests.doubles.commands import python
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.sessions import analyses, begun, give, only, record, recorder, recording, scored

MOST_S = 0.2


@pytest.mark.parametrize("frames", [10, 1500])
def test_a_recording_ends_at_once_whatever_its_length(tmp_path: Path, frames: int) -> None:
    best = []
    for attempt in range(3):  # a busy disk may be slow for once
        keeper, folder = begun(tmp_path / str(attempt), frames)
        started_s = time.perf_counter()
        keeper.close()
        best.append(time.perf_counter() - started_s)
        if best[-1] < MOST_S:
            break
    assert min(best) < MOST_S, best
    content = read_session(folder)
    assert (content.complete, len(content.table), content.about["pictures"]) == (True, frames, frames)


def test_each_of_three_recordings_is_whole_when_the_recorder_is_closed(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    for begin in (0, 20, 40):
        keeper.start()
        for analysis in scored(*range(begin, begin + 20)):
            give(keeper, analysis)
        keeper.stop()
    keeper.close()
    folders = list(tmp_path.iterdir())
    assert [len(read_session(folder).table) for folder in folders] == [20, 20, 20]
    assert all(read_session(folder).complete for folder in folders)
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["session.db", "video.mkv"]


def test_the_next_recording_begins_while_the_last_one_is_read(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, wait=False, queue_bytes=3 * 91 * 121)
    keeper.start()
    for analysis in scored(*range(30)):
        give(keeper, analysis)
        assert keeper.flush(PATIENCE_S)
    first = only(tmp_path)
    with closing(sqlite3.connect(first / "session.db")) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM frames").fetchone() == (30,)
        keeper.stop()
        keeper.start()
        for analysis in scored(*range(30, 60)):
            give(keeper, analysis)
            assert keeper.flush(PATIENCE_S)  # the queue of three pictures never fills up
        status = keeper.status()
        assert (status.state, status.not_stored) == ("recording", 0)
    keeper.close()
    assert sorted(len(read_session(folder).table) for folder in tmp_path.iterdir()) == [30, 30]
    assert all(read_session(folder).complete for folder in tmp_path.iterdir())


def test_a_session_is_read_replayed_and_exported_while_it_is_recorded(tmp_path: Path) -> None:
    lengths = []
    with recording(tmp_path / "disk") as keeper:
        for analysis in analyses(90):
            give(keeper, analysis)
            if analysis.frame.index % 30 != 29:
                continue
            assert keeper.flush(PATIENCE_S)
            folder = only(tmp_path / "disk")
            with closing(SessionRecording(folder)) as session:
                assert not session.content.complete
                played = len(list(session))
                assert analysis.frame.index + 1 - played <= 25  # the last second is still on its way
                assert session.content.heatmap(played - 1) is not None
            lengths.append(len(session.content.table))
            export_session(folder, tmp_path / "out.csv")
            assert len((tmp_path / "out.csv").read_text().splitlines()) == lengths[-1] + 1
    assert lengths == [30, 60, 90]


def test_readers_of_a_recording_never_disturb_it(tmp_path: Path) -> None:
    keeper, folder = begun(tmp_path, wait=False)
    ended, seen = threading.Event(), [0]

    def read() -> None:
        while not ended.is_set():
            seen.append(len(read_session(folder).table))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for analysis in scored(*range(1, 250)):
        give(keeper, analysis)
        if analysis.frame.index % 10 == 0:
            assert keeper.flush(PATIENCE_S)
    ended.set()
    for reader in readers:
        reader.join()
    keeper.close()
    assert len(seen) > 3
    content = read_session(folder)
    assert (content.complete, content.about["frames"], content.about["not_stored"]) == (True, 250, 0)


def test_four_recorders_in_one_folder_disturb_nobody(tmp_path: Path) -> None:
    keepers = [recorder(tmp_path) for _ in range(4)]
    for keeper in keepers:
        keeper.start()
    for analysis in analyses(40):
        for keeper in keepers:
            give(keeper, analysis)
    for keeper in keepers:
        keeper.close()
    folders = list(tmp_path.iterdir())
    assert len(folders) == 4
    for folder in folders:
        np.testing.assert_array_equal(read_session(folder).table.numbers("source_frame"), np.arange(40))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_all_that_is_recorded_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keeper, folder = begun(tmp_path, 10)
        keeper.snapshot()
        assert keeper.flush(PATIENCE_S)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
        keeper.close()
    finally:
        os.umask(before)
    assert modes == {
        folder.name: 0o700,
        "session.db": 0o600,
        "session.db-wal": 0o600,
        "session.db-shm": 0o600,
        "video.mkv": 0o600,
        "snapshots": 0o700,
        "frame_000009.png": 0o600,
    }


@pytest.mark.skipif(os.name == "nt", reason="a medium that cannot be written to is made with modes")
@pytest.mark.parametrize("cut_off", [False, True])
def test_a_medium_that_cannot_be_written_to_is_read(tmp_path: Path, cut_off: bool) -> None:
    folder = record(tmp_path / "ended", 20)
    if cut_off:
        keeper, running = begun(tmp_path / "disk", 20)
        folder = tmp_path / "copy"
        folder.mkdir()
        for name in ("session.db", "session.db-wal", "video.mkv"):
            (folder / name).write_bytes((running / name).read_bytes())
        keeper.close()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code = "import sys; from scanmon.session.reader import read_session as r; from pathlib import Path; " + (
        "c = r(Path(sys.argv[1])); assert len(c.table) == 20; assert c.heatmap(7) is not None"
    )
    read_only(folder, code)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def read_only(folder: Path, code: str) -> None:
    """Run Python while the folder cannot be written to, not even by an administrator."""
    import subprocess

    mounted = subprocess.run(["mount", "--bind", str(folder), str(folder)], check=False, capture_output=True)
    if mounted.returncode:
        folder.chmod(0o500)
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere and mount nothing")
    try:
        if not mounted.returncode:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        python("-c", code, folder)
    finally:
        if mounted.returncode:
            folder.chmod(0o700)
        else:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_network_share_the_log_is_a_journal_and_the_user_is_told(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(store, "network_share", lambda folder: "nfs4")
    keeper, folder = begun(tmp_path, 20)
    assert "network share (nfs4)" in keeper.status().warning
    assert "network share (nfs4)" in caplog.text
    assert not (folder / "session.db-wal").exists()
    assert len(read_session(folder).table) == 20
    keeper.close()
    assert read_session(folder).complete


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /mnt/ward\\040A rw,relatime shared:20 - nfs4 server:/export rw
41 22 0:41 / /mnt/ward rw,relatime - cifs //server/share rw
42 41 0:42 / /mnt/ward/local rw,relatime - xfs /dev/sdb1 rw
43 22 0:43 / /mnt/ssh rw,relatime shared:21 master:2 - fuse.sshfs user@server: rw
44 22 0:44 / /mnt/twice rw - nfs server:/a rw
45 44 0:45 / /mnt/twice rw - ext4 /dev/sdc1 rw
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows is asked in another way")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/erika", None),
        ("/mnt/ward A/run", "nfs4"),
        ("/mnt/ward", "cifs"),
        ("/mnt/wardrobe", None),
        ("/mnt/ward/local/run", None),
        ("/mnt/ssh/run", "fuse.sshfs"),
        ("/mnt/twice", None),
    ],
)
def test_a_network_share_is_told_by_its_mount(tmp_path: Path, folder: str, kind: str | None) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert network_share(Path(folder), tmp_path / "mountinfo") == kind
    assert network_share(Path(folder), tmp_path / "nothing") is None


def test_a_file_system_without_shared_memory_gets_a_journal(tmp_path, monkeypatch) -> None:
    run = SessionStore.run

    def refused(self: SessionStore, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return run(self, "SELECT 'delete'" if sql == "PRAGMA journal_mode = wal" else sql, values)

    monkeypatch.setattr(SessionStore, "run", refused)
    keeper, folder = begun(tmp_path)
    assert "no WAL here" in keeper.status().warning
    keeper.close()
    assert read_session(folder).complete
