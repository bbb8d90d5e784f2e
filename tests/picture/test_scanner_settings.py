"""Settings of a scanner that change on its screen: numbers beside the sector, and what only looks like it."""

from collections.abc import Iterable
from math import sin

import cv2
import numpy as np
import pytest

from scanmon.core.values import Frame, GrayImage, Region, SettingsSeen
from scanmon.picture.region import region_of
from scanmon.picture.signal.scanner_settings import SettingsWatch
from tests.doubles.live_scene import CONVEX, HEIGHT, LINEAR, WIDTH, through_h264
from tests.doubles.scanner_screens import LOOKS_HZ, gain, screens, write


def watched(
    pictures: Iterable[GrayImage], region: Region | None = None, rate_hz: float = LOOKS_HZ
) -> tuple[SettingsSeen | None, list[float]]:
    """The last word of the watch, and when it spoke of a change."""
    watch, seen, heard = SettingsWatch(), None, []
    for number, picture in enumerate(pictures):
        region = region or region_of(CONVEX, *picture.shape, "detected")
        before, seen = seen, watch.update(Frame(picture, number, number / rate_hz, 0.0), region)
        if before is not None and seen is not None and seen.changes > before.changes:
            heard.append(number / rate_hz)
    return seen, heard


def clock(picture: GrayImage, now_s: float) -> None:
    seconds = int(now_s) + 12 * 3600 + 34 * 60 + 50
    write(picture, f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}", (10, 460))


def ecg(picture: GrayImage, now_s: float) -> None:
    """A trace below the sector that is drawn anew every five seconds."""
    strip = picture[440:476, 120:500]
    strip[:] = 0
    front = int(now_s / 5 % 1 * strip.shape[1])
    for column in range(strip.shape[1]):
        if front <= column < front + 12:
            continue
        drawn_s = (now_s // 5 - (column > front)) * 5 + column / strip.shape[1] * 5
        beat = drawn_s % 0.83
        level = 30 - (24 * max(0.0, 1 - abs(beat - 0.2) / 0.04) + 3 * sin(6 * beat))
        cv2.circle(strip, (column, int(level)), 1, 255, -1)


@pytest.mark.parametrize(("first", "second"), [("Gn 64", "Gn 70"), ("Gn 64", "Gn 65"), ("D 9 cm", "D 12 cm")])
@pytest.mark.parametrize("shape", [CONVEX, LINEAR])
def test_a_number_that_changes_is_noticed_once_when_it_has_settled(first, second, shape) -> None:
    region = region_of(shape, HEIGHT, WIDTH, "detected")
    seen, heard = watched(screens(12, gain(first, second, 5.0), shape=shape), region)
    assert seen.changes == 1
    assert seen.since_s == pytest.approx(5.0, abs=0.3)
    assert 6.4 < heard[0] < 7.5


def test_a_screen_on_which_nothing_changes_says_nothing() -> None:
    assert watched(screens(10))[0] == SettingsSeen(0, None)


def test_a_knob_that_is_turned_is_one_change_and_two_turns_are_two() -> None:
    def turned(picture: GrayImage, now_s: float) -> None:
        value = 60 + int(min(max(now_s - 4, 0), 3) * 4) + (8 if now_s > 14 else 0)
        write(picture, f"Gn {value}", (545, 144))

    seen, heard = watched(screens(20, turned))
    assert len(heard) == 2
    assert seen.since_s == pytest.approx(14.0, abs=0.3)


def test_a_clock_of_seconds_is_left_alone_and_a_number_beside_it_is_not() -> None:
    assert watched(screens(75, clock))[1] == []
    _, heard = watched(screens(40, clock, gain("Gn 64", "Gn 70", 30.0)))
    assert len(heard) == 1
    assert 31 < heard[0] < 33


def test_a_clock_of_minutes_is_learnt_with_its_second_minute() -> None:
    def minutes(picture: GrayImage, now_s: float) -> None:
        write(picture, f"12:{31 + int((now_s + 40) / 60)}", (10, 460))

    _, heard = watched(screens(300, minutes, rate_hz=4), rate_hz=4)
    assert len(heard) == 1
    assert heard[0] < 25


def test_an_ecg_that_is_drawn_anew_all_the_time_is_left_alone_and_a_number_is_seen_beside_it() -> None:
    _, heard = watched(screens(80, ecg, gain("Gn 64", "Gn 70", 70.0)))
    assert [round(time_s) for time_s in heard] == [72]


def test_a_cursor_that_moves_and_stays_elsewhere_is_no_setting() -> None:
    def cursor(picture: GrayImage, now_s: float) -> None:
        x, y = (560, 300) if now_s < 3 else (590, 380) if now_s > 4 else (560 + int(30 * (now_s - 3)), 340)
        cv2.fillPoly(picture, [np.array([(x, y), (x + 10, y + 14), (x + 3, y + 14)])], 255)

    assert watched(screens(25, cursor))[1] == []


def test_a_menu_that_opens_and_goes_is_none_and_what_was_set_in_it_is_one() -> None:
    def menu(picture: GrayImage, now_s: float) -> None:
        write(picture, "D 12 cm" if now_s < 6 else "D 15 cm", (545, 192))
        if 4 < now_s < 9:
            picture[230:470, 500:635] = 40
            for row in range(10):
                write(picture, f"Item {row}", (510, 250 + 22 * row))

    def closed(picture: GrayImage, now_s: float) -> None:
        if 4 < now_s < 9:
            menu(picture, now_s)
        write(picture, "D 12 cm", (545, 192))

    assert watched(screens(20, closed))[1] == []
    assert len(watched(screens(20, menu))[1]) == 1


@pytest.mark.parametrize("crf", [23, 30])
def test_behind_an_encoder_a_number_is_noticed_and_its_noise_is_not(crf: int) -> None:
    assert watched(through_h264(screens(12), crf=crf))[1] == []
    seen, heard = watched(through_h264(screens(12, gain("Gn 64", "Gn 68", 5.0)), crf=crf))
    assert len(heard) == 1
    assert seen.since_s == pytest.approx(5.0, abs=0.6)


def test_the_noise_of_a_cable_is_no_change() -> None:
    rng = np.random.default_rng(1)
    noisy = [
        np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8) for picture in screens(8)
    ]
    assert watched(noisy)[1] == []


