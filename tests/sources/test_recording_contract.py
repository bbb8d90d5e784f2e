"""What every recording promises, whatever it is made of."""

import gc
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording, SourceInfo
from scanmon.sources.opening import open_recording
from scanmon.sources.recordings import IndexedRecording, steady_times
from tests.doubles.recordings import moving_gray, shipped_dicom, write_dicom, write_images, write_video
from tests.doubles.scenes import PATIENCE_S

OPEN_GROUPS = {"g": "12", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}
REFRESH = {"x264-params": "intra-refresh=1:keyint=20"}
Make = Callable[[Path], str]


def _dicom(folder: Path) -> str:
    pixels = np.stack([moving_gray(index) for index in range(15)])
    return str(write_dicom(folder / "cine.dcm", pixels, FrameTime=40.0))


def _dicom_folder(folder: Path) -> str:
    (folder / "series").mkdir()
    for index in range(12):
        write_dicom(folder / "series" / f"IM{index:03d}", moving_gray(index)[None], InstanceNumber=index + 1)
    return str(folder / "series")


def _one_image(folder: Path) -> str:
    cv2.imwrite(str(folder / "one.png"), moving_gray(3))
    return str(folder / "one.png")


_video = partial(write_video, frames=40)  # several groups of pictures
KINDS: dict[str, Make] = {
    "h264, open groups, mp4": lambda f: str(_video(f / "v.mp4", options=OPEN_GROUPS)),
    "h264, open groups, mpeg-ts": lambda f: str(_video(f / "v.ts", options=OPEN_GROUPS)),
    "h264, open groups, mkv": lambda f: str(_video(f / "v.mkv", options=OPEN_GROUPS)),
    "h264, gradual refresh": lambda f: str(_video(f / "v.mp4", options=REFRESH)),
    "h264 without a container": lambda f: str(_video(f / "v.h264", options={"bf": "2"})),
    "h265": lambda f: str(
        _video(f / "v.mp4", codec="libx265", options={"x265-params": "keyint=12:log-level=none"})
    ),
    "mpeg-2": lambda f: str(_video(f / "v.mpg", codec="mpeg2video", options={"bf": "2", "g": "9"})),
    "mpeg-4 in avi": lambda f: str(_video(f / "v.avi", codec="mpeg4", options={"bf": "2"})),
    "mjpeg in avi": lambda f: str(_video(f / "v.avi", codec="mjpeg", pixel_format="yuvj422p")),
    "ffv1": lambda f: str(_video(f / "v.mkv", codec="ffv1")),
    "vp9": lambda f: str(_video(f / "v.webm", codec="libvpx-vp9", options={"g": "15"})),
    "gif": lambda f: str(_video(f / "v.gif", frames=20, codec="gif", pixel_format="rgb8")),
    "dicom, uncompressed": _dicom,
    "dicom, jpeg colour": lambda _: str(shipped_dicom("examples_ybr_color.dcm")),
    "dicom, one frame with a palette": lambda _: str(shipped_dicom("examples_palette.dcm")),
    "dicom, a file for each frame": _dicom_folder,
    "folder of images": lambda f: str(write_images(f / "images")),
    "one image": _one_image,
    "phantom, sector": lambda _: "phantom:seed=5,size=160x120,frames=20",
    "phantom, linear": lambda _: "phantom:seed=5,size=160x120,frames=20,geometry=linear",
}


# of those that another process decodes one: it is closed, whatever it decodes
CLOSED_IN_THEIR_OWN_WAY = [
    "h264, open groups, mp4",
    "dicom, uncompressed",
    "dicom, a file for each frame",
    "folder of images",
    "one image",
    "phantom, sector",
]


@pytest.fixture(params=KINDS, scope="module")
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return KINDS[request.param](tmp_path_factory.mktemp("material"))


@pytest.fixture
def recording(source: str) -> Iterator[Recording]:
    recording = open_recording(source)
    yield recording
    recording.close()


def test_frames_are_counted_from_0_and_all_there(recording: Recording) -> None:
    frames = list(recording)
    assert [frame.index for frame in frames] == list(range(len(recording.times_s)))
    assert recording.info.frames == len(frames)
    assert frames[0].pixels.shape == (recording.info.height, recording.info.width)


