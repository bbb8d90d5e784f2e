"""Still pictures: depths, colours, pages, and the order of a folder."""

import os
import struct
import subprocess
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.images import images_in, open_images
from scanmon.sources.limited_recording import LimitedRecording
from scanmon.sources.opening import is_trusted, open_recording
from tests.doubles.memory import memory_mb, needs_proc, traced_below
from tests.doubles.recordings import colored, moving_gray, write_images, write_video

GRAY = moving_gray(7)


def only_frame(path: Path) -> np.ndarray:
    frames = list(open_images(path))
    assert len(frames) == 1
    return frames[0].pixels


ALPHA = np.random.default_rng(0).integers(0, 255, GRAY.shape, np.uint8)
FORMS = {
    "gray": (GRAY, ["png", "bmp", "tif"]),
    "colour": (colored(GRAY), ["png", "bmp", "tif", "jpg"]),
    "alpha, which is ignored": (np.dstack([colored(GRAY), ALPHA]), ["png"]),
}


@pytest.mark.parametrize(("form", "ending"), [(form, ending) for form in FORMS for ending in FORMS[form][1]])
def test_gray_is_kept_and_colour_becomes_the_gray_of_cv2(tmp_path: Path, form: str, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    cv2.imwrite(str(path), FORMS[form][0])
    want = GRAY if form == "gray" else cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2GRAY)
    assert np.array_equal(only_frame(path), want)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_12_bits_in_16_are_scaled_and_not_clipped(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    values = np.linspace(0, 4095, GRAY.size).reshape(GRAY.shape).astype(np.uint16)
    cv2.imwrite(str(path), values)
    assert np.array_equal(only_frame(path), np.rint(values * (255 / 4095)))


@pytest.mark.parametrize("last", [4100, 60000])
def test_a_folder_of_16_bit_pictures_has_one_scale(tmp_path: Path, last: int) -> None:
    for number, peak in enumerate((4080, 200, last)):
        pixels = np.full((64, 80), 100, np.uint16)
        pixels[0, 0] = peak
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
    with closing(open_images(tmp_path)) as recording:
        levels = [frame.pixels[5, 5] for frame in recording]
    expected = round(100 * 255 / (8191 if last == 4100 else 65535))
    assert levels == [expected] * 3


@pytest.mark.parametrize("name", ["a.webp", "a.apng", "a.png"])
def test_every_picture_of_an_animation_is_one(tmp_path: Path, name: str) -> None:
    animation = cv2.Animation()
    animation.frames = [colored(moving_gray(index)) for index in range(5)]
    animation.durations = [40] * 5
    written = tmp_path / name.replace(".apng", ".png")
    assert cv2.imwriteanimation(str(written), animation, [cv2.IMWRITE_WEBP_QUALITY, 101])
    written.rename(tmp_path / name)
    with closing(open_recording(str(tmp_path / name))) as recording:
        shown = [frame.pixels for frame in recording]
        later = next(iter(recording.frames_from(3)))
    real = [moving_gray(index).astype(float) for index in range(5)]
    nearest = [int(np.argmin([np.abs(one - other).mean() for other in real])) for one in shown]
    assert nearest == [0, 1, 2, 3, 4]
    assert np.array_equal(later.pixels, shown[3])


def test_an_animation_is_decoded_one_picture_at_a_time(tmp_path: Path) -> None:
    height, width, count = 480, 640, 60
    coded = cv2.imencode(".webp", np.full((height, width, 3), 90, np.uint8), [cv2.IMWRITE_WEBP_QUALITY, 1])[1]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    part = bytes(6) + size + bytes(4) + coded.tobytes()[12:]
    body = b"WEBPVP8X" + struct.pack("<II", 10, 2) + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body += (b"ANMF" + struct.pack("<I", len(part)) + part) * count
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with traced_below(count // 2 * 3 * height * width):
        means = [int(frame.pixels.mean()) for frame in open_images(tmp_path / "a.webp")]
    assert means == [means[0]] * count


def test_16_bit_colour_is_scaled_as_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), colored(GRAY).astype(np.uint16) * 257)
    want = cv2.cvtColor(colored(GRAY), cv2.COLOR_BGR2GRAY)
    assert np.abs(only_frame(tmp_path / "a.png").astype(int) - want).max() <= 1


