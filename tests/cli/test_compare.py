import csv
import json
import shutil
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.sources.opening import open_recording
from tests.doubles.commands import Command, recorded
from tests.doubles.oracle import speckled
from tests.doubles.recordings import moving_gray, write_images, write_video


def _pictures(folder: Path, *seeds: int) -> Path:
    folder.mkdir()
    for seed in seeds:
        cv2.imwrite(str(folder / f"{seed}.png"), speckled(seed))
    return folder


def test_two_pictures_give_one_line_with_the_metrics_asked_for(tmp_path, tiny_bundle, command) -> None:
    folder = _pictures(tmp_path / "a", 0, 1)
    pair = ["compare", folder / "0.png", folder / "1.png", "--bundle", tiny_bundle, "--layers", "2,4"]
    assert list(command(*pair).row) == ["reference", "image", "ulpips", "psnr_db", "ssim", "bundle"]
    some = command(*pair, "--metrics", "ssim,ms-ssim").row
    assert list(some) == ["reference", "image", "ssim", "ms_ssim"]


def test_terms_of_the_layers_add_up_to_the_distance(tmp_path, tiny_bundle, command) -> None:
    folder = _pictures(tmp_path / "a", 0, 1)
    pair = ["compare", folder / "0.png", folder / "1.png", "--bundle", tiny_bundle, "--terms"]
    line = command(*pair, "--layers", "2,4", "--radius", "1", "--tau", "5").row
    parts = [line[f"{kind}_{layer}"] for layer in (2, 4) for kind in ("structure", "gram")]
    assert line["ulpips"] == pytest.approx(sum(parts) / 2)


def test_a_block_that_the_file_lacks_is_named_with_the_last_one(tmp_path, tiny_bundle, command) -> None:
    picture = _pictures(tmp_path / "a", 0) / "0.png"
    said = command("compare", picture, picture, "--bundle", tiny_bundle, "--layers", "2,5", code=1)
    assert "block 5 is not in this bundle: its network ends with block 4" in said.err
    assert "give blocks from 1 to 4" in said.err


def test_folders_become_a_table_with_maps_and_what_fails_keeps_its_line(tmp_path, tiny_bundle, command):
    ours, theirs = _pictures(tmp_path / "a", 0, 1, 2, 3), _pictures(tmp_path / "b", 0, 1, 2, 4)
    cv2.imwrite(str(theirs / "1.png"), np.zeros((50, 50), np.uint8))
    options = ["--bundle", tiny_bundle, "--layers", "2,4", "--out", tmp_path / "t.csv"]
    said = command("compare", ours, theirs, *options, "--map", tmp_path / "maps", code=1)
    assert "without a partner" in said.err
    assert "1 of 3 pairs failed" in said.err
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert ["give pictures of one size" in row["error"] for row in rows] == [False, True, False]
    assert float(rows[0]["ulpips"]) == 0.0
    for row in (rows[0], rows[2]):
        drawn = cv2.imread(row["map"])
        assert drawn.shape[:2] == speckled(0).shape


def test_a_folder_against_one_reference_gives_what_its_pairs_give(tmp_path, tiny_bundle, command) -> None:
    folder = _pictures(tmp_path / "a", 0, 1, 2)
    shutil.copy(folder / "0.png", folder / "same.png")
    options = ["--bundle", tiny_bundle, "--layers", "2,4"]
    rows = command("compare", folder / "0.png", folder, *options).rows
    assert [Path(row["image"]).name for row in rows] == ["1.png", "2.png", "same.png"]
    for row in rows[:2]:
        alone = command("compare", folder / "0.png", row["image"], *options).row
        assert row["ulpips"] == pytest.approx(alone["ulpips"], abs=1e-8)
    assert rows[2]["ulpips"] == 0.0


def test_parquet_and_json_lines_have_the_same_rows(tmp_path: Path, command: Command) -> None:
    pandas = pytest.importorskip("pandas")
    ours = _pictures(tmp_path / "a", 0, 1)
    for ending in ("parquet", "jsonl"):
        command("compare", ours, ours, "--metrics", "ssim", "--out", tmp_path / f"t.{ending}")
    table = pandas.read_parquet(tmp_path / "t.parquet")
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert list(table["ssim"]) == [line["ssim"] for line in lines] == pytest.approx([1.0, 1.0])


