"""The table of frames in memory: a column each, so that an hour takes megabytes and not gigabytes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.schema import SESSION, Column

Group = Mapping[str, list[Any]]  # {column: values}, as parquet.read_table gives them
MOST_ROWS: Final = 6_000_000  # a day at 60 Hz
MOST_WORDS: Final = 100_000  # different texts: bundles, organs, verdicts
_KINDS: Final[dict[str, tuple[tuple[type, ...], NDArray[Any]]]] = {
    # what a value of that kind may be, and what stands where there is none
    "number": ((int, float), np.array(np.nan)),
    "integer": ((int,), np.array(np.iinfo(np.int64).min)),
    "integers": ((list,), np.full(4, -1, np.int32)),
    "text": ((str,), np.array(None, object)),
}


class FrameTable:
    """One row for each captured frame; the row number is the frame number of the session.

    Raises `ValueError` or `TypeError` for values that a column cannot hold. Columns of the layout that the
    groups lack are empty, others are left out.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        words: dict[str, str] = {}  # each text once, however many rows hold it
        parts = {column.name: [_packed(column, [], words)] for column in SESSION}
        self._length = 0
        for group in groups:
            length = len(next(iter(group.values()), []))
            self._length += length
            for column in SESSION:
                values = group.get(column.name, [None] * length)
                parts[column.name].append(_packed(column, values, words))
        self._columns = {name: np.concatenate(packed) for name, packed in parts.items()}

    def __len__(self) -> int:
        return self._length

    def record(self, index: int) -> dict[str, Any]:
        place = slice(index, index + 1)
        return {column.name: _plain(column.kind, self._columns[column.name][place])[0] for column in SESSION}

    def numbers(self, name: str) -> NDArray[np.float64]:
        """(n,) values of a number or integer column, NaN where there is none; a copy."""
        values = self._columns[name]
        return np.where(values == _KINDS["integer"][1], np.nan, values.astype(np.float64))

    def values(self, name: str) -> list[Any]:
        """(n,) of any column as plain Python, None where there is nothing."""
        return _plain(next(column.kind for column in SESSION if column.name == name), self._columns[name])

    def texts(self, name: str) -> list[str | None]:
        """(n,) values of a text column."""
        return list(self._columns[name])


def _packed(column: Column, values: list[Any], words: dict[str, str]) -> NDArray[Any]:
    kinds, nothing = _KINDS[column.kind]
    rows = [row for row, value in enumerate(values) if value is not None]
    known = [values[row] for row in rows]
    for value in known:
        if type(value) not in kinds or (type(value) is list and len(value) != nothing.size):
            raise TypeError(f"{value!r:.40} has no place in the column {column.name}")
    if column.kind == "text":
        known = [words.setdefault(text, text) for text in known]
        if len(words) > MOST_WORDS:
            raise ValueError("more different texts than scores have")
    packed = np.full((len(values), *nothing.shape), nothing)
    if rows:
        packed[rows] = known
    if column.kind == "number" and np.isinf(packed).any():
        raise ValueError(f"{column.name} is no finite number")
    return packed


def _plain(kind: str, stored: NDArray[Any]) -> list[Any]:
    values: list[Any] = stored.tolist()
    match kind:
        case "number":
            return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN
        case "integer":
            return [None if value == np.iinfo(np.int64).min else value for value in values]
        case "integers":
            return [None if value[0] < 0 else value for value in values]
        case _:
            return values
