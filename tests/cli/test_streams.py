"""A command whose output is closed, full or not read any more, that is interrupted, or is given odd names."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from scanmon.cli import _said, main
from tests.doubles.bundles import speckle
from tests.doubles.scenes import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX streams and signals")
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def started(*words: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scanmon", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, text=True, stderr=subprocess.PIPE, env=env, **options)  # type: ignore[call-overload,no-any-return]


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    err = process.communicate(timeout=PATIENCE_S)[1]
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    return process.returncode, err


def _closed() -> None:
    os.close(1)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), speckle(1, 1, side=128)[0])
    return path


def test_closed_output_is_said_in_one_line(picture: Path, tiny_bundle: Path) -> None:
    words = ["score", str(picture), "--bundle", str(tiny_bundle)]
    code, err = ended(started(*words, preexec_fn=_closed))
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("error: standard output: Bad file descriptor")
    table = picture.with_name("t.csv")
    assert ended(started(*words, "--out", str(table), preexec_fn=_closed))[0] == 0  # it needs none
    assert table.exists()


@needs_full
@pytest.mark.parametrize("command", ["score", "doctor"])
def test_full_output_is_said_in_one_line(command: str, picture: Path, tiny_bundle: Path) -> None:
    words = [command, *([str(picture), "--bundle", str(tiny_bundle)] if command == "score" else [])]
    with Path("/dev/full").open("w") as full:
        code, err = ended(started(*words, stdout=full))
    assert (code, err) == (1, "error: standard output: No space left on device; free some space\n")


def test_what_a_bundle_calls_itself_does_not_reach_the_terminal_raw(tiny_bundle, tmp_path, capsys) -> None:
    named = tmp_path / "a\x1b[2J"
    shutil.copytree(tiny_bundle, named)
    manifest = named / "bundle.toml"
    text = manifest.read_text().replace("Apache-2.0", "\\u001b[31mfree\\u0007")
    manifest.write_text(text.replace("[files]", '[files]\n"\\u001b[2Jx" = "' + 64 * "0" + '"', 1))
    for command in ("bundles", "check"):
        main([command, str(named)])
        said = capsys.readouterr()
        assert "\\x1b[31mfree\\x07" in said.out + said.err
        assert not {"\x1b", "\x07"} & set(said.out + said.err)
    assert "\\x1b[2Jx" in said.out  # a finding


def test_a_full_disk_is_not_blamed_on_the_output() -> None:
    error = OSError(errno.ENOSPC, "No space left on device")
    assert _said(error) == "No space left on device; free some space"


def test_a_live_run_ends_when_its_reader_goes(tiny_bundle: Path) -> None:
    words = ["live", "phantom:size=320x240,rate=20", "--headless", "--bundle", str(tiny_bundle)]
    process = started(*words, stdout=subprocess.PIPE)
    assert process.stdout.readline().startswith("{")
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 1
    assert process.stderr.read() == ""
    process.stderr.close()


INTERRUPTED = """
import signal, sys
from scanmon.__main__ import main
signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
signal.setitimer(signal.ITIMER_REAL, float(sys.argv.pop(1)))
code = main()
signal.setitimer(signal.ITIMER_REAL, 0.0)  # without Python's handlers the alarm would end the process
sys.exit(code)
"""


@pytest.mark.parametrize("after_s", [0.001, 0.02, 0.1, 0.2, 0.4])
def test_an_interrupt_while_libraries_are_loaded_is_one_word(after_s, picture, tiny_bundle) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(after_s), "score", str(picture)]
    done = subprocess.run(
        [*command, "--bundle", str(tiny_bundle)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) in ((1, "stopped\n"), (0, ""))


def test_an_interrupt_that_a_library_turned_into_an_error_of_its_own_is_one(monkeypatch, capsys) -> None:
    def run(args: object) -> int:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    monkeypatch.setattr("scanmon.cli.devices.run", run)
    assert main(["devices"]) == 1
    assert capsys.readouterr().err == "stopped\n"


def test_no_descriptors_is_said_with_advice(monkeypatch, capsys) -> None:
    def run(args: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a\x1b.png")

    monkeypatch.setattr("scanmon.cli.devices.run", run)
    assert main(["devices"]) == 1
    assert capsys.readouterr().err == (
        "error: a\\x1b.png: Too many open files; raise the limit of open files (ulimit -n)\n"
    )


def test_libraries_do_not_write_beside_our_words(picture: Path, tiny_bundle: Path) -> None:
    data = bytearray(picture.read_bytes())
    data[len(data) // 2] ^= 0xFF
    picture.write_bytes(data)
    words = ["score", str(picture), "--bundle", str(tiny_bundle)]
    code, err = ended(started(*words, stdout=subprocess.DEVNULL))
    assert (code, err) == (1, "error: 1 of 1 could not be scored; see their lines\n")
    assert "libpng" in ended(started(*words, "--debug", stdout=subprocess.DEVNULL))[1]


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "\x1b[31m\x07x.mp4", "--headless"]) == 1
    with pytest.raises(SystemExit):
        main(["replay", "a", "--\x1b[2Junknown"])
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "\\x1b[31m\\x07x.mp4" in err
    assert "\\x1b[2Junknown" in err


HOMES: dict[str, Callable[[Path], str]] = {
    "missing": lambda folder: str(folder / "none"),
    "a file": lambda folder: str(folder / "a.png"),
    "not to be made": lambda folder: "/proc/nohome",
}


@pytest.mark.parametrize("kind", HOMES)
def test_doctor_needs_no_home(kind, picture, monkeypatch, capsys) -> None:
    monkeypatch.setenv("HOME", HOMES[kind](picture.parent))
    main(["doctor"])
    told = capsys.readouterr()
    assert "no home folder" in told.out
    assert "error" not in told.err
