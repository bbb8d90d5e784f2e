"""Letters over an image: planted ones are masked whatever their size, and tissue is hardly."""

import cv2
import numpy as np
import pytest

from scanmon.app.analyzers import new_text_finder
from scanmon.core.values import Box, GrayImage, Mask
from scanmon.picture.letters import HeldText, TextInCine, mask_of
from tests.doubles.letters import cine, plant, tissue

FACES = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_PLAIN)


def masked(picture: GrayImage) -> Mask:
    height, width = picture.shape
    return mask_of(new_text_finder().letters(picture, Box(0, 0, width, height)), height, width)


@pytest.mark.parametrize("high", [8, 14, 24, 40, 60])
@pytest.mark.parametrize("level", [255, 190])
def test_names_of_every_size_are_masked(high: int, level: int) -> None:
    for number, face in enumerate(FACES):
        picture = tissue(480 + 200 * number).copy()
        ink = plant(picture, "Musterfrau 1964", high, face, level)
        assert masked(picture)[ink].mean() > 0.97, (face, picture.shape)


@pytest.mark.parametrize("style", ["box", "outline"])
def test_letters_in_a_box_and_with_an_outline_are_masked(style: str) -> None:
    picture = tissue(600).copy()
    ink = plant(picture, "ID 4711-0815", 18, cv2.FONT_HERSHEY_DUPLEX, 230, style)
    assert masked(picture)[ink].mean() > 0.97


def test_tissue_without_letters_keeps_nearly_everything() -> None:
    assert max(masked(tissue(height)).mean() for height in (300, 480, 720, 1080)) < 0.03


def test_a_picture_larger_than_a_band_is_looked_at_everywhere() -> None:
    picture = np.tile(tissue(700), (3, 3))
    inks = [plant(picture, "Erika", 30, FACES[0], 255, place=(x, 1650)) for x in (60, 1500)]
    found = masked(picture)
    assert all(found[ink].mean() > 0.97 for ink in inks)


def test_letters_that_stay_in_a_cine_are_known_once_all_of_it_was_seen() -> None:
    frames = cine(12, 480)
    inks = [plant(picture, "19640812", 16, FACES[0], 235) for picture in frames]
    text = TextInCine(new_text_finder())
    for picture in frames:
        text.add(picture, Box(0, 0, picture.shape[1], picture.shape[0]))
    always, _ = text.whole()
    assert mask_of(always, *frames[0].shape)[inks[0]].mean() > 0.97


def test_letters_of_a_live_picture_stay_masked_when_one_frame_loses_them() -> None:
    picture, bare = tissue(480).copy(), tissue(480)
    ink = plant(picture, "ERIKA", 24, FACES[0], 255)
    held, box = HeldText(new_text_finder()), Box(0, 0, picture.shape[1], picture.shape[0])
    held.blank(picture.copy(), picture, box)
    kept = bare.copy()
    held.blank(kept, bare, box)
    assert kept[ink].max() == 0
