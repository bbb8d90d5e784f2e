"""A recorded session as a recording: seeks, damage, and what is missing."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import ScanmonError, SourceError
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording
from tests.session.recording.material import record

FRAMES = 70


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


def spoil_json(change: dict[str, object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / layout.ABOUT
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    return spoil


def overwrite(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


def cut(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return spoil


REGION = b'{"kind":"box","origin":"user","outline":[],"box":%s}\n'
DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "another schema": (spoil_json({"schema_version": 99}), layout.ABOUT),
    "a size that is no number": (spoil_json({"height": "tall"}), layout.ABOUT),
    "a size that is not the video's": (spoil_json({"width": -5}), layout.ABOUT),
    "no JSON": (overwrite(layout.ABOUT, b"{"), layout.ABOUT),
    "a list": (overwrite(layout.ABOUT, b"[1]"), layout.ABOUT),
    "a table cut short": (cut(layout.FRAMES), layout.FRAMES),
    "no table at all": (lambda folder: (folder / layout.FRAMES).unlink(), layout.FRAMES),
    "a table of nothing": (overwrite(layout.FRAMES, b""), layout.FRAMES),
    "heatmaps cut short": (cut(layout.HEATMAPS), layout.HEATMAPS),
    "a region that is none": (overwrite(layout.REGIONS, b'{"box":[1,2]}\n'), layout.REGIONS),
    "a mask of another size": (
        overwrite(layout.REGIONS, REGION % b'[0,0,9,9],"mask":"eJwDAAAAAAE="'),
        layout.REGIONS,
    ),
    "a region outside": (
        overwrite(layout.REGIONS, REGION % b'[-5,0,9,9],"mask":null'),
        layout.REGIONS,
    ),
    "a region outside the picture": (
        overwrite(layout.REGIONS, REGION % b'[0,0,5000,9],"mask":null'),
        layout.REGIONS,
    ),
    "a corner that cannot be drawn": (
        overwrite(layout.REGIONS, REGION.replace(b"[]", b"[[NaN,0]]") % b'[0,0,9,9],"mask":null'),
        layout.REGIONS,
    ),
    "an event without a time": (overwrite(layout.EVENTS, b'{"kind":"start"}\n'), layout.EVENTS),
    "an event whose time is a text": (
        overwrite(layout.EVENTS, b'{"kind":"start","time_s":"x"}\n'),
        layout.EVENTS,
    ),
    "no video": (overwrite(layout.VIDEO, b"\x1a\x45\xdf\xa3" + b"\0" * 40), layout.VIDEO),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_one_line_that_names_the_file(copy: Path, damage: str) -> None:
    spoil, name = DAMAGE[damage]
    spoil(copy)
    with pytest.raises(SourceError) as failed:
        SessionRecording(copy)
    assert name in str(failed.value)
    assert "\n" not in str(failed.value)


def test_a_bomb_in_the_heatmaps_is_not_unpacked(copy: Path) -> None:
    with zipfile.ZipFile(copy / layout.HEATMAPS, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frames_00000.npy", b"\0" * (300 << 20))
    with pytest.raises(SourceError, match="too large"):
        SessionRecording(copy)


def test_a_video_that_lost_its_end_is_played_as_far_as_it_goes(copy: Path) -> None:
    data = (copy / layout.VIDEO).read_bytes()
    (copy / layout.VIDEO).write_bytes(data[: len(data) * 2 // 3])
    recording = SessionRecording(copy)
    count = len(list(recording))
    assert 10 < count < FRAMES
    assert len(recording.times_s) == len(recording.content.pictures) >= count
    recording.close()


def damaged_and_played(copy: Path, seed: int) -> str:
    """Overwrite bytes of one file, then play the session; says whether it was `played` or `refused`."""
    dice = np.random.default_rng(seed)
    names = [layout.ABOUT, layout.FRAMES, layout.HEATMAPS, layout.REGIONS, layout.EVENTS, layout.VIDEO]
    path = copy / names[seed % len(names)]
    whole = path.read_bytes()
    data = bytearray(whole)
    for place in dice.integers(0, len(data), 8):
        data[place] = int(dice.integers(256))
    path.write_bytes(data)
    recording = None
    try:
        recording = SessionRecording(copy)
        for frame in recording:
            recording.content.heatmap(int(recording.content.pictures[frame.index]))
            recording.content.region(int(recording.content.pictures[frame.index]))
    except ScanmonError as error:
        assert "\n" not in str(error)
        return "refused"
    finally:
        if recording is not None:
            recording.close()
        path.write_bytes(whole)
    return "played"


@pytest.mark.parametrize("seed", range(12))
def test_any_damaged_byte_is_harmless_or_an_error_of_ours(copy: Path, seed: int) -> None:
    assert damaged_and_played(copy, seed) in ("played", "refused")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_fifteen_hundred_damaged_sessions_are_played_or_refused(
    copy: Path, record_property: Callable[[str, object], None]
) -> None:
    results = Counter(damaged_and_played(copy, seed) for seed in range(1500))
    assert results["played"] > 100
    assert results["refused"] > 100
    record_property("results", dict(results))


def test_a_session_of_dropped_frames_alone_has_a_table_and_no_pictures(copy: Path) -> None:
    (copy / layout.VIDEO).unlink()
    assert len(read_session(copy).table) == FRAMES
    with pytest.raises(SourceError, match="holds scores but no pictures"):
        SessionRecording(copy)


def test_a_row_that_makes_no_sense_is_an_error_of_ours(copy: Path) -> None:
    content = read_session(copy)
    (copy / layout.FRAMES).unlink()
    rows = [content.table.record(row) for row in range(5)]
    rows[2]["verdict"] = "splendid"
    (copy / layout.ROW_STORE).write_text("".join(json.dumps(row) + "\n" for row in rows))
    spoilt = read_session(copy)
    assert spoilt.reading(1) is not None
    with pytest.raises(SourceError, match="splendid"):
        spoilt.reading(2)
