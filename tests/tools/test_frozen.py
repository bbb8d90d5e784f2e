"""The one-folder build runs on a machine without Python: nothing of this environment is in its reach."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.doubles.recordings import shipped_dicom, write_images, write_video
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.doubles.screen import virtual_screen

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]  # a build takes minutes


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("PyInstaller", reason="no PyInstaller: python -m pip install pyinstaller")
    folder = tmp_path_factory.mktemp("frozen")
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--log-level", "ERROR"),
            *("--distpath", str(folder / "dist"), "--workpath", str(folder / "work")),
            str(ROOT / "tools" / "frozen" / "scanmon.spec"),
        ],
        check=True,
        timeout=900,
    )
    return folder / "dist" / "scanmon" / "scanmon"


def alone(home: Path) -> dict[str, str]:
    """An environment in which no program is found, and no Python either."""
    return {"PATH": "/nonexistent", "HOME": str(home), "LANG": "C.UTF-8"}


def run(program: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *words],
        env=alone(home),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        check=False,
    )


def test_nothing_is_missing(program: Path, tmp_path: Path) -> None:
    done = run(program, tmp_path, "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "MISSING" not in done.stdout


def test_files_are_decoded_by_limited_processes_and_scored_on_two(program: Path, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pictures", 4)
    shutil.copy(shipped_dicom("examples_jpeg2k.dcm"), folder / "j2k.dcm")
    write_video(folder / "loop.mp4", 3)
    done = run(program, tmp_path, "score", str(folder), "--jobs", "2", "--region", "full")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({row["source"] for row in rows}) == 6, done.stderr
    assert [row["error"] for row in rows if row.get("error")] == []
    assert done.returncode == 0, done.stderr


def test_the_demo_has_its_cine(program: Path, tmp_path: Path) -> None:
    done = run(program, tmp_path, "demo", "--headless", "--seconds", "2")
    assert done.returncode == 0, done.stderr


@pytest.mark.xvfb
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: apt-get install xvfb")
def test_the_window_comes_up(program: Path, tmp_path: Path) -> None:
    with virtual_screen(tmp_path) as screen:
        window = subprocess.Popen(
            [str(program), "live", "phantom:size=640x480,rate=10"],
            env={**alone(tmp_path), "DISPLAY": screen.name},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_until(
                lambda: window.poll() is not None or len(np.unique(screen.picture())) > 100, 2 * PATIENCE_S
            )
            assert window.poll() is None
        finally:
            window.terminate()
            _, said = window.communicate(timeout=PATIENCE_S)
    assert window.returncode == 0, said
