import numpy as np
import pytest

from scanmon.core.values import Box
from scanmon.lab.evaluate.local import covers, find


def test_a_box_covers_what_it_holds_half_of_and_what_it_lies_half_on() -> None:
    artefact = Box(100, 100, 60, 40)
    assert covers(Box(0, 0, 224, 224), artefact)
    assert covers(Box(110, 110, 16, 16), artefact)
    assert covers(Box(130, 90, 100, 100), artefact)
    assert not covers(Box(131, 90, 100, 100), artefact)
    assert not covers(Box(0, 0, 50, 50), artefact)


def test_chance_grows_with_the_size_of_the_box_and_the_overlap_is_a_share_of_the_worst_tenth() -> None:
    inside = np.ones((200, 300), np.bool_)
    weight = np.zeros((200, 300), np.float32)
    weight[40:90, 60:130] = 1.0
    artefact = Box(60, 40, 70, 50)
    heat = -weight
    small = find(Box(70, 50, 20, 20), heat, artefact, weight, inside)
    large = find(Box(0, 0, 200, 150), heat, artefact, weight, inside)
    assert small.point
    assert small.overlap == pytest.approx(3500 / 6000)
    assert small.overlap_chance == pytest.approx(3500 / 60000)
    assert small.covers_chance < 0.15 < 0.4 < large.covers_chance


def test_what_lies_outside_the_sector_counts_nowhere() -> None:
    inside = np.zeros((100, 100), np.bool_)
    inside[:, :50] = True
    weight = np.zeros((100, 100), np.float32)
    weight[:, 40:60] = 1.0
    heat = np.zeros((100, 100), np.float32)
    heat[:, 60:] = -1.0
    found = find(Box(60, 0, 40, 100), heat, Box(40, 0, 20, 100), weight, inside)
    assert found.overlap_chance == pytest.approx(0.2)
    assert not found.covers
