"""Signal state on the live clips of ../shared at other gains, scales and rates, behind encoders, on screens.

    python -m tools.measure_altered [--shared DIR] [--frames 120] [--clip NAME] [--only WORDS]

One line for each clip and alteration: frames by state. All are live, so every other state is wrong, but
`no_signal` where hardly anything is left. Then the same clips frozen on a larger screen whose clock and
cursor move on: how long after the freeze it is told, and the states before it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame, GrayImage, Reason
from scanmon.picture.region import AutoRegion
from scanmon.picture.signal import SignalWatch
from scanmon.sources.opening import open_recording

CLIPS = ("muscle_1", "muscle_2", "muscle_3", "muscle_4", "phantom_glove", "liver_sweep")
RATE_HZ = 30.0
Pictures = Sequence[GrayImage]


def through_h264(pictures: Pictures, crf: int, gop: int = 12) -> list[GrayImage]:
    """What an encoder for live video makes of them; sides are made even."""
    height, width = (side // 2 * 2 for side in pictures[0].shape)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate = Fraction(RATE_HZ)
    encoder.options = {"crf": str(crf), "g": str(gop), "tune": "zerolatency", "preset": "veryfast"}
    decoder = av.CodecContext.create("h264", "r")
    packets: list[av.Packet[VideoStream] | None] = []
    for picture in pictures:
        even = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="gray")
        packets += encoder.encode(even.reformat(format="yuv420p"))
    packets += [*encoder.encode(None), None]
    return [
        np.asarray(frame.to_ndarray(format="gray"), np.uint8)
        for packet in packets
        for frame in decoder.decode(packet)
    ]


def on_a_screen(pictures: Pictures, height: int = 1080, width: int = 1920) -> list[GrayImage]:
    """In the middle of a larger screen with a clock that ticks and a cursor that moves."""
    screens = []
    for number, picture in enumerate(pictures):
        screen = np.full((height, width), 16, np.uint8)
        y, x = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
        screen[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        clock = f"12:{number // 60:02d}:{number % 60:02d}"
        cv2.putText(screen, clock, (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 230, 2, cv2.LINE_AA)
        cv2.circle(screen, (300 + 7 * number % (width - 400), 30), 6, 255, -1)
        screens.append(screen)
    return screens


def times(gain: float) -> Callable[[Pictures], Pictures]:
    """Brighter or darker."""
    return lambda pictures: [np.clip(picture * gain, 0, 255).astype(np.uint8) for picture in pictures]


def less(levels: int) -> Callable[[Pictures], Pictures]:
    """Darker, and black where it was dark."""
    return lambda pictures: [np.maximum(picture, levels) - np.uint8(levels) for picture in pictures]


def scaled(factor: float) -> Callable[[Pictures], Pictures]:
    """Larger or smaller."""
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return lambda pictures: [
        np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way), np.uint8)
        for picture in pictures
    ]


def encoded(crf: int) -> Callable[[Pictures], Pictures]:
    """With a rate factor of H.264."""
    return lambda pictures: through_h264(pictures, crf)


ALTERED: dict[str, Callable[[Pictures], Pictures]] = {
    "as it is": lambda pictures: pictures,
    **{f"gain {gain}": times(gain) for gain in (0.05, 0.1, 0.2, 0.4, 1.6, 2.5)},
    **{f"minus {levels} levels": less(levels) for levels in (20, 40, 70)},
    **{f"scale {factor}": scaled(factor) for factor in (0.5, 0.75, 1.5, 2.0)},
    **{f"crf {crf}": encoded(crf) for crf in (18, 27, 33, 40)},
    "gain 0.2, crf 30": lambda pictures: through_h264(times(0.2)(pictures), 30),
    "on a screen": on_a_screen,
    "on a screen, crf 30": lambda pictures: through_h264(on_a_screen(pictures), 30),
}


def states(pictures: Pictures, rate_hz: float) -> list[Reason | None]:
    """The state at every picture."""
    looker = new_looker()
    finder, watch = AutoRegion(looker), SignalWatch(looker)
    frames = (Frame(picture, number, number / rate_hz, 0.0) for number, picture in enumerate(pictures))
    return [watch.update(frame, finder.find(frame)).reason for frame in frames]


def told(found: Sequence[Reason | None]) -> str:
    """How often which."""
    counts = Counter("live" if reason is None else str(reason) for reason in found)
    return ", ".join(f"{state} {number}" for state, number in sorted(counts.items()))


def report(clip: Path, count: int, only: str) -> None:
    """All lines of one clip."""
    recording = open_recording(str(clip))
    try:
        frames = list(islice(recording, count))
    finally:
        recording.close()
    pictures = [frame.pixels for frame in frames]
    rate_hz = 1.0 / float(np.median(np.diff([frame.time_s for frame in frames])))
    for name, alter in ALTERED.items():
        if only in name:
            print(f"{clip.stem}, {name}: {told(states(alter(pictures), rate_hz))}", flush=True)
    for wanted_hz in (25.0, 30.0, 60.0):
        if only in "rate":
            taken = (np.arange(0.0, len(pictures) / rate_hz, 1 / wanted_hz) * rate_hz).astype(int)
            found = states([pictures[min(place, len(pictures) - 1)] for place in taken], wanted_hz)
            print(f"{clip.stem}, rate {wanted_hz:g}: {told(found)}", flush=True)
    for crf in (None, 18, 23, 27) if only in "freeze" else ():
        shown = on_a_screen([*pictures[:60], *[pictures[59]] * 60], 800, 1280)
        found = states(shown if crf is None else through_h264(shown, crf), RATE_HZ)
        first = next((n for n, reason in enumerate(found) if n >= 60 and reason is Reason.FROZEN), None)
        after = "never" if first is None else f"after {(first - 60) / RATE_HZ:.2f} s"
        print(f"{clip.stem}, freeze, crf {crf}: {after}; before: {told(found[:60])}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--frames", type=int, default=120, help="of each clip")
    parser.add_argument("--clip", choices=CLIPS, help="this one alone")
    parser.add_argument("--only", default="", help="alterations whose name holds this; `rate`, `freeze`")
    options = parser.parse_args()
    for name in CLIPS if options.clip is None else (options.clip,):
        report(options.shared / "data" / "clips" / f"{name}.mp4", options.frames, options.only)


if __name__ == "__main__":
    main()
