"""`scanmon`, standing still after so many scored files: `python -m tests.doubles.held COUNT score ...`.

Whoever wants to stop a run in the middle needs no luck.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

from scanmon.cli import main
from scanmon.session.journal import FileScores, Journal
from tests.doubles.scenes import wait_until

ROOT = Path(__file__).parents[2]


def scored_in(journal: Path) -> list[bytes]:
    """The keys of a journal, each as often as it was scored."""
    return re.findall(rb'^\{"key": "(.*?)", "bytes"', journal.read_bytes(), re.MULTILINE)


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
