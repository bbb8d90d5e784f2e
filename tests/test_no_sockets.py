"""Nothing leaves the machine: no command opens a socket of a network that was not asked for.

The libraries that are loaded decide this as much as our own code, so it is watched from outside.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.commands import CINE

ROOT = Path(__file__).resolve().parents[1]
START = """
import sys
from scanmon.cli import main
bundle, cine, out = sys.argv[1:4]
engine = ["--bundle", bundle]
def run(*words):
    try:
        code = main(list(words))
    except SystemExit as error:
        code = error.code
    print("ran", words[0], code, file=sys.stderr)
"""
SCORE = """
for backend in ("onnxruntime", "openvino"):
    run("score", cine, "--metric", "map", "--backend", backend, *engine)
missing = {"openvino", "onnxruntime"} - set(sys.modules)
assert not missing, missing
"""
EVERYTHING = """
run("demo", "--headless", "--seconds", "1", *engine)
run("replay", cine, "--headless", "--record", out, *engine)
run("live", "phantom:size=320x240,rate=20", "--headless", "--seconds", "1", *engine)
from pathlib import Path
session = str(next(Path(out).iterdir()))
run("verify", session, *engine)
for ending in ("csv", "png", "seq.nrrd", "mp4"):
    run("export", session, "--to", f"{out}/export.{ending}")
run("check", bundle)
run("bench", "--rounds", "1", "--frames", "2", "--window-seconds", "0", *engine)
run("doctor")
"""
# a run in CI is left out by those who count
TOLD = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")
OURS = {"scanmon", "matplotlib"}  # folders in ~/.cache and the like; the other holds a list of fonts


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (apt-get install strace)")
@pytest.mark.parametrize(
    ("code", "commands"),
    [
        (SCORE, {"score"}),
        pytest.param(
            SCORE + EVERYTHING,
            {"score", "demo", "replay", "live", "verify", "export", "check", "bench", "doctor"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_no_command_and_no_library_calls_anybody(code, commands, tiny_bundle, tmp_path) -> None:
    pytest.importorskip("openvino")
    home, out, trace = tmp_path / "home", tmp_path / "out", tmp_path / "trace"
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in TOLD}
    env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    env |= {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    calls = "trace=bind,connect,sendto,sendmsg,sendmmsg"
    watched = ["strace", "-f", "-qq", "-e", calls, "-e", "signal=none", "-o", str(trace)]
    command = [*watched, sys.executable, "-c", START + code, str(tiny_bundle), CINE, str(out)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    if "PTRACE" in done.stderr:
        pytest.skip("processes may not be traced here")
    assert done.returncode == 0, done.stderr[-2000:]
    assert commands <= set(re.findall(r"^ran (\w+) [01]$", done.stderr, re.MULTILINE))
    called = [line for line in trace.read_text().splitlines() if re.search(r"AF_INET|AF_PACKET", line)]
    # urllib3, where it is installed, asks by this whether the machine has IPv6; nothing is sent
    assert [line for line in called if not re.search(r'bind\(.*sin6_port=htons\(0\).*"::1"', line)] == []
    left = {path.relative_to(home) for path in home.rglob("*") if path.is_file()}
    assert [path for path in left if not OURS & set(path.parts)] == []
