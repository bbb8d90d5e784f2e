"""The image is found on screens of other makers too, whatever the theme and the probe."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_looker
from scanmon.core.values import Frame, GrayImage
from scanmon.picture.region import AutoRegion, Sector, region_of
from scanmon.picture.signal.watch import SignalWatch
from tests.doubles.live_scene import CONVEX, HEIGHT, WIDTH, live
from tools.measure_region import overlap, visible
from tools.synthetic_screens import paint, speckle
from tools.unseen_screens import unseen_screen
from tools.vendor_layouts import LAYOUTS, vendor_screen


def test_two_views_that_touch_are_told_apart() -> None:
    screens = [vendor_screen("touching views", seed) for seed in range(100, 108)]
    found = [AutoRegion(new_looker()).find(Frame(made.pixels, 0, 0.0, 0.0)) for made in screens]
    alone = [overlap(region.box, made.truth.box) > 0.9 for region, made in zip(found, screens, strict=True)]
    assert np.mean(alone) >= 0.75


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("phone", "touching views")])
def test_the_image_is_found_in_every_layout_with_every_probe(layout: str) -> None:
    values = []
    for seed in range(100, 108):
        made = vendor_screen(layout, seed)
        found = AutoRegion(new_looker()).find(Frame(made.pixels, 0, 0.0, 0.0))
        if visible(made):
            values.append(overlap(found.box, made.truth.box))
    assert np.median(values) > 0.97
    assert np.mean(np.array(values) > 0.95) >= 0.85
    assert min(values) > 0.9


@pytest.mark.parametrize("seed", [50_000, 50_016, 50_023, 50_038])
def test_the_image_is_found_on_a_phone_held_upright_though_the_network_sees_it_wide(seed: int) -> None:
    made = unseen_screen("phone", seed)
    found = AutoRegion(new_looker()).find(Frame(made.pixels, 0, 0.0, 0.0)).inside(*made.pixels.shape)
    assert (found & made.tissue).sum() / (found | made.tissue).sum() > 0.95


@pytest.mark.parametrize("aspect", [4 / 3, 1.0, 3 / 4])
def test_a_sector_is_found_where_a_grabber_squeezed_the_screen(aspect: float) -> None:
    width = round(aspect * WIDTH)
    pixels = cv2.resize(live(1)[0], (width, HEIGHT), interpolation=cv2.INTER_AREA)
    truth = region_of(CONVEX, HEIGHT, WIDTH).inside(HEIGHT, WIDTH).view(np.uint8)
    truth = cv2.resize(truth, (width, HEIGHT), interpolation=cv2.INTER_NEAREST) > 0
    found = AutoRegion(new_looker()).find(Frame(np.asarray(pixels, np.uint8), 0, 0.0, 0.0))
    mask = found.inside(HEIGHT, width)
    assert (mask & truth).sum() / (mask | truth).sum() > 0.96


@pytest.mark.parametrize("side", [slice(None, 90), slice(-90, None)], ids=["left", "right"])
def test_a_side_without_contact_that_ends_sharply_is_inside_while_the_receiver_is_heard_there(side) -> None:
    rng = np.random.default_rng(5)
    tissue = np.maximum(speckle(rng), 4)
    tissue[:, side] = rng.integers(0, 5, tissue[:, side].shape)
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    inside = paint(canvas, CONVEX, tissue)
    found = AutoRegion(new_looker()).find(Frame(canvas, 0, 0.0, 0.0)).inside(HEIGHT, WIDTH)
    assert (found & inside).sum() / (found | inside).sum() > 0.93


@pytest.mark.parametrize("seed", [5001, 5005, 5007, 5010])
def test_a_spectrogram_of_speech_beside_a_tongue_is_no_doppler(seed: int) -> None:
    frame = Frame(unseen_screen("speech", seed).pixels, 0, 0.0, 0.0)
    looker = new_looker()
    region = AutoRegion(looker).find(frame)
    assert SignalWatch(looker).update(frame, region).live


def layered(seed: int) -> GrayImage:
    """Speckle in fine layers, as of a muscle along its fibres."""
    rng = np.random.default_rng(seed)
    phase = np.cumsum(rng.uniform(0.33, 1.87, 384))
    return np.clip(speckle(rng) * 0.5 + (60 + 60 * np.sin(phase))[:, None], 3, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_layers_that_run_upright_at_the_flanks_of_a_wide_sector_are_no_text(seed: int) -> None:
    canvas = np.zeros((480, 640), np.uint8)
    for row, words in enumerate(("FR 31 Hz", "Gn 64", "DR 66")):
        cv2.putText(canvas, words, (8, 120 + 24 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 220, 1, cv2.LINE_AA)
    shape = Sector(320.0, 70.0, 30.0, 300.0, -66.0, 66.0)
    paint(canvas, shape, layered(seed))
    found = AutoRegion(new_looker()).find(Frame(canvas, 0, 0.0, 0.0))
    assert found.kind == "sector"
    assert overlap(found.box, region_of(shape, 480, 640).box) > 0.95


def quarter(picture: GrayImage) -> GrayImage:
    """A part from the middle that fills the frame, as a grabber that crops delivers it."""
    height, width = picture.shape
    part = picture[height // 8 : height * 7 // 8, width // 8 : width * 7 // 8]
    return np.asarray(cv2.resize(part, (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("organ", ["carotid", "muscle", "nerve"])
def test_a_cropped_picture_that_fills_the_frame_stays_whole(shared: Path, organ: str) -> None:
    for path in sorted((shared / "data" / "eval" / organ).glob("*.png"))[3::25]:
        picture = quarter(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8))
        box = AutoRegion(new_looker()).find(Frame(picture, 0, 0.0, 0.0)).box
        assert box.width * box.height >= 0.95 * picture.size, path.name


def test_the_sector_of_a_still_of_a_head_is_found_without_its_black_corners(shared: Path) -> None:
    shares = []
    for path in sorted((shared / "data" / "eval" / "fetal-head").glob("*.png"))[::10]:
        picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
        region = AutoRegion(new_looker()).find(Frame(picture, 0, 0.0, 0.0))
        mask = region.inside(*picture.shape)
        bright = picture > 40
        shares.append(float((bright & mask).sum() / bright.sum()))
    assert np.median(shares) > 0.98  # the echoes are inside
    assert min(shares) > 0.9
