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
from scanmon.app.compose import Material, find_bundle, make_scoring, material_of
from scanmon.app.settings import Settings
from scanmon.core.errors import ScanmonError
from scanmon.core.records import Row, error_row, row
from scanmon.runtime.monitor import Scoring
from scanmon.runtime.workers import PerThread, Workers
from scanmon.scoring.bundle import open_bundle
from scanmon.session.journal import FileScores, packed
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording


class Scorings:
    """A scoring for stored pictures and one for moving ones, made when the first such file comes.

    Raises as `make_scoring`: a bundle or an option that is wrong is said once, and not for each file.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = ExitStack()
        self._made: dict[Material, Scoring] = {}
        self.get("still")

    def get(self, material: Material) -> Scoring:
        """The scoring for that material, as for the first frame of a file."""
        if material not in self._made:
            scoring = make_scoring(self._settings, "", material)
            self._opened.callback(scoring.close)
            self._made[material] = scoring
        scoring = self._made[material]
        scoring.analyzer.reset()
        return scoring

    def close(self) -> None:
        """Give the engines back."""
        self._opened.close()

    def rows(self, file: Path, label: str) -> Iterator[Row]:
        """A row for each frame, with the source `label`. Raises `ScanmonError` for what cannot be read."""
        with closing(open_recording(str(file))) as recording:
            scoring = self.get(material_of(recording))
            for frame in recording:
                reading = scoring.analyzer.analyze(frame).reading
                yield row(reading, replace(scoring.provenance, source=label))

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

    A path that cannot be walked stands for itself, so that its own error is told later.
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
    bundle = open_bundle(find_bundle(settings.scoring.bundle))
    told = asdict(settings)
    told["scoring"].pop("bundle")  # its sha256 says it better
    made_of = {"settings": told, "bundle": bundle.sha256, "version": __version__}
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
            told = error_row(str(file), f"could not be scored ({result}), {file}, score it alone to see why")
            yield file, packed([told], failed=True)
        else:
            yield file, result


_SCORINGS: PerThread[Scorings] = PerThread(Scorings)


def _score_in_worker(settings: Settings, folder: Path, file: Path) -> FileScores:
    """One file, with engines that this worker keeps. Relative names are those of `folder`."""
    return _SCORINGS.get(settings).scores(folder / file, label=str(file))


def _found(path: Path) -> Iterator[Path]:
    try:
        yield from material_in(path)
    except ScanmonError:
        yield path
