"""Settings of a session: complete enough to score again, and without a path, an address or a file name."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from scanmon.app.sessions import session_settings
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.session.privacy import plain, plain_values
from scanmon.session.reader import read_session
from scanmon.session.recorder import Recorder
from scanmon.session.recording import About


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


def test_recorded_settings_can_be_read_as_settings(tmp_path: Path) -> None:
    settings = Settings(ScoringSettings(metric="nrq", organ="Liver", region="1,2,30,40", topk_frac=0.2))
    recorder = Recorder(tmp_path, About("video", settings=asdict(settings)))
    recorder.start()
    recorder.close()
    (folder,) = tmp_path.iterdir()
    assert session_settings(read_session(folder)) == settings


def test_a_session_does_not_choose_what_is_opened_here(tmp_path: Path) -> None:
    settings = Settings(ScoringSettings(bundle="foreign", metric="map", region="foreign,region"))
    recorder = Recorder(tmp_path, About("video", settings=asdict(settings)))
    recorder.start()
    recorder.close()
    (folder,) = tmp_path.iterdir()
    found = session_settings(read_session(folder)).scoring
    assert (found.bundle, found.region, found.metric) == ("default", None, "map")


def test_details_of_the_engine_lose_only_what_could_be_a_path() -> None:
    details = {"bundle_sha256": "ab" * 32, "gpu": "NVIDIA H100", "cache": "/home/erika/.cache"}
    assert plain_values(details) == {"bundle_sha256": "ab" * 32, "gpu": "NVIDIA H100"}
