"""The rows of an evaluation: one for each picture, version and metric.

They are appended as they come, so that a stopped run goes on where it was.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from scanmon.core.errors import SettingsError
from scanmon.core.write_atomic import replacing
from scanmon.session.keyed_store import KeyedStore

ROWS_FILE = "cases.csv"
STORE_FILE = "cases.db"
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


class CaseTable:
    """`cases.db` in a folder, with `settings.json` beside it; a context manager that writes `cases.csv`.

    `settings` are those that every row depends on, `identities` those of single metrics. A folder that holds
    rows made with others is refused with `SettingsError`: rows of two runs must not be mixed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], identities: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._csv = folder / ROWS_FILE
        self._store = KeyedStore(folder / STORE_FILE, _COLUMNS)
        try:
            _agree(folder / SETTINGS_FILE, dict(settings), dict(identities))
        except BaseException:
            self._store.close()
            raise
        self.rows = [CaseRow(**json.loads(data)) for _, data in self._store.items()]
        self.done = {row.key for row in self.rows}

    def append(self, row: CaseRow) -> None:
        """Keep a row: it is there after a kill once this returns."""
        self._store.put(json.dumps(row.key), json.dumps(asdict(row)).encode())
        self.rows.append(row)
        self.done.add(row.key)

    def close(self) -> None:
        self._store.close()
        with replacing(self._csv) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _COLUMNS.split(","))
            writer.writeheader()
            writer.writerows(asdict(row) for row in self.rows)

    def __enter__(self) -> CaseTable:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_COLUMNS = ",".join(field.name for field in fields(CaseRow))


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
