"""Files that may do harm are read by a process with limits: it ends, and this one says one line."""

import os
import signal
import struct
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.sources import limited_recording
from scanmon.sources.limited_recording import LimitedRecording
from scanmon.sources.opening import is_trusted, open_file, open_recording
from tests.doubles.memory import forget_peak, memory_mb, needs_proc
from tests.doubles.recordings import moving_gray, shipped_dicom, write_dicom, write_video
from tests.doubles.scenes import wait_until

_posix = pytest.mark.skipif(sys.platform == "win32", reason="processes are looked at through their signals")


def _many_scans(path: Path, scans: int) -> Path:
    """A progressive JPEG of 4096 x 4096 whose last pass is there again and again."""
    coded = cv2.imencode(".jpg", np.zeros((4096, 4096), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[
        1
    ].tobytes()
    last = coded.rfind(b"\xff\xda")
    path.write_bytes(coded[:last] + coded[last:-2] * scans + b"\xff\xd9")
    return path


def _tiled(path: Path) -> Path:
    """A TIFF of 64 x 64 pixels in a tile of 60000 x 60000."""
    entries = [(256, 4, 64), (257, 4, 64), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    entries += [(322, 4, 60000), (323, 4, 60000), (324, 4, 500), (325, 4, 100)]
    fields = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(entries)) + fields + bytes(9000))
    return path


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def apart(path: str) -> LimitedRecording:
    """What another process reads for this one."""
    recording = open_recording(path)
    assert isinstance(recording, LimitedRecording)
    return recording


@pytest.mark.parametrize("make", [lambda f: _many_scans(f / "a.jpg", 2000), lambda f: _tiled(f / "a.tif")])
def test_a_small_file_that_asks_for_much_is_refused_in_one_line(tmp_path, monkeypatch, make) -> None:
    monkeypatch.setattr(limited_recording, "STEP_S", 0.7)
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(SourceError, match=r"takes too long|memory|cannot be decoded") as caught:
        list(open_recording(str(path)))
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


@_posix
def test_a_process_that_is_ended_in_mid_picture_is_waited_for(tmp_path: Path) -> None:
    recording = apart(str(write_video(tmp_path / "a.mp4")))
    frames = iter(recording)
    next(frames)
    with recording._lock:  # as another thread has it, which finds the recording closed afterwards
        recording.close()
    assert not _alive(recording.decoder)
    assert next(frames, None) is None


@needs_proc
def test_memory_is_limited_in_the_process_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.nrrd"
    path.write_bytes(
        b"NRRD0004\ntype: double\ndimension: 3\nsizes: 1024 1024 60\nencoding: gzip\n"
        b"kinds: domain domain list\n\n" + _packed_zeros(8 * 60 << 20)
    )
    with closing(apart(str(path))) as recording:
        assert len(list(recording)) == 60
        assert memory_mb("VmHWM", recording.decoder) < 900
        limits = Path(f"/proc/{recording.decoder}/limits").read_text()
    assert "Max data size             unlimited" not in limits


def _packed_zeros(size: int) -> bytes:
    import gzip

    return gzip.compress(bytes(size), 1)


@_posix
def test_a_decoder_that_dies_costs_its_file_alone(tmp_path: Path) -> None:
    path = str(write_video(tmp_path / "a.mp4", frames=30))
    recording = apart(path)
    frames = iter(recording)
    next(frames)
    os.kill(recording.decoder, signal.SIGKILL)
    with pytest.raises(SourceError, match=r"a\.mp4: .*crashes what reads it"):
        list(frames)
    recording.close()
    with closing(open_recording(path)) as again:
        assert len(list(again)) == 30


def test_a_library_that_is_missing_is_no_fault_of_the_file(tmp_path: Path, monkeypatch) -> None:
    path = str(write_video(tmp_path / "a.mp4", frames=3))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pydicom.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    monkeypatch.setattr(limited_recording, "_idle", [])
    with pytest.raises(SourceError, match=r"a\.mp4: what reads it does not start; scanmon doctor"):
        open_recording(path)


def test_a_process_is_used_again_also_by_who_forgets_to_close(tmp_path: Path) -> None:
    path = str(write_video(tmp_path / "a.mp4", frames=10))
    used = set()
    for _ in range(3):
        recording = apart(path)
        assert len(list(islice(recording, 4))) == 4
        used.add(recording.decoder)
        del recording
    assert len(used) == 1


@_posix
def test_the_decoder_ends_with_its_parent_even_if_that_is_killed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=30)
    code = (
        "import sys, time; from scanmon.sources.opening import open_recording\n"
        f"r = open_recording({str(path)!r}); next(iter(r)); print(r.decoder, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    decoder = int(parent.stdout.readline())
    assert _alive(decoder)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not _alive(decoder))


