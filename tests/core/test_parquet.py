"""Our Parquet against two other readers, against itself, and against damage."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.parquet import Column, ParquetEncoder, ParquetError, read_table

COLUMNS = (
    Column("frame", "integer"),
    Column("score", "number"),
    Column("organ", "text"),
    Column("fresh", "boolean"),
    Column("region", "integers"),
)
ROWS: list[dict[str, Any]] = [
    {"frame": 0, "score": 440.65, "organ": "Leber, rechts – äöü", "fresh": True, "region": [1, 2, 3, 4]},
    {"frame": 1, "score": None, "organ": None, "fresh": None, "region": None},
    {"frame": 2**40, "score": -1e-300, "organ": "", "fresh": False, "region": []},
    {},
]


def table(*groups: list[dict[str, Any]]) -> bytes:
    encoder = ParquetEncoder(COLUMNS)
    return b"".join([encoder.header(), *(encoder.row_group(group) for group in groups), encoder.footer()])


def filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{column.name: row.get(column.name) for column in COLUMNS} for row in rows]


def rows_of(data: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for group in read_table(data):
        rows += [dict(zip(group, values, strict=True)) for values in zip(*group.values(), strict=True)]
    return rows


def test_pyarrow_reads_the_same_rows() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow comes with the test extra")
    read = parquet.read_table(io.BytesIO(table(ROWS, ROWS[:1])))
    assert read.to_pylist() == filled([*ROWS, ROWS[0]])
    assert str(read.schema.field("region").type) in ("list<element: int32 not null>", "list<element: int32>")


def test_pandas_reads_the_columns_with_their_types() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas comes with the test extra")
    frame = pandas.read_parquet(io.BytesIO(table(ROWS)))
    assert frame["score"].dtype == "float64"
    assert frame["score"][0] == 440.65
    assert list(frame["region"][0]) == [1, 2, 3, 4]


def test_a_table_is_read_back_over_several_row_groups() -> None:
    assert rows_of(table(ROWS, ROWS)) == filled([*ROWS, *ROWS])


def test_a_table_without_rows_is_a_table() -> None:
    assert rows_of(table()) == []
    assert rows_of(table([])) == []


def test_the_same_rows_give_the_same_bytes() -> None:
    assert table(ROWS) == table(ROWS)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "frame": st.none() | st.integers(-(2**63), 2**63 - 1),
                "score": st.none() | st.floats(allow_nan=False),
                "organ": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
                "fresh": st.none() | st.booleans(),
                "region": st.none() | st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5),
            }
        ),
        max_size=40,
    )
)
def test_whatever_goes_in_comes_out(rows: list[dict[str, Any]]) -> None:
    assert rows_of(table(rows)) == rows


def test_a_value_of_the_wrong_kind_names_its_column() -> None:
    with pytest.raises(ValueError, match="column score"):
        table([{"score": "high"}])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_noticed_or_harmless_and_never_another_error(data: st.DataObject) -> None:
    whole = bytearray(table(ROWS))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))]) if data.draw(st.booleans()) else bytes(whole)
    try:
        rows_of(cut)
    except ParquetError:
        return


def test_a_snappy_table_of_another_program_is_refused_by_name() -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow comes with the test extra")
    parquet = pytest.importorskip("pyarrow.parquet")
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"frame": [1, 2]}), buffer)
    with pytest.raises(ParquetError, match="scanmon does not write"):
        rows_of(buffer.getvalue())
