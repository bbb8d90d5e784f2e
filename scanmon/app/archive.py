"""Composition of archive runs: files -> rows, one file at a time, here or on many workers."""

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
from scanmon.core.errors import NoPictureError, ScanmonError
from scanmon.core.records import Row, error_row, row
from scanmon.core.text import label, shown
from scanmon.runtime.analysis_loop import FAILED_IN_A_ROW
from scanmon.runtime.workers import PerThread, Workers
from scanmon.scoring.analyzer import Analyzer
from scanmon.scoring.bundle import find_bundle, open_named_bundle
from scanmon.scoring.own import OwnScorer
from scanmon.session.journal import FileScores, packed
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording


class Analyzers:
    """An analyzer for stored pictures and one for moving ones, opened when the first such file comes.

    Raises as `open_analyzer`: a bundle or an option that is wrong is said once, and not for each file.
    """

    def __init__(self, settings: Settings, own: OwnScorer | None = None) -> None:
        self._settings = settings
        self._own = own
        self._opened: dict[bool, Analyzer] = {}  # still -> analyzer
        self.get(still=True)

    def get(self, *, still: bool) -> Analyzer:
        """The analyzer for that material, as for the first frame of a file."""
        if still not in self._opened:
            self._opened[still] = open_analyzer(self._settings, Plan(still=still, own=self._own))
        self._opened[still].reset()
        return self._opened[still]

    def close(self) -> None:
        opened, self._opened = self._opened, {}
        with ExitStack() as closing:
            for analyzer in opened.values():
                closing.callback(analyzer.close)

    def rows(self, file: Path, name: str) -> Iterator[Row]:
        """A row for each frame, with the source `name`; a frame that the engine fails on has an `error`.

        Raises `ScanmonError` for what cannot be read, and where the engine fails time after time.
        """
        with closing(open_recording(str(file))) as recording:
            analyzer = self.get(still=is_still(recording))
            failed_in_a_row = 0
            for frame in recording:
                try:
                    record = row(analyzer.analyze(frame)) | {"source": name}
                    failed_in_a_row = 0
                except (ScanmonError, MemoryError):
                    raise
                except Exception as error:
                    failed_in_a_row += 1
                    if failed_in_a_row == FAILED_IN_A_ROW:
                        raise
                    analyzer.reset()  # what it remembers may be half of this frame
                    reason = shown(f"{name}: could not be scored ({type(error).__name__}: {error})")
                    record = error_row(name, reason) | {"frame": frame.index, "time_s": frame.time_s}
                yield record

    def results(self, file: Path, name: str) -> Iterator[Row]:
        """`rows`; where the file cannot be scored, one that says why comes behind them.

        A sound file that holds no picture gives no row at all. Nothing that one file does ends a run.
        """
        try:
            yield from self.rows(file, name)
        except NoPictureError:
            return
        except ScanmonError as error:
            yield error_row(name, shown(str(error)))
        except Exception as error:  # noqa: BLE001 - MemoryError, a fault of a decoder or an engine: this file's own
            reason = (
                f"{name}: could not be scored ({type(error).__name__}: {error}); score it alone with --debug"
            )
            yield error_row(name, shown(reason))

    def scores(self, file: Path, name: str) -> FileScores:
        return packed(self.results(file, name))


def files_in(paths: Sequence[Path], passed_over: list[Path]) -> list[Path]:
    """Everything that can be scored, each file once, in order; what is left out is added to `passed_over`.

    A path that cannot be walked is kept, so that its own error is reported later.
    """
    return list(dict.fromkeys(chain.from_iterable(_found(path, passed_over) for path in paths)))


def file_key(file: Path) -> str:
    """Name, size and time of change: a file that was changed is another file."""
    try:
        found = file.stat()
    except OSError:
        return f"{label(file)}|missing"
    return f"{label(file)}|{found.st_size}|{found.st_mtime_ns}"


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
            name = label(file)
            yield file, packed([error_row(name, f"could not be scored ({result}), {name}, score it alone")])
        else:
            yield file, result


_ANALYZERS: PerThread[Analyzers] = PerThread(Analyzers)


def _score_in_worker(settings: Settings, folder: Path, file: Path) -> FileScores:
    """One file, with engines that this worker keeps. Relative names are those of `folder`."""
    return _ANALYZERS.get(settings).scores(folder / file, label(file))


def _found(path: Path, passed_over: list[Path]) -> Iterator[Path]:
    try:
        yield from material_in(path, passed_over)
    except ScanmonError:
        yield path
