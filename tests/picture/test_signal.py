"""Signal state: what suspends a score, how soon, and what must not."""

from collections.abc import Iterable, Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Box, Frame, GrayImage, Reason
from scanmon.picture.region import AutoRegion, FixedRegion, Kind, Rectangle
from scanmon.picture.region.look import HIGH, WIDE, Look
from scanmon.picture.signal.watch import SignalWatch, is_coloured
from tests.doubles.live_scene import (
    CONVEX,
    HEIGHT,
    LINEAR,
    RATE_HZ,
    WIDTH,
    frames,
    in_the_image,
    live,
    still,
    through_h264,
)

SOON = int(0.5 * RATE_HZ)  # frames within which a change has to be noticed


def reasons(
    material: Iterable[Frame], finder: object = None, watch: SignalWatch | None = None
) -> list[Reason | None]:
    finder = finder or FixedRegion(CONVEX)
    watch = watch or SignalWatch(new_looker())
    return [watch.update(frame, finder.find(frame)).reason for frame in material]  # type: ignore[attr-defined]


def after_live(pictures: Sequence[GrayImage], chroma: GrayImage | None = None) -> list[Reason | None]:
    """Reasons for `pictures` that follow upon 15 live frames, which are never suspended."""
    looker = new_looker()
    watch, finder = SignalWatch(looker), AutoRegion(looker)
    gray = None if chroma is None else np.zeros_like(chroma)
    assert set(reasons(frames(live(15), chroma=gray), finder, watch)) == {None}
    return reasons(frames(pictures, 15, chroma), finder, watch)


@pytest.mark.parametrize("shape", [CONVEX, LINEAR])
def test_a_moving_probe_is_never_suspended(shape) -> None:
    assert set(reasons(frames(live(30, shape)), FixedRegion(shape))) == {None}
    assert set(reasons(frames(live(30, shape)), AutoRegion(new_looker()))) == {None}


def test_a_moving_probe_behind_an_encoder_is_never_suspended() -> None:
    assert set(reasons(frames(through_h264(live(30), crf=33)))) == {None}


def test_a_freeze_is_noticed_within_half_a_second_though_the_clock_goes_on() -> None:
    found = after_live(still(live(15)[-1], 30))
    assert found[SOON:] == [Reason.FROZEN] * (30 - SOON)
    assert found[:9] == [None] * 9  # 0.3 s of the same picture is no freeze yet


def test_a_freeze_is_noticed_behind_an_encoder_with_key_frames() -> None:
    pictures = through_h264([*live(15), *still(live(15)[-1], 40)])
    found = reasons(frames(pictures))
    assert set(found[:15]) == {None}
    assert found[15 + SOON :] == [Reason.FROZEN] * (40 - SOON)


@pytest.mark.parametrize("crf", [33, 38])
@pytest.mark.parametrize("gop", [8, 12])
def test_a_freeze_is_told_once_behind_a_lossy_stream_whose_key_frames_change_the_picture(crf, gop) -> None:
    pictures = through_h264([*live(15), *[live(15)[-1]] * 60], crf=crf, gop=gop)
    found = reasons(frames(pictures))[15:]
    told = found.index(Reason.FROZEN)
    assert told <= int(0.95 * RATE_HZ)
    assert set(found[told:]) == {Reason.FROZEN}


def test_a_muscle_that_hardly_moves_is_live_behind_a_lossy_stream_and_its_freeze_is_told_once(shared) -> None:
    from scanmon.sources.opening import open_recording

    recording = open_recording(str(shared / "data" / "clips" / "muscle_1.mp4"))
    moving = [
        frame.pixels[40 : 40 + HEIGHT, 40 : 40 + WIDTH].copy()
        for frame, _ in zip(recording, range(45), strict=False)
    ]
    recording.close()
    pictures = through_h264([*moving, *[moving[-1]] * 60], crf=33)
    found = reasons(frames(pictures), FixedRegion())
    assert set(found[:45]) == {None}
    told = found.index(Reason.FROZEN)
    assert told <= 45 + int(1.2 * RATE_HZ)
    assert set(found[told:]) == {Reason.FROZEN}


