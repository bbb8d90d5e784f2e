"""DICOM: pixels of every photometric interpretation, times, regions, and nothing about a person."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom.pixels.utils import pixel_array

from scanmon.core.values import Box
from scanmon.sources import dicom_header
from scanmon.sources.dicom import open_dicom
from tests.doubles.recordings import moving_gray, shipped_dicom, ultrasound_region, write_dicom

GRAY = np.stack([moving_gray(index) for index in range(4)])


@pytest.mark.parametrize(
    ("name", "interpretation"),
    [
        ("examples_rgb_color.dcm", "RGB"),
        ("examples_jpeg2k.dcm", "YBR_RCT"),
        ("examples_ybr_color.dcm", "YBR_FULL_422"),
        ("ExplVR_BigEnd.dcm", "RGB"),
        ("SC_rgb_dcmtk_+eb+cy+n1.dcm", "YBR_FULL"),
        ("SC_ybr_full_422_uncompressed.dcm", "YBR_FULL_422"),
        ("SC_rgb_rle_2frame.dcm", "RGB"),
    ],
)
def test_colour_becomes_the_gray_of_its_rgb(name: str, interpretation: str) -> None:
    path = shipped_dicom(name)
    rgb = pixel_array(path)
    rgb = rgb[0] if rgb.ndim == 4 else rgb
    recording = open_dicom(path)
    frame = next(iter(recording))
    assert recording.info.details == f"DICOM {interpretation}"
    assert np.array_equal(frame.pixels, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def test_a_palette_is_applied() -> None:
    frame = next(iter(open_dicom(shipped_dicom("examples_palette.dcm"))))
    assert frame.pixels.shape == (350, 800)
    assert frame.chroma is not None
    assert frame.pixels[0, 0] == 58  # entry of the palette, where the stored value is another
    assert len(np.unique(frame.pixels)) > 50


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(next(iter(open_dicom(path))).pixels, 255 - GRAY[0])


def test_16_bits_are_scaled_by_the_stored_bits(tmp_path: Path) -> None:
    pixels = GRAY.astype(np.uint16) * 16
    path = write_dicom(tmp_path / "x.dcm", pixels, BitsStored=12, HighBit=11)
    want = np.rint(pixels[0] * (255 / 4095))
    assert np.array_equal(next(iter(open_dicom(path))).pixels, want)


def test_the_cine_loop_of_the_demo_has_30_frames_and_its_own_rate() -> None:
    recording = open_dicom(shipped_dicom("examples_ybr_color.dcm"))
    assert len(list(recording)) == 30
    assert recording.info.rate_hz == pytest.approx(30.0, abs=0.01)
    assert recording.times_s[-1] == pytest.approx(29 * 0.033333)


@pytest.mark.parametrize(
    ("elements", "times_s"),
    [
        ({"FrameTime": 50.0}, [0.0, 0.05, 0.1, 0.15]),
        ({"FrameTimeVector": [0.0, 10.0, 20.0, 30.0]}, [0.0, 0.01, 0.03, 0.06]),
        ({"FrameTimeVector": [0.0, 10.0, 0.0, 30.0]}, [0.0, 0.01, 0.03, 0.06]),
        ({"FrameTimeVector": [0.0, 10.0], "FrameTime": 50.0}, [0.0, 0.05, 0.1, 0.15]),
        ({"FrameTimeVector": [0.0, 10.0, 20.0, 30.0], "FrameTime": 50.0}, [0.0, 0.05, 0.1, 0.15]),
        (
            {
                "FrameTimeVector": [0.0, 10.0, 20.0, 30.0],
                "FrameTime": 50.0,
                "FrameIncrementPointer": 0x00181065,
            },
            [0.0, 0.01, 0.03, 0.06],
        ),
        ({"CineRate": 10}, [0.0, 0.1, 0.2, 0.3]),
        ({"RecommendedDisplayFrameRate": 20}, [0.0, 0.05, 0.1, 0.15]),
        ({"FrameTime": 0.0, "CineRate": 10}, [0.0, 0.1, 0.2, 0.3]),
        ({"FrameTime": -3.0}, [0.0, 0.04, 0.08, 0.12]),
        ({}, [0.0, 0.04, 0.08, 0.12]),
    ],
)
def test_times_come_from_the_element_that_can_be_believed(
    tmp_path: Path, elements: dict[str, object], times_s: list[float]
) -> None:
    recording = open_dicom(write_dicom(tmp_path / "x.dcm", GRAY, **elements))
    assert recording.times_s == pytest.approx(times_s)


@pytest.mark.parametrize(
    ("corners", "box"),
    [
        ((10, 5, 100, 90), Box(10, 5, 91, 86)),
        ((0, 0, 127, 95), Box(0, 0, 128, 96)),
        ((0, 0, 128, 96), Box(0, 0, 128, 96)),  # exclusive corners, as some write them
        ((84, 31, 595, 414), None),
        ((-5, 0, 50, 50), None),
        ((50, 50, 50, 60), None),
        ((90, 80, 20, 10), None),
    ],
)
def test_a_region_is_believed_only_inside_the_picture(
    tmp_path: Path, corners: tuple[int, int, int, int], box: Box | None
) -> None:
    region = ultrasound_region(0, 0, 1, 1)
    for name, value in zip(("MinX0", "MinY0", "MaxX1", "MaxY1"), corners, strict=True):
        region[f"RegionLocation{name}"]._value = value  # pydicom refuses to write a negative one itself
    if min(corners) < 0:
        data = dicom_header.pydicom.Dataset()
        data.SequenceOfUltrasoundRegions = [region]
        assert dicom_header._region(data, dicom_header.Size(128, 96)) is None
        return
    path = write_dicom(tmp_path / "x.dcm", GRAY, SequenceOfUltrasoundRegions=[region])
    assert {frame.declared for frame in open_dicom(path)} == {box}


def test_the_largest_b_mode_region_counts_and_flow_does_not(tmp_path: Path) -> None:
    regions = [
        ultrasound_region(0, 0, 120, 90, kind=2),
        ultrasound_region(5, 5, 30, 30),
        ultrasound_region(40, 10, 110, 80),
    ]
    path = write_dicom(tmp_path / "x.dcm", GRAY, SequenceOfUltrasoundRegions=regions)
    assert next(iter(open_dicom(path))).declared == Box(40, 10, 71, 71)


@pytest.mark.parametrize("name", ["examples_ybr_color.dcm", "examples_palette.dcm"])
def test_shipped_files_that_name_pixels_outside_declare_nothing(name: str) -> None:
    assert next(iter(open_dicom(shipped_dicom(name)))).declared is None


def test_no_element_about_a_person_is_read(tmp_path: Path) -> None:
    header = dicom_header.read_header(write_dicom(tmp_path / "x.dcm", GRAY))
    assert "PatientName" not in header.dataset
    assert "PatientID" not in header.dataset
    assert all(not str(name).startswith(("Patient", "Study", "Institution")) for name in dicom_header._TAGS)
