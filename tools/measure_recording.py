"""What recording costs and keeps: time a picture takes, size, PSNR inside the sector, memory over an hour.

python tools/measure_recording.py codecs [CLIP]     each codec on the demo's cine loop, or on another clip
python tools/measure_recording.py hour              an hour at 30 Hz, as fast as it goes: memory and size
python tools/measure_recording.py ending            how long the end of a recording takes, 6 s to an hour long
"""

import argparse
import math
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from scanmon.app.demo import cine_path
from scanmon.core.ports import Recording
from scanmon.core.values import Analysis, Box, Frame, Provenance, Reading, Region
from scanmon.session.recorder import Options, Recorder
from scanmon.session.store import About
from scanmon.session.video import Codec, Encoder
from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording

RATE_HZ = 30


def analysis_of(frame: Frame, number: int) -> Analysis:
    """A frame with a heatmap and numbers of the usual size."""
    height, width = frame.pixels.shape
    region = Region(Box(0, 0, width, height))
    renumbered = replace(frame, index=number, time_s=number / RATE_HZ, captured_s=number / RATE_HZ)
    heat = np.random.default_rng(number % 997).uniform(0, 100, (30, 40)).astype(np.float32)
    reading = Reading(
        frame=number, time_s=renumbered.time_s, metric="map", score=-0.1, quality=70.0, steady=70.0,
        region=region.box, worst=Box(3, 4, 50, 60), preprocess_ms=1.0, engine_ms=10.0, head_ms=1.0,
    )  # fmt: skip
    return Analysis(renumbered, region, (reading,), heat, Provenance(bundle="none"))


def give(recorder: Recorder, analysis: Analysis) -> None:
    recorder.capture(analysis.frame)
    recorder.write(analysis)


def codecs(recording: Recording, count: int = 120) -> None:
    frames = list(islice(_forever(recording), count))
    codec: Codec
    for codec in ("h264", "ffv1"):
        height, width = frames[0].pixels.shape
        encoder = Encoder(codec, width, height)
        started_s = time.perf_counter()
        size = sum(len(encoder.encode(f.pixels, n / RATE_HZ).data) for n, f in enumerate(frames))
        took_ms = (time.perf_counter() - started_s) * 1e3 / count
        psnr = _psnr(frames, codec)
        print(
            f"{codec}: {width}x{height}, {took_ms:.1f} ms and {size / count / 1e3:.1f} kB a picture, {psnr}"
        )


def hour(count: int = 3600 * RATE_HZ) -> None:
    """Memory at every tenth of the hour, then the size of what was written."""
    frames = list(islice(_forever(open_recording(str(cine_path()))), 30))
    with _recording() as recorder:
        started_s = time.perf_counter()
        for number in range(count):
            give(recorder, analysis_of(frames[number % len(frames)], number))
            if number % (count // 10) == count // 10 - 1:
                recorder.flush(60.0)
                print(f"{(number + 1) / RATE_HZ / 60:.0f} min: {_memory_mb():.0f} MB at most", flush=True)
        closing_s = time.perf_counter()
        recorder.close()
        ended_s = time.perf_counter()
        print(f"after closing: {_memory_mb():.0f} MB at most; closing took {ended_s - closing_s:.1f} s")
        print(f"{count / (ended_s - started_s):.0f} frames a second")
        for path in sorted(_session(recorder).iterdir()):
            print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def ending(lengths_min: tuple[float, ...] = (0.1, 1, 10, 60)) -> None:
    """How long `close` takes after recordings of several lengths."""
    frames = list(islice(_forever(open_recording(str(cine_path()))), 30))
    for minutes in lengths_min:
        count = int(minutes * 60 * RATE_HZ)
        with _recording() as recorder:
            for number in range(count):
                give(recorder, analysis_of(frames[number % len(frames)], number))
            recorder.flush(3600.0)
            started_s = time.perf_counter()
            recorder.close()
            took_ms = 1e3 * (time.perf_counter() - started_s)
            size = sum(path.stat().st_size for path in _session(recorder).iterdir()) / 1e6
            print(f"{count} frames, {size:.0f} MB: ended in {took_ms:.0f} ms", flush=True)


def _psnr(frames: list[Frame], codec: Codec) -> str:
    """Over all pixels, after writing and reading a session."""
    with _recording(codec) as recorder:
        for number, frame in enumerate(frames):
            give(recorder, analysis_of(frame, number))
        recorder.close()
        recording = SessionRecording(_session(recorder))
        squares = [
            np.mean((stored.pixels.astype(np.float64) - frame.pixels) ** 2)
            for stored, frame in zip(recording, frames, strict=True)
        ]
        recording.close()
    mean = float(np.mean(squares))
    return "exact" if mean == 0 else f"PSNR {10 * math.log10(255**2 / mean):.1f} dB"


@contextmanager
def _recording(codec: Codec = "h264") -> Iterator[Recorder]:
    """A recorder that has begun, in a folder that goes at the end."""
    with tempfile.TemporaryDirectory() as root:
        recorder = Recorder(Path(root), About("measurement"), Options(codec=codec, wait=True, free_bytes=0))
        recorder.start()
        yield recorder


def _session(recorder: Recorder) -> Path:
    return next(recorder.root.iterdir())


def _forever(recording: Recording) -> Iterator[Frame]:
    while True:
        yield from recording


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("codecs", "hour", "ending"))
    parser.add_argument("clip", nargs="?", default=str(cine_path()))
    args = parser.parse_args()
    if args.what == "codecs":
        codecs(open_recording(args.clip))
    elif args.what == "hour":
        hour()
    else:
        ending()
    return 0


if __name__ == "__main__":
    sys.exit(main())
