"""Settings of a session: complete enough to score again, and without a path, an address or a file name."""

import gzip
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import av
import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from scanmon.app.sessions import session_settings
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.cli import main
from scanmon.core.schema import SESSION
from scanmon.session.parquet import read_table
from scanmon.session.privacy import plain, plain_values
from scanmon.session.reader import read_session
from scanmon.session.recorder import Recorder
from scanmon.session.store import About
from scanmon.sources.session import SessionRecording
from tests.doubles.names import brightest_beside, named_dicom, secrets_in
from tests.doubles.sessions import only

SIZE = (200, 260)  # height, width
SECTOR = (40, 50, 180, 130)  # x, y, width, height
FRAMES = 12
SMEAR = 24  # gray levels that a lossy codec may carry over the edge of the sector; writing is at 255


@pytest.mark.parametrize(
    "text", ["auto", "160,40,640,480", "default", "onnxruntime:fp32", "Skeletal muscle", "", "cuda:0", "0.15"]
)
def test_words_of_ours_are_kept(text: str) -> None:
    assert plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "/home/erika/bundle",
        "C:\\Users\\erika",
        "..\\bundle",
        "rtsp://user:secret@10.0.0.3/live",
        "10.0.0.3",
        "musterfrau.json",
        "Müller",
        "erika@clinic",
        "a\nb",
        "x" * 200,
    ],
)
def test_what_could_tell_who_or_where_is_left_out(text: str) -> None:
    assert not plain(text)
    assert plain_values({"scoring": {"region": text, "metric": "map"}}) == {"scoring": {"metric": "map"}}


def kept(settings: Settings, root: Path) -> Settings:
    """What a session gives back of them."""
    with closing(Recorder(root, About("video", settings=asdict(settings)))) as recorder:
        recorder.start()
    return session_settings(read_session(only(root)))


def test_recorded_settings_can_be_read_as_settings(tmp_path: Path) -> None:
    settings = Settings(ScoringSettings(metric="nrq", organ="Liver", region="1,2,30,40", topk_frac=0.2))
    assert kept(settings, tmp_path) == settings


def test_a_session_does_not_choose_what_is_opened_here(tmp_path: Path) -> None:
    settings = Settings(ScoringSettings(bundle="foreign", metric="map", region="foreign,region"))
    found = kept(settings, tmp_path).scoring
    assert (found.bundle, found.region, found.metric) == ("default", None, "map")


def test_details_of_the_engine_lose_only_what_could_be_a_path() -> None:
    details = {"bundle_sha256": "ab" * 32, "gpu": "NVIDIA H100", "cache": "/home/erika/.cache"}
    assert plain_values(details) == {"bundle_sha256": "ab" * 32, "gpu": "NVIDIA H100"}


def pictures() -> NDArray[np.uint8]:
    """(n, H, W) speckle, with the name written over all that is not the sector."""
    dice = np.random.default_rng(5)
    stack = []
    for _ in range(FRAMES):
        pixels = np.zeros(SIZE, np.uint8)
        for y in range(14, SIZE[0] + 14, 14):
            cv2.putText(pixels, "MUSTERFRAU ERIKA 19640812", (0, y), cv2.FONT_HERSHEY_PLAIN, 1, 255, 1)
        x, y, width, height = SECTOR
        noise = cv2.GaussianBlur(dice.normal(90, 60, (height, width)), (0, 0), 1.5)
        pixels[y : y + height, x : x + width] = np.clip(noise, 0, 255)
        stack.append(pixels)
    return np.stack(stack)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    return named_dicom(pictures(), tmp_path / "Musterfrau Erika 19640812" / "MUSTERFRAU_KH-4711-0815.dcm")


@pytest.mark.parametrize("options", [[], ["--lossless"]], ids=["h264", "ffv1"])
def test_no_name_gets_into_a_session_or_any_of_its_exports(planted, tmp_path, tiny_bundle, options) -> None:
    pytest.importorskip("highdicom", reason="highdicom comes with the extra `dicom`")
    assert secrets_in(planted), "the search itself finds nothing"
    sessions, exports = tmp_path / "sessions", tmp_path / "exports"
    exports.mkdir()
    region = ",".join(map(str, SECTOR))
    scoring = ["--bundle", str(tiny_bundle), "--metric", "map"]
    argv = ["replay", str(planted), "--headless", "--region", region, "--record", str(sessions)]
    assert main([*argv, *scoring, *options]) == 0
    (session,) = sessions.iterdir()
    for ending in ("csv", "parquet", "jsonl", "mp4", "png", "pdf", "dcm", "seq.nrrd"):
        assert main(["export", str(session), "--to", str(exports / f"out.{ending}")]) == 0

    written = [path for path in (*session.rglob("*"), *exports.iterdir()) if path.is_file()]
    assert len(written) == 2 + 10
    assert {path.name: found for path in written if (found := secrets_in(path))} == {}

    exact = bool(options)
    recording = SessionRecording(session)
    brightest = max(brightest_beside(frame.pixels, SECTOR) for frame in recording)
    recording.close()
    assert brightest <= (0 if exact else SMEAR)
    assert {text for group in read_table(exports / "out.parquet", SESSION) for text in group["source"]} == {
        "dicom"
    }
    assert set(read_session(session).table.texts("source")) == {"dicom"}
    packed = (exports / "out.seq.nrrd").read_bytes().split(b"\n\n", 1)[1]
    volume = np.frombuffer(gzip.decompress(packed), np.uint8).reshape(FRAMES, *SIZE)
    assert max(brightest_beside(picture, SECTOR) for picture in volume) <= (0 if exact else SMEAR)
    stored = pydicom.dcmread(exports / "out_pictures.dcm")
    assert (stored.Rows, stored.Columns) == (SECTOR[3], SECTOR[2])
    assert stored.BurnedInAnnotation == "NO"
    with av.open(str(exports / "out.mp4")) as film:
        picture = next(film.decode(video=0)).to_ndarray(format="gray")
    left = (picture.shape[1] - SIZE[1]) // 2
    assert brightest_beside(picture[: SIZE[0], left : left + SIZE[1]], SECTOR) <= SMEAR


def test_no_name_gets_into_an_error_of_a_session(planted: Path, tmp_path: Path, tiny_bundle: Path) -> None:
    sessions = tmp_path / "sessions"
    argv = ["replay", str(planted), "--headless", "--region", "full", "--record", str(sessions)]
    assert main([*argv, "--bundle", str(tiny_bundle), "--metric", "map"]) == 0
    (session,) = sessions.iterdir()
    assert not (session / "video.mkv").exists()
    assert {path.name: found for path in session.iterdir() if (found := secrets_in(path))} == {}
