"""Parquet against two other readers and writers, against itself, and against damage and bombs."""

import errno
import json
import math
import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.schema import Column
from scanmon.session.parquet import ParquetError, read_table, write_table
from tests.doubles.commands import python

COLUMNS = (
    Column("frame", "integer"),
    Column("score", "number"),
    Column("organ", "text"),
    Column("region", "integers"),
)
ROWS: list[dict[str, Any]] = [
    {"frame": 0, "score": 440.65, "organ": "Leber, rechts – äöü", "region": [1, 2, 3, 4]},
    {"frame": 1, "score": None, "organ": None, "region": None},
    {"frame": 2**40, "score": -1e-300, "organ": "", "region": []},
    {},
]


def write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    lines = path.with_suffix(".jsonl")
    with lines.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    write_table(lines, COLUMNS, path)
    return path


def filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{column.name: row.get(column.name) for column in COLUMNS} for row in rows]


def rows_of(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for group in read_table(path, COLUMNS):
        rows += [dict(zip(group, values, strict=True)) for values in zip(*group.values(), strict=True)]
    return rows


def test_pyarrow_reads_the_same_rows_and_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow comes with the test extra")
    read = parquet.read_table(write(tmp_path / "t.parquet", ROWS))
    assert read.to_pylist() == filled(ROWS)
    types = [str(field.type) for field in read.schema]
    assert types == ["int64", "double", "string", "list<element: int32>"]
    packing = parquet.ParquetFile(tmp_path / "t.parquet").metadata.row_group(0).column(0).compression
    assert packing == "GZIP"


def test_pandas_reads_the_columns_with_their_types(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas comes with the test extra")
    frame = pandas.read_parquet(write(tmp_path / "t.parquet", ROWS))
    assert frame["score"].dtype == "float64"
    assert frame["score"][0] == 440.65
    assert list(frame["region"][0]) == [1, 2, 3, 4]


@pytest.mark.parametrize("packing", ["snappy", "zstd", "gzip", "brotli", "none"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_tables_of_other_programs_are_read(tmp_path: Path, packing: str, dictionary: bool) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow comes with the test extra")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"frame": [1, 2], "organ": ["x", None], "other": [1.5, 2.5], "region": [[1], None]})
    parquet.write_table(table, tmp_path / "t.parquet", compression=packing, use_dictionary=dictionary)
    (group,) = read_table(tmp_path / "t.parquet", COLUMNS)
    assert group == {"frame": [1, 2], "organ": ["x", None], "region": [[1], None]}


def test_a_table_that_was_written_before_is_read_back_over_several_row_groups(tmp_path: Path) -> None:
    rows = [{"frame": number, "region": [number]} for number in range(10_000)]
    assert rows_of(write(tmp_path / "t.parquet", rows)) == filled(rows)
    groups = pytest.importorskip("pyarrow.parquet").ParquetFile(tmp_path / "t.parquet").num_row_groups
    assert groups >= 2


def test_a_table_without_rows_is_a_table(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "t.parquet", [])) == []


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write(tmp_path / f"{name}.parquet", ROWS) for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_name_that_looks_like_a_pattern_stands_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "it's [a-z] *?"
    folder.mkdir()
    write(folder / "t[1].parquet", ROWS[:1])
    write(folder / "t1.parquet", ROWS)
    assert rows_of(folder / "t[1].parquet") == filled(ROWS[:1])


@settings(max_examples=25)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "frame": st.none() | st.integers(-(2**63), 2**63 - 1),
                "score": st.none() | st.floats(allow_nan=False, allow_infinity=False),
                "organ": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
                "region": st.none() | st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5),
            }
        ),
        max_size=40,
    )
)
def test_whatever_goes_in_comes_out(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    assert rows_of(write(tmp_path / "t.parquet", rows)) == rows


@pytest.mark.parametrize("row", [{"score": "high"}, {"frame": 2**70}, {"region": 3}, {"frame": {"a": 1}}])
def test_a_value_of_the_wrong_kind_is_an_error_of_ours(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(ParquetError):
        write(tmp_path / "t.parquet", [*ROWS, row])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_says_so_with_its_number(tmp_path: Path) -> None:
    write(tmp_path / "t.parquet", ({"frame": number} for number in range(10_000)))
    with pytest.raises(OSError) as caught:
        write_table(tmp_path / "t.jsonl", COLUMNS, Path("/dev/full"))
    assert caught.value.errno == errno.ENOSPC


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    write(tmp_path / "t.parquet", ROWS)
    with pytest.raises(FileNotFoundError):
        write_table(tmp_path / "t.jsonl", COLUMNS, tmp_path / "nowhere" / "t.parquet")
    with pytest.raises(FileNotFoundError):
        rows_of(tmp_path / "nowhere.parquet")


def test_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow comes with the test extra")
    parquet = pytest.importorskip("pyarrow.parquet")
    whole = write(tmp_path / "whole.parquet", ROWS).read_bytes()
    nameless = whole.replace(b"frame", b"fr\xc3me")  # no UTF-8: DuckDB's own error is no error of DuckDB
    for data in (nameless, b"", b"PAR1PAR1", b"frame,score\n1,2\n" * 10, b"\xff\xff\xff\x7fPAR1" * 4):
        (tmp_path / "t.parquet").write_bytes(data)
        with pytest.raises(ParquetError):
            rows_of(tmp_path / "t.parquet")
    parquet.write_table(pyarrow.table({"patient": ["x"]}), tmp_path / "t.parquet")
    with pytest.raises(ParquetError, match="none of the columns"):
        rows_of(tmp_path / "t.parquet")
    parquet.write_table(pyarrow.table({"frame": ["one"]}), tmp_path / "t.parquet")
    with pytest.raises(ParquetError, match="damaged, or no table"):
        rows_of(tmp_path / "t.parquet")


@settings(max_examples=40)
@given(st.data())
def test_damage_is_noticed_or_harmless_and_never_another_error(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "damaged.parquet"
    if not (tmp_path / "whole.parquet").exists():
        write(tmp_path / "whole.parquet", ROWS * 40)
    whole = bytearray((tmp_path / "whole.parquet").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole
    path.write_bytes(cut)
    try:
        rows_of(path)
    except ParquetError:
        return


BOMBS = """
import sys
import pyarrow as pa, pyarrow.parquet as pq
one = pa.array([0] * 3000, pa.int32())
texts = pa.DictionaryArray.from_arrays(one, pa.array(["x" * (1 << 20)]))  # 3 GB of text
pq.write_table(pa.table({"organ": texts}), sys.argv[1] + "/texts.parquet", compression="gzip")
pages = pa.array(["y" * (64 << 20)] * 5, pa.large_string())  # 320 MB in one page
pq.write_table(pa.table({"organ": pages}), sys.argv[1] + "/pages.parquet", compression="gzip",
               compression_level=1, use_dictionary=False)
rows = pa.array(memoryview(bytes(8 * 1_100_000)).cast("q"))
pq.write_table(pa.table({"frame": rows}), sys.argv[1] + "/rows.parquet", compression="gzip")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in other units elsewhere")
def test_a_small_file_that_claims_to_be_huge_takes_no_memory(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow comes with the test extra")
    python("-c", BOMBS, tmp_path)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, why in (("texts", "too long"), ("pages", "Memory|too long"), ("rows", "more than")):
        assert (tmp_path / f"{name}.parquet").stat().st_size < 2_000_000
        with pytest.raises(ParquetError, match=why):
            for _ in read_table(tmp_path / f"{name}.parquet", COLUMNS, most_rows=1_000_000):
                pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 400_000


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """In a program of its own, whose memory nothing else has raised."""
    script = (
        "import resource, sys, pathlib\n"
        "from scanmon.core.schema import Column\n"
        "from scanmon.session.parquet import write_table, read_table\n"
        "columns = (Column('frame', 'integer'), Column('region', 'integers'))\n"
        "def peak(rows):\n"
        "    lines, table = (pathlib.Path(sys.argv[1]) / name for name in ('l.jsonl', 't.parquet'))\n"
        "    with lines.open('w') as file:\n"
        '        file.writelines(\'{"frame":%d,"region":[1,2,3,%d]}\\n\' % (n, n) for n in range(rows))\n'
        "    write_table(lines, columns, table)\n"
        "    assert sum(len(group['frame']) for group in read_table(table, columns)) == rows\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "small = peak(20_000)\n"
        "print(peak(600_000) - small)\n"
    )
    assert math.floor(float(python("-c", script, tmp_path).out)) < 60
