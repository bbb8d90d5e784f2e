"""The running window as `scanmon bench` measures it: in processes of their own, offscreen.

Parent: `window_runs`. Child: `python -m scanmon.cli.bench_window OPTIONS`, one JSON line on stdout.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from scanmon.core.errors import ScanmonError
from scanmon.core.program import start_words

_STARTS = 3  # of the demo; the first one reads the files from the disk and is reported apart
_SETTLING_S = 3.0  # after the first score: buffers, budget and recording are under way
_LIMIT_S = 120.0

_SMALL = {"width": 640, "height": 480, "rate_hz": 60.0}
# name -> what runs; the default of the program is the map with nrq beside it
_RUNS: dict[str, dict[str, Any]] = {
    "map 640x480": {"metric": "map", "both": False, **_SMALL},
    "map 640x480, nrq beside": {"metric": "map", **_SMALL},
    "nrq 640x480": {"metric": "nrq", "both": False, **_SMALL},
    "nrq 640x480, map beside": {"metric": "nrq", **_SMALL},
    "map 1280x720, nrq beside": {"metric": "map", "width": 1280, "height": 720, "rate_hz": 60.0},
    "map 1920x1080, nrq beside": {"metric": "map", "width": 1920, "height": 1080, "rate_hz": 30.0},
}


def window_runs(bundle: str, seconds: float, progress: Callable[[str], None]) -> dict[str, Any]:
    """Start-up of the demo, and what the window reaches while a live source is scored and recorded."""
    progress("the window: start-up")
    starts = [measured({"bundle": bundle, "demo": True}) for _ in range(_STARTS)]
    found: dict[str, Any] = {
        "start": {
            key: {"first": starts[0][key], "median": median(start[key] for start in starts[1:])}
            for key in starts[0]
        },
        "running": [],
    }
    for name, options in _RUNS.items():
        progress(f"the window: {name}, recording")
        found["running"].append({"run": name, **measured({"bundle": bundle, "seconds": seconds, **options})})
    return found


def measured(options: dict[str, Any]) -> dict[str, Any]:
    """One run, in a process of its own with a home of its own. Raises `ScanmonError` where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        home = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), folder)
        text = json.dumps({**options, "folder": folder, "started": time.time()})
        command = [*start_words("scanmon.cli.bench_window"), text]
        env = {**os.environ, **home, "QT_QPA_PLATFORM": "offscreen"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a user's machine: compiled files are kept
        done = subprocess.run(  # noqa: S603 - ourselves
            command, env=env, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    if done.returncode or not done.stdout.strip():
        said = [line for line in done.stderr.splitlines() if "plugin" not in line] or ["no output"]
        raise ScanmonError("the window cannot be measured", said[-1], "scanmon doctor says what is missing")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


class _Watch:
    """Sees every snapshot that the window shows; ends the run."""

    def __init__(self, options: dict[str, Any], end: Callable[[], None]) -> None:
        self._started: float = options["started"]
        self._seconds: float = options.get("seconds", 0.0)
        self._settling_s: float = options.get("settling_s", _SETTLING_S)
        self._demo: bool = options.get("demo", False)
        self._end = end
        self.times: dict[str, float] = {}
        self.figures: dict[str, Any] = {}
        self._from: tuple[float, float, Any] | None = None
        self._oldest_s = 0.0
        self._looks = self._without_score = 0

    def look(self, snapshot: Any) -> None:
        if not snapshot.counts.shown:
            return  # a score that is there before the first picture is on no screen yet
        self._note("first_picture")
        if not snapshot.counts.scored:
            return
        self._note("first_score")
        if self._demo:
            self._end()
            return
        now_s = time.monotonic()
        if self._from is None:
            self._from = (now_s + self._settling_s, 0.0, None)
        begun_s, cpu_s, counts = self._from
        if counts is None:
            if now_s >= begun_s:
                self._from = (now_s, time.process_time(), snapshot.counts)
            return
        second = snapshot.analysis.second if snapshot.analysis else None
        first = snapshot.analysis.reading if snapshot.analysis else None
        self._looks += 1
        self._without_score += first is None or not first.scored
        nrq = next((one for one in (first, second) if one and one.metric == "nrq"), None)
        self._oldest_s = max(self._oldest_s, (nrq.oldest_s or 0.0) if nrq else 0.0)
        if now_s - begun_s >= self._seconds:
            self._finish(snapshot, now_s - begun_s, time.process_time() - cpu_s, counts)

    def _finish(self, snapshot: Any, span_s: float, cpu_s: float, before: Any) -> None:
        from scanmon.lab.bench.engines import resident_mb

        captured = snapshot.counts.captured - before.captured
        self.figures = {
            "seconds": span_s,
            "captured_per_s": captured / span_s,
            "shown_per_s": (snapshot.counts.shown - before.shown) / span_s,
            "readings_per_s": (snapshot.counts.scored - before.scored) / span_s,
            "share_without_score": self._without_score / self._looks,
            "oldest_window_s": self._oldest_s,
            "cores_busy": cpu_s / span_s,
            "capture_to_score_p50_ms": _p50(snapshot.capture_to_score),
            "capture_to_display_p50_ms": _p50(snapshot.capture_to_display),
            "resident_mb": resident_mb(),
        }
        self._end()

    def _note(self, what: str) -> None:
        self.times.setdefault(f"{what}_s", time.time() - self._started)
        self.times.setdefault(f"{what}_cpu_s", time.process_time())


def _p50(latency: Any) -> float | None:
    return latency.p50_ms if latency is not None else None


def measure_here(options: dict[str, Any]) -> dict[str, Any]:
    """One run in this process, on this thread: the window from its start to its end, and its figures."""
    from scanmon.app.analyzers import Plan, open_analyzer
    from scanmon.app.demo import DEMO
    from scanmon.app.opening import open_monitor
    from scanmon.app.run import Run
    from scanmon.app.sessions import make_recorder
    from scanmon.app.settings import ScoringSettings, Settings
    from scanmon.runtime.monitor import Monitor
    from scanmon.runtime.process import return_pictures_to_the_system
    from scanmon.session.recorder import Recorder
    from scanmon.ui.app import application
    from scanmon.ui.assembly import assemble
    from scanmon.ui.garbage import collected_here
    from scanmon.ui.main_window import MonitorWindow

    settings = Settings(ScoringSettings(bundle=options["bundle"], metric=options.get("metric", "auto")))

    recorders: list[Recorder] = []

    def opened(run: Run) -> Monitor:
        source = run.source
        if source == DEMO:
            return open_monitor(run)
        from scanmon.lab.bench.pictures import LivePictures

        live = LivePictures(options["width"], options["height"], options["rate_hz"])
        plan = Plan(source, both=options.get("both", True), paced=True)
        monitor = Monitor(live, lambda: open_analyzer(settings, plan))
        root = Path(options["folder"])
        recorder = make_recorder(root, source, settings, None, options["rate_hz"])
        recorder.start()
        monitor.add_sink(recorder)
        recorders.append(recorder)
        return monitor

    return_pictures_to_the_system()  # as every command does
    app = application()
    window = MonitorWindow()
    window.resize(1280, 800)
    controller = assemble(window, Run(settings=settings), opened).controller
    watch = _Watch(options, app.quit)
    controller.ticked.connect(watch.look)
    window.show()
    controller.open(DEMO if options.get("demo") else "bench")
    with collected_here():
        app.exec()
        with suppress(TimeoutError):  # a recording may take its time to close: the figures stand
            controller.shut_down()
    if recorders:  # it tells how many there are twice a second, and at its end
        watch.figures["recorded_frames"] = recorders[0].status().frames
    return {**watch.times, **watch.figures}


if __name__ == "__main__":
    print(json.dumps(measure_here(json.loads(sys.argv[1]))), flush=True)
    os._exit(0)  # all is said; a thread that is still busy must not turn that into a failure
