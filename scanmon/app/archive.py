"""Composition of archive runs: files -> rows, one file at a time, here or on many workers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from pathlib import Path

from scanmon import __version__
from scanmon.app.analyzers import Plan, is_still, open_analyzer
from scanmon.app.settings import Settings
from scanmon.core.errors import ScanmonError
from scanmon.core.records import Row, error_row, row
from scanmon.runtime.workers import PerThread, Workers
from scanmon.scoring.analyzer import Analyzer
from scanmon.scoring.bundle import find_bundle, open_named_bundle
from scanmon.session.journal import FileScores, packed
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording


class Analyzers:
    """An analyzer for stored pictures and one for moving ones, opened when the first such file comes.

    Raises as `open_analyzer`: a bundle or an option that is wrong is said once, and not for each file.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: dict[bool, Analyzer] = {}  # still -> analyzer
        self.get(still=True)

    def get(self, *, still: bool) -> Analyzer:
        """The analyzer for that material, as for the first frame of a file."""
        if still not in self._opened:
            self._opened[still] = open_analyzer(self._settings, Plan(still=still))
        self._opened[still].reset()
        return self._opened[still]

    def close(self) -> None:
        with ExitStack() as closing:
            for analyzer in self._opened.values():
                closing.callback(analyzer.close)

    def rows(self, file: Path, label: str) -> Iterator[Row]:
        """A row for each frame, with the source `label`. Raises `ScanmonError` for what cannot be read."""
        with closing(open_recording(str(file))) as recording:
            analyzer = self.get(still=is_still(recording))
            for frame in recording:
                yield row(analyzer.analyze(frame)) | {"source": label}

    def scores(self, file: Path, label: str) -> FileScores:
        """All rows of a file; where it cannot be read, the rows so far and one that says why."""
        failed: list[Row] = []

        def until_error() -> Iterator[Row]:
            try:
                yield from self.rows(file, label)
            except ScanmonError as error:
                failed.append(error_row(label, str(error)))
                yield failed[0]

        result = packed(until_error())
        return result._replace(failed=bool(failed))


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Everything that can be scored, each file once, in order.

    A path that cannot be walked is kept, so that its own error is reported later.
    """
    return list(dict.fromkeys(chain.from_iterable(_found(path) for path in paths)))


def file_key(file: Path) -> str:
    """Name, size and time of change: a file that was changed is another file."""
    try:
        found = file.stat()
    except OSError:
        return f"{file}|missing"
    return f"{file}|{found.st_size}|{found.st_mtime_ns}"


def fingerprint(settings: Settings) -> str:
    """Stands for all that makes a score: settings, bundle, version. Raises `BundleError`."""
    bundle = open_named_bundle(settings.scoring.bundle)
    document = asdict(settings)
    document["scoring"].pop("bundle")  # its sha256 stands for it
    made_of = {"settings": document, "bundle": bundle.sha256, "version": __version__}
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def score_on(
    workers: Workers, settings: Settings, files: Sequence[Path]
) -> Iterator[tuple[Path, FileScores]]:
    """The scores of files as they are done, in any order. A file that kills its worker gets an error row."""
    if settings.scoring.bundle != "default":  # workers may run in another folder
        bundle = str(find_bundle(settings.scoring.bundle).resolve())
        settings = replace(settings, scoring=replace(settings.scoring, bundle=bundle))
    folder = Path.cwd()  # of relative names; workers may run in another
    for file, result in workers.run(partial(_score_in_worker, settings, folder), files):
        if isinstance(result, ScanmonError):
            raise result
        if isinstance(result, Exception):
            failed = error_row(str(file), f"could not be scored ({result}), {file}, score it alone")
            yield file, packed([failed], failed=True)
        else:
            yield file, result


_ANALYZERS: PerThread[Analyzers] = PerThread(Analyzers)


def _score_in_worker(settings: Settings, folder: Path, file: Path) -> FileScores:
    """One file, with engines that this worker keeps. Relative names are those of `folder`."""
    return _ANALYZERS.get(settings).scores(folder / file, label=str(file))


def _found(path: Path) -> Iterator[Path]:
    try:
        yield from material_in(path)
    except ScanmonError:
        yield path
