"""Archives as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias, Unpack

from scanmon.api.options import Options, Place, settings_of, text_of
from scanmon.app.archive import Analyzers, files_in, score_on
from scanmon.core.errors import SettingsError
from scanmon.core.records import Row, flat
from scanmon.core.schema import TABLE
from scanmon.core.text import label
from scanmon.runtime.workers import LocalWorkers, Workers
from scanmon.session.journal import lines_of

Table: TypeAlias = dict[str, list[Any]]


def score(
    paths: Place | Iterable[Place], *, jobs: int = 1, cluster: str | None = None, **options: Unpack[Options]
) -> Table:
    """Score every picture and frame of files and folders: columns that pandas, polars and pyarrow take.

        pandas.DataFrame(scanmon.score("archive"))

    The columns are those of `docs/formats.md`; in `error` stands why a file could not be read. With `jobs`
    above 1 files are scored in processes of their own, with `cluster` on a Dask scheduler
    (`tcp://host:port`). Raises `ScanmonError` where nothing can be scored at all.
    """
    settings, own = settings_of(options)
    given = [paths] if isinstance(paths, str) or not isinstance(paths, Iterable) else paths
    files = files_in([Path(text_of(path)) for path in given], [])
    workers = _workers(jobs, cluster)
    if workers is None:
        with closing(Analyzers(settings, own)) as analyzers:
            return _columns(row for file in files for row in analyzers.results(file, label(file)))
    with closing(workers):
        if own is not None:
            raise SettingsError("a metric of your own runs in this process", own.name, "leave out jobs")
        scored = {file: scores.data for file, scores in score_on(workers, settings, files)}
    return _columns(row for file in files for row in lines_of(scored[file]))


def _workers(jobs: int, cluster: str | None) -> Workers | None:
    if cluster is not None:
        from scanmon.runtime.cluster import ClusterWorkers  # noqa: PLC0415 - an extra

        return ClusterWorkers(cluster)
    if jobs < 1:
        raise SettingsError(f"jobs = {jobs}", remedy="give 1 or more")
    return LocalWorkers(jobs) if jobs > 1 else None


def _columns(rows: Iterator[Row]) -> Table:
    table: Table = {column.name: [] for column in TABLE}
    for row in rows:
        found = flat(row)
        for name, values in table.items():
            values.append(found.get(name))
    return table
