"""Power cuts, killed programs and failing disks: at most the last second is lost, and the folder opens."""

import errno
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanmon.core.errors import SinkError
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.session.store import SessionStore
from scanmon.session.video import Packet, VideoFile
from scanmon.sources.session import SessionRecording
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.doubles.sessions import analyses, begun, frame, give, only, recorder, recording, scored, written

ROOT = Path(__file__).parents[3]
RATE_HZ = 25
MOST_LOST = RATE_HZ  # frames: one second


def frames_left(folder: Path, codec: str) -> int:
    """Pictures of a session, each compared with what was recorded."""
    count = 0
    with closing(SessionRecording(folder)) as recording:
        for count, stored in enumerate(recording, start=1):
            wanted = frame(count - 1).pixels[40:60, 40:60]
            difference = np.abs(stored.pixels[40:60, 40:60].astype(float) - wanted).mean()
            assert difference <= (0 if codec == "ffv1" else 2), f"picture {count - 1} is another"
        assert all(recording.content.heatmap(row) is not None for row in range(count))
        assert not recording.content.complete
    return count


def killed_session(root: Path, codec: str, after: int) -> tuple[Path, int]:
    """Kill a recording program when it has captured `after` frames; the session and what it had captured."""
    camera = [sys.executable, "-m", "tests.session.recording.camera", str(root), codec]
    with subprocess.Popen(camera, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        last = -1
        while last < after:
            line = program.stdout.readline()
            assert line, "the program ended by itself"
            last = int(line)
        program.kill()
        rest = program.stdout.read().split("\n")
        last = max([last, *(int(line) for line in rest if line)])
    return only(root), last + 1


@pytest.mark.parametrize(("codec", "after"), [("h264", 61), ("ffv1", 40)])
def test_a_killed_program_loses_at_most_a_second(tmp_path: Path, codec: str, after: int) -> None:
    folder, captured = killed_session(tmp_path, codec, after)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".db-shm"}
    assert captured - frames_left(folder, codec) <= MOST_LOST
    assert captured - frames_left(folder, codec) <= MOST_LOST
    assert {name: (folder / name).read_bytes() for name in before} == before  # reading changes nothing


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills_at_random_moments_lose_at_most_a_second_each(tmp_path, record_property) -> None:
    dice = random.Random(7)
    lost = []
    for number in range(50):
        codec = dice.choice(["h264", "ffv1"])
        folder, captured = killed_session(tmp_path / str(number), codec, dice.randrange(30, 90))
        lost.append(captured - frames_left(folder, codec))
    assert max(lost) <= MOST_LOST, f"frames lost at {RATE_HZ} Hz: {lost}"
    record_property("most_frames_lost", max(lost))


@pytest.mark.parametrize("codec", ["h264", "ffv1"])
def test_a_copy_of_the_folder_at_any_moment_opens(tmp_path: Path, codec: str) -> None:
    with recording(tmp_path / "disk", codec=codec) as keeper:
        for analysis in analyses(90):
            give(keeper, analysis)
            if analysis.frame.index % 15 == 14:
                assert keeper.flush(PATIENCE_S)
                copy = tmp_path / "copies" / f"{analysis.frame.index}"
                shutil.copytree(only(tmp_path / "disk"), copy)
                left = frames_left(copy, codec) if (copy / layout.VIDEO).exists() else 0
                assert analysis.frame.index + 1 - left <= MOST_LOST


class Copies(threading.Thread):
    """Copies the files of a folder one after the other, again and again, at moments of chance."""

    def __init__(self, folder: Path, target: Path) -> None:
        super().__init__()
        self.folder, self.target, self.most = folder, target, 60
        self.ended = threading.Event()

    def run(self) -> None:
        dice = random.Random(11)
        for number in range(self.most):
            if self.ended.wait(dice.uniform(0, 0.05)):
                return
            (self.target / str(number)).mkdir(parents=True)
            for path in sorted(self.folder.iterdir(), key=lambda path: dice.random()):
                with suppress(FileNotFoundError):  # at the end SQLite's log goes
                    shutil.copyfile(path, self.target / str(number) / path.name)


def test_files_copied_one_by_one_while_they_are_written_open(tmp_path: Path) -> None:
    """A backup is no snapshot: its files are of different moments."""
    keeper, folder = begun(tmp_path / "disk")
    copies = Copies(folder, tmp_path / "copies")
    copies.start()
    for analysis in scored(*range(1, 750)):
        give(keeper, analysis)
        if analysis.frame.index % 3 == 0:
            assert keeper.flush(PATIENCE_S)  # a commit for every third frame: as many as in two minutes
    copies.ended.set()
    copies.join()
    keeper.close()
    folders = sorted((tmp_path / "copies").iterdir(), key=lambda folder: int(folder.name))
    assert len(folders) > 10
    lengths = [len(read_session(folder).table) for folder in folders]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("name", [layout.STORE, f"{layout.STORE}-wal", layout.VIDEO])
