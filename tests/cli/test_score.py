from pathlib import Path

import cv2
import pytest

from scanmon.core.schema import FIELDS
from tests.doubles.bundles import speckle
from tests.doubles.commands import Command
from tests.doubles.recordings import png_header

BAD_FILES = {
    "missing.png": None,
    "empty.png": b"",
    "garbage.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "garbage.mp4": bytes(range(256)) * 16,
    "text.dcm": b"this is no DICOM file",
    "mark_only.dcm": b"\0" * 128 + b"DICM",
    "huge.png": png_header(20_000, 20_000),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "clean.png"
    cv2.imwrite(str(path), speckle(1, 3, side=200)[0])
    return path


@pytest.mark.parametrize("metric", ["map", "nrq"])
def test_a_picture_gives_one_line_with_every_field(picture: Path, score: Command, metric: str) -> None:
    line = score(picture, "--metric", metric).row
    assert tuple(line) == FIELDS
    assert line["source"] == str(picture)
    assert line["state"] == "scored"
    assert line["metric"] == metric
    assert line["verdict"] in ("adequate", "marginal", "inadequate")
    assert isinstance(line["score"], float)
    assert isinstance(line["quality"], float)
    assert 0 <= line["quality"] <= 100
    assert line["steady"] is None


def test_the_same_picture_gives_the_same_score_every_time(picture: Path, score: Command) -> None:
    assert len({line["score"] for line in score(*[picture] * 3, "--metric", "nrq").rows}) == 1


def test_a_file_that_cannot_be_read_gives_an_error_line_and_the_others_are_scored(picture, score, tmp_path):
    for name, content in BAD_FILES.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    said = score(*map(tmp_path.joinpath, BAD_FILES), picture, code=1)
    *wrong, right = said.rows
    for name, line in zip(BAD_FILES, wrong, strict=True):
        assert name in line["error"]
        assert (line["source"], line["score"]) == (str(tmp_path / name), None)
    assert "20000" in wrong[-1]["error"].replace(" ", "").replace(",", "")  # and was not decoded
    assert right["state"] == "scored"
    assert said.err.strip().splitlines()[-1].startswith("error: 7 of 8 could not be scored")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--organ", "spleen"),
        ("--bundle", "nowhere"),
        ("--region", "150,150,100,100"),
        ("--region", "10,10,0,5"),
        ("--scale", "tall"),
        ("--backend", "abacus"),
        ("--config", "nowhere.toml"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line_that_names_it(picture, score, option, value) -> None:
    said = score(picture, "--metric", "nrq", option, value, code=1)
    assert value in said.err + said.out
    assert "Traceback" not in said.err + said.out
    assert said.err.count("error: ") == 1


@pytest.mark.parametrize("words", [[], ["x.png", "--topk-frac", "0"]])
def test_a_wrong_usage_is_exit_code_2(words: list[str], command: Command) -> None:
    command("score", *words, code=2)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_results_go_into_a_table_that_is_there_when_it_is_whole(picture, tmp_path, score, ending) -> None:
    table = tmp_path / f"scores.{ending}"
    assert score(picture, "--out", table).out == ""
    assert table.stat().st_size > 100
    assert {path.name for path in tmp_path.iterdir()} == {picture.name, table.name}


def test_a_table_with_an_unknown_ending_is_refused_before_anything_is_scored(
    picture, tmp_path, score
) -> None:
    assert ".parquet" in score(picture, "--out", tmp_path / "x.xls", code=1).err


def test_a_folder_is_walked_in_order(tmp_path: Path, score: Command) -> None:
    for name in ("b.png", "a.png", "c/d.png"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), speckle(1, 5, side=120)[0])
    (tmp_path / "archive" / "notes.txt").write_text("no picture")
    names = [line["source"].rsplit("archive", 1)[1][1:] for line in score(tmp_path / "archive").rows]
    assert names == ["a.png", "b.png", "c/d.png"]


def test_the_published_metric_scores_stored_pictures_whole(picture: Path, score: Command) -> None:
    """A bundle of native scale leaves nothing of a stored picture out unless it is asked to."""
    line = score(picture, "--metric", "nrq", "--scale", "native").row
    assert line["region"] == [0, 0, 200, 200]
