"""How old is a picture when it is seen, and when it is scored?

    python tools/measure_latency.py loopback --kind mjpeg --size 1280x720 --rate 60 --seconds 20
    python tools/measure_latency.py pattern              a window with the code, to be filmed by a grabber
    python tools/measure_latency.py receive grabber:ID   glass to glass: reads the code from what comes in

Every picture carries the moment at which it was made (tools/latency_code.py). `loopback` starts a sender of
its own (this script feeds FFmpeg) and measures twice in turn: the source alone, then the whole monitor with
its window (Xvfb, or offscreen where there is no display) and a scorer that takes `--score-ms`, or the metric
of `--bundle`. Prints one JSON object. Read ratios, not absolute numbers, on a machine that does other work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from scanmon.compose import make_scoring
from scanmon.core.analyzer import Analyzer, Judge
from scanmon.core.calibration import Calibration
from scanmon.core.ports import FrameSource
from scanmon.core.region import parse_region
from scanmon.core.values import Analysis, Box, Frame, Metric, Provenance, Scored, View
from scanmon.runtime.monitor import Monitor, Scoring
from scanmon.settings import Settings, with_options
from scanmon.sources.opening import open_live
from scanmon.sources.phantom_scan import Phantom
from tools.latency_code import read_code, write_code

_WARM_S = 3.0  # engines load, buffers fill


def main() -> int:
    """One of three uses."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    uses = parser.add_subparsers(dest="use", required=True)
    loopback = uses.add_parser("loopback")
    loopback.add_argument("--kind", choices=("mjpeg", "mpegts"), default="mjpeg")
    loopback.add_argument("--seconds", type=float, default=20.0, help="of each of the two measurements")
    loopback.add_argument("--score-ms", type=float, default=100.0, help="a scorer that works so long")
    loopback.add_argument("--bundle", help="score with this bundle instead")
    loopback.add_argument("--no-window", action="store_true", help="capture and score only")
    send = uses.add_parser("send")
    send.add_argument("url")
    send.add_argument("--kind", choices=("mjpeg", "mpegts"), default="mjpeg")
    for part in (loopback, send):
        part.add_argument("--size", default="1280x720")
        part.add_argument("--rate", type=float, default=60.0)
    uses.add_parser("pattern")
    receive = uses.add_parser("receive")
    receive.add_argument("source")
    receive.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args()
    run = {"loopback": run_loopback, "send": run_send, "pattern": run_pattern, "receive": run_receive}
    return run[args.use](args)


# ------------------------------------ the sender ------------------------------------


def run_send(args: argparse.Namespace) -> int:
    """Coded pictures at a fixed rate into FFmpeg; a picture that would be late is left out."""
    width, height = (int(side) for side in args.size.split("x"))
    phantom = Phantom(1, "sector", width, height, args.rate)
    pictures = [phantom.image(index).copy() for index in range(24)]
    encode = {
        "mjpeg": ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-f", "mpjpeg", "-listen", "1"],
        "mpegts": ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30",
                   "-pix_fmt", "yuv420p", "-f", "mpegts"],
    }[args.kind]  # fmt: skip
    source = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-s",
        args.size,
        "-framerate",
        f"{args.rate:g}",
        "-i",
        "-",
    ]
    command = ["ffmpeg", "-loglevel", "error", "-fflags", "nobuffer", *source, "-threads", "1", *encode]
    command += ["-flush_packets", "1", args.url]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert encoder.stdin is not None
    pause, start_s, number = threading.Event(), time.monotonic(), 0
    try:
        while encoder.poll() is None:
            pause.wait(max(0.0, start_s + number / args.rate - time.monotonic()))
            picture = pictures[number % len(pictures)]
            write_code(picture, time.monotonic())
            encoder.stdin.write(picture.data)
            number = max(number + 1, int((time.monotonic() - start_s) * args.rate))
    except (BrokenPipeError, KeyboardInterrupt):
        encoder.kill()
    return 0


def start_sender(args: argparse.Namespace) -> tuple[subprocess.Popen[bytes], str]:
    """A sender on a free port of loopback, and its address."""
    kind = socket.SOCK_STREAM if args.kind == "mjpeg" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/" if args.kind == "mjpeg" else f"udp://127.0.0.1:{port}"
    out = url if args.kind == "mjpeg" else f"{url}?pkt_size=1316"
    options = ["--kind", args.kind, "--size", args.size, "--rate", f"{args.rate:g}"]
    return subprocess.Popen([sys.executable, __file__, "send", out, *options]), url


