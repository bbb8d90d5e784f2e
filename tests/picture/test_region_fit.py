"""From the network's map to a shape: every kind of shape, views beside each other, and the steps of time."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.values import Box, Frame, Region
from scanmon.picture.region import (
    AutoRegion,
    Kind,
    Looker,
    Outline,
    Quad,
    Rectangle,
    Sector,
    Shape,
    region_of,
)
from scanmon.picture.region.look import HIGH, LOOK_EVERY_S, MOST_BLACK, WIDE, halved, planes
from scanmon.picture.region.shapes import flipped, scaled
from tests.doubles.seen_by_truth import KnowingNetwork

HEIGHT, WIDTH = 480, 640
CONVEX = Sector(300.0, -20.0, 90.0, 430.0, -35.0, 35.0)
LINEAR = Rectangle(Box(150, 60, 320, 360))
SHAPES: dict[str, Shape] = {
    "linear": LINEAR,
    "convex": CONVEX,
    "phased": Sector(300.0, 40.0, 0.0, 400.0, -40.0, 40.0),
    "endocavity": Sector(300.0, 100.0, 40.0, 300.0, -70.0, 70.0),
    "steered": Sector(300.0, 40.0, 0.0, 380.0, -25.0, 45.0),
    "cut": Sector(300.0, -60.0, 110.0, 470.0, -38.0, 38.0, Box(90, 30, 420, 380)),
    "apex below": flipped(CONVEX, HEIGHT),
    "slanted": Quad(((200.0, 60.0), (460.0, 60.0), (380.0, 420.0), (120.0, 420.0))),
    "trapezoid": Quad(((200.0, 60.0), (400.0, 60.0), (470.0, 420.0), (130.0, 420.0))),
}


def mask_of(shape: Shape) -> np.ndarray:
    return region_of(shape, HEIGHT, WIDTH).inside(HEIGHT, WIDTH)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def gray(level: int = 0) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), level, np.uint8)


def follow(finder: AutoRegion, looks: int, pictures: Sequence[np.ndarray] = ()) -> list[Region]:
    """One frame for each look; black pictures unless others are given, so that only the network speaks."""
    shown = pictures or [gray() for _ in range(looks)]
    return [finder.find(Frame(shown[n].copy(), n, n * LOOK_EVERY_S, 0.0)) for n in range(looks)]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_is_found_again_in_its_map(shape: Shape) -> None:
    finder = AutoRegion(Looker(KnowingNetwork(mask_of(shape))))
    found = follow(finder, 1)[0]
    assert found.origin == "detected"
    assert found.kind == ("sector" if isinstance(shape, Sector) else "linear")
    assert overlap(found.inside(HEIGHT, WIDTH), mask_of(shape)) > 0.97


def speckle(shape: Shape, lit_from_deg: float, soft_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """An image whose scan lines come up between two angles, and the mask of what a network sees of it."""
    rng = np.random.default_rng(5)
    echoes = cv2.GaussianBlur(rng.rayleigh(60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.0)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    angle_deg = np.degrees(np.arctan2(x - 300.0, y - 40.0))
    gain = np.clip((angle_deg - lit_from_deg) / soft_deg, 0, 1) * mask_of(shape)
    return np.minimum(255, echoes * gain).astype(np.uint8), gain > 0.3


@pytest.mark.parametrize("lit_from_deg", [-25.0, -20.0])
def test_a_sector_whose_side_fades_into_black_is_as_wide_there_as_on_the_other(lit_from_deg: float) -> None:
    shape = SHAPES["phased"]
    picture, seen = speckle(shape, lit_from_deg, 30.0)
    found = follow(AutoRegion(Looker(KnowingNetwork(seen))), 1, [picture])[0]
    assert overlap(found.inside(HEIGHT, WIDTH), mask_of(shape)) > 0.95
    right, unseen = speckle(shape, lit_from_deg, 30.0)  # and the other way round
    turned = follow(AutoRegion(Looker(KnowingNetwork(unseen[:, ::-1]))), 1, [right[:, ::-1].copy()])[0]
    assert overlap(turned.inside(HEIGHT, WIDTH), mask_of(shape)[:, ::-1]) > 0.95


def test_a_sector_that_is_steered_or_has_letters_at_its_side_stays_as_it_is_drawn() -> None:
    steered = SHAPES["steered"]
    picture, seen = speckle(steered, -60.0, 1.0)
    found = follow(AutoRegion(Looker(KnowingNetwork(seen))), 1, [picture])[0]
    assert overlap(found.inside(HEIGHT, WIDTH), mask_of(steered)) > 0.95
    picture, seen = speckle(SHAPES["phased"], -5.0, 30.0)
    for row in range(200, 400, 40):
        cv2.putText(picture, "12.0 cm  MI 0.8", (90, row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 200, 2)
    beside = follow(AutoRegion(Looker(KnowingNetwork(seen))), 1, [picture])[0]
    assert overlap(beside.inside(HEIGHT, WIDTH), seen & mask_of(SHAPES["phased"])) > 0.8


def test_what_no_probe_makes_becomes_a_free_outline_and_no_shadow_cuts_a_piece_out_of_it() -> None:
    corners = np.array([(320, 60), (560, 240), (320, 430), (80, 240)])
    mask = cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [corners], 1) > 0
    seen = mask.copy()
    seen[150:200, 400:] = False  # a shadow
    finder = AutoRegion(Looker(KnowingNetwork(seen)))
    found = follow(finder, 1)[0]
    assert isinstance(finder.shape, Outline)
    assert overlap(found.inside(HEIGHT, WIDTH), mask) > 0.95


def test_where_light_comes_back_a_smaller_depth_is_noticed_again() -> None:
    shape, shallow = SHAPES["phased"], Sector(300.0, 40.0, 0.0, 330.0, -40.0, 40.0)
    faded, seen = speckle(shape, -20.0, 30.0)
    full, _ = speckle(shape, -60.0, 1.0)
    less, _ = speckle(shallow, -60.0, 1.0)
    network = KnowingNetwork(*[seen] * 4, *[mask_of(shape)] * 12, *[mask_of(shallow)] * 30)
    pictures = [*[faded] * 4, *[full] * 12, *[less] * 30]
    found = follow(AutoRegion(Looker(network)), len(pictures), pictures)[-1]
    assert overlap(found.inside(HEIGHT, WIDTH), mask_of(shallow)) > 0.95


@pytest.mark.parametrize("shape", [LINEAR, CONVEX], ids=["linear", "convex"])
def test_shadows_that_the_network_leaves_out_do_not_cut_the_shape_of_the_probe(shape: Shape) -> None:
    mask = mask_of(shape)
    seen = mask.copy()
    for left, right in ((230, 260), (345, 380)):  # of two ribs, from the probe down
        corners = np.array([[left, 120], [right, 120], [2 * right - 310, 480], [2 * left - 310, 480]])
        seen &= cv2.fillPoly(np.zeros(mask.shape, np.uint8), [corners], 1) == 0
    found = follow(AutoRegion(Looker(KnowingNetwork(seen))), 1)[0]
    assert overlap(found.inside(HEIGHT, WIDTH), mask) > 0.93


@pytest.mark.parametrize("rows", [slice(0, HIGH), slice(26, 114)], ids=["whole", "not seen at its ends"])
def test_the_larger_of_two_views_is_the_image_and_a_seam_parts_them(rows: slice) -> None:
    both = mask_of(Rectangle(Box(20, 60, 600, 300)))
    network = KnowingNetwork(both)
    seam = round(360 / WIDTH * WIDE)
    network.seam[rows, seam - 1 : seam + 2] = 1.0
    found = follow(AutoRegion(Looker(network)), 1)[0]
    assert abs(found.box.x - 20) <= 6
    assert abs(found.box.right - 360) <= 10
    other = follow(AutoRegion(Looker(network), view=1), 1)[0]
    assert abs(other.box.x - 360) <= 10
    assert abs(other.box.right - 620) <= 6


def test_the_view_that_is_known_stays_the_image_when_part_of_it_fades_beside_another() -> None:
    left, right, faded = (
        mask_of(Rectangle(Box(x, 60, 280, high))) for x, high in ((20, 300), (340, 300), (20, 200))
    )
    network = KnowingNetwork(*[left | right] * 6, *[faded | right] * 10)
    found = follow(AutoRegion(Looker(network)), 16, [gray(60)] * 16)
    assert all(region.box.right <= 310 for region in found)


def test_the_other_view_is_gone_to_when_it_comes_after_the_first_was_known() -> None:
    left, right = (mask_of(Rectangle(Box(x, 60, 280, 300))) for x in (20, 340))
    network = KnowingNetwork(*[left] * 12, *[left | right] * 20)
    found = follow(AutoRegion(Looker(network), view=1), 32)
    assert found[11].box.right <= 310
    assert found[-1].box.x >= 330


def test_views_that_were_taken_for_one_are_parted_once_a_seam_is_seen_however_dark_the_other_is() -> None:
    noise = np.random.default_rng(5).random((HEIGHT, WIDTH))
    dark = (noise * np.where(np.arange(WIDTH) < 360, 36, 16)).astype(np.uint8)
    one, parted = (mask_of(Rectangle(Box(20, top, 600, 300))) for top in (60, 50))
    network = KnowingNetwork(*[one] * 6, parted)
    finder = AutoRegion(Looker(network))
    assert follow(finder, 6, [dark] * 6)[-1].box.width > 580
    seam = round(360 / WIDTH * WIDE)
    network.seam[:, seam - 1 : seam + 2] = 1.0
    frames = [Frame(dark.copy(), at, at * LOOK_EVERY_S, 0.0) for at in range(6, 20)]
    assert abs([finder.find(frame) for frame in frames][-1].box.right - 360) <= 10


def drawn_seam(picture: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Columns of the map in which a seam is drawn through a rectangle that fills most of the picture."""
    image, seam = np.zeros((HIGH, WIDE), np.float32), np.zeros((HIGH, WIDE), np.float32)
    image[20:140, 16:176] = 1.0
    return np.flatnonzero((halved(image, seam, picture)[20:140] == 1.0).all(axis=0))


