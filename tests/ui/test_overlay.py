import numpy as np
import pytest

from scanmon.core.values import Box
from scanmon.scoring.overlay import MAX_HEIGHT_PX, heat_pixels
from scanmon.ui.state.view_state import fade

BOX = Box(0, 0, 80, 64)


def test_a_clean_picture_is_not_tinted_at_all():
    pixels = heat_pixels(np.full((4, 5), 100, np.float32), BOX, None)
    assert pixels.shape == (64, 80, 4)
    assert not pixels.any()


def test_the_worst_is_opaque_cividis_yellow():
    pixels = heat_pixels(np.zeros((4, 5), np.float32), BOX, None)
    blue, green, red, alpha = pixels[32, 40]
    assert alpha == 255
    assert red > 240 and green > 220 and blue < 100


def test_colours_are_premultiplied():
    ramp = np.linspace(0, 100, 50, dtype=np.float32)[None].repeat(40, 0)
    pixels = heat_pixels(ramp, BOX, None)
    assert (pixels[..., :3] <= pixels[..., 3:]).all()


def test_nothing_is_drawn_outside_the_sector():
    mask = np.zeros((64, 80), np.bool_)
    mask[10:50, 20:60] = True
    pixels = heat_pixels(np.zeros((4, 5), np.float32), BOX, mask)
    assert not pixels[~mask].any()
    assert (pixels[mask][:, 3] == 255).all()


def test_a_large_region_gives_a_bounded_overlay_of_the_same_shape():
    pixels = heat_pixels(np.zeros((60, 100), np.float32), Box(0, 0, 1920, 1080), None)
    assert pixels.shape == (MAX_HEIGHT_PX, 640, 4)


@pytest.mark.parametrize(("age_s", "share"), [(None, 0), (0, 1), (0.5, 1), (0.75, 0.5), (1.0, 0), (9.0, 0)])
def test_the_heatmap_fades_with_its_age(age_s, share):
    assert fade(age_s) == pytest.approx(share)
