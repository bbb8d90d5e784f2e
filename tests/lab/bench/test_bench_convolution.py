"""What a map is measured against: a plain count of the operations of a network, and a rate."""

from __future__ import annotations

import numpy as np
import pytest

from scanmon.lab.bench import convolution as bench_convolution
from scanmon.lab.bench.convolution import Convolutions, gflop_of


def test_operations_are_counted_without_padding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, small in (("_CHANNELS", 5), ("_HEIGHT", 12), ("_WIDTH", 20), ("_DEPTH", 3)):
        monkeypatch.setattr(bench_convolution, name, small)  # 5 channels become 8 or 16 in fast kernels
    counted = gflop_of(bench_convolution._network(), np.ones((5, 12, 20), np.uint8))
    assert counted == pytest.approx(3 * 12 * 20 * 5 * (2 * 9 * 5) * 1e-9)


def test_convolutions_have_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_convolution, "_DEPTH", 1)
    assert Convolutions().gflops() > 0
