"""Pictures and cine loops in, readings out."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import scanmon
from tests.conftest import ROOT
from tests.doubles.bundles import speckle
from tests.doubles.recordings import colored, moving_gray, write_images, write_video

GRAY = speckle(1, 3, side=200)[0]


@pytest.fixture
def bundle(tiny_bundle: Path) -> scanmon.OpenBundle:
    return scanmon.open_bundle(tiny_bundle, region="full")


def test_an_array_has_a_reading_with_everything_that_is_known_of_it(bundle: scanmon.OpenBundle) -> None:
    reading = bundle.score(GRAY)
    assert isinstance(reading, scanmon.Reading)
    assert 0 <= reading.quality <= 100
    assert isinstance(reading.verdict, scanmon.Verdict)
    assert reading.steady is None  # a picture has no past
    assert reading.region == scanmon.Box(0, 0, 200, 200)
    assert reading.worst.within(200, 200)
    assert reading.heatmap.ndim == 2
    assert reading.mask is None
    assert np.array_equal(reading.pixels, GRAY)
    assert reading.row()["quality"] == reading.quality
    assert "analysis" not in repr(reading)


def test_a_file_and_its_pixels_have_the_same_score(bundle: scanmon.OpenBundle, tmp_path: Path) -> None:
    path = tmp_path / "clean.png"
    cv2.imwrite(str(path), GRAY)
    assert bundle.score(path).score == bundle.score(str(path)).score == bundle.score(GRAY).score


def test_the_bundle_that_ships_scores_an_array_in_three_lines() -> None:
    bundle = scanmon.open_bundle()
    reading = bundle.score(GRAY)
    assert reading.scored
    assert set(scanmon.Parts._fields) == {
        "light", "contact", "resolution", "noise", "clutter", "saturation", "capture"
    }  # fmt: skip


@pytest.mark.parametrize(
    "picture",
    [
        GRAY[..., None].repeat(3, axis=2),
        GRAY[..., None].repeat(4, axis=2),
        GRAY[None],
        np.asfortranarray(GRAY),
        GRAY.astype(np.uint16),
        GRAY.astype(np.uint16) * 257,
        GRAY.astype(np.int16) - 128,
        GRAY / np.float32(255),
        GRAY.astype(np.float64),
    ],
    ids=["rgb", "rgba", "one frame", "fortran", "8 in 16 bit", "16 bit", "signed", "0..1", "0..255"],
)
def test_gray_colour_16_bit_and_floats_of_the_same_picture_have_one_score(bundle, picture) -> None:
    kept = picture.copy()
    expected = bundle.score(GRAY).score
    assert bundle.score(picture).score == pytest.approx(expected, abs=0.01)
    assert np.array_equal(picture, kept)
    assert picture.flags.writeable


def test_colour_is_red_green_blue(bundle: scanmon.OpenBundle) -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    assert bundle.score(red).pixels[0, 0] == 76  # 0.299 of 255


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((3, 4, 5, 6), np.uint8), r"shape \(3, 4, 5, 6\) is no picture; give \(H, W\)"),
        (np.zeros(7, np.uint8), r"shape \(7,\) is no picture"),
        (np.zeros((0, 9), np.uint8), "holds no pixels"),
        (GRAY.astype(np.int64), "type int64 are not supported; convert it"),
        (GRAY.astype(complex), "type complex128"),
        (GRAY * np.float32(np.nan), "not all 0..1 or 0..255"),
        (GRAY * -1.0, "not all 0..1 or 0..255"),
        (np.zeros((5, 64, 64), np.uint8), "holds 5 frames; use score_cine"),
        ([[1, 2], [3, 4]], "list is no source; give a path, a URI or an array of numpy"),
        (None, "NoneType is no source"),
        ("missing.png", "there is no such file"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(bundle, given, said) -> None:
    with pytest.raises(scanmon.ScanmonError, match=said):
        bundle.score(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metric": "vmaf"}, "scoring.metric = 'vmaf' is not allowed, but one of auto, nrq, map"),
        ({"topk_frac": 2.0}, "more than 0 and at most 1"),
        ({"bundel": "x"}, "is an unknown key"),
        ({"bundle": "nowhere"}, "nowhere: no such bundle"),
        ({"config": "nowhere.toml"}, "nowhere.toml"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(scanmon.ScanmonError, match=said):
        scanmon.score(str(ROOT / "README.md"), **options)  # type: ignore[arg-type]


def test_a_settings_file_lies_beneath_the_options(tiny_bundle: Path, tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text('[scoring]\nmetric = "nrq"\nregion = "full"\n')
    assert scanmon.open_bundle(tiny_bundle, config=config).score(GRAY).metric == "nrq"
    assert scanmon.open_bundle(tiny_bundle, config=config, metric="map").score(GRAY).metric == "map"


def test_a_cine_is_scored_frame_by_frame_when_it_is_asked_for(bundle, tmp_path) -> None:
    cine = speckle(12, 5, side=96)
    readings = bundle.score_cine(cine)
    first = next(readings)
    assert (first.frame, first.time_s) == (0, 0.0)
    rest = list(readings)
    assert [reading.frame for reading in rest] == list(range(1, 12))
    assert rest[-1].time_s == pytest.approx(11 / 30)
    assert rest[-1].steady is not None
    assert len(list(bundle.score_cine(write_video(tmp_path / "loop.mp4", 10)))) == 10
    pictures = list(bundle.score_cine(write_images(tmp_path / "pictures", 3)))
    assert [reading.steady for reading in pictures] == [None] * 3


def test_a_colour_cine_of_16_bits_has_one_scale_for_all_its_frames(bundle: scanmon.OpenBundle) -> None:
    cine = np.stack([colored(moving_gray(index)) for index in (0, 40)]).astype(np.uint16) * 16
    cine[1, 0, 0] = 4095
    dark, _ = (reading.pixels for reading in bundle.score_cine(cine, rate_hz=5.0))
    assert int(dark[-1, -1]) == pytest.approx(int(moving_gray(0)[-1, -1]), abs=1)


def test_two_loops_at_once_are_refused(bundle: scanmon.OpenBundle) -> None:
    cine = np.stack([moving_gray(index) for index in range(4)])
    first, second = bundle.score_cine(cine), bundle.score_cine(cine)
    next(first)
    next(second)
    with pytest.raises(scanmon.ScanmonError, match="another loop was begun"):
        next(first)
    assert len(list(second)) == 3


def test_a_rate_that_is_none_is_refused(bundle: scanmon.OpenBundle) -> None:
    with pytest.raises(scanmon.ScanmonError, match="rate_hz = 0 is no frame rate"):
        bundle.score_cine(np.stack([GRAY, GRAY]), rate_hz=0)


def test_a_picture_shows_the_heat_in_red_green_blue(bundle: scanmon.OpenBundle) -> None:
    reading = bundle.score(GRAY)
    picture = reading.picture()
    assert picture.shape == (200, 200, 3)
    assert picture.dtype == np.uint8
    # cividis is yellow where it is worst: more red than blue
    assert picture[..., 0].mean() > picture[..., 2].mean()
    decoded = cv2.imdecode(np.frombuffer(reading._repr_png_(), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decoded[..., ::-1], picture)


def test_a_suspended_picture_says_why_and_has_no_heat(bundle: scanmon.OpenBundle) -> None:
    reading = bundle.score(np.zeros((20, 20), np.uint8))
    assert (reading.state, reading.reason, reading.heatmap) == ("suspended", "too_small", None)
    assert reading.picture().shape == (20, 20, 3)


def test_a_bundle_is_closed_by_its_with_statement(tiny_bundle: Path) -> None:
    with scanmon.open_bundle(tiny_bundle) as bundle:
        assert bundle.score(GRAY).scored
    bundle.close()
    with pytest.raises(scanmon.ScanmonError, match="is closed; open it again"):
        bundle.score(GRAY)


def sharpness(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    detail = np.abs(cv2.Laplacian(image, cv2.CV_32F))
    return np.clip(cv2.resize(detail, (16, 12), interpolation=cv2.INTER_AREA), 0, 100)


def test_a_metric_of_ones_own_takes_the_place_of_the_bundle_s() -> None:
    half = GRAY.copy()
    half[100:] = cv2.GaussianBlur(half[100:], (0, 0), 6)
    with scanmon.open_bundle(metric=sharpness, region="full") as own:
        sharp, blurred = own.score(GRAY), own.score(half)
        assert (sharp.metric, sharp.row()["bundle"]) == ("sharpness", "sharpness")
        assert blurred.quality < sharp.quality
        assert blurred.worst.y >= 100
        assert blurred.heatmap.shape == (12, 16)
        assert len(list(own.score_cine(np.stack([GRAY, half])))) == 2


@pytest.mark.parametrize("given", [np.zeros(3), np.full((2, 2), 101.0), np.full((2, 2), np.nan)])
def test_a_metric_that_gives_no_map_of_quality_is_refused(given: NDArray[np.float64]) -> None:
    with pytest.raises(scanmon.ScanmonError, match="return local quality 0 to 100"):
        scanmon.open_bundle(metric=lambda _image: given, region="full").score(GRAY)


def test_outside_the_sector_a_metric_of_ones_own_counts_nothing() -> None:
    picture = np.full((96, 128), 200, np.uint8)
    box = scanmon.open_bundle(metric=lambda image: image / 2.55, region="10,10,64,64", topk_frac=1.0)
    picture[80:] = 0
    assert box.score(picture).quality == pytest.approx(200 / 2.55)
