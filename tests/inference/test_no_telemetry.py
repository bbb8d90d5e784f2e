"""The library that runs the networks tells nobody: it neither keeps a device id nor opens a connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUN = """
import sys
from pathlib import Path
import numpy as np
from scanmon.inference.onnx import OnnxEngine
OnnxEngine(Path(sys.argv[1]).read_bytes(), "fp32").run(np.zeros((1, 64, 64), np.uint8))
"""
SWITCHES = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "CI", "GITHUB_ACTIONS", "TF_BUILD")


def test_running_a_network_leaves_nothing_in_the_users_home(tiny_bundle: Path, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    env |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", RUN, str(tiny_bundle / "map.onnx")], env=env, check=True)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
