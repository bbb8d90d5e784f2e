from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.core.values import GrayImage
from scanmon.lab.qa.air import check_air
from scanmon.lab.qa.dips import dips_of
from scanmon.lab.qa.flanks import placed
from scanmon.lab.qa.material import Checked, Choice, Material
from scanmon.picture.region import Sector
from tests.doubles.oracle import speckled
from tests.doubles.probe_in_air import SHIFT, ProbeInAir


def _checked(picture: GrayImage, mm: float | None = None, **choice: Any) -> Checked:
    return check_air(Material(picture[None], picture, None, mm, ""), Choice(**choice))


def _elements(found: Checked) -> list[int]:
    return [number for dip in found.dips for number in dip["elements"]]


@pytest.mark.parametrize("kind", ["linear", "convex", "phased"])
def test_dead_elements_are_found_where_they_are(kind: str) -> None:
    probe = ProbeInAir(kind, gains={30: 0.0, 77: 0.0}, angle_deg=84 if kind == "phased" else 62, seed=1)
    found = _checked(probe.picture(), elements=128)
    assert found.seen.kind == kind
    assert len(found.dips) == 2
    places = [dip["place"] * 128 - 0.5 for dip in found.dips]
    assert places == pytest.approx([30, 77], abs=1.0)
    assert {dip["kind"] for dip in found.dips} == {"dead"}


@pytest.mark.parametrize("seed", [2, 4])
def test_elements_below_what_good_elements_differ_by_are_suspected(seed: int) -> None:
    """A dead and a weak one, in an aperture of 8 that are alike within 6 %."""
    probe = ProbeInAir(gains={40: 0.0, 90: 0.3}, least=8.0, roughness=0.06, speckle=0.06, seed=seed)
    found = _checked(probe.picture())
    places = [dip["place"] * 128 - 0.5 for dip in found.about["suspected"]]
    assert places == pytest.approx([40, 90], abs=0.8)
    assert (found.dips, found.measures["dips"]) == ([], 0)  # not sure enough to count


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_a_dead_element_is_found_where_a_weak_one_is_too_faint(seed: int) -> None:
    probe = ProbeInAir(gains={40: 0.0, 90: 0.3}, least=8.0, roughness=0.06, speckle=0.06, seed=seed)
    places = [dip["place"] * 128 - 0.5 for dip in _checked(probe.picture()).dips]
    assert places == pytest.approx([40], abs=0.8)


