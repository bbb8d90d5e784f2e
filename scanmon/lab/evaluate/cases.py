"""The rows of an evaluation: one for each picture, version and metric.

They are appended as they come, so that a stopped run goes on where it was.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, get_type_hints

from scanmon.core.errors import SettingsError

ROWS_FILE = "cases.csv"
SETTINGS_FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One metric on one version of one picture. None: not known, or does not apply."""

    picture: str
    organ: str
    metric: str
    family: str
    severity: int
    score: float
    quality: float | None = None
    verdict: str | None = None
    psnr_db: float | None = None  # inside the region; None for the clean picture and where nothing changed
    covers: float | None = None  # 1.0 or 0.0
    covers_chance: float | None = None
    point: float | None = None  # 1.0 or 0.0
    overlap: float | None = None
    overlap_chance: float | None = None
    familiar: float | None = None  # 0..1: how near to what the bundle was made from
    kind: str | None = None  # of fault that the metric names as the worst

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What must not be measured twice."""
        return self.picture, self.metric, self.family, self.severity


_TYPES = get_type_hints(CaseRow)
_NAMES = tuple(field.name for field in fields(CaseRow))


class CaseTable:
    """`cases.csv` in a folder, with `settings.json` beside it; a context manager that closes the file.

    `settings` are those that every row depends on, `identities` those of single metrics. A folder that holds
    rows made with others is refused with `SettingsError`: rows of two runs must not be mixed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], identities: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / ROWS_FILE
        _agree(folder / SETTINGS_FILE, dict(settings), dict(identities))
        self.rows: list[CaseRow] = read_rows(self._path) if self._path.exists() else []
        self.done = {row.key for row in self.rows}
        _drop_torn_tail(self._path)
        new = not self._path.exists() or self._path.stat().st_size == 0
        self._file = self._path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        if new:
            self._writer.writerow(_NAMES)

    def append(self, row: CaseRow) -> None:
        """Keep a row; it is on the disk's queue when this returns."""
        self._writer.writerow(["" if (value := getattr(row, name)) is None else value for name in _NAMES])
        self._file.flush()
        self.rows.append(row)
        self.done.add(row.key)

    def close(self) -> None:
        """Close the file; more than once is fine."""
        self._file.close()

    def __enter__(self) -> CaseTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_rows(path: Path) -> list[CaseRow]:
    """All whole rows of a `cases.csv`; a last line that was cut off is left out."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    if lines and tuple(lines[0]) != _NAMES:
        raise SettingsError("is not a table of this version's columns", path, "name another --out")
    torn = not path.read_bytes().endswith(b"\n")
    return [_row(line) for line in lines[1 : len(lines) - 1 if torn else len(lines)]]


def _row(line: list[str]) -> CaseRow:
    return CaseRow(**{name: _value(name, text) for name, text in zip(_NAMES, line, strict=True)})


def _value(name: str, text: str) -> Any:
    kind = _TYPES[name]
    if kind in (str, int, float):
        return kind(text)
    if not text:
        return None
    return text if name in ("verdict", "kind") else float(text)


def _drop_torn_tail(path: Path) -> None:
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


def _agree(path: Path, settings: dict[str, Any], identities: dict[str, str]) -> None:
    """Write the settings, or compare them with those of the run that is being continued."""
    wanted: dict[str, Any] = {"settings": settings, "metrics": identities}
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
            older = dict(before["metrics"])
            same = before["settings"] == json.loads(json.dumps(settings))
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError("is damaged", path, "name another --out") from error
        changed = [name for name, identity in identities.items() if older.get(name, identity) != identity]
        if not same or changed:
            what = f"metric {changed[0]}" if changed else "the settings"
            raise SettingsError(
                f"holds an evaluation with other values of {what}", path.parent, "name another --out"
            )
        wanted["metrics"] = older | identities
    path.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
