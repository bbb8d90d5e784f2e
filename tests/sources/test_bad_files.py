"""What cannot be read is refused with one line that names the file and what to do."""

import struct
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanmon.core.errors import SourceError
from scanmon.sources.opening import open_live, open_recording
from scanmon.sources.picture_size import Size, image_sizes
from tests.doubles.memory import traced_below
from tests.doubles.recordings import moving_gray, png_header, shipped_dicom, write_dicom, write_video


def refused(path: Path | str) -> str:
    """The one line of the error, be it at opening or at reading."""
    with pytest.raises(SourceError) as caught:
        list(open_recording(str(path)))
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.remedy
    assert Path(path).name in line
    return line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "gone.mp4")


NAMES = ["a.mp4", "a.avi", "a.png", "a.dcm", "a.jpg", "a.tif", "a.bmp", "a.ts", "a.txt", "a"]
CONTENTS = {
    "nothing": b"",
    "noise": np.random.default_rng(1).bytes(20_000),
    "text": b"this is a shopping list\n" * 50,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_no_picture_is_refused_whatever_it_is_called(tmp_path: Path, content: str, name: str) -> None:
    (tmp_path / name).write_bytes(CONTENTS[content])
    said = refused(tmp_path / name)
    assert "empty" in said or CONTENTS[content]


def test_a_folder_without_a_picture_is_refused(tmp_path: Path) -> None:
    assert "holds no picture" in refused(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing to see")
    assert "holds no picture" in refused(tmp_path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_an_image_that_was_cut_off_is_refused(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / name
    noise = np.random.default_rng(2).integers(0, 255, (80, 90), np.uint8)
    cv2.imwrite(str(path), noise)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(path)


def test_a_picture_of_20000_by_20000_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(20_000, 20_000))
    with traced_below(5_000_000):
        assert "20000 x 20000" in refused(path)


def huge_tiff(path: Path) -> Path:
    head = struct.pack("<4sIH", b"II*\0", 8, 2)
    head += struct.pack("<HHII", 256, 4, 1, 20_000) + struct.pack("<HHII", 257, 4, 1, 20_000) + b"\0" * 4
    path.write_bytes(head)
    return path


CLAIMS: dict[str, Callable[[Path], Path]] = {
    "too large: 20000 x 20000": huge_tiff,
    "is too large": lambda path: write_dicom(
        path, np.zeros((1, 4, 4), np.uint8), Rows=20_000, Columns=20_000
    ),
    "999999999 of its 1000000000 frames are missing": lambda path: write_dicom(
        path, np.zeros((1, 8, 8), np.uint8), NumberOfFrames=10**9
    ),
}


@pytest.mark.parametrize("said", CLAIMS)
def test_a_small_file_that_claims_to_be_huge_is_refused(tmp_path: Path, said: str) -> None:
    assert said in refused(CLAIMS[said](tmp_path / "huge"))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_dicom_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    data = shipped_dicom("examples_ybr_color.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / "cut.dcm")


def test_a_dicom_without_a_picture_is_refused() -> None:
    assert "holds no picture" in refused(shipped_dicom("test-SR.dcm"))


def test_an_error_about_a_dicom_never_quotes_its_elements(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "x.dcm", np.zeros((2, 8, 8), np.uint8), BitsStored=77, NumberOfFrames=2)
    try:
        list(open_recording(str(path)))
    except SourceError as error:
        assert "Doe" not in str(error)
        assert "SECRET" not in str(error)


def test_a_video_without_its_table_of_frames_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4")
    path.write_bytes(path.read_bytes()[:3000])
    refused(path)


def test_a_header_without_frames_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.avi", frames=0, codec="mjpeg", pixel_format="yuvj422p")
    refused(path)


def test_sound_is_refused(tmp_path: Path) -> None:
    samples = np.zeros(8000, "<i2").tobytes()
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    (tmp_path / "a.wav").write_bytes(head + b"data" + struct.pack("<I", len(samples)) + samples)
    assert "holds no video" in refused(tmp_path / "a.wav")


def test_a_playlist_cannot_make_the_machine_call_somebody(tmp_path: Path) -> None:
    (tmp_path / "a.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"
    )
    refused(tmp_path / "a.m3u8")


@pytest.mark.parametrize("name", ["v.mkv", "v.ts", "v.avi"])
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_video_that_was_cut_off_plays_up_to_there(tmp_path: Path, name: str, share: float) -> None:
    path = write_video(tmp_path / name, frames=60, options={"g": "10", "bf": "2", "crf": "3"})
    whole = [frame.pixels for frame in open_recording(str(path))]
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    recording = open_recording(str(path))
    rest = [frame.pixels for frame in recording]
    recording.close()
    assert len(rest) == len(recording.times_s)
    assert len(whole) * share * 0.5 - 10 < len(rest) < len(whole)
    assert all(np.array_equal(a, b) for a, b in zip(rest[:-4], whole, strict=False))


def test_damage_in_the_middle_is_an_error_or_a_frame_but_never_a_silent_gap(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mkv", codec="ffv1", frames=40)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    recording = open_recording(str(path))
    seen = []
    try:
        seen.extend(frame.index for frame in recording)
    except SourceError as error:
        assert f"frame {len(seen)} cannot be decoded" in str(error)
    recording.close()
    assert seen == list(range(len(seen)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(["png", "jpg", "bmp", "tif", "big"]))
def test_no_header_upsets_the_reader_of_sizes(tmp_path: Path, rest: bytes, kind: str) -> None:
    marks = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8", "bmp": b"BM", "tif": b"II*\0", "big": b"MM\0+"}
    path = tmp_path / "fuzz"
    path.write_bytes(marks[kind] + rest)
    try:
        sizes = image_sizes(path)
    except SourceError:
        return
    assert all(size.width * size.height > 0 for size in sizes)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
def test_the_size_is_read_without_decoding(tmp_path: Path, name: str) -> None:
    cv2.imwrite(str(tmp_path / name), moving_gray(0, 33, 57))
    assert image_sizes(tmp_path / name) == [Size(57, 33)]


@pytest.mark.parametrize(
    ("opener", "source"),
    [
        (open_recording, "rtsp://127.0.0.1/x"),
        (open_recording, "phantom:size=1x1"),
        (open_recording, "phantom:colour=red"),
        (open_recording, "phantom:seed=many"),
        (open_live, "phantom:geometry=round"),
        (open_live, "nonsense:1"),
        (open_live, "/a/file.mp4"),
    ],
)
def test_a_source_of_the_wrong_form_is_refused_with_the_right_form(opener, source) -> None:
    with pytest.raises(SourceError) as caught:
        opener(source)
    assert source in str(caught.value)
    assert caught.value.remedy
