"""`scanmon score`: images, folders and cine loops -> JSON lines, CSV or Parquet."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from scanmon.app.archive import Analyzers, file_key, files_in, fingerprint, score_on
from scanmon.app.settings import Settings
from scanmon.cli.options import add_scoring_options, settings_from, whole
from scanmon.cli.output import ProgressLine, Tally, add_out_option, write_line
from scanmon.core.text import label
from scanmon.runtime.workers import Workers, open_workers
from scanmon.session.journal import FileScores, Journal, lines_of
from scanmon.session.results_table import TableFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="image, DICOM file, video, or folder of them"
    )
    add_out_option(
        parser,
        ".jsonl, .csv or .parquet (extra parquet); without it JSON lines on stdout. A run that was "
        "stopped goes on where it was when the same command is given again",
    )
    parser.add_argument(
        "--jobs",
        type=whole(0, 1024),
        default=1,
        metavar="N",
        help="files that are scored at the same time, each in a process of its own; 0: one a processor",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="score on the Dask cluster at tcp://HOST:PORT, which sees the files under the same names",
    )
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """Score every file; one that cannot be read gives a line with `error`, and the run goes on."""
    settings = settings_from(args)
    tally = Tally()
    files = files_in(args.paths, tally.passed_over)
    workers = open_workers(args.jobs, args.cluster)
    try:
        if args.out is not None:
            _into_table(args.out, workers, settings, files, tally)
        elif workers is not None:
            _as_done(workers, settings, files, tally)
        else:
            _at_once(settings, files, tally)
    finally:
        if workers is not None:
            workers.close()
    return tally.report(len(files), "scored")


def _at_once(settings: Settings, files: Sequence[Path], tally: Tally) -> None:
    """Each row on stdout as soon as it is there."""
    with closing(Analyzers(settings)) as analyzers:
        for file in files:
            rows, failed = 0, False
            for record in analyzers.results(file, label(file)):
                write_line(sys.stdout, record)
                rows, failed = rows + 1, failed or record.get("error") is not None
            tally.add(file, rows, failed)


def _as_done(workers: Workers, settings: Settings, files: Sequence[Path], tally: Tally) -> None:
    """The rows of each file on stdout when it is done, in the order in which they are done."""
    for file, scores in score_on(workers, settings, files):
        for record in lines_of(scores.data):
            write_line(sys.stdout, record)
        tally.add(file, scores.rows, scores.failed)


def _into_table(
    out: Path, workers: Workers | None, settings: Settings, files: Sequence[Path], tally: Tally
) -> None:
    """Through a journal: a run that was stopped and starts again scores nothing twice."""
    keys = {file: file_key(file) for file in files}
    journal = Journal(out.with_name(f".{out.name}.journal"), fingerprint(settings))
    try:
        left = [file for file in files if not journal.done(keys[file])]
        if len(left) < len(files):
            print(f"{len(files) - len(left)} of {len(files)} were scored before", file=sys.stderr)
        with ProgressLine() as progress:
            for number, (file, scores) in enumerate(_scored(workers, settings, left), start=1):
                journal.add(keys[file], scores)
                tally.add(file, scores.rows, scores.failed)
                progress("scored", len(files) - len(left) + number, len(files))
        with TableFile(out) as table:
            for file in files:
                for record in journal.rows(keys[file]):
                    table.add(record)
    except BaseException:
        journal.close()
        raise
    journal.remove()


def _scored(
    workers: Workers | None, settings: Settings, files: Sequence[Path]
) -> Iterator[tuple[Path, FileScores]]:
    if workers is not None:
        yield from score_on(workers, settings, files)
        return
    with closing(Analyzers(settings)) as analyzers:
        for file in files:
            yield file, analyzers.scores(file, label(file))
