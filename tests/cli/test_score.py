from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from scanmon.cli import main
from scanmon.core.schema import FIELDS
from tests.doubles.bundles import speckle
from tests.doubles.recordings import png_header

BAD_FILES = {
    "missing.png": None,
    "empty.png": b"",
    "garbage.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "garbage.mp4": bytes(range(256)) * 16,
    "text.dcm": b"this is no DICOM file",
    "mark_only.dcm": b"\0" * 128 + b"DICM",
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "clean.png"
    cv2.imwrite(str(path), speckle(1, 3, side=200)[0])
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_a_picture_gives_one_line_with_every_field(picture, tiny_bundle, capsys, metric) -> None:
    assert main(["score", str(picture), "--bundle", str(tiny_bundle), "--metric", metric]) == 0
    (line,) = lines(capsys)
    assert tuple(line) == FIELDS
    assert line["source"] == str(picture)
    assert line["state"] == "scored"
    assert line["metric"] == metric
    assert line["verdict"] in ("adequate", "marginal", "inadequate")
    assert isinstance(line["score"], float)
    assert isinstance(line["quality"], float)
    assert 0 <= line["quality"] <= 100
    assert line["steady"] is None


def test_the_same_picture_gives_the_same_score_every_time(picture, tiny_bundle, capsys) -> None:
    assert main(["score", *[str(picture)] * 3, "--bundle", str(tiny_bundle), "--metric", "nrq"]) == 0
    assert len({line["score"] for line in lines(capsys)}) == 1


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_gives_an_error_line_and_the_others_are_scored(
    name: str, picture: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / name
    content = BAD_FILES[name]
    if content is not None:
        bad.write_bytes(content)
    code = main(["score", str(bad), str(picture), "--bundle", str(tiny_bundle)])
    captured = capsys.readouterr()
    first, second = (json.loads(line) for line in captured.out.splitlines())
    assert code == 1
    assert name in first["error"]
    assert first["source"] == str(bad)
    assert first["score"] is None
    assert second["state"] == "scored"
    assert captured.err.strip().splitlines()[-1].startswith("error: 1 of 2 could not be scored")
    assert "Traceback" not in captured.err


def test_a_huge_picture_is_refused_before_it_is_decoded(picture, tiny_bundle, tmp_path, capsys) -> None:
    huge = tmp_path / "huge.png"
    huge.write_bytes(png_header(20_000, 20_000))
    assert main(["score", str(huge), "--bundle", str(tiny_bundle)]) == 1
    (line,) = lines(capsys)
    assert "20000" in str(line["error"]).replace(" ", "").replace(",", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--organ", "spleen"], "spleen"),
        (["--bundle", "nowhere"], "nowhere"),
        (["--region", "150,150,100,100"], "150,150,100,100"),
        (["--region", "10,10,0,5"], "10,10,0,5"),
        (["--scale", "tall"], "tall"),
        (["--backend", "abacus"], "abacus"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line_that_names_it(picture, tiny_bundle, capsys, options, said):
    bundle = [] if "--bundle" in options else ["--bundle", str(tiny_bundle)]
    assert main(["score", str(picture), "--metric", "nrq", *bundle, *options]) == 1
    captured = capsys.readouterr()
    report = captured.err + captured.out
    assert said in report
    assert "Traceback" not in report
    assert captured.err.count("error: ") == 1


def test_a_wrong_usage_is_exit_code_2(tiny_bundle: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["score"])
    assert stopped.value.code == 2
    with pytest.raises(SystemExit) as stopped:
        main(["score", "x.png", "--topk-frac", "0"])
    assert stopped.value.code == 2


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_results_go_into_a_table_that_is_there_when_it_is_whole(
    picture: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    table = tmp_path / f"scores.{ending}"
    assert main(["score", str(picture), "--bundle", str(tiny_bundle), "--out", str(table)]) == 0
    assert capsys.readouterr().out == ""
    assert table.stat().st_size > 100
    assert {path.name for path in tmp_path.iterdir()} == {picture.name, table.name}


def test_a_table_with_an_unknown_ending_is_refused_before_anything_is_scored(
    picture: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(picture), "--bundle", str(tiny_bundle), "--out", str(tmp_path / "x.xls")]) == 1
    assert ".parquet" in capsys.readouterr().err


def test_a_folder_is_walked_in_order(tiny_bundle, tmp_path, capsys) -> None:
    for name in ("b.png", "a.png", "c/d.png"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), speckle(1, 5, side=120)[0])
    (tmp_path / "archive" / "notes.txt").write_text("no picture")
    assert main(["score", str(tmp_path / "archive"), "--bundle", str(tiny_bundle)]) == 0
    names = [str(line["source"]).rsplit("archive", 1)[1][1:] for line in lines(capsys)]
    assert names == ["a.png", "b.png", "c/d.png"]


def test_the_published_metric_scores_stored_pictures_whole(picture, tiny_bundle, capsys) -> None:
    """A bundle of native scale leaves nothing of a stored picture out unless it is asked to."""
    assert (
        main(["score", str(picture), "--bundle", str(tiny_bundle), "--metric", "nrq", "--scale", "native"])
        == 0
    )
    (line,) = lines(capsys)
    assert line["region"] == [0, 0, 200, 200]
