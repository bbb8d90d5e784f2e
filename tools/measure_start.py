"""How long `scanmon demo` takes from the start of the process to the first picture and the first score.

    python tools/measure_start.py [--runs 5] [--bundle B] [--json FILE]

Each run is a process of its own; the first one, which reads files from the disk and compiles them, is
reported apart. Beside the time on the wall stands the processor's time, which other programs disturb less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_CHILD = "--child"


def child(started: float, bundle: str) -> None:
    """Run the window until there is a score; print the times of both since `started`, a `time.time()`."""
    from PySide6.QtWidgets import QApplication

    from scanmon.app.demo import DEMO
    from scanmon.app.run import Run
    from scanmon.app.settings import ScoringSettings, Settings
    from scanmon.ui import controller

    times: dict[str, float] = {}
    tick = controller.Controller.tick

    def note(what: str) -> None:
        times.setdefault(f"{what}_s", time.time() - started)
        times.setdefault(f"{what}_cpu_s", time.process_time())

    def watched(self: controller.Controller) -> None:
        tick(self)
        snapshot = self.snapshot
        if snapshot.counts.shown:
            note("first_picture")
        if snapshot.counts.scored:
            note("first_score")
            QApplication.quit()

    controller.Controller.tick = watched  # type: ignore[method-assign]
    from scanmon.ui.app import run_window

    settings = Settings(ScoringSettings(bundle=bundle))
    run_window(Run(DEMO, settings, seconds=30))
    print(json.dumps(times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument(_CHILD, type=float, dest="started", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.started is not None:
        child(args.started, args.bundle)
        return
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(args.bundle, Path(folder)) for _ in range(max(2, args.runs))]
    result = {}
    for key in runs[0]:
        result[key] = {"first": runs[0][key], "median": float(np.median([run[key] for run in runs[1:]]))}
        print(f"{key:20} first run {runs[0][key]:.2f}, median of the others {result[key]['median']:.2f}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def _run(bundle: str, compiled: Path) -> dict[str, float]:
    # as on a user's machine: Python keeps what it compiled, whatever this shell says
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {"QT_QPA_PLATFORM": "offscreen", **env, "PYTHONPYCACHEPREFIX": str(compiled)}
    command = [sys.executable, __file__, "--bundle", bundle, _CHILD, str(time.time())]
    out = subprocess.run(command, check=True, env=env, capture_output=True, text=True, timeout=120).stdout
    times: dict[str, float] = json.loads(out.splitlines()[-1])
    return times


if __name__ == "__main__":
    main()
