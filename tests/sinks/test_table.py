"""Tables of results: the same rows in every form, complete or not there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.parquet import read_table
from scanmon.core.records import FIELDS, Row, error_row, row
from scanmon.core.values import Analysis, Box, Frame, Provenance, Reading, Region, Verdict
from scanmon.sinks.table import ROWS_A_GROUP, LineSink, TableFile, TableSink

WHENCE = Provenance("clip.mp4", "default-1", "onnxruntime", "fp32")


def reading(index: int) -> Reading:
    return Reading(
        frame=index,
        time_s=index / 30,
        metric="map",
        score=-0.1 * index,
        quality=50.0,
        verdict=Verdict.MARGINAL,
        region=Box(1, 2, 30, 40),
        oldest_s=0.0,
    )


def analysis(index: int) -> Analysis:
    frame = Frame(np.zeros((48, 64), np.uint8), index, index / 30, 0.0)
    return Analysis(frame, Region(Box(1, 2, 30, 40)), reading(index))


def three_rows() -> list[Row]:
    return [
        row(reading(0), WHENCE),
        error_row("broken, very.png", 'is "nothing"\nat all'),
        row(reading(2), WHENCE),
    ]


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
    assert list(rows[0]) == [*FIELDS, "error"]
    assert rows[0]["region"] == "1,2,30,40"
    assert rows[0]["organ"] == ""
    assert float(rows[2]["score"]) == -0.2
    assert rows[1]["error"] == 'is "nothing"\nat all'


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    write(tmp_path / "out.parquet", three_rows())
    (group,) = read_table((tmp_path / "out.parquet").read_bytes())
    assert group["score"] == [-0.0, None, -0.2]
    assert group["region"] == [[1, 2, 30, 40], None, [1, 2, 30, 40]]
    assert group["error"] == [None, 'is "nothing"\nat all', None]


def test_a_long_parquet_table_is_written_in_groups(tmp_path: Path) -> None:
    record = row(reading(0), WHENCE)
    write(tmp_path / "out.parquet", [record] * (ROWS_A_GROUP + 1))
    groups = list(read_table((tmp_path / "out.parquet").read_bytes()))
    assert [len(group["frame"]) for group in groups] == [ROWS_A_GROUP, 1]


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


def test_an_unknown_ending_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.jsonl, \.csv, \.parquet"):
        TableFile(tmp_path / "out.xlsx")


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="cannot be written"):
        TableFile(tmp_path / "nowhere" / "out.csv")


def test_the_sink_of_a_table_writes_one_row_for_each_analysis(tmp_path: Path) -> None:
    sink = TableSink(TableFile(tmp_path / "out.jsonl"), lambda: WHENCE)
    for index in range(3):
        sink.write(analysis(index))
    assert not (tmp_path / "out.jsonl").exists()
    sink.close()
    sink.close()
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [record["frame"] for record in rows] == [0, 1, 2]


def test_lines_come_out_at_once_with_the_age_of_the_picture() -> None:
    stream = io.StringIO()
    sink = LineSink(stream, lambda: WHENCE, lambda _: 12.5)
    sink.write(analysis(4))
    record = json.loads(stream.getvalue())
    assert list(record) == list(FIELDS)
    assert (record["frame"], record["age_ms"]) == (4, 12.5)
    sink.close()
    assert not stream.closed
