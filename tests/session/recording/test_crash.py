"""Power cuts, killed programs and failing disks: at most the last second is lost, and the folder opens."""

from __future__ import annotations

import errno
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SinkError
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.session.recording import seal
from scanmon.session.recording.appending import AppendingFile
from scanmon.sources.session import SessionRecording
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.session.recording.material import analyses, frame, recorder

ROOT = Path(__file__).parents[3]
RATE_HZ = 25
MOST_LOST = RATE_HZ  # frames: one second


def frames_left(folder: Path, codec: str) -> int:
    """Pictures of a session, each compared with what was recorded."""
    recording = SessionRecording(folder)
    count = 0
    for count, stored in enumerate(recording, start=1):
        wanted = frame(count - 1).pixels[40:60, 40:60]
        difference = np.abs(stored.pixels[40:60, 40:60].astype(float) - wanted).mean()
        assert difference <= (0 if codec == "ffv1" else 2), f"picture {count - 1} is another"
    heatmaps = [recording.content.heatmap(row) is not None for row in range(count)]
    assert all(heatmaps)
    assert not recording.content.complete
    recording.close()
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
    (folder,) = root.iterdir()
    return folder, last + 1


@pytest.mark.parametrize(("codec", "after"), [("h264", 61), ("ffv1", 40)])
def test_a_killed_program_loses_at_most_a_second(tmp_path: Path, codec: str, after: int) -> None:
    folder, captured = killed_session(tmp_path, codec, after)
    assert captured - frames_left(folder, codec) <= MOST_LOST
    assert seal(folder)
    assert captured - frames_left(folder, codec) <= MOST_LOST
    assert not (folder / layout.ROW_STORE).exists()
    assert not seal(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills_at_random_moments_lose_at_most_a_second_each(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
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
    keeper = recorder(tmp_path / "disk", codec=codec)
    keeper.start()
    for analysis in analyses(90):
        keeper.capture(analysis.frame)
        keeper.write(analysis)
        if analysis.frame.index % 15 == 14:
            assert keeper.flush(PATIENCE_S)
            (folder,) = (tmp_path / "disk").iterdir()
            copy = tmp_path / "copies" / f"{analysis.frame.index}"
            shutil.copytree(folder, copy)
            left = frames_left(copy, codec) if (copy / layout.VIDEO).exists() else 0
            assert analysis.frame.index + 1 - left <= MOST_LOST
    keeper.close()


@pytest.mark.parametrize("name", [layout.ROW_STORE, layout.HEAT_STORE, layout.EVENTS, layout.VIDEO])
def test_a_file_cut_at_any_byte_still_opens(tmp_path: Path, name: str) -> None:
    keeper = recorder(tmp_path / "disk")
    keeper.start()
    for analysis in analyses(40):
        keeper.write(analysis)
    keeper.flush(PATIENCE_S)
    (folder,) = (tmp_path / "disk").iterdir()
    shutil.copytree(folder, tmp_path / "copy")
    keeper.close()
    whole = (tmp_path / "copy" / name).read_bytes()
    dice = random.Random(3)
    for cut in [len(whole) - 1, *(dice.randrange(len(whole) // 2, len(whole)) for _ in range(8))]:
        (tmp_path / "copy" / name).write_bytes(whole[:cut] + b"\0" * dice.choice([0, 0, 50]))
        recording = SessionRecording(tmp_path / "copy")
        assert len(list(recording)) >= 5
        recording.close()


def test_a_table_cut_short_seals_to_its_whole_rows(tmp_path: Path) -> None:
    (tmp_path / layout.ROW_STORE).write_bytes(b'{"frame":0,"score":1.5}\n{"frame":1}\n{"fra')
    (tmp_path / layout.ABOUT).write_text(json.dumps({"schema_version": 1}))
    assert seal(tmp_path)
    table = read_session(tmp_path).table
    assert (len(table), table.record(0)["score"]) == (2, 1.5)


@pytest.mark.parametrize("name", [layout.VIDEO, layout.ROW_STORE, layout.HEAT_STORE])
def test_a_disk_that_fills_up_ends_the_recording_and_says_so(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = {"bytes": 600 if name == layout.HEAT_STORE else 9000}
    write = AppendingFile.write

    def limited(self: AppendingFile, data: bytes) -> int:
        if self.name == name:
            room["bytes"] -= len(data)
            if room["bytes"] < 0:
                self.failure = OSError(errno.ENOSPC, "No space left on device")
                raise self.failure
        return write(self, data)

    monkeypatch.setattr(AppendingFile, "write", limited)
    keeper = recorder(tmp_path, codec="ffv1")
    keeper.start()
    for analysis in analyses(60):
        keeper.write(analysis)
    keeper.flush(PATIENCE_S)
    status = keeper.status()
    assert status.state == "failed"
    assert "No space left on device" in str(status.error)
    with pytest.raises(SinkError, match="is kept"):
        keeper.close()
    monkeypatch.undo()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert not content.complete
    assert len(content.table) >= 1


def test_a_disk_that_goes_away_does_not_hold_up_the_frames(tmp_path: Path) -> None:
    keeper = recorder(tmp_path / "usb" / "sessions")
    keeper.start()
    source = list(analyses(30))
    keeper.write(source[0])
    keeper.flush(PATIENCE_S)
    shutil.rmtree(tmp_path / "usb")
    (tmp_path / "usb").write_text("gone")
    for analysis in source[1:]:
        keeper.write(analysis)
    keeper.stop()
    keeper.flush(PATIENCE_S)
    assert keeper.status().state == "failed"
    with pytest.raises(SinkError):
        keeper.close()
    assert (tmp_path / "usb").read_text() == "gone"


def test_a_removed_disk_is_noticed_while_nothing_comes_and_is_not_made_up(tmp_path: Path) -> None:
    keeper = recorder(tmp_path / "usb" / "sessions")
    keeper.start()
    keeper.write(next(iter(analyses(1))))
    assert keeper.flush(PATIENCE_S)
    shutil.rmtree(tmp_path / "usb")
    wait_until(lambda: keeper.status().state == "failed")
    assert not (tmp_path / "usb").exists()
    with pytest.raises(SinkError, match="recording ended"):
        keeper.close()