@pytest.mark.parametrize("seed", range(9))
def test_no_element_of_a_good_probe_is_called_dead(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    kind = ("linear", "convex", "phased")[seed % 3]
    probe = ProbeInAir(
        kind,
        int(rng.choice([64, 96, 128, 192])),
        least=float(rng.choice([1, 3, 8])),
        spacing=rng.uniform(12, 30),
        decay_db=rng.uniform(4, 8),
        speckle=rng.uniform(0.03, 0.25),
        noise_db=rng.uniform(-62, -45),
        roughness=rng.uniform(0.01, 0.06),
        angle_deg=84 if kind == "phased" else rng.uniform(55, 68),
        seed=seed,
    )
    found = _checked(probe.picture())
    assert found.dips == []
    assert found.measures["missing_percent"] == 0


@pytest.mark.parametrize(
    "probe",
    [
        ProbeInAir(
            least=1.0, most=26.154, spacing=18.126, decay_db=7.141, speckle=0.17, noise_db=-56.111,
            roughness=0.0471, lines=192, seed=5007,
        ),
        ProbeInAir(
            least=16.0, most=45.37, spacing=12.66, decay_db=6.95, speckle=0.26, noise_db=-45.19,
            roughness=0.041, lines=128, seed=1003,
        ),
        ProbeInAir(
            "phased", 64, least=2.0, most=52.07, spacing=18.3, decay_db=5.68, speckle=0.08, noise_db=-46.7,
            roughness=0.056, angle_deg=84, lines=384, seed=1005,
        ),
        ProbeInAir(
            "convex", 48, least=6.0, most=27.36, spacing=34.89, decay_db=2.1, speckle=0.3473, noise_db=-55.4,
            roughness=0.0415, angle_deg=58.08, inner_px=86, lines=96, seed=1189,
        ),
    ],
)  # fmt: skip
def test_a_shadow_that_chance_throws_is_suspected_at_most(probe: ProbeInAir) -> None:
    """It stands out in the noise as it is, in white noise, or in one band; a silent element does in all."""
    found = _checked(probe.picture())
    assert found.dips == []
    assert found.measures["missing_percent"] == 0


def test_beside_a_deep_dip_there_is_no_second_one() -> None:
    """A wide window there sees the flank of the deep one."""
    probe = ProbeInAir(
        elements=192, gains=dict.fromkeys((173, 174, 175), 0.0), least=1.0, most=57.2, spacing=19.24,
        decay_db=3.68, speckle=0.217, noise_db=-55.7, roughness=0.0275, seed=4004,
    )  # fmt: skip
    found = _checked(probe.picture(), elements=192)
    assert _elements(found) == pytest.approx([173, 174, 175], abs=1)
    assert found.about["suspected"] == []


def test_what_one_picture_lets_suspect_several_find() -> None:
    """Where the probe was wiped in between, speckle is another one and its elements are the same."""
    gains = dict(enumerate(1 + 0.03 * np.random.default_rng(1).standard_normal(128))) | {50: 0.0}
    probes = [
        ProbeInAir(gains=gains, least=8.0, speckle=0.2, roughness=0.0, seed=seed) for seed in range(6, 12)
    ]
    pictures = np.stack([probe.picture() for probe in probes])
    first = _checked(pictures[0], elements=128)
    assert first.dips == []
    assert [dip["place"] * 128 - 0.5 for dip in first.about["suspected"]] == [pytest.approx(50, abs=3)]
    median = np.median(pictures, axis=0).astype(np.uint8)
    every = check_air(Material(pictures, median, None, None, ""), Choice(elements=128))
    assert [dip["place"] * 128 - 0.5 for dip in every.dips] == [pytest.approx(50, abs=1)]


def test_a_place_that_no_rows_below_its_band_show_is_suspected() -> None:
    """They sink into noise: then twice as much is asked."""
    probe = ProbeInAir(gains={40: 0.0}, least=4.0, decay_db=14.0, noise_db=-50.0, speckle=0.3, seed=284)
    found = _checked(probe.picture())
    assert found.dips == []
    assert found.about["suspected"][0]["place"] == pytest.approx(0.314, abs=0.001)


@pytest.mark.parametrize("change", ["blur", "jpeg", "gamma", "crop", "small", "large", "tilt"])
def test_a_picture_that_went_through_other_hands_tells_the_same(change: str) -> None:
    picture = ProbeInAir(gains={40: 0.0}, least=2.0, seed=3).picture()
    changed = {
        "blur": lambda: cv2.GaussianBlur(picture, (0, 0), 1.2),
        "jpeg": lambda: cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0),
        "gamma": lambda: (255 * (picture / 255.0) ** 0.7).astype(np.uint8),
        "crop": lambda: np.ascontiguousarray(picture[38:470, 128:512]),
        "small": lambda: cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
        "large": lambda: cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC),
        "tilt": lambda: cv2.warpAffine(picture, cv2.getRotationMatrix2D((320, 240), 1.2, 1), (640, 480)),
    }[change]()
    found = _checked(changed, elements=128)
    assert [dip["place"] * 128 - 0.5 for dip in found.dips] == [pytest.approx(40, abs=1.2)]


def test_a_weak_element_is_told_from_a_dead_one() -> None:
    probe = ProbeInAir(gains={20: 0.0, 64: 0.72}, least=2.0, speckle=0.03, roughness=0.01, seed=4)
    found = _checked(probe.picture(), elements=128)
    assert [dip["kind"] for dip in found.dips] == ["dead", "weak"]
    assert _elements(found) == [20, 64]
    assert found.dips[0]["missing_elements"] > 0.7 > 0.5 > found.dips[1]["missing_elements"] > 0.1


def test_neighbours_that_are_dead_together_are_counted() -> None:
    probe = ProbeInAir(gains=dict.fromkeys(range(50, 56), 0.0), least=2.0, seed=5)
    found = _checked(probe.picture(), elements=128)
    assert _elements(found) == pytest.approx([50, 51, 52, 53, 54, 55], abs=1)


@pytest.mark.parametrize("dead", [range(4), range(125, 128)])
def test_a_dead_end_of_the_face_is_found_where_noise_shows_how_wide_it_is(dead: range) -> None:
    probe = ProbeInAir(gains=dict.fromkeys(dead, 0.0), least=2.0, seed=4)
    assert _elements(_checked(probe.picture(), elements=128)) == list(dead)


