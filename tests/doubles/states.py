"""Snapshots of states that the window must show, made without a source or an engine."""

import numpy as np

from scanmon.core.ports import SourceInfo
from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Reading, Reason, Region, Verdict
from scanmon.runtime.snapshot import Counts, PlaybackState, Snapshot, Trace

PROVENANCE = Provenance("cine", "default 1", (EngineName("onnxruntime", "fp32"),), thresholds=(40.0, 70.0))
BOX = Box(80, 40, 480, 400)
INFO = SourceInfo("cine", 640, 480, 30.0, 120)


def picture(index: int = 0, size: tuple[int, int] = (480, 640), captured_s: float = 100.0) -> Frame:
    """Gray speckle, the same for the same index."""
    pixels = np.random.default_rng(index).integers(20, 120, size, dtype=np.uint8)
    pixels.setflags(write=False)
    return Frame(pixels, index, index / 30.0, captured_s)


def reading(
    frame: Frame,
    quality: float | None = 82.0,
    verdict: Verdict | None = Verdict.ADEQUATE,
    reason: Reason | None = None,
) -> Reading:
    """A reading of the map metric."""
    if reason is not None:
        return Reading(frame.index, frame.time_s, "map", reason=reason, region=BOX)
    return Reading(
        frame.index,
        frame.time_s,
        "map",
        score=-0.2,
        quality=quality,
        steady=quality,
        verdict=verdict,
        region=BOX,
        worst=Box(300, 220, 120, 120),
        patches=1,
        coverage=1.0,
        oldest_s=0.0,
        preprocess_ms=1.0,
        engine_ms=12.0,
        head_ms=0.5,
    )


def heat() -> np.ndarray:
    """Clean, with one poor place."""
    y, x = np.mgrid[0:25, 0:30]
    result = (95 - 85 * np.exp(-((x - 17) ** 2 + (y - 15) ** 2) / 30)).astype(np.float32)
    result.setflags(write=False)
    return result


def analysis(frame: Frame, **values: object) -> Analysis:
    """An analysis with a heatmap."""
    read = reading(frame, **values)  # type: ignore[arg-type]
    return Analysis(frame, Region(BOX), (read,), heat() if read.scored else None, PROVENANCE)


def trace(count: int = 120, scored: int | None = None, rate_hz: float = 30.0) -> Trace:
    """Quality that swings through all verdicts; NaN from row `scored` on."""
    time_s = np.arange(count) / rate_hz
    steady = (55 + 40 * np.sin(time_s * 2)).astype(np.float32)
    verdict = np.where(steady >= 70, 0, np.where(steady >= 40, 1, 2)).astype(np.int8)
    if scored is not None:
        steady[scored:] = np.nan
        verdict[scored:] = -1
    return Trace(time_s, steady, steady, verdict, np.full(count, np.nan, np.float32))


def playing(index: int = 30, **values: object) -> PlaybackState:
    """A recording of 120 frames at 30 Hz."""
    state = {"index": index, "frames": 120, "time_s": index / 30, "duration_s": 119 / 30, "playing": True}
    return PlaybackState(**{"speed": 1.0, **state, **values})  # type: ignore[arg-type]


def replaying(index: int = 30, **values: object) -> Snapshot:
    """A recording in mid-play, scored."""
    frame = picture(index)
    given = {"analysis": analysis(frame), "trace": trace(), "playback": playing(index)}
    return Snapshot(
        **{  # type: ignore[arg-type]
            "state": "running",
            "scoring": "ready",
            "info": INFO,
            "frame": frame,
            "counts": Counts(31, 31, 31),
            "provenance": PROVENANCE,
            "now_s": 100.02,
            **given,
            **values,
        }
    )


def live(age_s: float = 0.02, **values: object) -> Snapshot:
    """A live source; the newest frame is `age_s` old."""
    return replaying(playback=None, now_s=100.0 + age_s, **values)