def test_frames_of_two_cine_loops_are_compared_one_by_one(tmp_path: Path, command: Command) -> None:
    loop = write_video(tmp_path / "a.mp4", 20)
    rough = write_video(tmp_path / "b.mp4", 20, options={"crf": "45"})
    lines = command("compare", loop, rough, "--metrics", "psnr", "--frames", "5").rows
    assert [line["frame"] for line in lines] == [2, 6, 10, 14, 18]
    assert all(20 < line["psnr_db"] < 60 for line in lines)


def test_one_picture_against_a_loop_has_the_times_of_the_loop(tmp_path: Path, command: Command) -> None:
    loop, still = write_video(tmp_path / "a.mp4", 5), tmp_path / "still.png"
    cv2.imwrite(str(still), moving_gray(0))
    lines = command("compare", still, loop, "--metrics", "psnr").rows
    assert [line["reference_frame"] for line in lines] == [0] * 5
    assert [line["time_s"] for line in lines] == pytest.approx([0.0, 0.04, 0.08, 0.12, 0.16])


def test_a_loop_is_no_reference_of_one_picture(tmp_path: Path, command: Command) -> None:
    """No frame of it is meant; a loop beside the picture is compared all the same."""
    loop, folder = write_video(tmp_path / "a.mp4", 5), write_images(tmp_path / "b", 1)
    said = command("compare", loop, folder / "frame_0.png", "--metrics", "psnr", code=1)
    assert said.err == (f"error: {loop}: has 5 frames, frame_0.png one; name one picture as the reference\n")
    write_video(folder / "rough.mp4", 5, options={"crf": "45"})
    rows = command("compare", loop, folder, "--metrics", "psnr", code=1).rows
    assert ["name one picture" in row.get("error", "") for row in rows] == [True] + [False] * 5


def test_a_session_is_compared_with_the_cine_that_it_recorded(tmp_path, tiny_bundle, command) -> None:
    loop = write_video(tmp_path / "loop.mp4", 12)
    session = recorded(
        tmp_path, tiny_bundle, "--lossless", "--record-screen", source=str(loop), region="full"
    )
    lines = command("compare", loop, session, "--metrics", "ssim").rows
    with closing(open_recording(str(session))) as recording:
        assert len(lines) == len(recording.times_s) == 12
    assert all(line["ssim"] == pytest.approx(1.0) for line in lines)


@pytest.mark.parametrize(
    ("option", "word"),
    [
        (("--metrics", "fid"), "none of ulpips"),
        (("--layers", "0"), "counted from 1"),
        (("--layers", "x"), "no list of blocks"),
        (("--tau", "-1"), "no number from"),
        (("--radius", "-1"), "whole number from 0"),
        (("--frames", "0"), "whole number from 1"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(option, word, command) -> None:
    assert word in command("compare", "a.png", "b.png", *option, code=2).err


def test_lpips_without_weights_says_so_before_anything_is_read(tmp_path: Path, command: Command) -> None:
    folder = write_images(tmp_path / "a", 2)
    said = command("compare", folder, folder, "--metrics", "lpips", code=1)
    assert "LPIPS needs the weights of VGG16" in said.err
    said = command("compare", folder, folder, "--metrics", "psnr", "--map", tmp_path / "m", code=1)
    assert "add ulpips to --metrics" in said.err


def test_a_picture_and_a_darker_one_differ_and_it_is_the_same_as_itself(tmp_path, tiny_bundle, command):
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    cv2.imwrite(str(one), speckled(0, 100, 130))
    cv2.imwrite(str(other), np.clip(speckled(0, 100, 130).astype(int) - 20, 0, 255).astype(np.uint8))
    found = command("compare", one, other, "--bundle", tiny_bundle).row
    assert found["ulpips"] > 0
    assert 20 < found["psnr_db"] < 30
    assert 0.5 < found["ssim"] < 1
    same = command("compare", one, one, "--bundle", tiny_bundle).row
    assert (same["ulpips"], same["psnr_db"]) == (0.0, None)
    assert same["ssim"] == pytest.approx(1.0)


def test_pictures_of_two_sizes_are_not_compared(tmp_path: Path, tiny_bundle: Path, command: Command) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), speckled(0, 100, 130))
    cv2.imwrite(str(tmp_path / "b.png"), speckled(0, 100, 131))
    said = command("compare", tmp_path / "a.png", tmp_path / "b.png", "--bundle", tiny_bundle, code=1)
    assert "is 131x100 px, its reference 130x100" in said.err
