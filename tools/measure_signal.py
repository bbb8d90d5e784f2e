"""Signal state on the clips of ../shared: frames by state, and what region and state cost a frame.

    python -m tools.measure_signal [--shared DIR] [--coded SIZE]

Live clips have to be scored in every frame, the Doppler clip in none. The cost at 1280x720 is that of a
made-up screen in motion over 20 s, the first search included; CPU time of the thread.
`--coded` takes 60 frames of each live clip, at that size (1: as it is), and the first 15 of them with the
last one standing still for 60 frames more; both go through encoders, and are looked at at three rates.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame, GrayImage, Reason
from scanmon.picture.region import AutoRegion
from scanmon.picture.signal.watch import SignalWatch
from scanmon.sources.opening import open_recording
from tools.synthetic_screens import paint, screen, speckle

SECONDS, RATE_HZ = 20.0, 30.0
RATES_HZ = (15, 30, 60)
LIVE, MOVING, STANDING = 60, 15, 60  # frames
CODECS: dict[str, tuple[str, str, dict[str, str]]] = {  # encoder, decoder, options
    "h264 27, key 30": ("libx264", "h264", {"crf": "27", "g": "30", "tune": "zerolatency"}),
    "h264 33, key 12": ("libx264", "h264", {"crf": "33", "g": "12", "tune": "zerolatency"}),
    "h264 33, key 30": ("libx264", "h264", {"crf": "33", "g": "30", "tune": "zerolatency"}),
    "hevc 30": ("libx265", "hevc", {"crf": "30", "preset": "ultrafast", "x265-params": "log-level=none"}),
    "mpeg4 10, key 12": ("mpeg4", "mpeg4", {"qmin": "10", "qmax": "10", "g": "12"}),
    "mjpeg 12": ("mjpeg", "mjpeg", {"qmin": "12", "qmax": "12"}),
}


def follow(frames: Iterable[Frame]) -> tuple[Counter[str], list[float], list[float]]:
    """States counted; CPU milliseconds of region and of state for every frame."""
    looker = new_looker()
    finder, watch = AutoRegion(looker), SignalWatch(looker)
    states: Counter[str] = Counter()
    region_ms, state_ms = [], []
    for frame in frames:
        start = time.thread_time()
        region = finder.find(frame)
        middle = time.thread_time()
        signal = watch.update(frame, region)
        state_ms.append((time.thread_time() - middle) * 1e3)
        region_ms.append((middle - start) * 1e3)
        states[signal.reason or "live"] += 1
    return states, region_ms, state_ms


def made_up() -> Iterable[Frame]:
    """A screen of 1280x720 whose tissue slides and changes."""
    made = screen(10_003, size=(720, 1280))
    rng = np.random.default_rng(7)
    tissue, pictures = speckle(rng), []
    for number in range(12):
        canvas = made.pixels.copy()
        noise = rng.integers(2, 14, tissue.shape).astype(np.uint8)
        paint(canvas, made.shape, np.maximum(np.roll(tissue, 3 * number, axis=1), noise))
        pictures.append(canvas)
    for number in range(int(SECONDS * RATE_HZ)):
        yield Frame(pictures[number % len(pictures)], number, number / RATE_HZ, 0.0)


def report(name: str, frames: Iterable[Frame]) -> None:
    states, region_ms, state_ms = follow(frames)
    told = ", ".join(f"{state} {number}" for state, number in sorted(states.items()))
    print(
        f"{name}: {told}; region {np.mean(region_ms):.2f} ms (p99 {np.percentile(region_ms, 99):.1f}, "
        f"most {max(region_ms):.1f}), state {np.mean(state_ms):.2f} ms"
    )


def coded(pictures: list[GrayImage], how: str) -> list[GrayImage]:
    """The pictures as they come out of an encoder; as they are where there is none of that name."""
    if how not in CODECS:
        return pictures
    encoder_name, decoder_name, options = CODECS[how]
    encoder, decoder = av.CodecContext.create(encoder_name, "w"), av.CodecContext.create(decoder_name, "r")
    assert isinstance(encoder, av.VideoCodecContext) and isinstance(decoder, av.VideoCodecContext)
    height, width = (side // 2 * 2 for side in pictures[0].shape)
    encoder.width, encoder.height, encoder.framerate = width, height, Fraction(int(RATE_HZ))
    encoder.pix_fmt = "yuvj420p" if how.startswith("mjpeg") else "yuv420p"
    encoder.options = options
    packets = []
    for number, picture in enumerate(pictures):
        even = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="gray")
        frame = even.reformat(format=encoder.pix_fmt)
        frame.pts = number
        packets += encoder.encode(frame)
    decoded = [
        frame for packet in [*packets, *encoder.encode(None), None] for frame in decoder.decode(packet)
    ]
    return [np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8) for frame in decoded]


def on_coded(path: Path, size: float) -> tuple[int, int, list[float | None], int]:
    """Frames wrongly suspended, all frames, when freezes were told (None: never), how many did not last."""
    recording, clip = open_recording(str(path)), []
    for frame in recording:
        clip.append(
            np.asarray(
                cv2.resize(frame.pixels, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8
            )
        )
        if len(clip) == LIVE:
            break
    recording.close()
    wrong = total = flickers = 0
    told: list[float | None] = []
    for how in ("raw", *CODECS):
        moving = coded(clip, how)
        still = coded([*clip[:MOVING], *[clip[MOVING - 1]] * STANDING], how)
        line = []
        for rate in RATES_HZ:
            region = AutoRegion(new_looker()).find(Frame(moving[0], 0, 0.0, 0.0))
            states = []
            for pictures in (moving, still):
                watch = SignalWatch(new_looker())
                timed = (Frame(picture, at, at / rate, 0.0) for at, picture in enumerate(pictures))
                states.append([watch.update(frame, region).reason for frame in timed])
            suspended, after = sum(state is not None for state in states[0]), states[1][MOVING:]
            first = after.index(Reason.FROZEN) / rate if Reason.FROZEN in after else None
            flickers += first is not None and set(after[after.index(Reason.FROZEN) :]) != {Reason.FROZEN}
            wrong, total = wrong + suspended, total + len(states[0])
            told.append(first)
            line.append(
                f"{rate} Hz: {suspended} wrongly, told {'never' if first is None else f'{first:.2f} s'}"
            )
        print(f"{path.stem}, {how}: {'; '.join(line)}", flush=True)
    return wrong, total, told, flickers


def report_coded(paths: list[Path], size: float) -> None:
    each = [on_coded(path, size) for path in paths if not path.stem.startswith("doppler")]
    told = [when for _, _, times, _ in each for when in times]
    known = [when for when in told if when is not None]
    wrong, frames = sum(one[0] for one in each), sum(one[1] for one in each)
    print(
        f"size {size:g}: {wrong} of {frames} live frames suspended; "
        f"{len(told)} freezes, never told {len(told) - len(known)}, not held {sum(one[3] for one in each)}, "
        f"told after {np.median(known):.2f} s (median), {max(known):.2f} s at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--coded", type=float, metavar="SIZE", help="behind encoders instead, at this size")
    options = parser.parse_args()
    paths = sorted((options.shared / "data" / "clips").glob("*.mp4"))
    if options.coded:
        report_coded(paths, options.coded)
        return
    report("1280x720", made_up())
    for path in paths:
        recording = open_recording(str(path))
        try:
            report(path.name, recording)
        finally:
            recording.close()


if __name__ == "__main__":
    main()