def test_the_same_muscle_at_half_the_size_is_live_where_key_frames_are_most_of_what_is_left(shared) -> None:
    from scanmon.sources.opening import open_recording

    recording = open_recording(str(shared / "data" / "clips" / "muscle_1.mp4"))
    moving = []
    for frame, _ in zip(recording, range(60), strict=False):
        small = cv2.resize(frame.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        moving.append(np.zeros((HEIGHT, WIDTH), np.uint8))
        moving[-1][: small.shape[0], : small.shape[1]] = small
    recording.close()
    shape = Rectangle(Box(0, 0, small.shape[1], small.shape[0]))
    assert set(reasons(frames(through_h264(moving, crf=33)), FixedRegion(shape))) == {None}


def test_a_freeze_is_held_behind_an_encoder_that_refines_it_from_one_key_frame_to_the_next(shared) -> None:
    from scanmon.sources.opening import open_recording
    from tools.measure_signal import coded

    recording = open_recording(str(shared / "data" / "clips" / "muscle_2.mp4"))
    moving = [frame.pixels for frame, _ in zip(recording, range(15), strict=False)]
    recording.close()
    pictures = coded([*moving, *[moving[-1]] * 60], "mpeg4 10, key 12")
    slow = [Frame(picture, number, number / 15, 0.0) for number, picture in enumerate(pictures)]
    found = reasons(slow, AutoRegion(new_looker()))
    told = found.index(Reason.FROZEN)
    assert told <= 15 + int(2.5 * 15)
    assert set(found[told:]) == {Reason.FROZEN}


@pytest.mark.parametrize("crf", [27, 33])
def test_a_freeze_is_told_though_a_marker_on_the_picture_pulsates_behind_an_encoder(crf: int) -> None:
    frozen = still(live(15)[-1], 45)
    for number, picture in enumerate(frozen):
        radius = round(15 + 4.5 * np.sin(np.pi * number / 2))
        cv2.circle(picture, (300, 250), radius, 220, -1, cv2.LINE_AA)
    found = reasons(frames(through_h264([*live(15), *frozen], crf=crf)))[15:]
    told = found.index(Reason.FROZEN)
    assert told <= int(0.95 * RATE_HZ)
    assert set(found[told:]) == {Reason.FROZEN}


def test_a_line_from_edge_to_edge_that_is_moved_keeps_no_frozen_picture_alive(shared) -> None:
    """A cursor of M-mode over a muscle that hardly moved before."""
    from scanmon.sources.opening import open_recording

    recording = open_recording(str(shared / "data" / "clips" / "muscle_1.mp4"))
    moving = [frame.pixels for frame, _ in zip(recording, range(60), strict=False)]
    recording.close()
    height, width = moving[0].shape
    frozen = still(moving[-1], 100)
    for number, picture in enumerate(frozen[40:]):
        cv2.line(picture, (100 + 6 * number, 0), (100 + 6 * number, height), 255, 2)
    found = reasons(frames([*moving, *frozen]), FixedRegion(Rectangle(Box(0, 0, width, height))))[60:]
    assert set(found[SOON:]) == {Reason.FROZEN}


def test_motion_that_adds_up_slowly_is_no_freeze() -> None:
    grain = np.random.default_rng(3).random((HEIGHT, WIDTH))
    slow = [
        in_the_image(lambda echoes, at=at: echoes + 0.05 * at + grain - 0.5)(live(1)[0]) for at in range(40)
    ]
    assert set(reasons(frames(slow))) == {None}


@settings(max_examples=5, deadline=None)
@given(noise=st.floats(0, 2.5), seed=st.integers(0, 1000))
def test_a_freeze_is_noticed_through_the_noise_of_an_analogue_cable(noise: float, seed: int) -> None:
    found = reasons(frames([*live(15), *still(live(15)[-1], 25, noise, seed)]))
    assert found[15 + SOON :] == [Reason.FROZEN] * (25 - SOON)


def test_repeated_frames_of_a_rate_conversion_are_no_freeze() -> None:
    slow = [picture for picture in live(12) for _ in range(5)]  # 6 different pictures a second
    assert set(reasons(frames(slow))) == {None}


@cache
def _frozen_in_the_middle() -> list[GrayImage]:
    return through_h264([*live(15), *still(live(15)[-1], 120), *live(120)])


@pytest.mark.parametrize("every", [10, 20])
def test_where_few_frames_are_looked_at_a_freeze_is_told_once_and_ends(every: int) -> None:
    """3 and 1.5 frames a second, as on a busy machine, behind an encoder with key frames."""
    seen = [
        frame for frame in frames(_frozen_in_the_middle()) if frame.index < 15 or frame.index % every == 0
    ]
    found = reasons(seen)
    frozen = [
        reason for frame, reason in zip(seen, found, strict=True) if 15 + 2 * every <= frame.index < 135
    ]
    alive = [reason for frame, reason in zip(seen, found, strict=True) if frame.index >= 135 + 4 * every]
    assert set(frozen) == {Reason.FROZEN}
    assert alive
    assert set(alive) == {None}


def test_life_returns_with_motion_but_not_with_one_page_of_the_cine_memory() -> None:
    watch, finder = SignalWatch(new_looker()), FixedRegion(CONVEX)
    assert reasons(frames(still(live(15)[0], 20)), finder, watch)[-1] is Reason.FROZEN
    page = still(live(15)[7], 20)
    assert set(reasons(frames(page, 20), finder, watch)) == {Reason.FROZEN}
    back = reasons(frames(live(30)[15:], 40), finder, watch)
    assert back[SOON:] == [None] * (15 - SOON)


def black() -> GrayImage:
    return np.zeros((HEIGHT, WIDTH), np.uint8)


def blue_with_words() -> GrayImage:
    picture = np.full((HEIGHT, WIDTH), 41, np.uint8)
    cv2.putText(picture, "NO SIGNAL", (220, 250), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 235, 2, cv2.LINE_AA)
    return picture


def colour_bars() -> GrayImage:
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, level in enumerate((235, 210, 170, 145, 106, 81, 41)):
        picture[: HEIGHT * 2 // 3, number * WIDTH // 7 : (number + 1) * WIDTH // 7] = level
        picture[HEIGHT * 2 // 3 :, number * WIDTH // 7 : (number + 1) * WIDTH // 7] = 16 + 30 * number
    return picture


def logo() -> GrayImage:
    picture = np.full((HEIGHT, WIDTH), 12, np.uint8)
    cv2.ellipse(picture, (320, 220), (110, 60), 0, 0, 360, 190, 8, cv2.LINE_AA)
    cv2.putText(picture, "SCANNER", (215, 235), cv2.FONT_HERSHEY_DUPLEX, 1.4, 220, 3, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize(
    "picture", [black(), blue_with_words(), colour_bars(), logo()], ids=["black", "blue", "bars", "logo"]
)
@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_a_picture_without_tissue_is_no_signal_at_once(picture: GrayImage, noise: float) -> None:
    found = after_live(still(picture, 25, noise))
    assert found[4:] == [Reason.NO_SIGNAL] * 21
    assert reasons(frames(still(picture, 20, noise)), FixedRegion())[-1] is Reason.NO_SIGNAL


@pytest.mark.parametrize("grain", [1, 2])
def test_snow_is_no_signal(grain: int) -> None:
    rng = np.random.default_rng(3)
    size = (HEIGHT // grain, WIDTH // grain)
    snow = [np.kron(rng.integers(0, 256, size), np.ones((grain, grain))).astype(np.uint8) for _ in range(20)]
    assert after_live(snow)[4:] == [Reason.NO_SIGNAL] * 16


def test_the_signal_that_comes_back_is_scored_within_half_a_second() -> None:
    looker = new_looker()
    watch, finder = SignalWatch(looker), AutoRegion(looker)
    reasons(frames([*live(15), *still(black(), 15)]), finder, watch)
    back = reasons(frames(live(30), 30), finder, watch)
    assert back[SOON:] == [None] * (30 - SOON)


def test_a_colour_box_is_not_b_mode_between_the_heartbeats_too() -> None:
    flow = np.zeros((HEIGHT // 2, WIDTH // 2), np.uint8)
    flow[130:160, 130:170] = 90
    watch, finder = SignalWatch(new_looker()), FixedRegion(CONVEX)
    gray = np.zeros_like(flow)
    found = reasons(frames(live(30)[:3], 0, flow), finder, watch) + reasons(
        frames(live(30)[3:], 3, gray), finder, watch
    )
    assert set(found) == {Reason.NOT_B_MODE}


def test_a_tinted_gray_scale_and_a_coloured_mark_are_b_mode() -> None:
    tint = np.full((HEIGHT // 2, WIDTH // 2), 14, np.uint8)
    tint[150:155, 140:145] = 110
    assert set(reasons(frames(live(30), chroma=tint))) == {None}


def test_colour_that_reaches_over_the_edge_from_beside_the_image_is_none_of_it() -> None:
    inside, nothing = np.zeros((HIGH, WIDE), np.bool_), np.zeros((HIGH, WIDE), np.float32)
    inside[40:120, 50:150] = True
    levels = np.zeros((3, HIGH, WIDE), np.uint8)
    levels[2, 40:120, 148:170] = 90
    look = Look(nothing, nothing, nothing, nothing, np.zeros(len(Kind), np.float32), levels)
    assert not is_coloured(look, inside)
    levels[2, 70:90, 90:100] = 90
    assert is_coloured(look, inside)


def test_a_menu_over_the_sector_is_not_b_mode() -> None:
    pictures = [picture.copy() for picture in live(30)[15:]]
    for covered in pictures:
        cv2.rectangle(covered, (240, 160), (400, 330), 90, -1)
        for row in range(6):
            place = (250, 185 + 25 * row)
            cv2.putText(covered, f"Preset {row}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 230, 1, cv2.LINE_AA)
    assert after_live(pictures)[4:] == [Reason.NOT_B_MODE] * 11


def test_a_page_of_measurements_over_the_sector_is_not_b_mode() -> None:
    pictures = [picture.copy() for picture in live(30)[15:]]
    for covered in pictures:
        for row in range(12):
            said, place = f"BPD {row}.31 cm  HC 22.{row}", (200, 130 + 20 * row)
            cv2.putText(covered, said, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1)
    # strokes are known by staying in place, so the second look decides: within 0.3 s
    assert after_live(pictures)[9:] == [Reason.NOT_B_MODE] * 6


def test_electronic_noise_over_a_live_picture_is_no_text() -> None:
    rng = np.random.default_rng(4)
    noisy = [
        np.clip(picture + np.where(picture > 0, rng.normal(0, 22, picture.shape), 0), 0, 255).astype(np.uint8)
        for picture in live(30)
    ]
    assert Reason.NOT_B_MODE not in reasons(frames(noisy), FixedRegion(CONVEX))


@pytest.mark.parametrize("step", [2, 5])
def test_a_running_trace_is_not_b_mode(step: int) -> None:
    rng = np.random.default_rng(9)
    trace = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH + 60 * step)).astype(np.uint8), (9, 3), 0)
    pictures = [np.ascontiguousarray(trace[:, number * step : number * step + WIDTH]) for number in range(60)]
    found = reasons(frames(pictures), FixedRegion())
    assert found[20:] == [Reason.NOT_B_MODE] * 40


def test_time_is_that_of_the_frames_and_a_reset_forgets() -> None:
    watch, finder = SignalWatch(new_looker()), FixedRegion(CONVEX)
    signal = None
    for frame in frames(still(live(15)[0], 20)):
        signal = watch.update(frame, finder.find(frame))
    assert signal.reason is Reason.FROZEN
    assert 0.4 <= signal.since_s <= 0.5
    watch.reset()
    first = next(frames(live(15)))
    assert watch.update(first, finder.find(first)).live


def test_no_live_clip_is_suspended_and_every_doppler_frame_is(shared) -> None:
    from scanmon.sources.opening import open_recording

    for clip in ("muscle_1", "muscle_4", "phantom_glove", "liver_sweep", "doppler_negative"):
        recording = open_recording(str(shared / "data" / "clips" / f"{clip}.mp4"))
        try:
            found = reasons(recording, AutoRegion(new_looker()))
        finally:
            recording.close()
        expected = Reason.NOT_B_MODE if clip == "doppler_negative" else None
        assert set(found) == {expected}, clip
