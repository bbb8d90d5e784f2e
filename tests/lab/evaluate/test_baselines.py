import numpy as np
import pytest

from scanmon.core.values import View
from scanmon.lab.evaluate.baselines import (
    UNMEASURABLE,
    Number,
    Windowed,
    brightness,
    brisque,
    laplacian_variance,
    niqe,
    speckle_snr,
)
from tests.doubles.oracle import speckled

EVERYWHERE = np.ones((240, 320), np.bool_)


def test_brightness_is_the_mean_inside_the_mask_alone() -> None:
    image = np.full((240, 320), 200, np.uint8)
    image[:, 160:] = 0
    mask = np.zeros(image.shape, np.bool_)
    mask[:, :160] = True
    assert brightness(image, mask) == 200.0
    assert brightness(image, EVERYWHERE) == 100.0


def test_blur_lowers_the_variance_of_the_laplacian_and_raises_speckle_snr() -> None:
    import cv2

    image = speckled(height=240, width=320)
    blurred = cv2.GaussianBlur(image, (0, 0), 3)
    assert laplacian_variance(blurred, EVERYWHERE) < 0.2 * laplacian_variance(image, EVERYWHERE)
    assert speckle_snr(blurred, EVERYWHERE) > speckle_snr(image, EVERYWHERE)


def test_black_pictures_have_no_speckle() -> None:
    assert speckle_snr(np.zeros((240, 320), np.uint8), EVERYWHERE) == 0.0


def test_the_worst_window_is_that_with_the_lowest_number() -> None:
    image = np.full((240, 320), 200, np.uint8)
    image[112:224, 168:280] = 10
    measured = Windowed("brightness", brightness).measure(View(image, None, 0.0), local=True)
    assert measured.worst.as_list() == [168, 112, 112, 112]
    assert measured.heat.shape == (4, 5)
    assert measured.heat.min() == 10.0


def test_windows_outside_the_region_are_not_asked() -> None:
    image = np.full((240, 320), 200, np.uint8)
    image[:, 160:] = 0
    mask = np.zeros(image.shape, np.bool_)
    mask[:, :160] = True
    measured = Windowed("brightness", brightness).measure(View(image, mask, 0.0), local=True)
    assert measured.heat.min() == 200.0


@pytest.fixture(scope="module", params=["brisque", "niqe"])
def natural(request: pytest.FixtureRequest) -> Number:
    pytest.importorskip("brisque" if request.param == "brisque" else "skvideo")
    return brisque() if request.param == "brisque" else niqe()


def test_natural_metrics_prefer_a_photograph_like_field_to_noise_and_repeat_themselves(natural) -> None:
    import cv2

    rng = np.random.default_rng(0)
    field = sum(
        cv2.resize(rng.standard_normal((240 >> k, 320 >> k)), (320, 240), interpolation=cv2.INTER_CUBIC)
        * 2.0**k
        for k in range(6)
    )
    photograph = np.clip(128 + field * (60 / np.std(field)), 0, 255).astype(np.uint8)
    noise = rng.integers(0, 256, (240, 320), np.uint8)
    assert natural(photograph, EVERYWHERE) > natural(noise, EVERYWHERE)
    # the packages sum in an order of their own: the last digits may differ
    assert natural(photograph, EVERYWHERE) == pytest.approx(natural(photograph, EVERYWHERE), rel=1e-9)


def test_flat_pictures_get_a_number_all_the_same(natural: Number) -> None:
    flat = View(np.zeros((240, 320), np.uint8), None, 0.0)
    score = Windowed("m", natural).measure(flat, local=False).score
    assert np.isfinite(score)
    assert score >= UNMEASURABLE
