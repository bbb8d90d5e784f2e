"""`scanmon trends`, put together: checks and examinations over days -> rows, a table, a page."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from scanmon.app.sessions import open_recorded_scores, session_settings
from scanmon.core.errors import ScanmonError, SettingsError
from scanmon.core.records import Row
from scanmon.core.schema import Column
from scanmon.lab.qa.chart import BETTER, MEASURES, WORSE, Trend, asked_limits, trend
from scanmon.lab.qa.store import CheckStore, Record
from scanmon.session.reader import is_session
from scanmon.session.summary import summary

POINTS = (
    *(Column(name, "text") for name in ("scanner", "probe", "kind", "made_utc", "measure")),
    Column("value", "number"),
)
STEP = "worse than its baseline"
UNWELL = (WORSE, STEP)  # words that an exit code tells
STEP_CHECKS = 2  # one alone may be a mistake


@dataclass(slots=True)
class History:
    """Every check that was asked for, in the order of time, and sessions that could not be read."""

    records: list[Record]
    skipped: list[str] = field(default_factory=list)

    def groups(self) -> Iterator[tuple[tuple[str, str, str], list[Record]]]:
        """The checks of each scanner, probe and kind, since the last one that began a new baseline."""
        keys = sorted({(one.scanner, one.probe, one.kind) for one in self.records})
        for key in keys:
            own = [one for one in self.records if (one.scanner, one.probe, one.kind) == key]
            start = max((n for n, one in enumerate(own) if one.baseline == "new"), default=0)
            yield key, own[start:]

    def rows(self) -> Iterator[Row]:
        """One for each measure: slope for 30 days, interval, and what that means."""
        for (scanner, probe, kind), records in self.groups():
            for name in measured(records):
                found = trend_of(records, name)
                values = [one.measures[name] for one in records if name in one.measures]
                yield {
                    "scanner": scanner,
                    "probe": probe,
                    "kind": kind,
                    "measure": name,
                    "checks": len(values),
                    "first": values[0],
                    "last": values[-1],
                    "slope_30_days": found.slope,
                    "low": found.low,
                    "high": found.high,
                    "trend": found.word,
                }

    def points(self) -> Iterator[Row]:
        """Every value of every check."""
        for one in self.records:
            for name, value in one.measures.items():
                about = {"scanner": one.scanner, "probe": one.probe, "kind": one.kind}
                yield {**about, "made_utc": one.made_utc, "measure": name, "value": value}


def read_history(store: Path, scanner: str | None, probe: str | None, sessions: Sequence[Path]) -> History:
    """Checks of a store, and examinations below the folders of `sessions`. Raises `ScanmonError`.

    A session that does not name scanner or probe counts for those that were asked for.
    """
    records: list[Record] = []
    if store.exists() or not sessions:
        with closing(CheckStore(store, make=False)) as opened:
            records = opened.records(scanner, probe)
    found = History(records)
    for folder in _sessions(sessions):
        try:
            record = _examination(folder, scanner, probe)
        except (ScanmonError, ValueError) as error:
            found.skipped.append(f"{folder.name}: {error}")
            continue
        if record is not None:
            records.append(record)
    if not records:
        raise SettingsError("no check matches", store, "see scanmon trends without --scanner and --probe")
    records.sort(key=lambda one: one.day)
    return found


def measured(records: Sequence[Record]) -> list[str]:
    """The names of their measures, in the order of the table."""
    return [name for name in MEASURES if any(name in one.measures for one in records)]


def trend_of(records: Sequence[Record], name: str) -> Trend:
    """By its slope; where that is not sure, by a step, as where an element dies: the last checks that may
    belong to a baseline are all outside of the limits that the newest was asked for, on the worse side."""
    known, measure = [one for one in records if name in one.measures], MEASURES[name]
    found = trend([one.day for one in known], [one.measures[name] for one in known], measure)
    limit = asked_limits(records).get(name)
    if limit is None or found.slope is None or measure.worse == "either" or found.word in (WORSE, BETTER):
        return found
    last = [one.measures[name] for one in known if one.baseline != "no"][-STEP_CHECKS:]
    beyond = [
        value > limit.high if measure.worse == "higher" else limit.low is not None and value < limit.low
        for value in last
    ]
    return replace(found, word=STEP) if all(beyond) else found


def _sessions(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if is_session(folder):
            yield folder
            continue
        below = sorted(path for path in folder.glob("*") if is_session(path)) if folder.is_dir() else []
        if not below:
            raise SettingsError("holds no recorded session", folder, "name the folder that --record named")
        yield from islice(below, 10_000)


def _examination(folder: Path, scanner: str | None, probe: str | None) -> Record | None:
    """What a session amounts to; None for one without a score, or of another scanner or probe."""
    content = open_recorded_scores(folder)
    named = session_settings(content).recording
    if any(asked and own and asked != own for asked, own in ((scanner, named.scanner), (probe, named.probe))):
        return None
    found = summary(content, 1)
    if found.median_quality is None:
        return None
    scored = float(np.sum(found.shares[:3]))
    measures = {"quality": found.median_quality}
    if scored:
        measures["adequate_percent"] = 100 * found.shares[0] / scored
    made = str(content.about.get("started_utc") or "")
    who = named.scanner or scanner or "", named.probe or probe or ""
    record = Record(made, "examination", *who, "yes", measures, [], {})
    assert record.day  # a time that can be read: else ValueError
    return record
