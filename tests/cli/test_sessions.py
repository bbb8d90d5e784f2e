"""Record, replay, verify: from the command line, over a real network."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import cv2
import pytest

from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.sources.video import VideoRecording
from tests.doubles.commands import CINE, Command, Said, end_after

Record = Callable[..., tuple[Path, Said]]


@pytest.fixture
def recorded(tmp_path: Path, tiny_bundle: Path, command: Command) -> Record:
    """Replays a cine and records it: the session and what was said."""

    def record(*options: object, source: object = CINE, region: str = "auto") -> tuple[Path, Said]:
        argv = ["replay", source, "--headless", "--bundle", tiny_bundle, "--region", region]
        said = command(*argv, "--record", tmp_path / "sessions", *options)
        (folder,) = (tmp_path / "sessions").iterdir()
        return folder, said

    return record


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_a_lossless_session_verifies_to_the_last_bit(recorded, tiny_bundle, command, metric) -> None:
    folder, told = recorded("--lossless", "--metric", metric)
    assert "30 frames" in told.err
    assert {line["metric"] for line in told.rows} == {metric}
    differences = command("verify", folder, "--bundle", tiny_bundle, "--tolerance", "0").row
    assert differences["compared"] == 30
    assert differences["largest_score"] == differences["mean_score"] == 0.0
    assert differences["largest_quality"] == 0.0
    assert differences["changed_verdicts"] == 0
    assert differences["only_recorded"] == differences["only_again"] == 0


def test_real_ultrasound_with_a_found_sector_verifies_to_the_last_bit(
    tmp_path, recorded, tiny_bundle, shared, command
):
    clip = VideoRecording(shared / "data" / "clips" / "liver_sweep.mp4")
    (tmp_path / "sweep").mkdir()
    for frame in islice(clip, 10):
        cv2.imwrite(str(tmp_path / "sweep" / f"{frame.index}.png"), frame.pixels)
    clip.close()
    folder, told = recorded("--lossless", "--metric", "nrq", source=tmp_path / "sweep")
    about = read_session(folder).about
    assert about["pictures"] == about["frames"] == 10
    assert len({line["score"] for line in told.rows}) == about["frames"]
    command("verify", folder, "--bundle", tiny_bundle, "--tolerance", "0")


def test_h264_verifies_within_a_small_difference_and_zero_tolerance_fails(recorded, tiny_bundle, command):
    folder, told = recorded("--metric", "nrq")
    verify = ["verify", folder, "--bundle", tiny_bundle, "--tolerance"]
    assert len({line["score"] for line in told.rows}) > 20
    assert 0 < command(*verify, "0.3").row["largest_score"] < 0.3
    assert "error: scores differ by up to" in command(*verify, "0", code=1).err


def test_replay_of_a_session_gives_the_recorded_scores_without_any_bundle(tmp_path, recorded, command):
    folder, told = recorded()
    after = command("replay", folder, "--headless", "--bundle", tmp_path / "none").rows
    keys = ["frame", "score", "quality", "verdict", "region", "worst", "metric", "bundle"]
    assert [[line[key] for key in keys] for line in after] == [
        [line[key] for key in keys] for line in told.rows
    ]
    assert {line["source"] for line in after} == {folder.name}


def test_a_session_can_be_scored_again_with_another_metric(recorded, tiny_bundle, command) -> None:
    again = ["replay", recorded("--metric", "map")[0], "--headless", "--score-again", "--metric", "nrq"]
    scores = command(*again, "--bundle", tiny_bundle).rows
    assert len(scores) == 30
    assert {line["metric"] for line in scores} == {"nrq"}


def test_a_live_source_can_be_recorded(tmp_path, tiny_bundle, command, monkeypatch) -> None:
    argv = ["live", "phantom:size=320x240", *end_after(6, monkeypatch), "--bundle", tiny_bundle]
    said = command(*argv, "--region", "20,20,240,200", "--record", tmp_path)
    (folder,) = tmp_path.iterdir()
    about = read_session(folder).about
    assert about["complete"]
    assert about["source"] == "phantom"
    assert about["frames"] >= len(said.rows) > 3


def test_without_a_sector_the_command_says_that_no_pixels_were_stored(recorded, tiny_bundle, command) -> None:
    folder, said = recorded(region="full")
    told = said.err.splitlines()
    assert told[0].startswith("warning: with --region full scores alone are recorded, no picture")
    assert "--region X,Y,W,H" in told[0]
    assert "--record-screen" in told[0]
    assert "30 without a picture as no sector was known" in told[-1]
    assert not (folder / layout.VIDEO).exists()
    said = command("verify", folder, "--bundle", tiny_bundle, code=1)
    assert "holds scores but no pictures" in said.err


def test_the_whole_screen_is_stored_only_with_a_warning(recorded) -> None:
    folder, told = recorded("--record-screen", region="full")
    assert "the whole screen is recorded" in told.err
    assert "scores alone" not in told.err
    assert read_session(folder).about["stored"] == "whole screen"


def test_a_recording_that_cannot_be_written_leaves_the_scores_and_fails_the_command(
    tmp_path, tiny_bundle, command, monkeypatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    argv = ["live", "phantom:size=320x240", "--bundle", tiny_bundle, *end_after(5, monkeypatch)]
    told = command(*argv, "--metric", "map", "--record", tmp_path / "file", code=1)
    assert len(told.rows) > 0
    assert told.err.splitlines()[-1].startswith(f"error: {tmp_path / 'file'}: recording ended")
    assert (tmp_path / "file").read_text() == "no folder"


def test_what_is_no_session_is_one_line(tmp_path: Path, command: Command) -> None:
    assert command("verify", tmp_path, code=1).err.startswith(f"error: {tmp_path}: is no recorded session")


def test_an_option_without_a_recording_is_refused(tiny_bundle: Path, command: Command) -> None:
    said = command("replay", CINE, "--headless", "--bundle", tiny_bundle, "--lossless", code=1)
    assert "--record DIR" in said.err
