"""Shrinking: the quick way gives what OpenCV's mean over areas gives, to the last bit."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanmon.picture.region.morphology import shrunk


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    down=st.integers(1, 12),
    across=st.integers(1, 12),
    skipped=st.integers(1, 3),
    seed=st.integers(0, 2**16),
)
def test_a_shrunk_plane_holds_the_means_of_its_blocks(
    height: int, width: int, down: int, across: int, skipped: int, seed: int
) -> None:
    screen = np.random.default_rng(seed).integers(0, 256, (height * down * skipped, width * across + 3))
    plane = screen.astype(np.uint8)[::skipped, : width * across]  # a view, as the callers have it
    wanted = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(shrunk(plane, height, width), wanted)


def test_a_plane_that_is_no_whole_multiple_is_shrunk_too() -> None:
    plane = np.arange(70, dtype=np.uint8).reshape(7, 10)
    assert shrunk(plane, 2, 3).shape == (2, 3)