def test_a_folder_is_read_in_the_order_that_people_count_in(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", frames=12)
    (folder / ".hidden.png").write_bytes(b"junk")
    (folder / "notes.txt").write_text("junk")
    assert [path.name for path in images_in(folder)] == [f"frame_{index}.png" for index in range(12)]
    means = [frame.pixels.mean() for frame in open_images(folder)]
    assert means == sorted(means)


def test_pictures_have_no_rate_of_their_own(tmp_path: Path) -> None:
    recording = open_images(write_images(tmp_path / "images", frames=3))
    assert recording.info.rate_hz is None
    assert recording.times_s == pytest.approx([0.0, 0.04, 0.08])


def test_a_bad_file_in_a_folder_is_named(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", frames=3)
    (folder / "frame_1.png").write_bytes(b"junk" * 50)
    with pytest.raises(SourceError, match=r"frame_1\.png"):
        open_images(folder)


def test_a_path_with_letters_of_any_language_opens(tmp_path: Path) -> None:
    path = tmp_path / "Schädel_心.png"
    path.write_bytes(cv2.imencode(".png", GRAY)[1].tobytes())
    assert np.array_equal(only_frame(path), GRAY)


@pytest.mark.parametrize(("bits", "kind"), [(8, 4), (16, 4), (16, 1)])
def test_a_tiff_in_which_white_is_0_is_turned(tmp_path: Path, bits: int, kind: int) -> None:
    height, width = GRAY.shape
    gray = GRAY.copy()
    gray[0, 0] = 255  # all bits are in use
    samples = (255 - gray if bits == 8 else 65535 - gray.astype(np.uint16) * 257).astype(f"<u{bits // 8}")
    fields = {256: width, 257: height, 258: bits, 259: 1, 262: 0, 273: 122, 277: 1, 278: height}
    entries = [
        struct.pack("<HHII", tag, kind if tag == 258 else 4, 1, value)
        for tag, value in (fields | {279: samples.nbytes}).items()
    ]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + b"".join(entries) + bytes(4)
    assert len(head) == fields[273]
    (tmp_path / "a.tif").write_bytes(head + samples.tobytes())
    assert np.array_equal(only_frame(tmp_path / "a.tif"), gray)


def test_numbers_in_letters_need_nothing_behind_the_last(tmp_path: Path) -> None:
    text = f"P2\n{GRAY.shape[1]} {GRAY.shape[0]}\n255\n" + " ".join(map(str, GRAY.ravel()))
    (tmp_path / "a.pgm").write_text(text)
    assert np.array_equal(only_frame(tmp_path / "a.pgm"), GRAY)


@pytest.mark.parametrize("name", ["a.webp", "a.jp2", "a.pgm", "a.ppm"])
def test_other_picture_files_are_read_as_well(tmp_path: Path, name: str) -> None:
    gray = moving_gray(3)
    flags = [cv2.IMWRITE_WEBP_QUALITY, 101] if name.endswith("webp") else []
    cv2.imwrite(str(tmp_path / name), gray if name != "a.ppm" else np.dstack([gray] * 3), flags)
    recording = open_recording(str(tmp_path / name))
    frame = next(iter(recording))
    assert (recording.info.width, recording.info.height) == gray.shape[::-1]
    assert np.abs(frame.pixels.astype(int) - gray).max() <= 1


BRIGHT = GRAY + (255 - GRAY.max())  # uses all bits


@pytest.mark.parametrize(
    ("codec", "form", "pixels", "ending"),
    [
        ("jpegls", "gray", BRIGHT, ".jls"),
        ("jpegls", "gray16le", BRIGHT.astype(np.uint16) << 4, ".jpg"),
        ("jpegls", "rgb24", np.dstack([BRIGHT] * 3), ""),
        ("ljpeg", "bgr24", np.dstack([BRIGHT] * 3), ".jpg"),
    ],
)
def test_lossless_kinds_of_jpeg_are_read_with_limits(tmp_path, codec, form, pixels, ending) -> None:
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width, encoder.pix_fmt = *BRIGHT.shape, form
    encoder.time_base = Fraction(1, 25)
    encoded = encoder.encode(av.VideoFrame.from_ndarray(pixels, form))
    path = tmp_path / f"a{ending}"
    path.write_bytes(data := b"".join(map(bytes, [*encoded, *encoder.encode(None)])))
    assert not is_trusted(path)
    with closing(open_recording(str(path))) as recording:
        (frame,) = recording
    assert np.abs(frame.pixels.astype(int) - BRIGHT).max() <= (1 if form == "gray16le" else 0)
    path.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    with pytest.raises(SourceError, match="cannot be decoded"):
        open_recording(str(path))


def test_a_jpeg_of_12_bits_says_so(tmp_path: Path) -> None:
    data = bytearray(cv2.imencode(".jpg", GRAY)[1].tobytes())
    data[data.index(b"\xff\xc0") + 1] = 0xC1
    data[data.index(b"\xff\xc1") + 4] = 12
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(SourceError, match="is a JPEG of 12 bits a sample"):
        open_recording(str(tmp_path / "a.jpg"))


@pytest.mark.parametrize("name", ["a.gif", "a.mjpeg", "a.h264", "a.m2ts", "a.3gp", "a.flv"])
def test_moving_pictures_of_less_common_kinds_are_cine_loops(tmp_path: Path, name: str) -> None:
    video = write_video(tmp_path / "v.avi", 12, "mjpeg", "yuvj420p")
    command = ["ffmpeg", "-loglevel", "error", "-i", str(video)]
    coded = {"a.h264": ["-c:v", "libx264"], "a.m2ts": ["-c:v", "libx264"], "a.3gp": ["-c:v", "libx264"]}
    subprocess.run([*command, *coded.get(name, []), str(tmp_path / name)], check=True, timeout=60)
    frames = list(open_recording(str(tmp_path / name)))
    assert len(frames) == 12
    assert frames[0].pixels.shape == (96, 128)


def test_a_picture_is_turned_upright_as_its_tag_says(tmp_path: Path) -> None:
    gray = moving_gray(3)
    _, coded = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, 100])
    tag = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"  # orientation 6
    data = coded.tobytes()
    (tmp_path / "turned.jpg").write_bytes(
        data[:2] + b"\xff\xe1" + struct.pack(">H", len(tag) + 2) + tag + data[2:]
    )
    recording = open_recording(str(tmp_path / "turned.jpg"))
    frame = next(iter(recording))
    assert (recording.info.width, recording.info.height) == gray.shape
    assert np.abs(frame.pixels.astype(int) - np.rot90(gray, -1)).max() <= 4