def grained(seed: int) -> NDArray[np.float32]:
    """(480, 640) speckle that is wider than deep."""
    noise = np.random.default_rng(seed).integers(0, 256, (480, 640)).astype(np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 4, sigmaY=1.5)
    return cv2.normalize(soft, None, 20, 230, cv2.NORM_MINMAX).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("line", [0, 2], ids=["touching", "a line between"])
def test_two_textures_that_meet_in_the_middle_are_two_views(seed: int, line: int) -> None:
    two = grained(seed)
    two[:, 320:] = 0.9 * two[:, 20:340]  # the same plane once more, live beside frozen
    two[:, 320 : 320 + line] = 200
    columns = drawn_seam(two.astype(np.uint8))
    assert columns.size
    assert abs(columns - 96).max() <= 2


@pytest.mark.parametrize("gain", [0.15, 0.35, 0.6])
@pytest.mark.parametrize("width", [1, 8, 20], ids=lambda width: f"edge of {width}")
@pytest.mark.parametrize("top", [0, 96])
def test_the_edge_of_a_shadow_or_of_a_lower_gain_in_the_middle_parts_nothing(gain, width, top) -> None:
    one = grained(3)
    one[top:] *= 1 - (1 - gain) * np.clip((np.arange(640) - 320) / width + 0.5, 0, 1)
    assert drawn_seam(one.astype(np.uint8)).size == 0


