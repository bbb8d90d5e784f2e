"""Bundles with one backbone are compared for the price of one."""

import numpy as np
from numpy.typing import NDArray

from tools.validate_nrq import Remembering


class Counting:
    """A network that gives each window's mean, and counts its passes."""

    backend, precision = "test", "fp32"
    passes = 0

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.passes += 1
        return np.asarray(pixels.mean(axis=(1, 2), dtype=np.float32)[:, None], np.float32)

    def close(self) -> None:
        """Nothing to free."""


def test_the_same_windows_take_one_pass_and_others_another() -> None:
    engine = Counting()
    asked = Remembering(engine)
    windows = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
    first = asked.run(windows)
    again = asked.run(windows.copy())
    windows += 1  # the scorer writes over its windows with every view
    other = asked.run(windows)
    assert engine.passes == 2
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(other, first + 1)
