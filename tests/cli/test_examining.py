"""`scanmon live --headless --protocol`: rows name the view that standard input chooses."""

import json
import subprocess
import sys
from pathlib import Path

from scanmon.session.reader import read_session
from scanmon.session.summary import examined
from scanmon.sources.session import SessionRecording
from tests.conftest import ROOT

PROTOCOL = """title = "Short"
[[views]]
name = "one"
quality = 0
hold_s = 0.2
[[views]]
name = "two"
quality = 100
"""


def begun(tmp_path: Path, bundle: Path, stdin: int, stderr: int | None) -> subprocess.Popen[str]:
    """A recorded examination of two views in a process of its own; rows on its standard output."""
    protocol = tmp_path / "short.toml"
    protocol.write_text(PROTOCOL)
    options = ["--headless", "--metric", "map", "--bundle", str(bundle), "--region", "20,8,280,224"]
    words = ["live", "phantom:size=320x240", *options, "--protocol", str(protocol)]
    command = [sys.executable, "-m", "scanmon", *words, "--record", str(tmp_path / "sessions")]
    return subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True)


def test_orders_choose_the_view_of_rows_and_session(tmp_path, tiny_bundle):
    with begun(tmp_path, tiny_bundle, subprocess.PIPE, subprocess.PIPE) as command:
        assert command.stdin is not None and command.stdout is not None and command.stderr is not None
        views = []
        for line in command.stdout:
            views.append(json.loads(line)["view"])
            if len(views) == 12:
                command.stdin.write("sing\n" + "9" * 5000 + "\n2\n")
                command.stdin.flush()
            if views[-1] == "two" and views.count("two") == 3:
                command.stdin.write("end\n")
                command.stdin.flush()
        told = command.stderr.read()
    assert command.returncode == 0, told
    assert views[0] == "one"
    assert "'sing' is no order" in told
    assert "1 of 2 views saved" in told
    (folder,) = (tmp_path / "sessions").iterdir()
    found = examined(read_session(folder))
    assert (found.ended, [view.state for view in found.views]) == (True, ["saved", "open"])
    recording = SessionRecording(folder)
    assert [name for _, name in recording.info.chapters] == ["one", "two"]
    recording.close()


def test_an_examination_whose_reader_has_gone_was_not_ended(tmp_path, tiny_bundle):
    with begun(tmp_path, tiny_bundle, subprocess.DEVNULL, None) as command:
        command.stdout.readline()
        command.stdout.close()
    assert command.returncode == 1
    (folder,) = (tmp_path / "sessions").iterdir()
    assert not examined(read_session(folder)).ended


def test_a_protocol_that_is_wrong_or_without_a_use_is_one_line(tmp_path, command):
    protocol = tmp_path / "poor.toml"
    for text, options, said in (
        ("title = 3", ["--headless"], "poor.toml"),
        (PROTOCOL.partition("\n")[2], ["--headless"], "the document: it lacks the key title; "),
        (PROTOCOL, [], "--headless"),
    ):
        protocol.write_text(text)
        assert said in command("live", "phantom:", *options, "--protocol", protocol, code=1).err


def test_a_report_is_a_page_and_nothing_is_written_where_one_name_is_none(tmp_path, command):
    said = command("report", tmp_path, "--to", tmp_path / "page.pdf", tmp_path / "rows.csv", code=1)
    assert "; use one of .pdf, .png" in said.err
    assert not list(tmp_path.iterdir())