# ----------------------------------- measurements -----------------------------------


class Delays:
    """Delays in ms with the moments at which they were taken; any thread may add."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()
        self._taken: list[tuple[float, float]] = []

    def add(self, since_s: float, now_s: float) -> None:
        """One delay, unless it is still warming up."""
        if now_s - self._start_s > _WARM_S:
            self._taken.append((now_s, (now_s - since_s) * 1e3))

    def summary(self) -> dict[str, float] | None:
        """Percentiles, and how much later the last third is than the first."""
        if len(self._taken) < 10:
            return None
        delays_ms = np.array([delay_ms for _, delay_ms in self._taken])
        third = len(delays_ms) // 3
        p50, p95, p99 = np.percentile(delays_ms, (50, 95, 99))
        growth = np.median(delays_ms[-third:]) - np.median(delays_ms[:third])
        span_s = self._taken[-1][0] - self._taken[0][0]
        named = {
            "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": delays_ms.max(), "growth_ms": growth,
            "n": len(delays_ms), "rate_hz": (len(delays_ms) - 1) / span_s,
        }  # fmt: skip
        return {name: round(float(value), 1) for name, value in named.items()}


class WatchedMonitor(Monitor):
    """A monitor that notes when coded pictures reached the screen."""

    def __init__(self, source: FrameSource, scoring: Scoring, sink: ScoreDelays) -> None:
        super().__init__(source, lambda: scoring, [sink])
        self.from_sender, self.from_capture = Delays(), Delays()
        self._last: Frame | None = None

    def shown(self, frame: Frame) -> None:
        """Called by the window after it has painted."""
        now_s = time.monotonic()
        super().shown(frame)
        if frame is self._last:
            return
        self._last = frame
        made_s = read_code(frame.pixels)
        if made_s is not None:
            self.from_sender.add(made_s, now_s)
            self.from_capture.add(frame.captured_s, now_s)


class ScoreDelays:
    """A sink that notes when coded pictures were scored."""

    def __init__(self) -> None:
        self.from_sender, self.from_capture = Delays(), Delays()

    def write(self, analysis: Analysis) -> None:
        """One result."""
        now_s, made_s = time.monotonic(), read_code(analysis.frame.pixels)
        if made_s is not None:
            self.from_sender.add(made_s, now_s)
            self.from_capture.add(analysis.frame.captured_s, now_s)

    def close(self) -> None:
        """Nothing is held."""


class BusyScorer:
    """Computes for a set time on one core, outside the interpreter's lock, as an engine does."""

    def __init__(self, milliseconds: float) -> None:
        self._seconds = milliseconds / 1e3
        self._work = np.random.default_rng(0).random((160, 160))

    @property
    def metric(self) -> Metric:
        """It stands for the fast one."""
        return "map"

    def score(self, view: View) -> Scored:
        """The mean level, late."""
        end_s = time.monotonic() + self._seconds
        while time.monotonic() < end_s:
            np.dot(self._work, self._work)
        return Scored(float(view.image.mean()), np.zeros((4, 4), np.float32), Box(0, 0, 10, 10))

    def reset(self) -> None:
        """Nothing is remembered."""


def scoring_of(args: argparse.Namespace) -> Scoring:
    """The scorer that runs beside the video."""
    if args.bundle:
        return make_scoring(with_options(Settings(), {"bundle": args.bundle, "region": "full"}), "loopback")
    judge = Judge(BusyScorer(args.score_ms), Calibration(scores=(0.0, 255.0), qualities=(0.0, 100.0)))
    whence = Provenance("loopback", f"{args.score_ms:g} ms of work", "numpy", "fp64")
    return Scoring(Analyzer(judge, parse_region("full")), lambda: whence, lambda: None)


def source_alone(url: str, seconds: float) -> dict[str, object]:
    """The decoder's own latency: nothing but the source runs."""
    made, decoded = Delays(), Delays()
    source = open_live(url)
    end_s = None
    for frame in source:
        now_s = time.monotonic()
        end_s = end_s or now_s + _WARM_S + seconds
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
    monitor = WatchedMonitor(open_live(url), scoring_of(args), sink)
    try:
        if args.no_window:
            monitor.start()
            monitor.join(_WARM_S + args.seconds)
            counts = monitor.snapshot().counts
            monitor.stop()
        else:
            from scanmon.ui.app import run_window

            run_window(lambda _: monitor, url, seconds=_WARM_S + args.seconds)
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
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip
    print(json.dumps(report, indent=1))
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
