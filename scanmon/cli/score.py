"""`scanmon score`: images, folders and cine loops -> JSON lines, CSV or Parquet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from pathlib import Path

from scanmon.cli.headless import write_line
from scanmon.cli.options import add_scoring_options, settings_from
from scanmon.compose import Material, make_scoring, material_of
from scanmon.core.errors import ScanmonError
from scanmon.core.records import Row, error_row, row
from scanmon.runtime.monitor import Scoring
from scanmon.settings import Settings
from scanmon.sinks.table import TableFile
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="image, DICOM file, video, or folder of them"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=".jsonl, .csv or .parquet; without it JSON lines on stdout"
    )
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Score every file; one that cannot be read gives a line with `error`, and the run goes on."""
    files = list(chain.from_iterable(_found(path) for path in args.paths))
    failed = 0
    with ExitStack() as opened:
        scorings = Scorings(settings_from(args), opened)
        add = _output(args.out, opened)
        for number, file in enumerate(files, start=1):
            _progress(f"{number} of {len(files)}: {file.name}")
            try:
                for record in _rows(file, scorings):
                    add(record)
            except ScanmonError as error:
                add(error_row(str(file), str(error)))
                failed += 1
        _progress("")
    if failed:
        print(f"error: {failed} of {len(files)} could not be scored, see their lines", file=sys.stderr)
    return 1 if failed else 0


class Scorings:
    """A scoring for stored pictures and one for moving ones, made when the first such file comes."""

    def __init__(self, settings: Settings, opened: ExitStack) -> None:
        self._settings = settings
        self._opened = opened
        self._made: dict[Material, Scoring] = {}
        self.get("still")  # a bundle or an option that is wrong is said once, and not for each file

    def get(self, material: Material) -> Scoring:
        """The scoring for that material, as for the first frame of a file."""
        if material not in self._made:
            scoring = make_scoring(self._settings, "", material)
            self._opened.callback(scoring.close)
            self._made[material] = scoring
        scoring = self._made[material]
        scoring.analyzer.reset()
        return scoring


def _found(path: Path) -> Iterator[Path]:
    """Files below `path`; the path itself where that cannot be said, so that its own error is told later."""
    try:
        yield from material_in(path)
    except ScanmonError:
        yield path


def _rows(file: Path, scorings: Scorings) -> Iterator[Row]:
    recording = open_recording(str(file))
    with closing(recording):
        scoring = scorings.get(material_of(recording))
        origin = replace(scoring.provenance, source=str(file))
        for frame in recording:
            yield row(scoring.analyzer.analyze(frame).reading, origin)


def _output(out: Path | None, opened: ExitStack) -> Callable[[Row], None]:
    if out is None:
        return lambda record: write_line(sys.stdout, record)
    return opened.enter_context(TableFile(out)).add


def _progress(text: str) -> None:
    """One line on a terminal that is written over; nothing where stderr is a file."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
