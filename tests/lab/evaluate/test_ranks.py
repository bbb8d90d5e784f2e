import numpy as np
import pytest

from scanmon.lab.evaluate.ranks import ranks, spearman


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks([10.0, 30.0, 10.0, 20.0]).tolist() == [1.5, 4.0, 1.5, 3.0]


def test_a_growing_series_correlates_fully_whatever_its_shape() -> None:
    assert spearman([1, 2, 3, 4], [1, 10, 100, 1000]) == pytest.approx(1.0)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)


def test_one_swap_among_four_gives_four_fifths() -> None:
    assert spearman([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)


def test_a_constant_score_agrees_with_nothing() -> None:
    assert spearman([5, 5, 5], [1, 2, 3]) == 0.0
    assert spearman([5], [1]) is None


def test_infinite_psnr_of_the_clean_picture_ranks_first() -> None:
    assert spearman([4, 3, 2], [np.inf, 40, 30]) == pytest.approx(1.0)


def test_agrees_with_scipy_on_random_series_with_ties() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 6, 12).tolist(), rng.standard_normal(12).tolist()
        assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