def test_every_page_of_a_long_tiff_comes_from_wherever_it_is_begun(tmp_path: Path) -> None:
    pages = [moving_gray(index) for index in range(40)]
    cv2.imwritemulti(str(tmp_path / "stack.tif"), pages)
    recording = open_recording(str(tmp_path / "stack.tif"))
    assert np.array_equal([frame.pixels for frame in recording], pages)
    assert np.array_equal([frame.pixels for frame in recording.frames_from(33)], pages[33:])


def test_bytes_behind_the_end_of_a_picture_do_no_harm(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), moving_gray(1))
    with (tmp_path / "a.png").open("ab") as file:
        file.write(bytes(200_000))
    assert np.array_equal(next(iter(open_recording(str(tmp_path / "a.png")))).pixels, moving_gray(1))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["x.png", "x.dcm", "x.mp4", "12345"])
def test_a_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        open_recording(str(tmp_path / name))


@needs_proc
def test_the_largest_picture_of_deep_colour_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    pixels = np.zeros((5000, 8000, 3), np.uint16)
    pixels[0, 0] = 65535
    cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    del pixels
    recording = open_recording(str(path))
    assert isinstance(recording, LimitedRecording)
    assert next(iter(recording)).pixels[0, 0] == 255
    assert memory_mb("VmHWM", recording.decoder) < 900  # in double precision it was 2.6 GB
    recording.close()
