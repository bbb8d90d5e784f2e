"""Resident memory of the window with a live 1080p source and the default bundle.

    python tools/measure_memory.py [--seconds 30] [--parts] [--bundle B] [--json FILE]

A simulated cine loop is encoded once and sent by ffmpeg over loopback, as a grabber with a network output
does; the window is painted offscreen at 1920x1080, both metrics run, and the recorder holds the last seconds
as it always does. Prints the memory at a quarter of the time and at the end; `--parts` says what holds it.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import av
from PySide6.QtCore import QTimer

from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.process import return_pictures_to_the_system
from scanmon.sources.opening import open_recording
from scanmon.ui.app import application, run_window

WIDTH, HEIGHT, RATE, FRAMES = 1920, 1080, 30, 60
_monitors: list[Monitor] = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--parts", action="store_true", help="the mappings that hold most of it")
    parser.add_argument("--port", type=int, default=15990)
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    seen: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_CACHE_HOME": folder}
        film = Path(folder) / "loop.ts"
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # what it needs must not be counted
            apart.submit(_film, film).result()
        source = f"udp://127.0.0.1:{args.port}"
        command = ["ffmpeg", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(film)]
        sender = subprocess.Popen([*command, "-c", "copy", "-f", "mpegts", source])
        try:
            settings = Settings(ScoringSettings(bundle=args.bundle))
            return_pictures_to_the_system()  # as every command does
            application()  # timers need it
            QTimer.singleShot(round(args.seconds * 250), lambda: seen.update(_memory("quarter")))
            QTimer.singleShot(round(args.seconds * 1000) - 500, lambda: seen.update(_memory("end")))
            if args.parts:
                QTimer.singleShot(round(args.seconds * 1000) - 400, _print_parts)
            run = Run(source, settings, live=True, seconds=args.seconds)
            run_window(run, lambda given: _kept(open_monitor(given)))
        finally:
            sender.terminate()
            sender.wait()
    print(json.dumps(seen, indent=2))
    if args.json:
        args.json.write_text(json.dumps(seen, indent=2) + "\n", encoding="utf-8")


def _film(path: Path) -> None:
    """Two seconds of the simulated scanner in H.264."""
    with av.open(str(path), "w", format="mpegts") as film:
        stream = film.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": str(RATE)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        recording = open_recording(f"phantom:size={WIDTH}x{HEIGHT},rate={RATE},frames={FRAMES}")
        for frame in recording:
            picture = av.VideoFrame.from_ndarray(frame.pixels, format="gray").reformat(format="yuv420p")
            film.mux(stream.encode(picture))
        film.mux(stream.encode(None))
        recording.close()


def _kept(monitor: Monitor) -> Monitor:
    _monitors.append(monitor)
    return monitor


def _memory(name: str) -> dict[str, float]:
    """Megabytes of this process, and what was captured and scored, which shows that everything ran."""
    rollup = dict(_numbers(Path("/proc/self/smaps_rollup")))
    counts = _monitors[-1].snapshot().counts
    return {
        f"{name}_resident_mb": rollup["Rss"] / 1024,
        f"{name}_private_mb": (rollup["Private_Clean"] + rollup["Private_Dirty"]) / 1024,
        f"{name}_anonymous_mb": rollup["Anonymous"] / 1024,
        f"{name}_captured": counts.captured,
        f"{name}_scored": counts.scored,
        f"{name}_s": time.process_time(),
    }


def _numbers(file: Path) -> Iterator[tuple[str, int]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":
            yield words[0].rstrip(":"), int(words[1])


def _print_parts() -> None:
    """Resident memory by mapped file or kind of memory."""
    parts: Counter[str] = Counter()
    name = ""
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            name = Path(words[5]).name if len(words) > 5 else "anonymous"
        elif words[0] == "Rss:":
            parts[name] += int(words[1])
    for part, kilobytes in parts.most_common(25):
        print(f"{kilobytes / 1024:7.1f} MB  {part}")


if __name__ == "__main__":
    main()
