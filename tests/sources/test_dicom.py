"""DICOM: pixels of every photometric interpretation, times, regions, and nothing about a person."""

import struct
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.pixels.utils import pixel_array

from scanmon.core.errors import SourceError
from scanmon.core.values import Box, Frame
from scanmon.sources import dicom_header
from scanmon.sources.dicom import open_dicom
from scanmon.sources.opening import open_file, open_recording
from tests.doubles.recordings import moving_gray, shipped_dicom, ultrasound_region, write_dicom, write_video

GRAY = np.stack([moving_gray(index) for index in range(4)])
PLAIN = [
    pydicom.uid.ExplicitVRLittleEndian,
    pydicom.uid.ImplicitVRLittleEndian,
    pydicom.uid.DeflatedExplicitVRLittleEndian,
]


def first(path: Path) -> Frame:
    return next(iter(open_dicom(path)))


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
    frame = first(shipped_dicom("examples_palette.dcm"))
    assert frame.pixels.shape == (350, 800)
    assert frame.chroma is not None
    assert frame.pixels[0, 0] == 58  # entry of the palette, where the stored value is another
    assert len(np.unique(frame.pixels)) > 50


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(first(path).pixels, 255 - GRAY[0])


def test_16_bits_are_scaled_by_the_stored_bits(tmp_path: Path) -> None:
    pixels = GRAY.astype(np.uint16) * 16
    path = write_dicom(tmp_path / "x.dcm", pixels, BitsStored=12, HighBit=11)
    want = np.rint(pixels[0] * (255 / 4095))
    assert np.array_equal(first(path).pixels, want)


@pytest.mark.parametrize(("bits", "high"), [(12, 15), (12, 13), (8, 15), (8, 11)])
@pytest.mark.parametrize("signed", [False, True])
def test_samples_lie_below_their_high_bit(tmp_path, bits, high, signed) -> None:
    low = high + 1 - bits
    kind = np.int16 if signed else np.uint16
    samples = (GRAY.astype(kind) - 128 * signed) << (bits - 8)
    plain = write_dicom(
        tmp_path / "a.dcm", samples, BitsStored=bits, HighBit=bits - 1, PixelRepresentation=int(signed)
    )
    unused = np.random.default_rng(0).integers(0, 1 << 16, GRAY.shape, np.uint16)  # an old overlay
    mask = np.uint16(((1 << bits) - 1) << low)
    stored = ((samples.astype(np.uint16) << low) & mask) | (unused & ~mask)
    path = write_dicom(
        tmp_path / "b.dcm", stored, BitsStored=bits, HighBit=high, PixelRepresentation=int(signed)
    )
    assert np.array_equal(first(path).pixels, first(plain).pixels)


def test_a_high_bit_that_cannot_be_is_passed_over_and_of_a_coded_picture_told(tmp_path: Path) -> None:
    for high in (0, 8):
        assert np.array_equal(first(write_dicom(tmp_path / "a.dcm", GRAY, HighBit=high)).pixels, GRAY[0])
    data = pydicom.dcmread(shipped_dicom("examples_jpeg2k.dcm"))
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 8, 15
    data.save_as(tmp_path / "b.dcm")
    with pytest.raises(SourceError, match="is coded, and its 8 bits"):
        open_dicom(tmp_path / "b.dcm")


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
def test_times_come_from_the_element_that_can_be_believed(tmp_path, elements, times_s) -> None:
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
def test_a_region_is_believed_only_inside_the_picture(tmp_path, corners, box) -> None:
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
    assert first(path).declared == Box(40, 10, 71, 71)


@pytest.mark.parametrize("name", ["examples_ybr_color.dcm", "examples_palette.dcm"])
def test_shipped_files_that_name_pixels_outside_declare_nothing(name: str) -> None:
    assert first(shipped_dicom(name)).declared is None


def test_no_element_about_a_person_is_read(tmp_path: Path) -> None:
    header = dicom_header.read_header(write_dicom(tmp_path / "x.dcm", GRAY))
    assert "PatientName" not in header.dataset
    assert "PatientID" not in header.dataset
    assert all(not str(name).startswith(("Patient", "Study", "Institution")) for name in dicom_header._TAGS)


