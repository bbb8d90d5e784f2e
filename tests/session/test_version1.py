"""Sessions of schema 1 still open: one that was ended and one that was cut off, by an earlier scanmon."""

import io
import json
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.app.sessions import export_session, open_session, session_settings
from scanmon.core.errors import SettingsError, SourceError
from scanmon.session import version1
from scanmon.session.reader import is_session, read_session
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import (
    Spoil,
    analyses,
    cut,
    most_are_played_or_refused,
    overwrite,
    played_or_refused,
    refused_by_name,
)

DATA = Path(__file__).parent / "data"
FRAMES = 12
FILES = ["session.json", "frames.parquet", "heatmaps.npz", "regions.jsonl", "events.jsonl", "video.mkv"]
REGION = '{"kind":"box","origin":"user","outline":%s,"box":%s,"mask":%s}\n'


@pytest.fixture(params=["ended", "cut_off"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = "version1_whole" if request.param == "ended" else "version1_cut_off"
    return Path(shutil.copytree(DATA / name, tmp_path / request.param))


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "version1_whole", tmp_path / "run"))


def test_all_that_was_recorded_is_there_and_nothing_is_written(session: Path) -> None:
    before = {path: path.read_bytes() for path in session.iterdir()}
    assert is_session(session)
    recording = open_session(session)
    content = recording.content
    assert content.complete is (session.name == "ended")
    assert session_settings(content).scoring.metric == "map"
    assert [event["kind"] for event in content.events][:3] == ["start", "verdict", "bookmark"]
    assert len(content.table) == FRAMES
    played = list(recording)
    assert len(played) > FRAMES // 2
    for analysis, frame in zip(analyses(len(played)), played, strict=True):
        row = int(content.pictures[frame.index])
        reading, region, heat = content.reading(row), content.region(row), content.heatmap(row)
        assert reading is not None and region is not None and heat is not None
        assert reading.score == analysis.reading.score
        assert reading.verdict == analysis.reading.verdict
        assert content.table.record(row)["second_score"] == 2.0
        np.testing.assert_array_equal(region.mask, analysis.region.mask)
        np.testing.assert_allclose(heat, analysis.heatmap, atol=0.21)
        difference = frame.pixels[40:60, 40:60].astype(float) - analysis.frame.pixels[40:60, 40:60]
        assert np.abs(difference).mean() < 2
    recording.close()
    assert content.heatmap(FRAMES) is None
    assert {path: path.read_bytes() for path in session.iterdir()} == before


def test_its_table_can_be_exported(session: Path, tmp_path: Path) -> None:
    export_session(session, tmp_path / "out.csv")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == FRAMES + 1


def test_without_duckdb_an_ended_session_says_what_to_install(ended, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r'pip install "scanmon\[parquet\]"'):
        read_session(ended)


def spoil_json(change: dict[str, object]) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / version1.ABOUT
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    return spoil


