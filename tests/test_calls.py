"""Calls go down the layers; what a lower layer was lent, and calls, stands here with the reason."""

import tomllib
from pathlib import Path

from tests.doubles.commands import python

ROOT = Path(__file__).resolve().parents[1]
LENT = {
    "scanmon.core.documents -> scanmon.scoring",  # a document makes a value, which checks itself
    "scanmon.runtime.analysis_loop -> scanmon.app",  # engines are opened on the thread that scores
    "scanmon.runtime.background -> scanmon.ui",  # what the window must not wait for
    "scanmon.runtime.monitor -> scanmon.ui",  # a new picture wakes the window
    "scanmon.ui.app -> scanmon.cli",  # what was recorded is said before what failed is asked to be read
    # through a port (core/ports.py)
    "scanmon.runtime.outputs -> scanmon.cli",  # Sink
    "scanmon.picture.region.look -> scanmon.inference",  # Engine
    "scanmon.scoring.analyzer -> scanmon.inference",
    "scanmon.scoring.nrq -> scanmon.inference",
    "scanmon.scoring.severity -> scanmon.inference",
}
FOLLOW = """
import os, sys, threading

root, source, bundle, *layers = sys.argv[1:]
height = {package: at for at, layer in enumerate(layers) for package in layer.split("|")}
lent = set()

def module(frame):
    name = frame.f_code.co_filename.removeprefix(root + os.sep) if frame.f_code.co_name != "<module>" else ""
    return name[:-3].replace(os.sep, ".") if name.startswith("scanmon" + os.sep) else ""

def watch(frame, event, argument):
    called = module(frame) if event == "call" else ""
    calling = module(frame.f_back) if called and frame.f_back is not None else ""
    if calling:
        by, to = calling.split(".")[1], called.split(".")[1]
        if to in height and height[to] > height.get(by, 99):
            lent.add(f"{calling} -> scanmon.{to}")

from scanmon.cli import main
threading.setprofile(watch)
sys.setprofile(watch)
command = ["live", source, "--bundle", bundle]
codes = [main([*command, *form]) for form in (["--headless", "--seconds=0.3"], ["--seconds=1.5"])]
sys.setprofile(None)
print("ended", codes, *sorted(lent), sep="\\n", file=sys.stderr, flush=True)
os._exit(0)
"""


def test_a_run_calls_down_from_its_command_to_its_scores_but_where_a_reason_is_given(tmp_path, tiny_bundle):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [layer.replace(" ", "") for layer in reversed(contracts[0]["layers"])]
    said = python("-c", FOLLOW, ROOT, "phantom:size=320x240", tiny_bundle, *layers, home=tmp_path)
    codes, *lent = said.err.partition("ended\n")[2].splitlines()
    assert codes == "[0, 0]", said.err
    assert set(lent) <= LENT
    assert "scanmon.runtime.analysis_loop -> scanmon.app" in lent  # what is looked for is seen
