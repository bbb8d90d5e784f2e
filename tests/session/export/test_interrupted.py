"""Exports that are killed, or whose disk is full: no file that is not whole ever bears its name."""

import importlib.util
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scanmon.app.sessions import export_session
from scanmon.cli.output import write_page
from scanmon.core.errors import SinkError
from scanmon.session.export import ENDINGS, PAGES
from tests.doubles.memory import small_files
from tests.doubles.sessions import record

ROOT = Path(__file__).parents[3]
FRAMES = 40
EARLIER = b"of an earlier run"
NEEDS = {".dcm": "highdicom"}

# each export begins in the middle of the one before, and all stand still in the middle
EXPORTS = """
import sys, threading
from pathlib import Path
from scanmon.app.sessions import export_session
from scanmon.cli.output import write_page

session, *targets = map(Path, sys.argv[1:])

def stand_still(done, everything):
    if targets:
        export_session(session, targets.pop(), stand_still, write_page)
    print("half-way", flush=True)
    threading.Event().wait()

export_session(session, targets.pop(), stand_still, write_page)
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("sessions"), FRAMES)


@pytest.fixture(scope="module")
def killed(session: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports of every kind that were killed in the middle, `new` ones and such over an `old` file."""
    root = tmp_path_factory.mktemp("killed")
    targets = []
    for ending in (*ENDINGS, *PAGES):
        if ending in NEEDS and importlib.util.find_spec(NEEDS[ending]) is None:
            continue
        for age in ("new", "old"):
            folder = root / age / ending[1:]
            folder.mkdir(parents=True)
            targets.append(folder / f"out{ending}")
        targets[-1].write_bytes(EARLIER)
    command = [sys.executable, "-c", EXPORTS, str(session), *map(str, targets)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "half-way\n"
        program.send_signal(signal.SIGKILL)
    return root


@pytest.fixture(params=[*ENDINGS, *PAGES])
def ending(request: pytest.FixtureRequest) -> str:
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param], reason=f"{NEEDS[request.param]} comes with an extra")
    return str(request.param)


@pytest.mark.parametrize("age", ["new", "old"])
def test_a_killed_export_leaves_what_was_there(session: Path, killed: Path, ending: str, age: str) -> None:
    folder = killed / age / ending[1:]
    target = folder / f"out{ending}"
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    assert visible == ([target] if age == "old" else [])
    if age == "old":
        assert target.read_bytes() == EARLIER
    export_session(session, target, page=write_page)  # what the killed one left is in nobody's way
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
    assert target.stat().st_size > len(EARLIER)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_one_line_and_leaves_nothing(session: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"out{ending}"
    (tmp_path / f".{target.name}.part").symlink_to("/dev/full")
    with pytest.raises(SinkError, match="No space left on device") as caught:
        export_session(session, target, page=write_page)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files has no limit")
def test_a_disk_that_is_full_in_mid_file_is_told_in_the_words_of_the_system(
    session, tmp_path, ending
) -> None:
    target = tmp_path / f"out{ending}"
    with small_files(4000), pytest.raises(SinkError) as caught:
        export_session(session, target, page=write_page)
    assert re.fullmatch(r"\S+: cannot be written \(File too large\); choose [\w ]+", str(caught.value))
    assert list(tmp_path.iterdir()) == []
