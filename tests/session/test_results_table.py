"""Tables of results: the same rows in every form, complete or not there."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.records import Row, error_row, row
from scanmon.core.schema import TABLE
from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Reading, Region, Verdict
from scanmon.session.parquet import read_table
from scanmon.session.results_table import TableFile

PROVENANCE = Provenance("clip.mp4", "default-1", (EngineName("onnxruntime", "fp32"),))


def analysis(index: int) -> Analysis:
    reading = Reading(
        frame=index,
        time_s=index / 30,
        metric="map",
        score=-0.1 * index,
        quality=50.0,
        verdict=Verdict.MARGINAL,
        region=Box(1, 2, 30, 40),
        oldest_s=0.0,
    )
    frame = Frame(np.zeros((50, 50), np.uint8), index, index / 30, 0.0)
    return Analysis(frame, Region(Box(1, 2, 30, 40)), (reading,), None, PROVENANCE)


def three_rows() -> list[Row]:
    return [row(analysis(0)), error_row("broken, very.png", 'is "nothing"\nat all'), row(analysis(2))]


def write(path: Path, rows: list[Row]) -> None:
    with TableFile(path) as table:
        for record in rows:
            table.add(record)


def test_json_lines_hold_the_rows_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl", three_rows())
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == three_rows()


def test_csv_has_a_header_and_boxes_as_the_option_takes_them(tmp_path: Path) -> None:
    write(tmp_path / "out.csv", three_rows())
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [column.name for column in TABLE]
    assert rows[0]["region"] == "1,2,30,40"
    assert rows[0]["organ"] == ""
    assert float(rows[2]["score"]) == -0.2
    assert rows[1]["error"] == 'is "nothing"\nat all'


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", [error_row("=cmd|' /C calc'!A0.png", "@x"), row(analysis(2))])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert (first["source"], first["error"]) == ("'=cmd|' /C calc'!A0.png", "'@x")
    assert second["score"] == "-0.2"


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    write(tmp_path / "out.parquet", three_rows())
    (group,) = read_table(tmp_path / "out.parquet", TABLE)
    assert group["score"] == [-0.0, None, -0.2]
    assert group["region"] == [[1, 2, 30, 40], None, [1, 2, 30, 40]]
    assert group["error"] == [None, 'is "nothing"\nat all', None]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_error_leaves_neither_half_a_file_nor_a_trace(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"out.{ending}").write_text("of an earlier run")

    def fail() -> None:
        with TableFile(tmp_path / f"out.{ending}") as table:
            table.add(three_rows()[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == [f"out.{ending}"]
    assert (tmp_path / f"out.{ending}").read_text() == "of an earlier run"


def test_without_duckdb_parquet_is_refused_before_anything_is_done(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r'pip install "scanmon\[parquet\]"'):
        TableFile(tmp_path / "out.parquet")
    write(tmp_path / "out.csv", three_rows())


def test_an_unknown_ending_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.jsonl, \.csv, \.parquet"):
        TableFile(tmp_path / "out.xlsx")


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="cannot be written"):
        write(tmp_path / "nowhere" / "out.csv", [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("rows", [1, 5000])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path: Path, ending: str, rows: int) -> None:
    """The first bytes fail while rows come, or all of them at the end."""
    path = tmp_path / f"out.{ending}"
    path.write_text("of an earlier run")
    (tmp_path / f".{path.name}.part").symlink_to("/dev/full")

    def fill() -> None:
        with TableFile(path) as table:
            for _ in range(rows):
                table.add(three_rows()[0])

    with pytest.raises(SinkError, match="No space left on device"):
        fill()
    assert [left.name for left in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "of an earlier run"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_disk_that_fills_up_while_parquet_is_packed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    (tmp_path / f".{path.name}.rows.part").symlink_to("/dev/full")
    with pytest.raises(SinkError, match="No space left on device"):
        write(path, three_rows())
    assert list(tmp_path.iterdir()) == []