DAMAGE: dict[str, tuple[str, Spoil]] = {
    "another schema": ("session.json", spoil_json({"schema_version": 99})),
    "a size that is no number": ("session.json", spoil_json({"height": "tall"})),
    "a size that is none": ("session.json", spoil_json({"width": -5})),
    "a size that is not the video's": ("session.json", spoil_json({"width": 500})),
    "a table cut short": ("frames.parquet", cut("frames.parquet")),
    "no table at all": ("frames.parquet", lambda folder: (folder / "frames.parquet").unlink()),
    "heatmaps cut short": ("heatmaps.npz", cut("heatmaps.npz")),
}
WRITTEN: dict[str, tuple[str, str | bytes]] = {
    "no JSON": ("session.json", "{"),
    "a list": ("session.json", "[1]"),
    "nested too deep": ("session.json", "[" * 50_000),
    "settings that are no TOML": ("config.toml", "a = ["),
    "a table of nothing": ("frames.parquet", ""),
    "a region that is none": ("regions.jsonl", '{"box":[1,2]}\n'),
    "a mask of another size": ("regions.jsonl", REGION % ("[]", "[0,0,9,9]", '"eJwDAAAAAAE="')),
    "a region outside": ("regions.jsonl", REGION % ("[]", "[-5,0,9,9]", "null")),
    "a region outside the picture": ("regions.jsonl", REGION % ("[]", "[0,0,5000,9]", "null")),
    "a corner that cannot be drawn": ("regions.jsonl", REGION % ("[[NaN,0]]", "[0,0,9,9]", "null")),
    "an event without a time": ("events.jsonl", '{"kind":"start"}\n'),
    "an event whose time is a text": ("events.jsonl", '{"kind":"start","time_s":"x"}\n'),
    "no video": ("video.mkv", b"\x1a\x45\xdf\xa3" + b"\0" * 40),
}
DAMAGE |= {damage: (name, overwrite(name, data)) for damage, (name, data) in WRITTEN.items()}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_one_line_that_names_the_file(ended: Path, damage: str) -> None:
    name, spoil = DAMAGE[damage]
    refused_by_name(ended, spoil, name)


def test_a_bomb_in_the_heatmaps_is_not_unpacked(ended: Path) -> None:
    with zipfile.ZipFile(ended / "heatmaps.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("frames_00000.npy", b"\0" * (300 << 20))
    with pytest.raises(SourceError, match="too large"):
        SessionRecording(ended)


@pytest.mark.parametrize("maps", ["missing", "texts", "empty", "fewer"])
def test_heatmaps_that_are_none_are_an_error_of_ours(ended: Path, maps: str) -> None:
    arrays: dict[str, np.ndarray] = {"frames_00000": np.arange(12)}
    if maps != "missing":
        arrays["maps_00000"] = {
            "texts": np.full((12, 2, 2), "x"),
            "empty": np.zeros((12, 0, 0), np.uint8),
            "fewer": np.zeros((3, 2, 2), np.uint8),
        }[maps]
    np.savez(ended / "heatmaps.npz", **arrays)
    content = read_session(ended)
    with pytest.raises(SourceError, match=r"heatmaps\.npz"):
        content.heatmap(5)


def test_a_row_that_makes_no_sense_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / version1.ABOUT).write_text('{"schema_version":1}')
    (tmp_path / "frames.jsonl").write_text('{"frame":0}\n{"frame":"high"}\n')
    with pytest.raises(SourceError, match="is damaged"):
        export_session(tmp_path, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_table_cut_short_has_its_whole_rows(tmp_path: Path) -> None:
    (tmp_path / "frames.jsonl").write_bytes(b'{"frame":0,"score":1.5}\n{"frame":1}\n{"fra')
    (tmp_path / version1.ABOUT).write_text('{"schema_version":1}')
    table = read_session(tmp_path).table
    assert (len(table), table.record(0)["score"]) == (2, 1.5)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_or_damaged_end_of_the_heatmaps_loses_nothing_before_it(data: st.DataObject) -> None:
    body = zlib.compress(bytes(25))
    head = struct.Struct("<2sIHHII")
    pieces = [head.pack(b"HM", n, 5, 5, len(body), zlib.crc32(body)) + body for n in range(6)]
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    complete = sum(len(b"".join(pieces[: n + 1])) <= cut for n in range(6))
    garbage = data.draw(st.binary(max_size=30))
    read = [row for row, _ in version1._heat_records(io.BytesIO(whole[:cut] + garbage))]
    assert read[:complete] == list(range(complete))


@pytest.mark.parametrize("seed", range(12))
def test_any_damaged_byte_is_harmless_or_an_error_of_ours(ended: Path, seed: int) -> None:
    assert played_or_refused(ended, FILES, seed) in ("played", "refused")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_fifteen_hundred_damaged_sessions_are_played_or_refused(ended, record_property) -> None:
    most_are_played_or_refused(ended, FILES, record_property)
