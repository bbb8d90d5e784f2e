"""How near a picture is to what a bundle was made from."""

import io
import zipfile

import numpy as np
import pytest

from scanmon.core.errors import BundleError, SettingsError
from scanmon.lab.calibrate import known_pictures, with_site
from scanmon.scoring.familiar import Familiar, distances, familiar_bytes, parse_familiar

STRANGE = np.array([0.0, 0.0, 3.0, 0.0])  # thirty deviations of the third feature


def _known(seed: int = 0) -> tuple[Familiar, np.ndarray]:
    clean = np.random.default_rng(seed).normal(5.0, [1.0, 10.0, 0.1, 1.0], (200, 4))
    return known_pictures(clean, np.empty((0, 4)), dims=3), clean


def test_pictures_like_those_of_the_bundle_are_familiar_and_others_are_not() -> None:
    known, clean = _known()
    own = [known.of(picture) for picture in clean[:50]]
    others = [known.of(picture + STRANGE) for picture in clean[:50]]
    assert np.median(own) > 0.9
    assert max(others) == 0.0


def test_the_scale_of_a_feature_does_not_count() -> None:
    _, clean = _known()
    stretched = clean * [1.0, 1.0, 1000.0, 1.0]
    one, other = (known_pictures(own, np.empty((0, 4)), dims=3) for own in (clean, stretched))
    strange = clean[0] + [1.2, 5.0, 0.1, -1.0]
    assert one.of(strange) == pytest.approx(other.of(strange * [1.0, 1.0, 1000.0, 1.0]), abs=1e-3)
    assert 0.0 < one.of(strange) < 1.0


def test_faulty_pictures_of_the_training_are_familiar_too() -> None:
    _, clean = _known()
    faulty = clean + STRANGE
    known = known_pictures(clean, faulty, dims=3)
    assert min(known.of(picture) for picture in faulty[:50]) > 0.5


def test_pictures_of_a_site_become_familiar() -> None:
    known, clean = _known()
    site = clean[:20] + STRANGE
    assert known.of(site[0]) == 0.0
    assert known.with_pictures(site).of(site[0] + 0.001) > 0.5


def test_pictures_of_a_site_that_differ_much_reach_further() -> None:
    known, clean = _known()
    rng = np.random.default_rng(1)
    site = clean[:30] + STRANGE + rng.normal(0.0, [4.0, 40.0, 0.4, 4.0], (30, 4))
    more = with_site(known, site[:20], np.empty((0, 4)))
    assert np.mean([more.of(picture) > 0.25 for picture in site[20:]]) >= 0.7
    assert max(known.of(picture) for picture in site[20:]) == 0.0
    assert more.of(clean[0]) == pytest.approx(known.of(clean[0]))


def test_a_picture_is_not_its_own_neighbour() -> None:
    place = np.array([[0.0], [1.0], [2.0], [3.0]])
    assert distances(place, np.ones(4), place)[0] == pytest.approx(1.0)
    assert distances(place, np.ones(4), place, themselves=True)[0] == pytest.approx(2.0)


def test_the_file_gives_back_what_was_written() -> None:
    known, clean = _known()
    again = parse_familiar(familiar_bytes(known))
    assert [again.of(p) for p in clean] == pytest.approx([known.of(p) for p in clean], abs=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bank": np.full((5, 3), np.nan)}, "NaN"),
        ({"bank": np.zeros((5, 2))}, "do not fit"),
        ({"bank": np.zeros((2, 3)), "radius": np.ones(2)}, "fewer than 3"),
        ({"reach": np.array([2.0, 1.0])}, "do not fit"),
        ({"radius": np.zeros(5)}, "not positive"),
        ({"axes": np.zeros(4)}, "wrong shape"),
        ({"centre": np.array([object()] * 4)}, "not readable"),
        ({"centre": np.zeros(4, int)}, "wrong shape"),
    ],
)
def test_a_hostile_or_broken_file_is_refused(change: dict[str, np.ndarray], message: str) -> None:
    content = {
        "centre": np.zeros(4),
        "axes": np.ones((4, 3)),
        "bank": np.zeros((5, 3)),
        "radius": np.ones(5),
        "reach": np.array([1.0, 2.0]),
    }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **(content | change))
    with pytest.raises(BundleError, match=message):
        parse_familiar(buffer.getvalue(), "known.npz")


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(SettingsError, match="5 clean pictures are too few"):
        known_pictures(np.zeros((5, 4)), np.empty((0, 4)))


def test_a_member_that_is_no_array_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mean", b"text")
    with pytest.raises(BundleError, match="a member is no array"):
        parse_familiar(buffer.getvalue(), "known.npz")
