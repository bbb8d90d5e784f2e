from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import cv2
import pytest

from scanmon.cli import COMMANDS, main
from tests.doubles.bundles import speckle
from tests.doubles.held import held_run
from tests.doubles.scenes import PATIENCE_S


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "usage: scanmon" in text
    assert callable(import_module(f"scanmon.cli.{COMMANDS[command].module}").run)


def test_no_command_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_doctor_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor"])
    text = capsys.readouterr().out
    assert "numpy" in text
    assert "Qt starts on platform offscreen" in text
    assert code == ("MISSING" in text)


def test_a_reader_that_goes_away_ends_the_command_quietly(tiny_bundle: Path) -> None:
    command = [sys.executable, "-m", "scanmon", "replay", "phantom:frames=100000", "--headless"]
    process = subprocess.Popen(
        [*command, "--bundle", str(tiny_bundle)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("{")
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 1
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="no POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_ends_cleanly_and_leaves_no_half_written_table(
    name: str, tiny_bundle: Path, tmp_path: Path
) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for number, picture in enumerate(speckle(8, 1)):
        cv2.imwrite(str(frames / f"{number}.png"), picture)
    table = tmp_path / "scores.csv"
    options = [str(frames), "--out", str(table), "--bundle", str(tiny_bundle)]
    with held_run(3, options, tmp_path / ".scores.csv.journal") as process:
        process.send_signal(getattr(signal, name))
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert not table.exists()