def test_frames_are_those_that_this_process_would_read(tmp_path: Path) -> None:
    path = shipped_dicom("examples_ybr_color.dcm")
    with closing(apart(str(path))) as elsewhere, closing(open_file(path)) as here:
        assert not isinstance(here, LimitedRecording)
        assert elsewhere.info == here.info
        assert np.array_equal(elsewhere.times_s, here.times_s)
        for one, other in zip(elsewhere, here, strict=True):
            assert (one.index, one.time_s, one.declared) == (other.index, other.time_s, other.declared)
            assert np.array_equal(one.pixels, other.pixels)
            for mine, theirs in ((one.chroma, other.chroma), (one.colour, other.colour)):
                assert mine is not None and np.array_equal(mine, theirs)


def test_many_large_pictures_in_a_few_bytes_end_before_long(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(limited_recording, "STEP_S", 0.3)
    head = b"GIF89a" + struct.pack("<HHBBB", 3000, 3000, 0x80, 0, 0) + bytes(6)
    frame = b"\x21\xf9\x04\0\1\0\0\0\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    path = tmp_path / "a.gif"
    path.write_bytes(head + frame * 3000 + b"\x3b")
    with pytest.raises(SourceError, match=r"a\.gif.*too long"):
        list(open_recording(str(path)))


def test_plain_pictures_and_uncompressed_dicom_need_no_process(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), moving_gray(1))
    cv2.imwrite(str(tmp_path / "b.jpg"), moving_gray(1))
    assert is_trusted(tmp_path / "a.png")
    assert is_trusted(tmp_path)
    assert is_trusted(write_dicom(tmp_path / "c.dcm", moving_gray(1)[None]))
    assert not is_trusted(_many_scans(tmp_path / "d.jpg", 20))
    assert not is_trusted(tmp_path)
    assert not is_trusted(shipped_dicom("examples_ybr_color.dcm"))
    (tmp_path / "e.h5").write_bytes((tmp_path / "a.png").read_bytes())
    assert not is_trusted(tmp_path / "e.h5")
    (tmp_path / "large.pgm").write_bytes(b"P5 5000 5000 255\n")
    assert not is_trusted(tmp_path / "large.pgm")
    (tmp_path / "noted.pgm").write_bytes(b"P5 #\r8192 4096 255\n1 1 255\n")
    assert not is_trusted(tmp_path / "noted.pgm")
    (tmp_path / "dicom.tif").write_bytes((tmp_path / "c.dcm").read_bytes())
    assert not is_trusted(tmp_path / "dicom.tif")


@needs_proc
def test_a_png_that_states_more_than_it_holds_is_read_with_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), moving_gray(1))
    data = path.read_bytes()
    path.write_bytes(data[:33] + struct.pack(">I", 1 << 30) + b"abCd" + data[33:])
    assert not is_trusted(path)
    forget_peak()
    before_mb = memory_mb("VmHWM")
    with pytest.raises(SourceError, match="cannot be decoded"):
        list(open_recording(str(path)))
    assert memory_mb("VmHWM") < before_mb + 100


def test_a_second_transfer_syntax_counts_as_the_reader_counts_it(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", moving_gray(1)[None])
    data = path.read_bytes()
    at = data.index(b"\2\0\x10\0UI")
    deflated = b"\2\0\x10\0UI\x16\0" + b"1.2.840.10008.1.2.1.99"
    end = at + 8 + int.from_bytes(data[at + 6 : at + 8], "little")
    path.write_bytes(data[:end] + deflated + data[end:])
    assert not is_trusted(path)


@pytest.mark.skipif(not hasattr(os, "SEEK_DATA"), reason="holes cannot be asked for")
def test_a_file_of_holes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42")
        file.truncate(40 << 30)
    with pytest.raises(SourceError, match="sparse"):
        open_recording(str(path))


@_posix
def test_a_process_that_died_while_it_waited_is_not_used_again(tmp_path: Path) -> None:
    path = str(write_video(tmp_path / "a.mp4", frames=10))
    recording = apart(path)
    decoder = recording.decoder
    recording.close()
    os.kill(decoder, signal.SIGKILL)
    os.waitid(os.P_PID, decoder, os.WEXITED | os.WNOWAIT)
    with closing(open_recording(path)) as again:
        assert len(list(again)) == 10