def test_without_anything_beside_the_sector_nothing_is_said() -> None:
    pictures = screens(3)
    assert (
        watched(pictures, Region(region_of(CONVEX, HEIGHT, WIDTH).box, kind="full", origin="full"))[0] is None
    )
    cropped = [picture[60:420, 150:470] for picture in pictures]
    whole = Region(region_of(LINEAR, HEIGHT, WIDTH).box)
    assert watched(cropped, Region(whole.box.__class__(0, 0, 320, 360)))[0] is None


def test_after_a_seek_or_a_gap_what_was_before_is_no_reference() -> None:
    watch, region = SettingsWatch(), region_of(CONVEX, HEIGHT, WIDTH, "detected")
    pictures = screens(8, gain("Gn 64", "Gn 70", 4.0))
    for number, picture in enumerate(pictures):
        if number == 4 * LOOKS_HZ:
            watch.reset()
        seen = watch.update(Frame(picture, number, number / LOOKS_HZ, 0.0), region)
    assert seen == SettingsSeen(0, None)


def test_no_look_is_taken_of_a_picture_that_is_not_live() -> None:
    """A frozen scanner writes other things beside its picture; back to life it is compared with before."""
    watch, region = SettingsWatch(), region_of(CONVEX, HEIGHT, WIDTH, "detected")

    def frozen(picture: GrayImage, now_s: float) -> None:
        write(picture, "Gn 64" if now_s < 9 else "Gn 70", (545, 144))
        if 4 < now_s < 9:
            write(picture, "Frozen", (545, 120))

    changes = []
    for number, picture in enumerate(screens(14, frozen)):
        now_s = number / LOOKS_HZ
        seen = watch.update(Frame(picture, number, now_s, 0.0), region, live=not 4 < now_s < 9.5)
        changes.append(seen.changes if seen else 0)
    assert changes[round(9.4 * LOOKS_HZ)] == 0
    assert changes[-1] == 1


@pytest.mark.parametrize("size", [(1080, 1920), (768, 1024)])
def test_larger_screens_are_watched_with_their_larger_letters(size: tuple[int, int]) -> None:
    scale = size[1] / WIDTH
    region = region_of(CONVEX, HEIGHT, WIDTH, "detected")
    large = [
        cv2.resize(picture, (size[1], size[0]))
        for picture in screens(9, gain("Gn 64", "Gn 68", 4.0), rate_hz=4)
    ]
    mask = cv2.resize(region.mask.view(np.uint8), None, fx=scale, fy=size[0] / HEIGHT).view(np.bool_)
    box = region.box.__class__(
        round(region.box.x * scale), round(region.box.y * size[0] / HEIGHT), mask.shape[1], mask.shape[0]
    )
    _, heard = watched(large, Region(box, mask, kind="sector", origin="detected"), 4)
    assert len(heard) == 1
