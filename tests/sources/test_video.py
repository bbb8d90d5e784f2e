"""Video: times, rates and orientation as the file states them."""

import itertools
from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources.opening import open_recording
from scanmon.sources.video import VideoRecording
from tests.doubles.memory import forget_peak, memory_mb, needs_proc
from tests.doubles.recordings import moving_gray, write_video


def test_a_varying_rate_keeps_its_times(tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    stamps_ms = [0, 40, 50, 130, 131, 400, 1000, 1033]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, stamp in enumerate(stamps_ms):
            frame = av.VideoFrame.from_ndarray(moving_gray(index), format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    recording = VideoRecording(path)
    assert recording.times_s == pytest.approx(np.array(stamps_ms) / 1000, abs=0.0011)
    recording.close()


def test_an_empty_packet_is_not_the_end(tmp_path: Path) -> None:
    """Theora writes one for a picture that is the one before."""
    path = tmp_path / "v.nut"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuvj420p"
        for index in range(6):
            frame = av.VideoFrame.from_ndarray(moving_gray(index), format="gray").reformat(format="yuvj420p")
            (packet,) = stream.encode(frame)
            if index == 2:
                empty = av.Packet(b"")
                empty.pts, empty.dts = packet.pts, packet.dts
                empty.time_base, empty.stream, packet = packet.time_base, stream, empty
            container.mux(packet)
    recording = VideoRecording(path)
    assert len(list(recording)) == 5
    recording.close()


def test_a_start_time_other_than_0_is_taken_off(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.ts")  # MPEG-TS starts at 1.4 s
    recording = VideoRecording(path)
    assert recording.times_s[:3] == pytest.approx([0.0, 0.04, 0.08])
    assert recording.info.rate_hz == pytest.approx(25.0)
    recording.close()


def test_a_display_matrix_turns_the_picture_upright(tmp_path: Path) -> None:
    upright = VideoRecording(write_video(tmp_path / "v.mp4", frames=3))
    path = tmp_path / "turned.mp4"
    with av.open(str(tmp_path / "v.mp4")) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    turned = VideoRecording(path)
    assert (turned.info.width, turned.info.height) == (96, 128)
    want, got = next(iter(upright)), next(iter(turned))
    assert np.array_equal(got.pixels, np.rot90(want.pixels))
    upright.close()
    turned.close()


def test_every_clip_seeks_to_the_frame_that_playing_gives(shared: Path) -> None:
    for path in sorted((shared / "data" / "clips").glob("*.mp4")):
        recording = VideoRecording(path)
        middle = min(len(recording.times_s) // 2, 40)  # beyond the first group of pictures
        expected = {frame.index: frame.pixels for frame in islice(recording, middle, middle + 2)}
        frames = recording.frames_from(middle)
        for _ in range(2):
            frame = next(frames)
            assert np.array_equal(frame.pixels, expected[frame.index]), path.name
        recording.close()


def test_time_stamps_in_the_order_of_decoding_do_not_shuffle_the_frames(shared: Path) -> None:
    """`liver_sweep.mp4` stores its B-frames without display times."""
    recording = VideoRecording(shared / "data" / "clips" / "liver_sweep.mp4")
    frames = [frame.pixels for frame in recording]
    assert len(frames) == 139
    near = np.mean([cv2.norm(a, b, cv2.NORM_L1) for a, b in itertools.pairwise(frames)])
    skipped = np.mean([cv2.norm(a, b, cv2.NORM_L1) for a, b in zip(frames, frames[2:], strict=False)])
    assert near < skipped
    recording.close()


@pytest.mark.parametrize(("codec", "frames"), [("mpeg4", 4), ("ffv1", 0)])
def test_a_header_without_a_size_is_no_empty_picture(tmp_path: Path, codec: str, frames: int) -> None:
    path = write_video(tmp_path / "a.avi", 4, codec, "yuv420p")
    data = bytearray(path.read_bytes())
    for mark, place in ((b"avih", 40), (b"strf", 12)):
        at = data.index(mark) + place
        data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    if frames:  # the pictures say it
        with closing(open_recording(str(path))) as recording:
            assert [frame.pixels.shape for frame in recording] == [(96, 128)] * frames
        return
    with pytest.raises(SourceError, match="states no size of its pictures"):
        open_recording(str(path))


LISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{name}'\n",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "list.mpd": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><AdaptationSet><Representation id='0' bandwidth='1'><BaseURL>{name}</BaseURL></Representation>"
    "</AdaptationSet></Period></MPD>\n",
}


@pytest.mark.parametrize("name", [*LISTS, "list.mp4", "list.ts"])
def test_a_list_of_files_is_no_video_and_opens_none(name: str, tmp_path: Path) -> None:
    other = write_video(tmp_path / "other.ts", frames=30)
    path = tmp_path / name
    path.write_text(LISTS.get(name, LISTS["list.m3u8"]).replace("{name}", other.name))
    with pytest.raises(SourceError, match=r"list of other files|unknown format|Invalid data") as caught:
        open_recording(str(path))
    assert str(path) in str(caught.value)


def test_concatenation_by_name_is_a_name_of_a_file(tmp_path: Path) -> None:
    one = write_video(tmp_path / "v.ts")
    with pytest.raises(SourceError):
        open_recording(f"concat:{one}|{one}")


@needs_proc
def test_a_long_video_is_indexed_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "long.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "gray"
        for index in range(130):  # 120 MB
            frame = av.VideoFrame.from_ndarray(np.full((720, 1280), index, np.uint8), format="gray")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    before = memory_mb("VmRSS")
    forget_peak()
    recording = VideoRecording(path)
    assert len(recording.times_s) == 130
    recording.close()
    assert memory_mb("VmHWM") - before < 90
