"""The published grid and windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.errors import SettingsError
from scanmon.scoring.windows import grid, mask_share, pad, subsample, windows
from tests.doubles.reference import Reference


def test_grid_and_padding_equal_the_published_ones_for_every_reference_image(reference: Reference) -> None:
    for name in reference.images:
        golden = reference.golden["nrq"][name]
        image = reference.view(name).image
        cells = grid(*image.shape)
        assert cells.corners.tolist() == golden["coords_yx"]
        assert list(pad(image, cells).shape) == golden["padded_shape"]
        assert [cells.top, cells.left] == golden["pad_top_left"]
        assert subsample(len(cells), 16, 2026).tolist() == golden["idx16"]


def test_last_row_then_last_column_then_corner_follow_the_regular_windows() -> None:
    assert grid(300, 400).corners.tolist() == [[0, 0], [0, 112], [76, 0], [76, 112], [0, 176], [76, 176]]


@pytest.mark.parametrize(("size", "count"), [((480, 640), 20), ((600, 800), 35), ((720, 960), 48)])
def test_usual_sizes_have_the_known_number_of_windows(size: tuple[int, int], count: int) -> None:
    assert len(grid(*size)) == count


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.sampled_from([32, 224]), st.integers(1, 3))
def test_windows_cover_every_pixel_and_stay_inside(height: int, width: int, patch: int, part: int) -> None:
    cells = grid(height, width, patch, patch // part)
    padded_height, padded_width = max(height, patch), max(width, patch)
    covered = np.zeros((padded_height, padded_width), dtype=bool)
    for top, left in cells.corners:
        assert 0 <= top <= padded_height - patch
        assert 0 <= left <= padded_width - patch
        covered[top : top + patch, left : left + patch] = True
    assert covered.all()
    assert len(np.unique(cells.corners, axis=0)) == len(cells)


def test_windows_are_the_pixels_at_their_corners() -> None:
    image = np.random.default_rng(1).integers(0, 256, (300, 410), dtype=np.uint8)
    cells = grid(300, 410)
    every = windows(image, cells)
    assert every.flags.c_contiguous
    for pixels, (top, left) in zip(every, cells.corners, strict=True):
        np.testing.assert_array_equal(pixels, image[top : top + 224, left : left + 224])
    np.testing.assert_array_equal(windows(image, cells, np.array([3, 0])), every[[3, 0]])


def test_small_picture_is_mirrored_without_repeating_the_edge() -> None:
    image = np.arange(5, dtype=np.uint8)[None].repeat(224, axis=0)
    padded = pad(image, grid(224, 5))
    assert padded.shape == (224, 224)
    assert padded[0, 109:114].tolist() == [0, 1, 2, 3, 4]
    assert padded[0, 105:109].tolist() == [4, 3, 2, 1]
    assert padded[0, 114:118].tolist() == [3, 2, 1, 0]


def test_picture_of_one_pixel_gives_one_window() -> None:
    cells = grid(1, 1)
    assert (
        windows(pad(np.full((1, 1), 7, np.uint8), cells), cells).tolist()
        == np.full((1, 224, 224), 7).tolist()
    )


def test_picture_without_pixels_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match="without pixels"):
        grid(0, 300)


def test_subsample_leaves_the_callers_random_numbers_alone() -> None:
    np.random.seed(1)
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    subsample(30, 16, 2026)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index]


def test_share_of_the_sector_counts_only_pixels_of_the_picture() -> None:
    mask = np.zeros((300, 100), dtype=bool)
    mask[:, :50] = True
    np.testing.assert_allclose(mask_share(mask, grid(300, 100)), [0.5, 0.5])
    mask = np.zeros((224, 448), dtype=bool)
    mask[:, :224] = True
    np.testing.assert_allclose(mask_share(mask, grid(224, 448)), [1.0, 0.5, 0.0])