def window_of(pixels: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1, written down as the standard has it."""
    x = pixels.astype(np.float64)
    shown = ((x - (center - 0.5)) / (width - 1) + 0.5) * 255
    shown[x <= center - 0.5 - (width - 1) / 2] = 0
    shown[x > center - 0.5 + (width - 1) / 2] = 255
    return shown


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (2.0, -100.0), (0.25, 7.0)])
def test_the_window_of_a_16_bit_file_is_applied_behind_its_rescale(tmp_path, slope, intercept) -> None:
    stored = GRAY.astype(np.uint16) * 4
    path = write_dicom(
        tmp_path / "x.dcm",
        stored,
        WindowCenter=512,
        WindowWidth=1000,
        RescaleSlope=slope,
        RescaleIntercept=intercept,
    )
    shown = first(path).pixels
    assert np.abs(shown - window_of(stored[0] * slope + intercept, 512, 1000)).max() <= 0.51


def test_16_stored_bits_say_nothing_and_the_first_frame_sets_one_scale(tmp_path: Path) -> None:
    dim, bright = GRAY[:1].astype(np.uint16) * 16, GRAY[1:2].astype(np.uint16) * 64  # 10 and 12 bits
    recording = open_dicom(write_dicom(tmp_path / "x.dcm", np.concatenate([dim, bright])))
    first, second = recording
    assert np.array_equal(first.pixels, np.rint(GRAY[0] * (16 * 255 / 1023)))
    assert second.pixels.max() == 255  # clipped by the scale of the first, not shown by one of its own
    assert np.array_equal(next(recording.frames_from(1)).pixels, second.pixels)


def test_signed_samples_are_shown_from_their_lowest_on(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY.astype(np.int16) * 16 - 512, PixelRepresentation=1)
    shown = first(path).pixels  # the lowest sample is -192
    assert np.array_equal(shown, np.rint((GRAY[0] * 16.0 - 512 + 192) * (255 / 1023)))


def test_a_gray_table_of_the_file_is_applied(tmp_path: Path) -> None:
    table = pydicom.Dataset()
    table.LUTDescriptor, table.LUTData = [256, 0, 8], np.arange(255, -1, -1, dtype="<u2").tobytes()
    path = write_dicom(tmp_path / "x.dcm", GRAY.astype(np.uint16), VOILUTSequence=[table])
    assert np.array_equal(first(path).pixels, 255 - GRAY[0])


def bare(path: Path) -> Path:
    """The same data set without preamble and file meta information."""
    data, plain = pydicom.dcmread(path), pydicom.Dataset()
    plain.update(data)
    plain.save_as(path, implicit_vr=False, little_endian=True)
    return path


def test_a_file_without_preamble_is_read_and_told_by_its_first_element(tmp_path: Path) -> None:
    path = bare(write_dicom(tmp_path / "x", GRAY))
    assert path.read_bytes()[128:132] != b"DICM"
    assert np.array_equal([frame.pixels for frame in open_recording(str(path))], GRAY)


def test_a_file_whose_elements_have_no_types_ends_with_its_last_frame(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, pydicom.uid.ImplicitVRLittleEndian)
    assert np.array_equal([frame.pixels for frame in open_dicom(path)], GRAY)


@pytest.mark.parametrize("syntax", PLAIN)
def test_what_a_file_leaves_out_of_how_it_is_stored_is_the_usual(tmp_path: Path, syntax) -> None:
    names = ("PixelRepresentation", "PhotometricInterpretation", "SamplesPerPixel", "BitsAllocated")
    nothing = dict.fromkeys((*names, "BitsStored", "HighBit"))
    path = write_dicom(tmp_path / "x.dcm", GRAY, syntax, **nothing)
    assert np.array_equal([frame.pixels for frame in open_dicom(path)], GRAY)


@pytest.mark.parametrize("values", [["127", ""], ["127", "wide"], "127"])
def test_the_first_value_counts_whatever_follows_it(values: object) -> None:
    data = pydicom.Dataset()
    data.add(pydicom.DataElement("WindowCenter", "LO", values))
    assert dicom_header.number(data, "WindowCenter") == 127.0


@pytest.mark.parametrize("syntax", PLAIN)
def test_every_frame_with_halved_chroma_is_read(tmp_path: Path, syntax) -> None:
    pairs = np.full((4, GRAY.shape[1], GRAY.shape[2] // 2, 4), 128, np.uint8)
    pairs[..., :2] = GRAY.reshape(*pairs.shape[:3], 2)
    path = write_dicom(
        tmp_path / "x.dcm",
        GRAY,
        syntax,
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation="YBR_FULL_422",
        PixelData=pairs.tobytes(),
    )
    assert np.array_equal([frame.pixels for frame in open_dicom(path)], GRAY)


def test_a_deflated_file_is_read_and_a_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, pydicom.uid.DeflatedExplicitVRLittleEndian)
    assert len(list(open_dicom(path))) == 4
    monkeypatch.setattr(dicom_header, "MOST_INFLATED", 1000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        open_dicom(path)


def test_what_is_there_of_a_file_that_was_cut_off_is_given_before_the_error(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY)
    path.write_bytes(path.read_bytes()[: -GRAY[0].size - 10])
    recording = open_dicom(path)
    frames = iter(recording)
    assert [np.array_equal(next(frames).pixels, GRAY[index]) for index in range(2)] == [True, True]
    with pytest.raises(SourceError, match=r"2 of its 4 frames are missing"):
        next(frames)
    assert recording.info.frames == 2


@pytest.mark.parametrize("name", ["mpeg2.dcm", "mpeg4_mp4.dcm"])
def test_video_in_dicom_plays_with_the_times_of_its_header(shared: Path, name: str) -> None:
    recording = open_dicom(shared / "cases" / name)
    frames = list(recording)
    assert len(frames) == recording.info.frames == 12
    assert recording.info.rate_hz == 25.0
    seen = next(recording.frames_from(7))
    assert np.array_equal(seen.pixels, frames[7].pixels)
    recording.close()


def test_video_in_dicom_is_read_where_it_lies_however_it_is_cut_into_fragments(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", frames=10)
    stream = video.read_bytes() + b"\0" * (video.stat().st_size % 2)
    pieces = [stream[at : at + 1000] for at in range(0, len(stream), 1000)]
    coded = pydicom.encaps.encapsulate([stream], fragments_per_frame=len(pieces), has_bot=False)
    syntax, path = pydicom.uid.MPEG4HP41, tmp_path / "video.dcm"
    write_dicom(path, GRAY[:1], syntax, NumberOfFrames=10, PixelData=coded)
    plain = [frame.pixels for frame in open_recording(str(video))]
    recording = open_dicom(path)
    inside = [frame.pixels for frame in recording]
    recording.close()
    assert all(np.array_equal(a, b) for a, b in zip(plain, inside, strict=True))


def test_a_coded_picture_larger_than_is_taken_is_refused_whatever_the_header_says(tmp_path: Path) -> None:
    siz = b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 41, 0, 60_000, 60_000, 0, 0) + b"\0" * 40
    coded = pydicom.encaps.encapsulate([siz])
    path = write_dicom(tmp_path / "bomb.dcm", GRAY[:1], pydicom.uid.JPEG2000Lossless, PixelData=coded)
    with pytest.raises(SourceError, match="too large: 60000 x 60000"):
        open_dicom(path)


def test_jpeg_2000_is_decoded_and_its_fast_form_names_what_it_needs(tmp_path: Path, monkeypatch) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, pydicom.uid.JPEG2000Lossless)
    monkeypatch.setattr("scanmon.sources.dicom_header.find_spec", lambda name: None)
    with closing(open_file(path)) as recording:
        assert np.array_equal([frame.pixels for frame in recording], GRAY)
    data = pydicom.dcmread(path)
    data.file_meta.TransferSyntaxUID = pydicom.uid.HTJ2KLossless
    data.save_as(path)
    with pytest.raises(SourceError, match=r"High-Throughput JPEG 2000; pip install 'scanmon\[htj2k\]'"):
        open_file(path)


def test_jpeg_ls_is_decoded(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", GRAY, pydicom.uid.JPEGLSLossless)
    with closing(open_recording(str(path))) as recording:
        assert np.array_equal([frame.pixels for frame in recording], GRAY)


def test_an_element_of_a_type_that_does_not_exist_counts_as_not_there(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", GRAY, FrameTime=40)
    data = path.read_bytes()
    at = data.index(b"\x18\x00\x63\x10DS")
    path.write_bytes(data[: at + 4] + b"D\x13" + data[at + 6 :])  # found by fuzzing
    assert len(list(open_dicom(path))) == len(GRAY)


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_jpeg_with_12_bits_a_sample_is_decoded(name: str) -> None:
    with closing(open_file(shipped_dicom(name))) as recording:
        frame = next(iter(recording))
    assert frame.pixels.shape == (1024, 256)
    stored = np.array([244, 242, 249, 260, 218])  # of 4095
    assert frame.pixels[420, 140:145].tolist() == np.rint(stored * (255 / 4095)).tolist()
