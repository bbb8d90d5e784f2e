"""Pictures that are nearly black: what moves in them is live, what stands still is frozen."""

from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame, GrayImage, Reason
from scanmon.picture.region import AutoRegion, FixedRegion
from scanmon.picture.signal.watch import SignalWatch
from tests.doubles.live_scene import HEIGHT, LINEAR, RATE_HZ, WIDTH, frames, still, through_h264
from tools.synthetic_screens import paint, speckle

HALF_A_SECOND = int(0.5 * RATE_HZ)


def creeping(count: int, gain: float, px_a_frame: float = 0.5) -> list[GrayImage]:
    """A probe that is hardly moved, without noise, at a gain that leaves little."""
    tissue = speckle(np.random.default_rng(6))
    pictures = []
    for number in range(count):
        moved = np.array([[1.0, 0.0, number * px_a_frame], [0.0, 1.0, 0.0]])
        canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
        paint(canvas, LINEAR, cv2.warpAffine(tissue, moved, tissue.shape[::-1], borderMode=cv2.BORDER_WRAP))
        pictures.append((canvas * gain).astype(np.uint8))
    return pictures


def reasons(pictures: Iterable[GrayImage]) -> list[Reason | None]:
    watch, finder = SignalWatch(new_looker()), FixedRegion(LINEAR)
    return [watch.update(frame, finder.find(frame)).reason for frame in frames(pictures)]


@pytest.mark.parametrize("gain", [0.1, 0.3, 1.0])
def test_a_probe_that_is_hardly_moved_is_live_however_dark(gain: float) -> None:
    assert set(reasons(creeping(45, gain))) == {None}


@pytest.mark.parametrize("gain", [0.1, 0.3])
def test_a_dark_picture_that_stands_still_is_frozen(gain: float) -> None:
    last = creeping(1, gain)[0]
    assert set(reasons(still(last, 40))[HALF_A_SECOND:]) == {Reason.FROZEN}
    noisy = reasons(still(last, 40, noise=1.0))
    assert set(noisy[HALF_A_SECOND:]) == {Reason.FROZEN}


@pytest.mark.parametrize("crf", [20, 27])
def test_a_dark_picture_that_stops_behind_an_encoder_is_frozen(crf: int) -> None:
    moving = creeping(30, 0.1, px_a_frame=1.0)
    found = reasons(through_h264([*moving, *[moving[-1]] * 45], crf=crf))
    assert set(found[:30]) == {None}
    assert set(found[30 + 2 * HALF_A_SECOND :]) == {Reason.FROZEN}


def on_clip(shared, clip: str, gain: float, count: int = 90) -> set[Reason | None]:
    from scanmon.sources.opening import open_recording

    recording = open_recording(str(shared / "data" / "clips" / f"{clip}.mp4"))
    looker = new_looker()
    watch, finder = SignalWatch(looker), AutoRegion(looker)
    found: set[Reason | None] = set()
    try:
        for number, frame in enumerate(recording):
            dark = Frame(np.clip(frame.pixels * gain, 0, 255).astype(np.uint8), number, frame.time_s, 0.0)
            found.add(watch.update(dark, finder.find(dark)).reason)
            if number == count:
                break
    finally:
        recording.close()
    return found


@pytest.mark.parametrize(
    ("clip", "gain"),
    [("muscle_1", 0.1), ("muscle_2", 0.2), ("muscle_3", 0.1), ("liver_sweep", 0.1), ("phantom_glove", 0.05)],
)
def test_real_cines_at_a_tenth_of_their_brightness_are_live(shared, clip: str, gain: float) -> None:
    assert on_clip(shared, clip, gain) == {None}


@pytest.mark.parametrize("clip", ["muscle_2", "muscle_4", "liver_sweep"])
def test_what_is_darker_still_may_be_called_no_signal_but_nothing_else(shared, clip: str) -> None:
    assert on_clip(shared, clip, 0.05) <= {None, Reason.NO_SIGNAL}
