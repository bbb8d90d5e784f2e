"""Exports that are killed, or whose disk is full: no file that is not whole ever bears its name."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scanmon.core.errors import SinkError
from scanmon.sessions import export_session
from scanmon.sinks.export import ENDINGS
from tests.sinks.recording.material import record

ROOT = Path(__file__).parents[3]
FRAMES = 40
NEEDS = {".png": "matplotlib", ".pdf": "matplotlib", ".dcm": "highdicom"}

EXPORT = """
import sys, threading
from pathlib import Path
from scanmon.sessions import export_session

def stand_still(done, everything):
    print("half-way", flush=True)
    threading.Event().wait(60)

export_session(Path(sys.argv[1]), Path(sys.argv[2]), stand_still)
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("sessions"), FRAMES)


@pytest.fixture(params=ENDINGS)
def ending(request: pytest.FixtureRequest) -> str:
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param], reason=f"{NEEDS[request.param]} comes with an extra")
    return str(request.param)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_killed_export_leaves_what_was_there(
    session: Path, tmp_path: Path, ending: str, earlier: bool
) -> None:
    target = tmp_path / f"out{ending}"
    if earlier:
        target.write_bytes(b"of an earlier run")
    command = [sys.executable, "-c", EXPORT, str(session), str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "half-way\n"
        program.send_signal(signal.SIGKILL)
    visible = [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert visible == ([target] if earlier else [])
    if earlier:
        assert target.read_bytes() == b"of an earlier run"
    export_session(session, target)  # what the killed one left is in nobody's way
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_one_line_and_leaves_nothing(session: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"out{ending}"
    (tmp_path / f".{target.name}.part").symlink_to("/dev/full")
    with pytest.raises(SinkError, match="No space left on device") as caught:
        export_session(session, target)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_disk_that_is_full_while_a_session_gets_its_tables_keeps_the_session(
    session: Path, tmp_path: Path
) -> None:
    from scanmon.core.session import layout
    from scanmon.sinks.recording import seal
    from scanmon.sources.session_files import read_session

    rows = [read_session(session).table.record(row) for row in range(FRAMES)]
    store = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / layout.ABOUT).write_text((session / layout.ABOUT).read_text())
    (tmp_path / layout.ROW_STORE).write_text(store)
    (tmp_path / f".{layout.FRAMES}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        seal(tmp_path)
    assert (tmp_path / layout.ROW_STORE).read_text() == store
    assert sorted(path.name for path in tmp_path.iterdir()) == [layout.ROW_STORE, layout.ABOUT]
