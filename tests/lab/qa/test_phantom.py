import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.lab.qa.material import Checked, Choice, Material
from scanmon.lab.qa.phantom import check_phantom, snr_db
from tests.doubles.phantom_picture import AXIAL_PX, LATERAL_PX, ROWS, phantom_frames

MM = 0.2
REGION = "128,40,384,420"
FULL_WIDTH_6_DB = 2 * np.sqrt(2 * np.log(10 ** (6 / 20)))  # of a Gaussian, in standard deviations
FULL_WIDTH_20_DB = 2 * np.sqrt(2 * np.log(10))


def _material(frames: list[np.ndarray], mm: float | None = MM) -> Material:
    stack = np.stack(frames)
    return Material(stack, np.median(stack, axis=0).astype(np.uint8), None, mm, "given")


def _checked(frames: list[np.ndarray], noise: list[np.ndarray] | None = None) -> Checked:
    return check_phantom(_material(frames), Choice(region=REGION), noise and _material(noise))


def test_penetration_is_where_echo_and_noise_are_equal() -> None:
    true_mm = 45 / 70 * ROWS * MM
    noise = phantom_frames(loss_db=500, seed=2)
    noise[0][40:80] = noise[0][80]
    by_noise = _checked(phantom_frames(seed=1), noise)
    by_pair = _checked(phantom_frames(seed=1, frames=4))
    alone = _checked(phantom_frames(seed=1, tgc_db=0, noise_db=-30))  # noise that is brighter than black
    assert by_noise.about["noise_from"] == "noise picture"
    assert by_noise.measures["penetration_mm"] == pytest.approx(true_mm, abs=2.5)
    assert by_pair.about["noise_from"] == "two frames"
    assert by_pair.measures["penetration_mm"] == pytest.approx(true_mm, abs=6)
    assert alone.about["noise_from"] == "faintest depth"
    assert alone.measures["penetration_mm"] == pytest.approx(30 / 70 * ROWS * MM, abs=6)


def test_echo_down_to_the_end_of_the_picture_is_said_to_reach_further() -> None:
    frames = phantom_frames(seed=3, loss_db=20, frames=3)
    found = _checked(frames)
    assert found.about["penetration_at_least"]
    assert found.measures["penetration_mm"] == pytest.approx(ROWS * MM)


def test_a_moved_probe_or_a_frozen_picture_is_no_pair() -> None:
    still = phantom_frames(seed=4)
    assert _checked(still * 3).about["noise_from"] == "faintest depth"
    moved = [*still, *phantom_frames(seed=5), *phantom_frames(seed=6)]
    assert _checked(moved).about["noise_from"] == "faintest depth"


def test_uniformity_sees_a_shade_along_the_face() -> None:
    even, shaded = (_checked(phantom_frames(seed=7, shade_db=shade)) for shade in (0.0, 8.0))
    assert even.measures["lateral_range_db"] < 4
    assert shaded.measures["lateral_range_db"] == pytest.approx(0.9 * 8, abs=1.7)


def test_wires_have_their_widths_and_distances() -> None:
    places = [(200.0, 70.0 + 60 * number) for number in range(4)] + [(100.0, 190.0)]
    found = _checked(phantom_frames(seed=8, wires=tuple(places)))
    wires = [target for target in found.about["targets"] if target["kind"] == "wire"]
    seen = sorted((round(wire["x"] - 128.5), round(wire["y"] - 40.5)) for wire in wires)
    assert seen == [(100, 190), (200, 70), (200, 130), (200, 190), (200, 250)]
    assert found.measures["wire_axial_mm"] == pytest.approx(FULL_WIDTH_6_DB * AXIAL_PX * MM, rel=0.08)
    assert found.measures["wire_lateral_mm"] == pytest.approx(FULL_WIDTH_6_DB * LATERAL_PX * MM, rel=0.08)
    assert found.measures["wire_distance_mm"] == pytest.approx(60 * MM, abs=0.05)
    wide = [wire["axial_20_mm"] for wire in wires if wire["axial_20_mm"] is not None]
    assert np.median(wide) == pytest.approx(FULL_WIDTH_20_DB * AXIAL_PX * MM, rel=0.12)
    assert not [target for target in found.about["targets"] if target["kind"] == "disc"]


def test_discs_have_their_contrast() -> None:
    discs = ((120.0, 130.0, 18.0, -12.0), (270.0, 130.0, 18.0, 9.0))
    found = _checked(phantom_frames(seed=9, discs=discs))
    told = sorted(found.about["targets"], key=lambda target: target["x"])
    assert [target["kind"] for target in told] == ["disc", "disc"]
    for target, (x, y, _, contrast_db) in zip(told, discs, strict=True):
        assert (target["x"] - 128, target["y"] - 40) == (pytest.approx(x, abs=8), pytest.approx(y, abs=8))
        assert target["contrast_db"] == pytest.approx(contrast_db, abs=2.0)
        assert 0.4 < target["gcnr"] <= 1


@pytest.mark.parametrize("seed", range(6))
def test_a_uniform_phantom_has_no_targets(seed: int) -> None:
    assert _checked(phantom_frames(seed=20 + seed)).about["targets"] == []


def test_signal_to_noise_is_that_of_its_formula() -> None:
    noise = np.full(1, 10.0)
    level = noise + 20 * np.log10(np.sqrt(1 + 10 ** (12 / 10))) / 0.5
    assert snr_db(level, noise, 0.5)[0] == pytest.approx(12)


def test_a_picture_without_echo_is_refused() -> None:
    with pytest.raises(SourceError, match="no echo of a phantom"):
        _checked([np.full((480, 640), 3, np.uint8)])
    with pytest.raises(SourceError, match="another size"):
        _checked(phantom_frames(seed=1), [np.zeros((100, 100), np.uint8)])
