"""The same picture gives the same gray, however it reaches scanmon."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.sources.gray import RunningScale, from_color, to_8_bit
from scanmon.sources.live_source import Arrival
from scanmon.sources.pyav_frame import picture_of
from scanmon.sources.pyav_live import arrivals

FORMATS = ["yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "nv12", "nv21", "yuyv422", "uyvy422"]
OTHER_FORMATS = ["bgr24", "rgb24", "bgra", "gbrp", "yuv420p10le", "yuva420p"]


def screen(color: bool = True) -> NDArray[np.uint8]:
    """(96, 128, 3) BGR: gray levels in a ramp, and coloured blocks away from the limits of YCbCr."""
    ramp = np.tile(np.linspace(0, 255, 128), (96, 1)).astype(np.uint8)
    picture = np.repeat(ramp[:, :, None], 3, axis=2)
    if color:
        picture[8:40, 16:48] = (150, 90, 60)
        picture[8:40, 64:96] = (60, 110, 180)
    return picture


def encode(bgr: NDArray[np.uint8], name: str, matrix: Colorspace, full: bool) -> av.VideoFrame:
    """A frame of the format, with its range and matrix stated."""
    frame = av.VideoFrame.from_ndarray(bgr, format="bgr24")
    kind = ColorRange.JPEG if full else ColorRange.MPEG
    frame = frame.reformat(
        format=name, src_color_range=ColorRange.JPEG, dst_color_range=kind, dst_colorspace=matrix
    )
    frame.color_range, frame.colorspace = kind, matrix
    frame.time_base, frame.pts = Fraction(1, 25), 0
    return frame


def inside_blocks(error: NDArray[np.int64]) -> NDArray[np.int64]:
    """Without the edges of the coloured blocks, which chroma at half size blurs."""
    keep = np.ones(error.shape, bool)
    for x in (16, 48, 64, 96):
        keep[4:44, x - 4 : x + 4] = False
    for y in (8, 40):
        keep[y - 4 : y + 4] = False
    return error[keep]


@pytest.mark.parametrize("full", [True, False], ids=["full range", "limited range"])
@pytest.mark.parametrize("name", FORMATS)
def test_bt601_video_gives_the_gray_of_cv2_within_two_levels(name: str, full: bool) -> None:
    full = full or name.startswith("yuvj")
    want = cv2.cvtColor(screen(), cv2.COLOR_BGR2GRAY).astype(int)
    got = picture_of(encode(screen(), name, Colorspace.ITU601, full)).gray.astype(int)
    error = inside_blocks(np.abs(got - want))
    assert error.max() <= 2  # 8 bits of Y, and 219 levels for 256 where the range is limited
    assert error.mean() < 0.8


@pytest.mark.parametrize("name", ["gray", *FORMATS, *OTHER_FORMATS])
def test_a_gray_ramp_spans_0_to_255_in_every_format(name: str) -> None:
    full = name.startswith(("yuvj", "bgr", "rgb", "gbr", "gray"))
    frame = encode(screen(color=False), name, Colorspace.ITU601, full)
    got = picture_of(frame).gray.astype(int)
    assert got.min() <= 1
    assert got.max() >= 254
    assert np.abs(got - screen(color=False)[:, :, 0]).max() <= 2


@pytest.mark.parametrize("name", ["yuv420p", "yuv444p", "yuyv422"])
def test_bt709_colour_is_weighted_as_bt601(name: str) -> None:
    frame = encode(screen(), name, Colorspace.ITU709, full=False)
    want = cv2.cvtColor(screen(), cv2.COLOR_BGR2GRAY).astype(int)
    error = inside_blocks(np.abs(picture_of(frame).gray.astype(int) - want))
    assert error.max() <= 3
    assert np.abs(want[10:38, 66:94] - picture_of(frame).gray[10:38, 66:94]).max() <= 3


@pytest.mark.parametrize("name", [*FORMATS, "bgr24"])
def test_colourfulness_tells_the_coloured_blocks_from_the_gray(name: str) -> None:
    full = name.startswith(("yuvj", "bgr"))
    chroma = picture_of(encode(screen(), name, Colorspace.ITU601, full)).chroma
    want = from_color(screen(), bgr=True).chroma
    assert abs(chroma.shape[1] - 64) <= 1
    rows = slice(12 * chroma.shape[0] // 96, 34 * chroma.shape[0] // 96)
    assert np.abs(chroma[rows, 38:44].astype(int) - want[8:18, 38:44].max()).max() <= 3
    assert chroma[-3:].max() <= 2


def test_gray_video_has_no_colour_to_look_at() -> None:
    assert picture_of(encode(screen(False), "gray", Colorspace.ITU601, full=True)).chroma is None


def test_a_picture_does_not_change_when_the_decoder_uses_its_memory_again(tmp_path: Path) -> None:
    frame = encode(screen(), "yuvj420p", Colorspace.ITU601, full=True)
    picture = picture_of(frame)
    before = picture.gray.copy()
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    assert np.array_equal(picture.gray, before)


def test_rgb_and_bgr_of_the_same_picture_are_the_same_gray() -> None:
    bgr = screen()
    rgb = np.ascontiguousarray(bgr[:, :, ::-1])
    assert np.array_equal(from_color(bgr, bgr=True).gray, from_color(rgb, bgr=False).gray)


@given(st.integers(8, 16), st.integers(0, 255))
def test_16_bit_is_scaled_by_the_depth_in_use(depth: int, level: int) -> None:
    top = (1 << depth) - 1
    pixels = np.array([[0, top, round(level * top / 255)]], np.uint16)
    assert to_8_bit(pixels, None, "x").tolist() == [[0, 255, level]]


def test_a_dark_8_bit_picture_in_16_bits_stays_dark() -> None:
    assert to_8_bit(np.full((4, 4), 30, np.uint16), None, "x").max() == 30


def test_stated_depth_counts_more_than_the_depth_in_use() -> None:
    assert to_8_bit(np.full((2, 2), 1000, np.uint16), 12, "x").max() == round(1000 * 255 / 4095)


def test_floating_pixels_are_shares_of_one_or_of_255() -> None:
    assert to_8_bit(np.array([[0.0, 0.5, 1.0]], np.float32), None, "x").tolist() == [[0, 128, 255]]
    assert to_8_bit(np.array([[0.0, 100.0, 255.0]]), None, "x").tolist() == [[0, 100, 255]]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0, 300.0])
def test_floating_pixels_without_meaning_are_refused(wrong: float) -> None:
    with pytest.raises(SourceError, match=r"no number|floating-point"):
        to_8_bit(np.array([[0.0, wrong]]), None, "x")


def test_the_reference_picture_with_12_bits_keeps_its_contrast(shared: Path) -> None:
    pixels = cv2.imread(str(shared / "reference/images/gray16_300x280.png"), cv2.IMREAD_UNCHANGED)
    gray = to_8_bit(pixels, None, "x")
    assert np.array_equal(gray, np.rint(pixels * (255 / 4095)))


def test_a_live_source_keeps_its_scale_though_a_few_samples_exceed_it() -> None:
    scale, picture = RunningScale(), np.full((50, 50), 2000, np.uint16)
    picture[0, 0] = 4080
    first = scale(picture, "")
    picture[0, 0] = 4100  # one bit more
    assert scale(picture, "")[1:].tolist() == first[1:].tolist()
    assert scale(picture, "")[0, 0] == 255


def test_a_live_source_that_gets_brighter_widens_its_scale_once_and_for_all() -> None:
    scale = RunningScale()
    dark, light = np.full((50, 50), 200, np.uint16), np.full((50, 50), 4000, np.uint16)
    assert scale(dark, "")[0, 0] == 200
    assert scale(light, "")[0, 0] == round(4000 * 255 / 4095)
    assert scale(dark, "")[0, 0] == round(200 * 255 / 4095)


@pytest.mark.parametrize("levels", [(0, 255), (16, 235)])
def test_range_of_a_raw_stream_is_found_from_its_pictures_and_can_be_stated(tmp_path, levels) -> None:
    path = tmp_path / "raw.y4m"
    luma = np.linspace(*levels, 96 * 128).astype(np.uint8).tobytes()
    frame = b"FRAME\n" + luma + bytes([128]) * (2 * 48 * 64)
    path.write_bytes(b"YUV4MPEG2 W128 H96 F25:1 Ip A1:1 C420mpeg2\n" + 2 * frame)

    def first(full: bool | None) -> Arrival:
        return next(arrivals("raw", str(path), format_name="yuv4mpegpipe", full=full))

    found = first(None)
    assert (found.picture.gray.min(), found.picture.gray.max()) == (0, 255)
    assert ("full range" if levels == (0, 255) else "limited range") in found.details
    stated = first(True)
    assert (stated.picture.gray.min(), stated.picture.gray.max()) == levels
    assert "full range" in stated.details
