"""How long `scanmon demo` takes from the start of the process to the first picture and the first score.

    python tools/measure_start.py [--runs 5] [--bundle B]

Each run is a process of its own; the first one, which reads files from the disk, is reported apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

_CHILD = "--child"


def child(started: float, bundle: str) -> None:
    """Run the window until there is a score; print both times."""
    from PySide6.QtWidgets import QApplication

    from scanmon.compose import DEMO, open_monitor
    from scanmon.settings import ScoringSettings, Settings
    from scanmon.ui import controller

    times: dict[str, float] = {}
    tick = controller.Controller.tick

    def watched(self: controller.Controller) -> None:
        tick(self)
        snapshot = self.snapshot
        if snapshot.counts.shown:
            times.setdefault("first_picture_s", time.time() - started)
        if snapshot.counts.scored:
            times.setdefault("first_score_s", time.time() - started)
            QApplication.quit()

    controller.Controller.tick = watched  # type: ignore[method-assign]
    from scanmon.ui.app import run_window

    settings = Settings(ScoringSettings(bundle=bundle))
    run_window(lambda source: open_monitor(source, settings), DEMO, settings=settings, seconds=30)
    print(json.dumps(times))


def main() -> None:
    """Print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bundle", default="default")
    parser.add_argument(_CHILD, type=float, dest="started", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.started is not None:
        child(args.started, args.bundle)
        return
    env = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    runs = []
    for _ in range(args.runs):
        command = [sys.executable, __file__, "--bundle", args.bundle, _CHILD, str(time.time())]
        out = subprocess.run(command, check=True, env=env, capture_output=True, text=True, timeout=120).stdout
        runs.append(json.loads(out.splitlines()[-1]))
    for key in ("first_picture_s", "first_score_s"):
        values = [run[key] for run in runs]
        print(f"{key}: first run {values[0]:.2f}, median of the others {np.median(values[1:] or values):.2f}")


if __name__ == "__main__":
    main()
