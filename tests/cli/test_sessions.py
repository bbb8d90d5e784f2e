"""Record, replay, verify: from the command line, over a real network."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import pytest

from scanmon.cli import main
from scanmon.session import layout
from scanmon.session.reader import read_session
from scanmon.sources.video import VideoRecording
from tests.doubles.commands import CINE, end_after, recorded


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_a_lossless_session_verifies_to_the_last_bit(tmp_path, tiny_bundle, capsys, metric) -> None:
    folder = recorded(tmp_path, tiny_bundle, "--lossless", "--metric", metric)
    told = capsys.readouterr()
    assert "30 frames" in told.err
    assert {line["metric"] for line in lines(told.out)} == {metric}
    assert main(["verify", str(folder), "--bundle", str(tiny_bundle), "--tolerance", "0"]) == 0
    (differences,) = lines(capsys.readouterr().out)
    assert differences["compared"] == 30
    assert differences["largest_score"] == differences["mean_score"] == 0.0
    assert differences["largest_quality"] == 0.0
    assert differences["changed_verdicts"] == 0
    assert differences["only_recorded"] == differences["only_again"] == 0


def test_real_ultrasound_with_a_found_sector_verifies_to_the_last_bit(tmp_path, tiny_bundle, shared, capsys):
    clip = VideoRecording(shared / "data" / "clips" / "liver_sweep.mp4")
    (tmp_path / "sweep").mkdir()
    for frame in islice(clip, 10):
        cv2.imwrite(str(tmp_path / "sweep" / f"{frame.index}.png"), frame.pixels)
    clip.close()
    options = ["--lossless", "--metric", "nrq"]
    folder = recorded(tmp_path, tiny_bundle, *options, source=str(tmp_path / "sweep"), region="auto")
    about = read_session(folder).about
    assert about["pictures"] == about["frames"] == 10
    assert len({line["score"] for line in lines(capsys.readouterr().out)}) == about["frames"]
    assert main(["verify", str(folder), "--bundle", str(tiny_bundle), "--tolerance", "0"]) == 0


def test_h264_verifies_within_a_small_difference_and_zero_tolerance_fails(tmp_path, tiny_bundle, capsys):
    folder = recorded(tmp_path, tiny_bundle, "--metric", "nrq")
    scores = [line["score"] for line in lines(capsys.readouterr().out)]
    assert main(["verify", str(folder), "--bundle", str(tiny_bundle), "--tolerance", "0.3"]) == 0
    (differences,) = lines(capsys.readouterr().out)
    assert len(set(scores)) > 20
    assert 0 < differences["largest_score"] < 0.3
    assert main(["verify", str(folder), "--bundle", str(tiny_bundle), "--tolerance", "0"]) == 1
    assert "error: scores differ by up to" in capsys.readouterr().err


def test_replay_of_a_session_gives_the_recorded_scores_without_any_bundle(tmp_path, tiny_bundle, capsys):
    folder = recorded(tmp_path, tiny_bundle)
    before = lines(capsys.readouterr().out)
    assert main(["replay", str(folder), "--headless", "--bundle", str(tmp_path / "none")]) == 0
    after = lines(capsys.readouterr().out)
    keys = ["frame", "score", "quality", "verdict", "region", "worst", "metric", "bundle"]
    assert [[line[key] for key in keys] for line in after] == [[line[key] for key in keys] for line in before]
    assert {line["source"] for line in after} == {folder.name}


def test_a_session_can_be_scored_again_with_another_metric(tmp_path, tiny_bundle, capsys) -> None:
    folder = recorded(tmp_path, tiny_bundle, "--metric", "map")
    capsys.readouterr()
    again = ["replay", str(folder), "--headless", "--score-again", "--metric", "nrq"]
    assert main([*again, "--bundle", str(tiny_bundle)]) == 0
    scores = lines(capsys.readouterr().out)
    assert len(scores) == 30
    assert {line["metric"] for line in scores} == {"nrq"}


def test_a_live_source_can_be_recorded(tmp_path, tiny_bundle, capsys, monkeypatch) -> None:
    argv = ["live", "phantom:size=320x240", *end_after(6, monkeypatch)]
    options = ["--bundle", str(tiny_bundle), "--region", "20,20,240,200", "--record", str(tmp_path)]
    assert main([*argv, *options]) == 0
    (folder,) = tmp_path.iterdir()
    about = read_session(folder).about
    assert about["complete"]
    assert about["source"] == "phantom"
    assert about["frames"] >= len(lines(capsys.readouterr().out)) > 3


def test_without_a_sector_the_command_says_that_no_pixels_were_stored(tmp_path, tiny_bundle, capsys) -> None:
    folder = recorded(tmp_path, tiny_bundle, region="full")
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("warning: with --region full scores alone are recorded, no picture")
    assert "--region X,Y,W,H" in told[0]
    assert "--record-screen" in told[0]
    assert "30 without a picture as no sector was known" in told[-1]
    assert not (folder / layout.VIDEO).exists()
    assert main(["verify", str(folder), "--bundle", str(tiny_bundle)]) == 1
    assert "holds scores but no pictures" in capsys.readouterr().err


def test_the_whole_screen_is_stored_only_with_a_warning(tmp_path, tiny_bundle, capsys) -> None:
    folder = recorded(tmp_path, tiny_bundle, "--record-screen", region="full")
    told = capsys.readouterr().err
    assert "the whole screen is recorded" in told
    assert "scores alone" not in told
    assert read_session(folder).about["stored"] == "whole screen"


def test_a_recording_that_cannot_be_written_leaves_the_scores_and_fails_the_command(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    argv = ["live", "phantom:size=320x240", "--bundle", str(tiny_bundle), *end_after(5, monkeypatch)]
    assert main([*argv, "--metric", "map", "--record", str(tmp_path / "file")]) == 1
    told = capsys.readouterr()
    assert len(lines(told.out)) > 0
    assert told.err.splitlines()[-1].startswith("error: recording ended")
    assert (tmp_path / "file").read_text() == "no folder"


@pytest.mark.parametrize("command", ["verify"])
def test_what_is_no_session_is_one_line(tmp_path, capsys, command) -> None:
    assert main([command, str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("error: is no recorded session")


def test_an_option_without_a_recording_is_refused(tiny_bundle, capsys) -> None:
    assert main(["replay", CINE, "--headless", "--bundle", str(tiny_bundle), "--lossless"]) == 1
    assert "--record DIR" in capsys.readouterr().err
