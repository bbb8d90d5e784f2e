"""How old is a picture when it is seen, and when it is scored?

    python tools/measure_latency.py loopback --kind mjpeg --size 1280x720 --rate 60 --seconds 20
    python tools/measure_latency.py loopback --minutes 10 --json soak.json       is anything growing?
    python tools/measure_latency.py pattern              a window with the code, to be filmed by a grabber
    python tools/measure_latency.py receive grabber:ID   glass to glass: reads the code from what comes in

Every picture carries the moment at which it was made (tools/latency_sender.py). `loopback` starts a sender of
its own (tools/latency_sender.py) and measures twice in turn: the source alone, then the whole monitor with
its window (Xvfb, or offscreen where there is no display) and a scorer that takes `--score-ms`, or the metric
of `--bundle`. Prints one JSON object. Read ratios, not absolute numbers, on a machine that does other work.
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from scanmon.app.analyzers import Plan, open_analyzer, region_finder
from scanmon.app.run import Run
from scanmon.app.settings import Settings, with_options
from scanmon.core.values import Provenance
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.calibration import Calibration
from scanmon.sources.opening import open_live
from tools.latency_sender import add_options, read_code, start_sender, write_code
from tools.latency_watch import WARM_S, BusyScorer, Delays, MemoryWatch, ScoreDelays, WatchedMonitor


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    uses = parser.add_subparsers(dest="use", required=True)
    loopback = uses.add_parser("loopback")
    add_options(loopback)
    loopback.add_argument("--seconds", type=float, default=20.0, help="of each of the two measurements")
    loopback.add_argument("--minutes", type=float, help="of the whole monitor: a soak, with its memory")
    loopback.add_argument("--json", type=Path, help="write the report here too")
    loopback.add_argument("--score-ms", type=float, default=100.0, help="a scorer that works so long")
    loopback.add_argument("--bundle", help="score with this bundle instead")
    loopback.add_argument("--no-window", action="store_true", help="capture and score only")
    uses.add_parser("pattern")
    receive = uses.add_parser("receive")
    receive.add_argument("source")
    receive.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args()
    run = {"loopback": run_loopback, "pattern": run_pattern, "receive": run_receive}
    return run[args.use](args)


# ----------------------------------- measurements -----------------------------------


def analyzer_of(args: argparse.Namespace) -> Analyzer:
    if args.bundle:
        settings = with_options(Settings(), {"bundle": args.bundle, "region": "full"})
        return open_analyzer(settings, Plan("loopback"))
    judge = Judge(BusyScorer(args.score_ms), Calibration(scores=(0.0, 255.0), qualities=(0.0, 100.0)))
    return Analyzer([judge], region_finder("full"), provenance=Provenance("loopback"))


def source_alone(url: str, seconds: float) -> dict[str, object]:
    """The decoder's own latency: nothing but the source runs."""
    made, decoded = Delays(), Delays()
    source = open_live(url)
    end_s = None
    for frame in source:
        now_s = time.monotonic()
        end_s = end_s or now_s + WARM_S + seconds
        made_s = read_code(frame.pixels)
        if made_s is not None:
            made.add(made_s, now_s)
            decoded.add(frame.captured_s, now_s)
        if now_s > end_s:
            source.close()
    return {"made_to_decoded": made.summary(), "capture_to_decoded": decoded.summary()}


def run_loopback(args: argparse.Namespace) -> int:
    """The source alone, then the whole monitor, over the same kind of line."""
    sender, url = start_sender(args)
    try:
        alone = source_alone(url, args.seconds)
    finally:
        sender.kill()
    sender, url = start_sender(args)
    sink = ScoreDelays()
    monitor = WatchedMonitor(open_live(url), analyzer_of(args), sink)
    seconds = WARM_S + (args.seconds if args.minutes is None else 60.0 * args.minutes)
    try:
        with MemoryWatch() as memory:
            if args.no_window:
                monitor.start()
                monitor.join(seconds)
                counts = monitor.snapshot().counts
                monitor.stop()
            else:
                from scanmon.ui.app import run_window

                run_window(Run(url, seconds=seconds), lambda _: monitor)
                counts = monitor.snapshot().counts
    finally:
        sender.kill()
    report = {
        "kind": args.kind, "size": args.size, "rate_hz": args.rate, "scorer": args.bundle or args.score_ms,
        "platform": os.environ.get("QT_QPA_PLATFORM") or "default",
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "source_alone": alone,
        "made_to_display": monitor.from_sender.summary(),
        "capture_to_display": monitor.from_capture.summary(),
        "made_to_score": sink.from_sender.summary(),
        "capture_to_score": sink.from_capture.summary(),
        "captured": counts.captured, "shown": counts.shown,
        "scored": counts.scored, "dropped": counts.dropped,
        "gaps": counts.gaps,
        "memory": memory.summary(),
        "cpu_percent": memory.threads.summary(),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip
    text = json.dumps(report, indent=1)
    print(text)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
    return 0


# ---------------------------------- glass to glass ----------------------------------


def run_pattern(_: argparse.Namespace) -> int:
    """The code in a window, new with every refresh of the screen."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QImage, QPixmap
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication.instance() or QApplication([])
    label = QLabel()
    label.showFullScreen()
    picture = np.full((720, 1280), 60, np.uint8)

    def paint() -> None:
        write_code(picture, time.monotonic())
        image = QImage(picture.data, 1280, 720, 1280, QImage.Format.Format_Grayscale8)
        label.setPixmap(QPixmap.fromImage(image).scaled(label.size()))

    timer = QTimer()
    timer.timeout.connect(paint)
    timer.start(8)
    return int(app.exec())


def run_receive(args: argparse.Namespace) -> int:
    """The age of the coded pictures that a source of this machine brings back."""
    print(json.dumps(source_alone(args.source, args.seconds), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