def test_places_are_in_millimetres_where_they_are_known() -> None:
    picture = ProbeInAir(gains={32: 0.0}, seed=6).picture()
    unknown, by_pixel = _checked(picture), _checked(picture, mm=0.1)
    by_pitch = _checked(picture, elements=128, pitch_mm=0.3)
    assert unknown.dips[0]["place_mm"] is None
    assert unknown.dips[0]["elements"] is None
    assert by_pixel.dips[0]["place_mm"] == pytest.approx(32.5 / 128 * 38.4, abs=0.4)
    assert by_pitch.dips[0]["place_mm"] == pytest.approx(32.5 * 0.3, abs=0.4)
    assert "reverberation_depth_px" in unknown.measures
    depth_px = unknown.measures["reverberation_depth_px"]
    assert by_pixel.measures["reverberation_depth_mm"] == pytest.approx(0.1 * depth_px)


@pytest.mark.parametrize("decay_db", [4.0, 6.0, 9.0])
def test_depth_is_where_the_rings_sink_into_noise(decay_db: float) -> None:
    probe = ProbeInAir(decay_db=decay_db, noise_db=-50.0, spacing=20.0, seed=7)
    found = _checked(probe.picture())
    expected = 20.0 * 50.0 / decay_db
    assert found.measures["reverberation_depth_px"] == pytest.approx(expected, abs=32)
    assert found.about["ring_spacing"] == pytest.approx(20, abs=1)
    assert not found.about["depth_at_least"]


def test_rings_down_to_the_end_of_the_picture_are_said_to_go_on() -> None:
    found = _checked(ProbeInAir(decay_db=1.0, noise_db=-70, seed=8).picture())
    assert found.about["depth_at_least"]


def test_a_face_that_is_brighter_at_one_side_is_tilted_and_has_no_dead_element() -> None:
    picture = ProbeInAir(seed=9).picture()
    shade = np.linspace(0.8, 1.0, 640)[None]
    found = _checked((picture * shade).astype(np.uint8))
    plain = _checked(picture)
    assert found.measures["tilt_db"] > plain.measures["tilt_db"] + 1
    assert found.measures["uniformity_range_db"] > plain.measures["uniformity_range_db"] + 1
    assert found.dips == []


def test_a_convex_face_is_found_to_a_part_of_a_pixel() -> None:
    shape = _checked(ProbeInAir("convex", seed=10).picture()).seen.shape
    assert isinstance(shape, Sector)
    assert (shape.left_deg, shape.right_deg) == (pytest.approx(-31, abs=0.2), pytest.approx(31, abs=0.2))
    assert (shape.apex_x, shape.inner_px) == (pytest.approx(320, abs=0.7), pytest.approx(90, abs=2.5))


@pytest.mark.parametrize(
    ("left", "right", "kind"), [(65, 65, "convex"), (60, 0, "convex"), (90, 90, "phased")]
)
def test_a_sector_whose_sides_are_cut_off_is_the_whole_one_and_its_corners_are_no_dips(left, right, kind):
    """The screen is black beside the cut."""
    angle_deg = 84 if kind == "phased" else 62
    for gains, elements in (({}, []), ({40: 0.0}, [40])):
        picture = ProbeInAir(kind, gains=gains, least=2.0, angle_deg=angle_deg, seed=2).picture()
        across = np.flatnonzero((picture[60:440] > 20).sum(axis=0) > 20)
        picture[:, : across[0] + left] = 0
        picture[:, across[-1] + 1 - right :] = 0
        found = _checked(picture, elements=128)
        assert _elements(found) == pytest.approx(elements, abs=1)
        assert isinstance(found.seen.shape, Sector)
        assert found.seen.shape.right_deg == pytest.approx(angle_deg / 2, abs=0.3)


@pytest.mark.parametrize("cut", [60, 100])
def test_sides_that_the_screen_cuts_off_do_not_turn_a_sector(cut: int) -> None:
    picture = ProbeInAir("convex", inner_px=330, rows=285, noise_db=-46.0, seed=1).picture()
    picture[:, :cut] = picture[:, -cut:] = picture[:30] = 0
    apex_y = float(SHIFT - 330 * np.cos(np.radians(31)))
    shape = placed(picture.astype(np.float32), Sector(320.0, apex_y, 330.0, 615.0, -31.0, 31.0))
    assert isinstance(shape, Sector)
    assert (shape.left_deg, shape.right_deg) == (pytest.approx(-31, abs=0.2), pytest.approx(31, abs=0.2))


