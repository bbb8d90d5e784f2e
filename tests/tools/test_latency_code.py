"""The moment that is written on a picture survives what a line does to it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.latency_sender import read_code, write_code


def picture(height: int = 720, width: int = 1280) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width), np.uint8)


@given(st.floats(0, 1e9))
def test_what_was_written_is_read(time_s: float) -> None:
    coded = picture(240, 320)
    write_code(coded, time_s)
    assert read_code(coded) == pytest.approx(time_s, abs=1e-6)


@pytest.mark.parametrize("size", [(1920, 1080), (640, 480), (320, 240)])
@pytest.mark.parametrize("quality", [30, 90])
def test_it_survives_compression_and_scaling(size: tuple[int, int], quality: int) -> None:
    coded = picture()
    write_code(coded, 12345.678901)
    data = cv2.imencode(".jpg", cv2.resize(coded, size), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    received = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    assert read_code(received.astype(np.uint8)) == pytest.approx(12345.678901, abs=1e-6)


def test_a_picture_without_a_code_has_none() -> None:
    assert read_code(picture()) is None
    assert read_code(np.zeros((720, 1280), np.uint8)) is None


def test_a_damaged_code_is_not_believed() -> None:
    coded = picture()
    write_code(coded, 12345.678901)
    coded[:, 640:700] = 0
    assert read_code(coded) is None
