"""A window that somebody else ends: its recording is whole, and the exit code says how it ended."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanmon.core.errors import SourceError
from scanmon.session.reader import read_session
from tests.doubles.display import Display
from tests.doubles.scenes import PATIENCE_S, wait_until

pytestmark = [pytest.mark.timeout(300), pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]


@contextmanager
def recording_window(
    tmp_path: Path, bundle: Path, begin: str = "", **env: str
) -> Iterator[subprocess.Popen[str]]:
    """A window on the phantom that has recorded for a moment. `begin`: Python that runs before it."""
    code = f"{begin}\nimport sys\nfrom scanmon.cli import main\nsys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "live", "phantom:size=320x240", "--metric", "map"]
    own = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "LANG": "C.UTF-8"}
    program = subprocess.Popen(
        [*command, "--region", "full", "--bundle", str(bundle), "--record", str(tmp_path / "sessions")],
        env=os.environ | own | env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: program.poll() is not None or _rows(tmp_path) > 5, tick_s=0.05)
        assert program.poll() is None, program.stderr.read() if program.stderr else ""
        yield program
    finally:
        program.kill()
        program.wait()
        if program.stderr is not None:
            program.stderr.close()


def _rows(tmp_path: Path) -> int:
    for store in tmp_path.glob("sessions/*/session.db"):
        try:
            return len(read_session(store.parent).table)
        except SourceError:  # it is being made
            return 0
    return 0


def _session(tmp_path: Path) -> Path:
    (found,) = tmp_path.glob("sessions/*")
    return found


def _whole_at_the_end(program: subprocess.Popen[str], tmp_path: Path) -> None:
    _, said = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 0, said
    assert "Traceback" not in said
    assert read_session(_session(tmp_path)).complete


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_a_signal_ends_the_window_and_its_recording_is_whole(name, tmp_path, tiny_bundle):
    begin = f"import signal; signal.signal(signal.{name}, signal.SIG_DFL)"  # not as under `nohup`
    if name == "SIGINT":
        begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with recording_window(tmp_path, tiny_bundle, begin, QT_QPA_PLATFORM="offscreen") as program:
        program.send_signal(getattr(signal, name))
        _whole_at_the_end(program, tmp_path)


def test_a_hang_up_that_is_ignored_stays_ignored(tmp_path, tiny_bundle):
    """As under `nohup`: the terminal may be closed and the recording goes on, until SIGTERM ends it."""
    begin = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with recording_window(tmp_path, tiny_bundle, begin, QT_QPA_PLATFORM="offscreen") as program:
        known = _rows(tmp_path)
        program.send_signal(signal.SIGHUP)
        wait_until(lambda: program.poll() is not None or _rows(tmp_path) > known + 5, tick_s=0.05)
        assert program.poll() is None
        program.terminate()
        _whole_at_the_end(program, tmp_path)


@pytest.mark.xvfb
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb (apt-get install xvfb libxcb-cursor0)")
def test_a_display_that_dies_ends_the_window_with_an_error_and_a_whole_recording(tmp_path, tiny_bundle):
    display = Display("1024x768x24")
    with recording_window(tmp_path, tiny_bundle, DISPLAY=display.name, QT_QPA_PLATFORM="xcb") as program:
        display.end()
        _, said = program.communicate(timeout=PATIENCE_S)
    assert program.returncode == 1
    assert "error: the display is gone" in said
    assert read_session(_session(tmp_path)).complete
