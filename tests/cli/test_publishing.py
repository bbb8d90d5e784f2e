"""Ports: none without a wish, loopback without a host."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from scanmon.cli.options import _address
from scanmon.sources.devices import Device, Mode
from tests.doubles.commands import Command
from tests.doubles.scenes import PATIENCE_S, wait_until
from tests.doubles.senders import free_port


def listening(pid: int) -> set[str]:
    """Local addresses on which a process listens."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(link))  # noqa: PTH115 - it is no path
        except OSError:
            continue
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


@contextmanager
def run_live(tiny_bundle: Path, told: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a user runs it, from its first score on; what it says goes to a file."""
    live = ["live", "phantom:size=320x240", "--metric", "map", "--headless", "--bundle", str(tiny_bundle)]
    command = [sys.executable, "-m", "scanmon", *live]
    with (
        told.open("wb") as file,
        subprocess.Popen([*command, *options], stdout=file, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            wait_until(lambda: b"\n" in told.read_bytes())
            yield process
        finally:
            process.terminate()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc of Linux")
def test_no_port_is_open_unless_it_was_asked_for(tiny_bundle: Path, tmp_path: Path) -> None:
    with run_live(tiny_bundle, tmp_path / "told") as process:
        assert listening(process.pid) == set()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc of Linux")
def test_ports_that_were_asked_for_are_on_loopback_and_answer(tiny_bundle: Path, tmp_path: Path) -> None:
    metrics, igtl = free_port(), free_port()
    options = ["--publish-metrics", str(metrics), "--publish-igtl", str(igtl)]

    def page() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    with run_live(tiny_bundle, tmp_path / "told", *options) as process:
        assert listening(process.pid) == {f"0100007F:{metrics:04X}", f"0100007F:{igtl:04X}"}
        wait_until(lambda: "scanmon_live" in page())


def test_a_port_that_is_taken_is_one_line(tiny_bundle: Path, command: Command) -> None:
    from scanmon.publish.prometheus import PrometheusSink

    with closing(PrometheusSink(port=0)) as taken:
        options = ["--headless", "--bundle", tiny_bundle, "--publish-metrics", taken.port]
        said = command("live", "phantom:", *options, code=1).err
    assert f"error: 127.0.0.1:{taken.port}: cannot listen (Address already in use)" in said


@pytest.mark.parametrize(
    ("text", "address"),
    [("18944", ("127.0.0.1", 18944)), ("0.0.0.0:18944", ("0.0.0.0", 18944)), ("[::1]:80", ("::1", 80))],
)
def test_an_address_is_a_port_or_a_host_with_a_port(text: str, address: tuple[str, int]) -> None:
    assert _address(text) == address


def test_devices_are_listed_with_what_stands_behind_grabber(monkeypatch, command) -> None:
    found = (
        Device("usb-1:2-SN", "Grabber", "/dev/video0", modes=(Mode("mjpeg", 1920, 1080, (60.0, 30.0)),)),
        Device("usb-3:4@1-2", "Camera", "/dev/video2", in_use=True),
    )
    monkeypatch.setattr("scanmon.cli.devices.list_devices", lambda: found)
    assert command("devices").out.splitlines() == [
        "grabber:usb-1:2-SN\tGrabber\t/dev/video0",
        "    1920x1080 mjpeg 60, 30",
        "grabber:usb-3:4@1-2\tCamera\t/dev/video2\tin use",
    ]
    records = command("devices", "--json").rows
    assert [record["in_use"] for record in records] == [False, True]
    assert records[0]["modes"][0]["width"] == 1920


def test_a_machine_without_devices_says_so(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    monkeypatch.setattr("scanmon.cli.devices.list_devices", lambda: ())
    assert "no capture device found" in command("devices").err