def test_a_file_cut_at_any_byte_still_opens(tmp_path: Path, name: str) -> None:
    with recording(tmp_path / "disk") as keeper:
        for analysis in analyses(40):
            give(keeper, analysis)
            if analysis.frame.index % 5 == 4:
                keeper.flush(PATIENCE_S)
        shutil.copytree(only(tmp_path / "disk"), tmp_path / "copy")
    whole = (tmp_path / "copy" / name).read_bytes()
    dice = random.Random(3)
    for cut in [len(whole) - 1, *(dice.randrange(len(whole) // 2, len(whole)) for _ in range(8))]:
        (tmp_path / "copy" / name).write_bytes(whole[:cut] + b"\0" * dice.choice([0, 0, 50]))
        with closing(SessionRecording(tmp_path / "copy")) as played:
            assert len(list(played)) >= 5


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only an administrator can make a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(params=["video", "store", "disk"])
def nearly_full(request, tmp_path, monkeypatch) -> Iterator[Path]:
    """A folder with room for some frames: the video meets the end first, or the store, or either."""
    if request.param == "disk":
        with small_disk(tmp_path, "240k"):
            yield tmp_path
        return
    if request.param == "video":
        add, room = VideoFile.add, {"bytes": 9000}

        def limited(self: VideoFile, packet: Packet) -> None:
            room["bytes"] -= len(packet.data)
            if room["bytes"] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            add(self, packet)

        monkeypatch.setattr(VideoFile, "add", limited)
    else:
        begin = SessionStore.__init__

        def small(self: SessionStore, *given: Any, **options: Any) -> None:
            begin(self, *given, **options)
            self._database.execute("PRAGMA max_page_count = 9")

        monkeypatch.setattr(SessionStore, "__init__", small)
    yield tmp_path
    monkeypatch.undo()


def test_a_disk_that_fills_up_ends_the_recording_and_says_so(nearly_full: Path) -> None:
    keeper = recorder(nearly_full, codec="ffv1")
    keeper.start()
    for analysis in analyses(60):
        give(keeper, analysis)
        if analysis.frame.index % 10 == 0:
            keeper.flush(PATIENCE_S)  # as it happens by itself every 0.4 s
    keeper.flush(PATIENCE_S)
    status = keeper.status()
    assert status.state == "failed"
    assert "No space left on device" in str(status.error)
    with pytest.raises(SinkError, match="is kept"):
        keeper.close()
    (folder,) = nearly_full.iterdir()
    content = read_session(folder)
    assert not content.complete
    assert len(content.table) >= 1


@pytest.mark.parametrize("size", ["8k", "24k", "60k"])
def test_a_disk_that_is_full_at_once_leaves_no_session_that_cannot_be_opened(tmp_path, size) -> None:
    with small_disk(tmp_path, size):
        with pytest.raises(SinkError, match="recording ended"):
            written(tmp_path, analyses(5))
        for folder in tmp_path.iterdir():
            assert not read_session(folder).complete


def test_a_file_deleted_just_before_the_end_is_noticed(tmp_path: Path) -> None:
    keeper, folder = begun(tmp_path)
    (folder / layout.VIDEO).unlink()
    with pytest.raises(SinkError, match=r"video\.mkv has gone"):
        keeper.close()


def test_a_disk_that_goes_away_does_not_hold_up_the_frames(tmp_path: Path) -> None:
    keeper, _ = begun(tmp_path / "usb" / "sessions")
    shutil.rmtree(tmp_path / "usb")
    (tmp_path / "usb").write_text("gone")
    for analysis in scored(*range(1, 30)):
        give(keeper, analysis)
    keeper.stop()
    keeper.flush(PATIENCE_S)
    assert keeper.status().state == "failed"
    with pytest.raises(SinkError):
        keeper.close()
    assert (tmp_path / "usb").read_text() == "gone"


@pytest.mark.parametrize("name", [layout.STORE, f"{layout.STORE}-wal", layout.VIDEO, "", ".."])
def test_a_deleted_file_or_folder_is_noticed_within_a_second_and_said(tmp_path: Path, name: str) -> None:
    keeper, folder = begun(tmp_path / "sessions")
    source = scored(*range(1, 500))
    gone = (folder / name).resolve()
    gone.unlink() if gone.is_file() else shutil.rmtree(gone)
    wait_until(lambda: give(keeper, next(source)) or keeper.status().state == "failed", 1.0)
    with pytest.raises(SinkError, match=r"recording ended, (session\.db|video\.mkv)"):
        keeper.close()


def test_a_video_with_another_in_its_place_is_noticed(tmp_path: Path) -> None:
    keeper, folder = begun(tmp_path)
    (folder / layout.VIDEO).rename(folder / "other.mkv")
    shutil.copyfile(folder / "other.mkv", folder / layout.VIDEO)
    keeper.flush(PATIENCE_S)
    with pytest.raises(SinkError, match=r"video\.mkv was replaced"):
        keeper.close()


def test_a_removed_disk_is_noticed_while_nothing_comes_and_is_not_made_up(tmp_path: Path) -> None:
    keeper, _ = begun(tmp_path / "usb" / "sessions")
    shutil.rmtree(tmp_path / "usb")
    wait_until(lambda: keeper.status().state == "failed")
    assert not (tmp_path / "usb").exists()
    with pytest.raises(SinkError, match="recording ended"):
        keeper.close()
