import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.cli import main
from scanmon.sources.opening import open_recording
from tests.doubles.commands import recorded
from tests.doubles.oracle import speckled
from tests.doubles.recordings import write_images, write_video


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _pictures(folder: Path, *seeds: int) -> Path:
    folder.mkdir()
    for seed in seeds:
        cv2.imwrite(str(folder / f"{seed}.png"), speckled(seed))
    return folder


def test_two_pictures_give_one_line_with_the_metrics_asked_for(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _pictures(tmp_path / "a", 0, 1)
    pair = [str(folder / "0.png"), str(folder / "1.png"), "--bundle", str(tiny_bundle), "--layers", "2,4"]
    assert main(["compare", *pair]) == 0
    (line,) = _lines(capsys)
    assert list(line) == ["reference", "image", "ulpips", "psnr_db", "ssim", "bundle"]
    assert main(["compare", *pair, "--metrics", "ssim,ms-ssim"]) == 0
    (line,) = _lines(capsys)
    assert list(line) == ["reference", "image", "ssim", "ms_ssim"]


def test_terms_of_the_layers_add_up_to_the_distance(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _pictures(tmp_path / "a", 0, 1)
    argv = ["compare", str(folder / "0.png"), str(folder / "1.png"), "--bundle", str(tiny_bundle), "--terms"]
    assert main([*argv, "--layers", "2,4", "--radius", "1", "--tau", "5"]) == 0
    (line,) = _lines(capsys)
    parts = [line[f"{kind}_{layer}"] for layer in (2, 4) for kind in ("structure", "gram")]
    assert line["ulpips"] == pytest.approx(sum(parts) / 2)


def test_a_block_that_the_file_lacks_is_named_with_the_last_one(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = str(_pictures(tmp_path / "a", 0) / "0.png")
    assert main(["compare", picture, picture, "--bundle", str(tiny_bundle), "--layers", "2,5"]) == 1
    said = capsys.readouterr().err
    assert "block 5 is not in this bundle: its network ends with block 4" in said
    assert "give blocks from 1 to 4" in said


def test_folders_become_a_table_with_maps_and_what_fails_keeps_its_line(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = _pictures(tmp_path / "a", 0, 1, 2, 3), _pictures(tmp_path / "b", 0, 1, 2, 4)
    cv2.imwrite(str(theirs / "1.png"), np.zeros((50, 50), np.uint8))
    argv = ["compare", str(ours), str(theirs), "--bundle", str(tiny_bundle), "--layers", "2,4"]
    assert main([*argv, "--out", str(tmp_path / "t.csv"), "--map", str(tmp_path / "maps")]) == 1
    said = capsys.readouterr().err
    assert "without a partner" in said
    assert "1 of 3 pairs failed" in said
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert ["give pictures of one size" in row["error"] for row in rows] == [False, True, False]
    assert float(rows[0]["ulpips"]) == 0.0
    for row in (rows[0], rows[2]):
        drawn = cv2.imread(row["map"])
        assert drawn is not None
        assert drawn.shape[:2] == speckled(0).shape


def test_parquet_and_json_lines_have_the_same_rows(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    ours = _pictures(tmp_path / "a", 0, 1)
    argv = ["compare", str(ours), str(ours), "--metrics", "ssim"]
    for ending in ("parquet", "jsonl"):
        assert main([*argv, "--out", str(tmp_path / f"t.{ending}")]) == 0
    table = pandas.read_parquet(tmp_path / "t.parquet")
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert list(table["ssim"]) == [line["ssim"] for line in lines] == pytest.approx([1.0, 1.0])


def test_frames_of_two_cine_loops_are_compared_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = write_video(tmp_path / "a.mp4", 20)
    rough = write_video(tmp_path / "b.mp4", 20, options={"crf": "45"})
    assert main(["compare", str(loop), str(rough), "--metrics", "psnr", "--frames", "5"]) == 0
    lines = _lines(capsys)
    assert [line["frame"] for line in lines] == [2, 6, 10, 14, 18]
    assert all(20 < line["psnr_db"] < 60 for line in lines)


def test_a_session_is_compared_with_the_cine_that_it_recorded(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = write_video(tmp_path / "loop.mp4", 12)
    session = recorded(
        tmp_path, tiny_bundle, "--lossless", "--record-screen", source=str(loop), region="full"
    )
    capsys.readouterr()
    assert main(["compare", str(loop), str(session), "--metrics", "ssim"]) == 0
    lines = _lines(capsys)
    recording = open_recording(str(session))
    stored = len(recording.times_s)
    recording.close()
    assert len(lines) == stored == 12
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
def test_options_that_make_no_sense_are_wrong_usage(
    option: tuple[str, str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compare", "a.png", "b.png", *option])
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_lpips_without_weights_says_so_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write_images(tmp_path / "a", 2))
    assert main(["compare", folder, folder, "--metrics", "lpips"]) == 1
    assert "LPIPS needs the weights of VGG16" in capsys.readouterr().err
    assert main(["compare", folder, folder, "--metrics", "psnr", "--map", str(tmp_path / "m")]) == 1
    assert "add ulpips to --metrics" in capsys.readouterr().err
