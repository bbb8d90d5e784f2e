import errno
import os
import signal
from importlib import import_module
from pathlib import Path

import cv2
import pytest

from scanmon.cli import COMMANDS, _said, main, parser_of, with_command
from tests.conftest import ROOT
from tests.doubles.bundles import speckle
from tests.doubles.commands import CINE, Command, Said, python
from tests.doubles.held import held_run
from tests.doubles.scenes import PATIENCE_S


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, command: Command) -> None:
    assert "usage: scanmon" in command(name, "--help").out
    assert callable(import_module(f"scanmon.cli.{name}").run)


def test_help_fits_a_screen_and_help_all_has_the_rest(command: Command) -> None:
    short, long = (command("live", option).out for option in ("--help", "--help-all"))
    assert "--topk-frac" not in short
    assert "--topk-frac" in long
    assert "\n  scanmon live grabber:ID" in short


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("live", ("--budget", "--metric"), ()),
        ("bench", ("--budget",), ()),
        ("score", ("--stride",), ("--budget",)),
        ("verify", ("--metric",), ("--budget",)),
        (
            "compare",
            ("--bundle", "--region"),
            ("--metric ", "--organ", "--budget", "--topk-frac", "--help-all"),
        ),
    ],
)
def test_help_offers_no_option_that_would_change_nothing(command: Command, name, taken, refused) -> None:
    told = command(name, "--help" if "--help-all" in refused else "--help-all").out
    assert all(option in told for option in taken)
    assert not any(option in told for option in refused)


def test_the_published_metric_is_asked_for_in_the_same_words_everywhere() -> None:
    published = ["--metric", "nrq", "--region", "full", "--scale", "native", "--budget", "0"]
    for words in ("score a.png", "verify a", "live grabber:0", "replay a.mp4 --headless", "demo"):
        assert parser_of(words.split()[0]).parse_args([*words.split()[1:], *published]).budget == 0


def test_every_example_of_the_help_is_taken_by_its_parser() -> None:
    for name, command in COMMANDS.items():
        for example in command.examples:
            parser_of(name).parse_args(example.split())


def test_a_wrong_option_is_one_line(command: Command) -> None:
    (line,) = command("live", "--budget", "x", code=2).err.splitlines()
    assert line.startswith("error: argument --budget: 'x' is not allowed")
    assert line.endswith("scanmon live --help says what it takes")
    (line,) = command("live", "--wrong", code=2).err.splitlines()
    assert line == "error: unrecognized arguments: --wrong; scanmon live --help says what it takes"


def test_without_a_command_it_is_the_window(tmp_path: Path) -> None:
    file = tmp_path / "liver.mp4"
    file.touch()
    assert with_command([]) == ["live"]
    assert with_command([str(file), "--organ", "liver"]) == ["replay", str(file), "--organ", "liver"]
    assert with_command(["rtsp://scanner/live"]) == ["live", "rtsp://scanner/live"]
    assert with_command(["phantom:", "--headless"]) == ["live", "phantom:", "--headless"]
    assert with_command(["--version"]) == ["--version"]
    assert with_command(["score", str(file)]) == ["score", str(file)]


def test_a_file_alone_is_replayed(tiny_bundle: Path, command: Command) -> None:
    assert len(command(CINE, "--headless", "--bundle", tiny_bundle).rows) == 30


@pytest.mark.parametrize(
    ("word", "said"), [("scor", "did you mean score?"), ("nothing.mp4", "lists the commands")]
)
def test_a_word_that_is_nothing_is_wrong_usage_in_one_line(word, said, command) -> None:
    (line,) = command(word, code=2).err.splitlines()
    assert line.startswith(f"error: {word} is no command")
    assert said in line


@pytest.mark.skipif(os.name == "nt", reason="a window can always be shown there")
def test_without_a_display_the_window_is_one_clear_error(tmp_path: Path) -> None:
    unseen = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    assert python("-m", "scanmon", code=1, **unseen).err.startswith("error: there is no display")


def test_a_thread_that_hangs_in_a_library_does_not_turn_the_end_into_a_crash() -> None:
    """As SIGTERM while an engine was being loaded: the destructors of its library ended all with 134."""
    code = (
        "import atexit, os, sys, threading; import scanmon.cli; from scanmon.__main__ import main\n"
        "one = threading.Thread(target=threading.Event().wait, name='scanmon-analysis', daemon=True)\n"
        "class Library:\n  def __del__(self, end=os._exit): end(134)\n"
        "def run(): global library; library = Library(); one.start(); print('closed'); return 0\n"
        "scanmon.cli.main = run; sys.exit(main())"
    )
    assert python("-c", code).out == "closed\n"


def test_a_library_of_the_system_that_is_missing_is_told_and_doctor_goes_on(tmp_path: Path) -> None:
    """As in a fresh container: Qt is installed, and what it links to is not."""
    package = tmp_path / "PySide6"
    package.mkdir()
    (package / "__init__.py").write_text(
        "raise ImportError('libglib-2.0.so.0: cannot open shared object file: No such file or directory')"
    )

    def told(*words: str) -> Said:
        both = os.pathsep.join((str(tmp_path), str(ROOT)))
        return python("-m", "scanmon", *words, code=1, PYTHONPATH=both)

    said = "error: libglib-2.0.so.0: a library of the system is missing; scanmon doctor says how to get it\n"
    assert told("live", "phantom:") == Said("", said)
    found = told("doctor")
    assert found.err == ""
    assert "Qt does not start: ImportError: libglib-2.0.so.0" in found.out
    assert "capture" in found.out  # the rest of the report is there


def test_doctor_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor"])
    text = capsys.readouterr().out
    assert "numpy" in text
    assert "Qt starts on platform offscreen" in text
    assert code == ("MISSING" in text)


@pytest.mark.skipif(os.name == "nt", reason="no POSIX signals")
@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOENT, "check the path"), (errno.EACCES, "choose a place that is yours")]
)
def test_what_the_system_refuses_has_its_remedy(number: int, remedy: str) -> None:
    assert _said(OSError(number, "no", "there")) == f"there: no; {remedy}"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_ends_cleanly_and_leaves_no_half_written_table(name, tiny_bundle, tmp_path):
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