def test_the_guide_of_a_needle_parts_nothing() -> None:
    one = grained(4)
    one[::8, 319:321] = 250
    assert drawn_seam(one.astype(np.uint8)).size == 0


def test_a_larger_region_is_taken_over_soon_and_a_smaller_one_once_it_is_confirmed() -> None:
    small, large = mask_of(Rectangle(Box(150, 60, 320, 180))), mask_of(LINEAR)
    finder = AutoRegion(Looker(KnowingNetwork(*[small] * 4, *[large] * 8)))
    found = follow(finder, 12)
    assert overlap(found[3].inside(HEIGHT, WIDTH), small) > 0.97
    assert overlap(found[7].inside(HEIGHT, WIDTH), large) > 0.97
    echoes = np.random.default_rng(1).integers(2, 200, (HEIGHT, WIDTH)).astype(np.uint8)
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 4, *[small] * 8)))
    found = follow(finder, 12, [*[echoes * large] * 4, *[echoes * small] * 8])
    assert overlap(found[5].inside(HEIGHT, WIDTH), large) > 0.97  # two looks do not confirm it
    assert overlap(found[-1].inside(HEIGHT, WIDTH), small) > 0.97


def test_an_image_that_fades_into_the_dark_keeps_its_region() -> None:
    small, large = mask_of(Rectangle(Box(150, 60, 320, 180))), mask_of(LINEAR)
    echoes = np.random.default_rng(1).integers(2, 200, (HEIGHT, WIDTH)) * large
    faded = echoes * np.clip(np.linspace(1.6, -1.2, HEIGHT), 0, 1)[:, None]
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 4, *[small] * 20)))
    pictures = [*[echoes.astype(np.uint8)] * 4, *[faded.astype(np.uint8)] * 20]
    assert {region.box.height for region in follow(finder, 24, pictures)} == {360}


