"""The phantom behaves like B-mode ultrasound, and like a source."""

import itertools
import threading
import time

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker, region_finder
from scanmon.core.values import Frame
from scanmon.picture.signal.watch import SignalWatch
from scanmon.sources import phantom_scan
from scanmon.sources.opening import open_live, open_recording
from scanmon.sources.phantom_scan import Phantom
from scanmon.sources.phantom_tissue import PROBES, SAMPLES, Geometry, echo_field
from tests.doubles.scenes import PATIENCE_S

GEOMETRIES: list[Geometry] = ["sector", "linear"]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(geometry, monkeypatch) -> None:
    monkeypatch.setattr(phantom_scan, "echo_field", echo_field)  # grown anew each time
    one, same, other = (Phantom(seed, geometry) for seed in (1, 1, 2))
    assert np.array_equal(one.image(17), same.image(17))
    assert np.abs(one.image(17).astype(int) - other.image(17)).mean() > 5


def speckle_contrast(looks: int) -> float:
    """Standard deviation of the amplitude over its mean, in patches of the organ; the median of them."""
    echo = echo_field(PROBES["sector"], np.random.default_rng(4), looks=looks)
    patches = [
        echo[top : top + 24, left : left + 40]
        for top in range(SAMPLES // 3, SAMPLES - 40, 24)
        for left in range(0, echo.shape[1] - 40, 40)
    ]
    return float(np.median([patch.std() / patch.mean() for patch in patches]))


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_it_is_never_taken_for_a_still_or_for_something_else_than_b_mode(geometry: Geometry) -> None:
    phantom, watch, region = Phantom(2, geometry), SignalWatch(new_looker()), region_finder("auto")
    for index in range(120, 240):
        frame = Frame(phantom.image(index), index, index / 30, index / 30, None, phantom.region)
        assert watch.update(frame, region.find(frame)).live, index


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_it_declares_the_pixels_that_it_shows(geometry: Geometry) -> None:
    phantom = Phantom(0, geometry, gain_db=40.0)
    region = phantom.region
    assert region.mask is not None
    shown = np.zeros((480, 640), bool)
    shown[region.box.rows, region.box.columns] = region.mask
    assert not phantom.image(0)[~shown].any()
    assert (phantom.image(0)[shown] > 0).mean() > 0.9
    corners = np.array(region.outline).round().astype(np.int32)
    drawn = cv2.fillPoly(np.zeros((480, 640), np.uint8), [corners], 1) > 0
    assert (drawn & shown).sum() > 0.98 * (drawn | shown).sum()


def test_speckle_has_the_rayleigh_contrast_of_many_scatterers_and_several_looks_calm_it() -> None:
    """sqrt(4 / pi - 1) = 0.523 for fully developed speckle; n looks divide it by the root of n."""
    assert speckle_contrast(looks=1) == pytest.approx(0.523, abs=0.06)
    assert speckle_contrast(looks=4) == pytest.approx(0.523 / 2, abs=0.08)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_everything_outside_the_sector_is_black(geometry: Geometry) -> None:
    phantom = Phantom(1, geometry)
    image = phantom.image(3)
    outside = image.copy()
    outside[phantom.box.rows, phantom.box.columns] = 0
    assert outside.max() == 0
    assert image[phantom.box.rows, phantom.box.columns].mean() > 30
    if geometry == "sector":
        assert image[phantom.box.y + 5, phantom.box.x + 5] == 0  # beside the probe


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_gain_makes_up_for_depth(geometry: Geometry) -> None:
    phantom = Phantom(6, geometry)
    image = np.mean([phantom.image(index) for index in range(0, 300, 50)], axis=0)
    middle = image[:, 300:340]
    upper, lower = middle[150:200].mean(), middle[380:430].mean()
    assert abs(upper - lower) < 60


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_fluid_is_dark_and_what_lies_behind_it_is_brighter(geometry: Geometry) -> None:
    echo = echo_field(PROBES[geometry], np.random.default_rng(3))
    fluid = echo < 0.02 * np.median(echo, axis=1, keepdims=True)
    behind, beside = [], []
    for line in range(0, echo.shape[1], 3):
        depths = np.flatnonzero(fluid[:, line])
        if len(depths) > 30 and depths[-1] < SAMPLES - 40:
            rows = slice(depths[-1] + 10, depths[-1] + 30)
            behind.append(np.log(echo[rows, line].mean()))
            beside.append(np.log(np.median(echo[rows])))
    assert len(behind) > 10
    assert np.mean(behind) > np.mean(beside)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_probe_never_rests(geometry: Geometry) -> None:
    phantom = Phantom(2, geometry, 320, 240)
    images = [phantom.image(index).astype(int) for index in range(300)]
    changes = [np.abs(b - a).mean() for a, b in itertools.pairwise(images)]
    assert np.convolve(changes, np.full(6, 1 / 6), "valid").min() > 0.25  # any fifth of a second


@pytest.mark.slow
def test_30_pictures_of_640x480_take_less_than_a_second_of_work() -> None:
    phantom = Phantom(0, "sector")
    phantom.image(0)
    start_s = time.process_time()
    for index in range(30):
        phantom.image(index)
    assert time.process_time() - start_s < 1.0


def test_gain_makes_the_picture_brighter_and_darker() -> None:
    levels = [Phantom(0, "sector", 160, 120, gain_db=gain_db).image(4).mean() for gain_db in (-20, 0, 20)]
    assert levels[0] < 0.5 * levels[1] < 0.3 * levels[2]


def test_settings_reach_the_picture() -> None:
    recording = open_recording("phantom:seed=9,geometry=linear,size=320x240,rate=60,frames=7,gain=-5")
    frames = list(recording)
    assert len(frames) == 7
    assert frames[0].pixels.shape == (240, 320)
    assert frames[0].declared is not None
    assert recording.info.rate_hz == 60.0
    assert np.array_equal(frames[4].pixels, Phantom(9, "linear", 320, 240, 60.0, -5.0).image(4))


def test_live_it_keeps_its_rate_and_ends_at_once_when_closed() -> None:
    source = open_live("phantom:rate=50,size=160x120")
    assert source.state == "connecting"
    assert source.info is None
    start_s, frames = time.monotonic(), []
    for frame in source:
        frames.append(frame)
        if len(frames) == 20:
            assert source.state == "live"
            assert source.gaps == 0
            source.close()
    assert len(frames) == 20
    assert source.state == "ended"
    assert all(a.index < b.index and a.captured_s < b.captured_s for a, b in itertools.pairwise(frames))
    assert all(frame.time_s == pytest.approx(frame.index / 50) for frame in frames)
    assert frames[-1].captured_s - start_s >= frames[-1].time_s


def test_closing_from_another_thread_ends_a_wait() -> None:
    source = open_live("phantom:rate=0.1,size=160x120")  # a picture every 10 s
    first = threading.Event()

    def loop() -> None:
        for _ in source:
            first.set()

    thread = threading.Thread(target=loop)
    thread.start()
    assert first.wait(PATIENCE_S)
    start_s = time.monotonic()
    source.close()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert time.monotonic() - start_s < 5.0
