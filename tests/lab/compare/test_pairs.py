from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.core.ports import Recording
from scanmon.lab.compare.command import file_pairs, frame_pairs, frames_at
from scanmon.sources.opening import open_recording
from tests.doubles.recordings import write_images, write_video


class _Timed:
    def __init__(self, *times_s: float) -> None:
        self.times_s = np.array(times_s)


def _frames(ours: tuple[float, ...], theirs: tuple[float, ...], by: str = "time", most: int = 0) -> list:
    return frame_pairs(_Timed(*ours), _Timed(*theirs), by, most)  # type: ignore[arg-type]


def _touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_files_of_two_folders_are_paired_by_name_and_the_ending_may_differ(tmp_path: Path) -> None:
    ours = _touch(tmp_path / "a", "heart/1.png", "heart/2.png", "3.png", "5.png")
    theirs = _touch(tmp_path / "b", "heart/1.png", "heart/2.jpg", "4.png", "5.png", "5.jpg")
    found = file_pairs(ours, theirs)
    assert [pair.name for pair in found.pairs] == ["5.png", "heart/1.png", "heart/2.jpg"]
    assert {path.name for path in found.alone} == {"3.png", "4.png", "5.jpg"}


def test_a_name_that_two_files_share_is_not_guessed(tmp_path: Path) -> None:
    ours = _touch(tmp_path / "a", "1.png", "2.png")
    theirs = _touch(tmp_path / "b", "1.png", "2.jpg", "2.bmp")
    assert [pair.name for pair in file_pairs(ours, theirs).pairs] == ["1.png"]


def test_one_reference_belongs_to_every_picture_of_a_folder_but_itself(tmp_path: Path) -> None:
    folder = _touch(tmp_path / "a", "clean.png", "noisy/1.png", "noisy/2.png")
    found = file_pairs(folder / "clean.png", folder)
    assert {pair.reference for pair in found.pairs} == {folder / "clean.png"}
    assert [pair.name for pair in found.pairs] == ["noisy/1.png", "noisy/2.png"]
    with pytest.raises(ScanmonError, match="no picture but the reference"):
        file_pairs(tmp_path / "b/clean.png", _touch(tmp_path / "b", "clean.png"))


def test_references_against_a_file_and_folders_without_a_common_name_are_refused(tmp_path: Path) -> None:
    ours, theirs = _touch(tmp_path / "a", "1.png"), _touch(tmp_path / "b", "2.png")
    with pytest.raises(SettingsError, match="a folder of references needs a folder"):
        file_pairs(ours, theirs / "2.png")
    with pytest.raises(ScanmonError, match="no file with the name"):
        file_pairs(ours, theirs)


def test_frames_are_paired_with_the_nearest_in_time_and_never_with_a_far_one() -> None:
    assert _frames((0, 0.1, 0.2, 0.3), (0.0, 0.11, 0.29)) == [(0, 0), (1, 1), (3, 2)]
    assert _frames((0, 0.1, 0.2), (0, 0.05, 0.1, 0.15, 0.2)) == [(0, 0), (1, 2), (2, 4)]


def test_frames_of_one_number_are_paired_where_both_have_as_many() -> None:
    assert _frames((0, 1, 2), (0, 5, 10), "number") == [(0, 0), (1, 1), (2, 2)]
    with pytest.raises(SettingsError, match="has 2 frames, its reference 3"):
        _frames((0, 1, 2), (0, 5), "number")
    with pytest.raises(SettingsError, match="has 3 frames, its reference 1"):
        _frames((0,), (0, 1, 2), "number")


def test_some_frames_are_spread_over_the_loop_and_stills_make_one_pair() -> None:
    times = tuple(float(t) for t in range(100))
    assert _frames(times, times, most=4) == [(12, 12), (37, 37), (62, 62), (87, 87)]
    assert _frames((0.0,), (0.0,)) == [(0, 0)]


def test_one_picture_is_the_reference_of_every_frame() -> None:
    assert _frames((0.0,), (0.0, 0.1, 0.2)) == [(0, 0), (0, 1), (0, 2)]


def test_frames_at_gives_any_growing_indices_and_repeats(tmp_path: Path) -> None:
    recording: Recording = open_recording(str(write_video(tmp_path / "loop.mp4")))
    asked = [0, 1, 2, 2, 30, 31, 59]
    try:
        assert [frame.index for frame in frames_at(recording, asked)] == asked
    finally:
        recording.close()


def test_pictures_of_a_folder_are_files_of_their_own(tmp_path: Path) -> None:
    ours, theirs = write_images(tmp_path / "a", 3), write_images(tmp_path / "b", 4)
    found = file_pairs(ours, theirs)
    assert len(found.pairs) == 3
    assert [path.name for path in found.alone] == ["frame_3.png"]