def test_one_look_at_something_else_moves_nothing_and_the_region_stays_one_object() -> None:
    large, torn = mask_of(LINEAR), mask_of(Rectangle(Box(150, 60, 320, 90)))
    finder = AutoRegion(Looker(KnowingNetwork(*[large] * 8, torn, *[large] * 6)))
    assert len({id(region) for region in follow(finder, 15)[6:]}) == 1


def test_a_picture_without_signal_and_a_menu_keep_the_region() -> None:
    known, nothing = mask_of(LINEAR), np.zeros((HEIGHT, WIDTH), np.bool_)
    kinds = [Kind.B_MODE] * 6 + [Kind.NO_SIGNAL] * 6 + [Kind.MENU] * 6
    finder = AutoRegion(Looker(KnowingNetwork(*[known] * 6, *[nothing] * 12, kinds=kinds)))
    found = follow(finder, 18)
    assert {id(region) for region in found[6:]} == {id(found[5])}


def test_a_shape_survives_another_size_of_picture() -> None:
    for shape in SHAPES.values():
        back = scaled(scaled(shape, 2.0, 2.0), 0.5, 0.5)
        assert overlap(mask_of(back), mask_of(shape)) > 0.995


def test_the_network_sees_level_texture_and_colour_of_any_size() -> None:
    for size in ((1, 1), (48, 64), (480, 640), (1080, 1920)):
        picture = np.full(size, 100, np.uint8)
        seen = planes(picture, np.full((max(1, size[0] // 2), max(1, size[1] // 2)), 30, np.uint8))
        assert seen.shape == (3, HIGH, WIDE)
        assert (seen[0] == 100 - MOST_BLACK).all()
        assert (seen[1] == 0).all()
        assert (seen[2] == 30).all()
        assert (planes(picture, None)[2] == 0).all()


@pytest.mark.parametrize("tint", [None, (1, 1), (100, 1)])
@pytest.mark.parametrize("shape", [(401, 1), (6401, 16), (3, 2), (200, 1)])
def test_a_strip_of_a_few_pixels_is_looked_at_once(
    shape: tuple[int, int], tint: tuple[int, int] | None
) -> None:
    seen = np.zeros((HIGH, WIDE), np.float32)
    seen[40] = 1.0  # one row of the map: of these pictures hardly a pixel
    chroma = None if tint is None else np.zeros(tint, np.uint8)
    look = Looker(KnowingNetwork(seen, soft=0.1)).look(np.zeros(shape, np.uint8), chroma)
    assert look.image.shape == (HIGH, WIDE)
