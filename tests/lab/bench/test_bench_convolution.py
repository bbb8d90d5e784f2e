"""What a map is measured against: a plain count of the operations of a network, and a rate."""

import numpy as np
import pytest

from scanmon.lab.bench.engines import Convolutions, gflop_of


def test_operations_are_counted_without_padding_and_have_a_rate() -> None:
    small = Convolutions(channels=5, height=12, width=20, depth=3)  # 5: padded to 8 or 16 in fast kernels
    counted = gflop_of(small.network, np.ones((5, 12, 20), np.uint8))
    assert counted == pytest.approx(3 * 12 * 20 * 5 * (2 * 9 * 5) * 1e-9)
    assert small.gflops() > 0
