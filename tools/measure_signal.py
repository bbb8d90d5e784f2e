"""Signal state on the clips of ../shared: frames by state, and what region and state cost a frame.

    python -m tools.measure_signal [--shared DIR]

Live clips have to be scored in every frame, the Doppler clip in none. The cost at 1280x720 is that of a
made-up screen in motion over 20 s, the first search included; CPU time of the thread.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame
from scanmon.picture.region import AutoRegion
from scanmon.picture.signal import SignalWatch
from scanmon.sources.opening import open_recording
from tools.synthetic_screens import paint, screen, speckle

SECONDS, RATE_HZ = 20.0, 30.0


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    options = parser.parse_args()
    report("1280x720", made_up())
    for path in sorted((options.shared / "data" / "clips").glob("*.mp4")):
        recording = open_recording(str(path))
        try:
            report(path.name, recording)
        finally:
            recording.close()


if __name__ == "__main__":
    main()
