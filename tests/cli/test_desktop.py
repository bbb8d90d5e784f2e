"""Menu entry, icon, file types; completion in the shell."""

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from pathlib import Path

import pytest

from scanmon.cli import COMMANDS
from scanmon.cli.completion import SHELLS
from scanmon.cli.desktop import install_entry, quoted
from tests.doubles.commands import Command

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="desktop entries are of Linux")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def entry(path: Path) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return dict(parser["Desktop Entry"])


def test_the_entries_start_this_scanmon_and_are_taken_away_again(data, tmp_path, command, monkeypatch):
    program = tmp_path / "bin" / "scanmon"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    written = [Path(line) for line in command("desktop", "--install").out.splitlines()]
    assert all(path.is_file() for path in written)
    menu = entry(data / "applications" / "scanmon.desktop")
    assert menu["Exec"] == f"{program} live"
    assert "Not for diagnosis" in menu["Comment"]
    opens = entry(data / "applications" / "scanmon-open.desktop")
    assert opens["Exec"] == f"{program} replay %f"
    assert "application/dicom" in opens["MimeType"].split(";")
    assert (data / "icons" / "hicolor" / "scalable" / "apps" / f"{menu['Icon']}.svg").is_file()
    assert command("desktop", "--remove").out.splitlines() == [str(path) for path in written]
    assert not any(path.exists() for path in written)


def test_appstream_names_the_entry_the_program_and_the_licence(data: Path) -> None:
    install_entry()
    component = ElementTree.parse(data / "metainfo" / "scanmon.metainfo.xml").getroot()
    assert component.findtext("launchable") == "scanmon.desktop"
    assert component.findtext("provides/binary") == "scanmon"
    assert component.findtext("project_license") == "Apache-2.0"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="no desktop-file-validate here")
def test_the_desktop_finds_no_fault_with_the_entries(data: Path) -> None:
    for path in install_entry():
        if path.suffix == ".desktop":
            done = subprocess.run(
                ["desktop-file-validate", path], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/opt/scanmon", "/opt/scanmon"),
        ("/a b/s", '"/a b/s"'),
        ('/a"$/s', r'"/a\\"\\$/s"'),
        ("/50%/s", '"/50%%/s"'),
    ],
)
def test_a_path_is_quoted_as_an_entry_wants_it(path: str, written: str) -> None:
    assert quoted(path) == written


def test_a_folder_that_cannot_be_written_is_said(data: Path, command: Command) -> None:
    data.write_text("a file in its place")
    assert "cannot be written" in command("desktop", "--install", code=1).err


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_completed(shell: str, command: Command) -> None:
    script = command("completion", shell).out
    for name in (*COMMANDS, "--publish-metrics"):
        assert name in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