def test_a_picture_too_faint_to_show_a_side_leaves_the_sector_where_it_was() -> None:
    shape = Sector(320.0, -240.0, 330.0, 615.0, -31.0, 31.0)
    assert placed(np.full((480, 640), 9.0, np.float32), shape) == shape


@pytest.mark.parametrize("seed", [1, 8])
def test_speckle_that_is_deep_in_many_places_is_no_weak_element(seed: int) -> None:
    assert _checked(ProbeInAir(least=4.0, speckle=0.8, roughness=0.02, seed=seed).picture()).dips == []


def test_in_a_course_without_any_noise_nothing_stands_out_without_end() -> None:
    """Rings that letters or saturation hide in part: what is left of them is exactly even."""
    even = np.zeros((3, 384))
    even[:, 100:104] = 3.0
    assert [dip.z < 1000 for dip in dips_of(even)] == [True]


def test_a_picture_that_stands_on_its_head_is_refused_and_not_called_good() -> None:
    upside_down = np.ascontiguousarray(ProbeInAir(gains={70: 0.0}, least=2.0, seed=33).picture()[::-1])
    with pytest.raises(SourceError, match="the face of the probe is not at the top"):
        _checked(upside_down)


def test_what_shows_no_reverberation_is_refused(real_pictures: dict[str, GrayImage]) -> None:
    for picture in real_pictures.values():
        with pytest.raises(SourceError, match=r"no reverberation picture|too small|not found"):
            _checked(picture)
    with pytest.raises(SourceError, match="no reverberation picture"):
        _checked(np.asarray(speckled(seed=1, height=300, width=300), np.uint8))
    for gray in (0, 255):
        with pytest.raises(SourceError, match="is of one gray all over"):
            _checked(np.full((300, 300), gray, np.uint8))


@pytest.mark.parametrize("x", [116, 128])
def test_the_name_of_the_scanner_over_a_side_is_no_silent_element(x: int) -> None:
    picture = ProbeInAir(gains={70: 0.0}, least=2.0, decay_db=5, spacing=12, speckle=0.05, seed=1).picture()
    for text, at in (("LOGIQ", (x, 56)), ("E9", (x + 14, 72))):
        for gray, thick in ((0, 6), (190, 2)):
            cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, gray, thick, cv2.LINE_AA)
    assert _elements(_checked(picture, elements=128)) == [70]


def test_the_head_of_a_screen_is_no_part_of_the_rings_below_it() -> None:
    picture = ProbeInAir(seed=1).picture()
    name, font = "St PETERS HOSPITAL  13/12/19  ADM 987", cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(picture, name, (10, 28), font, 0.8, 220, 2, cv2.LINE_AA)
    found, plain = _checked(picture), _checked(ProbeInAir(seed=1).picture())
    assert found.seen.shape == plain.seen.shape
    assert found.measures["ring_level"] == pytest.approx(plain.measures["ring_level"], abs=1)


def test_rings_are_found_above_a_larger_field_of_noise() -> None:
    """As where the gain of the depth lifts noise, and all between is black."""
    picture = ProbeInAir(gains={70: 0.0}, least=2.0, decay_db=12.0, noise_db=-90.0, seed=1).picture()
    rng = np.random.default_rng(1)
    picture[140:300] = np.minimum(picture[140:300], 2)
    picture[300:450, 128:512] = rng.normal(34, 6, (150, 384)).astype(np.uint8)
    assert _elements(_checked(picture, elements=128)) == [70]


def test_one_bright_layer_at_the_top_is_no_reverberation() -> None:
    """As skin and gel over dark tissue: alike along the face, but nothing repeats."""
    rng = np.random.default_rng(1)
    picture = np.zeros((480, 640), np.uint8)
    layer = 200 * np.exp(-np.arange(24)[:, None] / 10) + rng.normal(0, 6, (24, 384))
    picture[60:84, 128:512] = np.clip(layer, 0, 255)
    picture[84:440, 128:512] = np.clip(rng.normal(14, 8, (356, 384)), 0, 60)
    with pytest.raises(SourceError, match="nothing repeats"):
        _checked(picture)


def test_a_region_that_a_person_gave_is_taken_as_it_is(tmp_path: Path) -> None:
    picture = ProbeInAir(gains={96: 0.0}, least=2.0, seed=11).picture()
    right_half = _checked(picture, region="320,40,192,410", elements=64)
    assert _elements(right_half) == [32]
