"""`scanmon`, standing still after so many scored files: `python -m tests.doubles.held COUNT score ...`.

Whoever wants to stop a run in the middle needs no luck.
"""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path

from scanmon.cli import main
from scanmon.session.journal import FileScores, Journal
from tests.doubles.scenes import wait_until

ROOT = Path(__file__).parents[2]


def scored_in(journal: Path) -> list[str]:
    """The keys of a journal, each as often as it was scored. The run that writes it is not asked."""
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("-wal", ""):  # the log first: what it lacks may be in the other file by then
            file = journal.with_name(journal.name + ending)
            with suppress(FileNotFoundError):
                shutil.copyfile(file, Path(folder, file.name))
        with closing(sqlite3.connect(Path(folder, journal.name))) as copy, suppress(sqlite3.Error):
            return [key for (key,) in copy.execute("SELECT key FROM results ORDER BY id")]
    return []


def held_run(count: int, options: list[str], journal: Path) -> subprocess.Popen[str]:
    """A run of `scanmon score` that has scored `count` files and scores no other."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.doubles.held", str(count), "score", *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    def held() -> bool:
        assert program.poll() is None, "the run ended by itself"
        return journal.exists() and len(scored_in(journal)) == count

    wait_until(held)
    return program


def _stand_still_after(count: int) -> None:
    add, added = Journal.add, []

    def add_or_wait(self: Journal, key: str, scores: FileScores) -> None:
        if len(added) == count:
            threading.Event().wait()  # until this process is ended
        added.append(key)
        add(self, key, scores)

    Journal.add = add_or_wait  # type: ignore[method-assign]


if __name__ == "__main__":
    _stand_still_after(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