def test_times_start_at_0_and_grow_strictly(recording: Recording) -> None:
    times_s = recording.times_s
    assert times_s[0] == 0.0
    assert (np.diff(times_s) > 0).all()
    assert [frame.time_s for frame in recording] == times_s.tolist()


def test_a_second_run_gives_the_same_frames(recording: Recording) -> None:
    first = [frame.pixels for frame in recording]
    assert all(np.array_equal(a, frame.pixels) for a, frame in zip(first, recording, strict=True))


def test_starting_at_any_frame_equals_skipping_to_it(source: str) -> None:
    recording = open_recording(source)
    expected = list(recording)

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(expected) - 1))
    def check(start: int) -> None:
        for frame, want in zip(islice(recording.frames_from(start), 4), expected[start:], strict=False):
            assert frame.index == want.index
            assert frame.time_s == want.time_s
            assert np.array_equal(frame.pixels, want.pixels)

    check()
    assert len(list(recording.frames_from(len(expected) - 1))) == 1
    recording.close()


def test_two_iterations_do_not_disturb_each_other(recording: Recording) -> None:
    expected = [frame.pixels for frame in recording]
    last = len(expected) - 1
    forward, ahead = iter(recording), recording.frames_from(last // 2)
    for index in range(min(4, last - last // 2 + 1)):
        assert np.array_equal(next(forward).pixels, expected[index])
        assert np.array_equal(next(ahead).pixels, expected[last // 2 + index])


def test_arrays_are_read_only_bytes_that_nobody_writes_again(recording: Recording) -> None:
    frames = list(islice(recording, 3))
    copies = [frame.pixels.copy() for frame in frames]
    list(recording)
    for frame, copy in zip(frames, copies, strict=True):
        assert np.array_equal(frame.pixels, copy)
        assert frame.pixels.dtype == np.uint8
        assert not frame.pixels.flags.writeable
        if frame.chroma is not None:
            assert frame.chroma.dtype == np.uint8
            assert not frame.chroma.flags.writeable
            assert frame.chroma.size <= frame.pixels.size // 2


def test_an_index_outside_is_refused_with_the_range(recording: Recording) -> None:
    count = len(recording.times_s)
    for wrong in (-1, count):
        with pytest.raises(SourceError, match=f"no frame {wrong}.*use 0 to {count - 1}"):
            recording.frames_from(wrong)


@pytest.mark.parametrize("count", [0, 2])
def test_a_recording_without_its_frames_says_so_to_who_takes_the_first(count: int) -> None:
    info = SourceInfo("a.xyz", 8, 8, None, count)
    recording = IndexedRecording(info, steady_times(count, 25.0), lambda _: iter(()))
    with pytest.raises(SourceError, match=r"^a\.xyz: (holds no picture|ends before frame 0); "):
        next(iter(recording))


def test_closing_ends_an_iteration_and_may_be_repeated(source: str) -> None:
    recording = open_recording(source)
    frames = iter(recording)
    next(frames)
    recording.close()
    recording.close()
    assert list(frames) == []
    assert list(recording) == []


@pytest.mark.parametrize("source", CLOSED_IN_THEIR_OWN_WAY, indirect=True)
def test_closing_from_another_thread_ends_the_iteration(source: str) -> None:
    recording = open_recording(source)
    started = threading.Event()
    seen: list[int] = []

    def loop() -> None:
        for _ in range(10_000):
            before = len(seen)
            for frame in recording:
                seen.append(frame.index)
                started.set()
            if len(seen) == before:
                return

    thread = threading.Thread(target=loop)
    thread.start()
    assert started.wait(PATIENCE_S)
    recording.close()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_nothing_stays_open_behind(source: str) -> None:
    gc.collect()
    before = _open_files()
    recording = open_recording(source)
    unfinished = iter(recording)
    next(unfinished)
    list(recording)
    recording.close()
    assert _open_files() == before


def test_the_name_is_not_a_path(recording: Recording) -> None:
    assert "/" not in recording.info.name


def _open_files() -> list[str]:
    """Files that this process holds open; empty where the system does not say."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return []
    names = []
    for entry in folder.iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("/") and not target.startswith("/proc"):
            names.append(target)
    return sorted(names)
