"""The tables of an ended session are made in the background, while the next one is recorded."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scanmon.app.sessions import export_session
from scanmon.core.errors import SinkError, SourceError
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.session.recording import closing, seal
from tests.doubles.scenes import PATIENCE_S
from tests.session.recording.material import analyses, recorder


class HeldSeal:
    """Seals when it may, and says what it was told to seal."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may = threading.Event()
        self.folders: list[Path] = []

    def __call__(self, folder: Path, progress: Callable[[float], None]) -> bool:
        self.folders.append(folder)
        progress(0.4)
        self.begun.release()
        assert self.may.wait(PATIENCE_S)
        return seal(folder, progress)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldSeal:
    held = HeldSeal()
    monkeypatch.setattr(closing, "seal", held)
    return held


def test_the_next_recording_does_not_wait_for_the_tables_of_the_last(tmp_path: Path, held: HeldSeal) -> None:
    keeper = recorder(tmp_path, wait=False, queue_bytes=3 * 91 * 121)
    source = list(analyses(60))
    keeper.start()
    for analysis in source[:30]:
        keeper.write(analysis)
        assert keeper.flush(PATIENCE_S)
    keeper.stop()
    assert held.begun.acquire(timeout=PATIENCE_S)
    assert keeper.status().closing == 0.4
    keeper.start()
    for analysis in source[30:]:
        keeper.write(analysis)
        assert keeper.flush(PATIENCE_S)  # the queue of three pictures never fills up
    status = keeper.status()
    assert (status.state, status.frames <= 30, status.not_stored, status.closing) == (
        "recording",
        True,
        0,
        0.4,
    )
    (first,) = held.folders
    assert (first / layout.ROW_STORE).exists()
    assert len(read_session(first).table) == 30  # it can be replayed before its tables are made
    export_session(first, tmp_path / "out.csv")  # and exported, without another making them too
    assert (first / layout.ROW_STORE).exists()
    held.may.set()
    keeper.close()
    assert keeper.status().closing is None
    folders = sorted(path for path in tmp_path.iterdir() if path.is_dir())
    assert [len(read_session(folder).table) for folder in folders] == [30, 30]
    for folder in folders:
        assert (folder / layout.FRAMES).exists()
        assert not (folder / layout.ROW_STORE).exists()
        assert read_session(folder).complete


def test_close_waits_until_all_tables_are_made(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    for begin in (0, 20, 40):
        keeper.start()
        for analysis in list(analyses(begin + 20))[begin:]:
            keeper.write(analysis)
        keeper.stop()
    keeper.close()
    folders = list(tmp_path.iterdir())
    assert len(folders) == 3
    for folder in folders:
        assert {layout.FRAMES, layout.HEATMAPS} < {path.name for path in folder.iterdir()}


def test_tables_that_cannot_be_made_are_told_and_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, progress: Callable[[float], None]) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(closing, "seal", full)
    keeper = recorder(tmp_path)
    keeper.start()
    for analysis in analyses(10):
        keeper.write(analysis)
    keeper.stop()
    with pytest.raises(SinkError, match=r"could not be closed \(No space left on device\)"):
        keeper.close()
    (folder,) = tmp_path.iterdir()
    assert len(read_session(folder).table) == 10


def test_what_is_done_grows_to_the_whole(tmp_path: Path) -> None:
    keeper = recorder(tmp_path / "disk")
    keeper.start()
    for analysis in analyses(20):
        keeper.write(analysis)
    keeper.flush(PATIENCE_S)
    (folder,) = (tmp_path / "disk").iterdir()
    shares: list[float] = []
    seal(folder, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 3
    keeper.close()


def test_rows_that_make_no_sense_are_left_as_they_are_and_said(tmp_path: Path) -> None:
    rows = '{"frame":0}\n{"frame":"high"}\n'
    (tmp_path / layout.ROW_STORE).write_text(rows)
    (tmp_path / layout.ABOUT).write_text('{"schema_version":1}')
    os.utime(tmp_path / layout.ABOUT, (0, 0))  # nobody writes here any more
    with pytest.raises(SourceError, match="is damaged"):
        export_session(tmp_path, tmp_path / "out.csv")
    assert (tmp_path / layout.ROW_STORE).read_text() == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == [layout.ROW_STORE, layout.ABOUT]
