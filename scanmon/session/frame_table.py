"""The table of frames in memory: a column each, so that an hour takes megabytes and not gigabytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.schema import SESSION, Column

Group = Mapping[str, list[Any]]  # {column: values}, as parquet.read_table gives them
_NO_INTEGER: Final = np.iinfo(np.int64).min
_BOX: Final = 4
MOST_ROWS: Final = 6_000_000  # a day at 60 Hz
MOST_WORDS: Final = 100_000  # different texts: bundles, organs, verdicts


class FrameTable:
    """One row for each captured frame; the row number is the frame number of the session.

    Raises `ValueError` or `TypeError` for values that a column cannot hold. Columns of the layout that the
    groups lack are empty, others are left out.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        parts: dict[str, list[Any]] = {column.name: [] for column in SESSION}
        words: dict[str, str] = {}  # each text once, however many rows hold it
        self._length = 0
        for group in groups:
            length = len(next(iter(group.values()), []))
            self._length += length
            for column in SESSION:
                values = group.get(column.name, [None] * length)
                parts[column.name].append(_packed(column, values, words))
        self._columns = {column.name: _joined(column, parts[column.name]) for column in SESSION}

    def __len__(self) -> int:
        return self._length

    def record(self, index: int) -> dict[str, Any]:
        """One row, as it was written."""
        place = slice(index, index + 1)
        return {column.name: _plain(column, self._columns[column.name][place])[0] for column in SESSION}

    def numbers(self, name: str) -> NDArray[np.float64]:
        """(n,) values of a number or integer column, NaN where there is none; a copy."""
        values = self._columns[name]
        numbers = values.astype(np.float64)
        if values.dtype == np.int64:
            numbers[values == _NO_INTEGER] = np.nan
        return np.asarray(numbers)

    def values(self, name: str) -> list[Any]:
        """(n,) of any column as plain Python, None where there is nothing."""
        return _plain(next(column for column in SESSION if column.name == name), self._columns[name])

    def texts(self, name: str) -> list[str | None]:
        """(n,) values of a text column."""
        return list(self._columns[name])


def _packed(column: Column, values: list[Any], words: dict[str, str]) -> NDArray[Any]:
    match column.kind:
        case "number":
            _only(values, (int, float))
            numbers = np.array([np.nan if value is None else value for value in values], np.float64)
            if np.isinf(numbers).any():
                raise ValueError(f"{column.name} is no finite number")
            return numbers
        case "integer":
            _only(values, (int,))
            return np.array([_NO_INTEGER if value is None else value for value in values], np.int64)
        case "integers":
            boxes = np.full((len(values), _BOX), -1, np.int32)
            for number, value in enumerate(values):
                if value is not None:
                    if len(value) != _BOX:
                        raise ValueError(f"{column.name} is no box")
                    boxes[number] = value
            return boxes
        case _:
            _only(values, (str,))
            texts = np.empty(len(values), object)
            texts[:] = [None if value is None else words.setdefault(value, value) for value in values]
            if len(words) > MOST_WORDS:
                raise ValueError("more different texts than scores have")
            return texts


def _only(values: list[Any], kinds: tuple[type, ...]) -> None:
    for value in values:
        if value is not None and type(value) not in kinds:
            raise TypeError(f"{value!r:.40} has no place in its column")


def _joined(column: Column, parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([*parts, _packed(column, [], {})])


def _plain(column: Column, stored: NDArray[Any]) -> list[Any]:
    values: list[Any] = stored.tolist()
    match column.kind:
        case "number":
            return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN
        case "integer":
            return [None if value == _NO_INTEGER else value for value in values]
        case "integers":
            return [None if value[0] < 0 else value for value in values]
        case _:
            return values
