"""The recorder: every captured frame has a row, pixels outside the sector never reach the disk."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.session import layout
from scanmon.core.values import Reason, Region
from scanmon.sinks.recording.encoder import Encoder, Packet
from scanmon.sources.material import material_in
from scanmon.sources.session import RecordedRegions, SessionRecording
from scanmon.sources.session_files import is_session, read_session
from tests.sinks.recording.material import SECTOR, analyses, analyzer, frame, frames, record, recorder, sector


def test_a_session_has_the_files_of_the_contract(tmp_path: Path) -> None:
    folder = record(tmp_path, 30)
    assert folder.name.startswith("run_2")
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.toml",
        "events.jsonl",
        "frames.parquet",
        "heatmaps.npz",
        "regions.jsonl",
        "session.json",
        "video.mkv",
    ]
    about = json.loads((folder / layout.ABOUT).read_text())
    assert about["complete"] is True
    assert (about["frames"], about["pictures"]) == (30, 30)
    assert (about["height"], about["width"]) == (91, 121)
    assert about["stored"] == "sector"
    assert is_session(folder)


def test_a_lossless_session_gives_back_the_sector_to_the_pixel_and_nothing_else(tmp_path: Path) -> None:
    recording = SessionRecording(record(tmp_path, 40, codec="ffv1"))
    region = sector()
    for original, stored in zip(frames(40), recording, strict=True):
        expected = np.zeros_like(original.pixels)
        expected[SECTOR.rows, SECTOR.columns] = original.pixels[SECTOR.rows, SECTOR.columns] * region.mask
        np.testing.assert_array_equal(stored.pixels, expected)
    recording.close()


def test_h264_is_close_inside_the_sector_and_black_outside(tmp_path: Path) -> None:
    recording = SessionRecording(record(tmp_path, 40))
    outside = np.ones((91, 121), bool)
    outside[SECTOR.rows, SECTOR.columns] = False
    for original, stored in zip(frames(40), recording, strict=True):
        assert stored.pixels.shape == original.pixels.shape
        # a codec smears over an edge by a few levels; writing would be at 255
        assert stored.pixels[outside].max() <= 24
        inside = cv2.erode(sector().mask.view(np.uint8), np.ones((5, 5), np.uint8)) > 0  # type: ignore[union-attr]
        difference = original.pixels[SECTOR.rows, SECTOR.columns][inside].astype(float)
        difference -= stored.pixels[SECTOR.rows, SECTOR.columns][inside]
        assert np.sqrt((difference**2).mean()) < 2.5
    recording.close()


def test_rows_hold_the_readings_and_times_of_the_source(tmp_path: Path) -> None:
    content = read_session(record(tmp_path, 20))
    for row, analysis in enumerate(analyses(20)):
        reading = content.reading(row)
        assert reading is not None
        assert reading == replace(analysis.reading, preprocess_ms=reading.preprocess_ms)
        record_ = content.table.record(row)
        assert record_["source"] == "video"
        assert record_["source_time_s"] == row / 25
        assert record_["captured_s"] is not None
        heat, recorded = analysis.heatmap, content.heatmap(row)
        assert heat is not None
        assert recorded is not None
        np.testing.assert_allclose(recorded, heat, atol=0.21)


def test_frames_that_were_never_analysed_have_rows_and_pixels_between_two_regions(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, codec="ffv1")
    keeper.start()
    score = analyzer()
    for picture in frames(12):
        keeper.capture(picture)
        if picture.index % 4 == 3:  # the three before it were replaced by newer ones
            keeper.write(score.analyze(picture))
    keeper.close()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert len(content.table) == 12
    reasons = content.table.texts("reason")
    assert [row for row in range(12) if reasons[row] is None] == [3, 7, 11]
    assert {reason for reason in reasons if reason} == {"dropped"}
    # before the first analysis no region is known; from then on pictures are stored
    assert content.table.texts("pixels") == ["withheld"] * 3 + ["stored"] * 9
    recording = SessionRecording(folder)
    for number, stored in enumerate(recording, start=3):
        inside = stored.pixels[40:60, 40:60]
        np.testing.assert_array_equal(inside, frame(number).pixels[40:60, 40:60])
        assert stored.pixels[:20].max() == 0
    recording.close()


def test_where_the_region_moves_a_frame_between_keeps_only_what_both_cover(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, codec="ffv1")
    keeper.start()
    score = analyzer()
    first, between, last = frames(3)
    moved = Region(replace(SECTOR, y=SECTOR.y + 30, height=30), None, (), "linear", "detected")
    keeper.capture(first)
    keeper.write(replace(score.analyze(first), region=Region(SECTOR)))
    keeper.capture(between)
    keeper.capture(last)
    keeper.write(replace(score.analyze(last), region=moved))
    keeper.close()
    (folder,) = tmp_path.iterdir()
    recording = SessionRecording(folder)
    stored = [picture.pixels for picture in recording]
    rows = [np.flatnonzero(pixels.any(axis=1)) for pixels in stored]
    assert [(row[0], row[-1]) for row in rows] == [(21, 81), (51, 80), (51, 80)]
    assert "region" in [event["kind"] for event in recording.content.events]
    finder = RecordedRegions(recording.content)
    assert [finder.find(picture).box.y for picture in recording] == [21, 21, 51]
    recording.close()


def test_without_a_sector_no_pixel_is_stored_unless_the_whole_screen_was_asked_for(tmp_path: Path) -> None:
    for name, whole, pictures in (("sector", False, 0), ("screen", True, 5)):
        keeper = recorder(tmp_path / name, whole_screen=whole)
        keeper.start()
        for analysis in analyses(5):
            keeper.capture(analysis.frame)
            full = replace(analysis.region, kind="full", origin="full")
            keeper.write(replace(analysis, region=full))
        keeper.flush()
        assert keeper.status().withheld == 5 - pictures
        assert keeper.status().whole_screen is whole
        keeper.close()
        (folder,) = (tmp_path / name).iterdir()
        about = json.loads((folder / layout.ABOUT).read_text())
        assert about["pictures"] == pictures
        assert about["stored"] == ("whole screen" if whole else "sector")
        assert len(read_session(folder).table) == 5


def test_lost_frames_have_rows_without_a_time(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.start()
    score = analyzer()
    for index in (0, 1, 5, 6):
        keeper.write(score.analyze(frame(index)))
    keeper.close()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert len(content.table) == 7
    assert [content.table.record(row)["time_s"] is None for row in range(7)] == [0, 0, 1, 1, 1, 0, 0]
    assert content.pictures.tolist() == [0, 1, 5, 6]


def test_a_seek_backwards_goes_on_in_time(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.start()
    score = analyzer()
    for index in (10, 11, 2, 3, 4):
        keeper.write(score.analyze(frame(index)))
    keeper.close()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    np.testing.assert_allclose(content.table.numbers("time_s"), np.arange(5) / 25, atol=1e-9)
    assert content.table.numbers("source_frame").tolist() == [10, 11, 2, 3, 4]
    assert [event["frame"] for event in content.events if event["kind"] == "jump"] == [2]


def test_events_tell_of_verdicts_freezes_bookmarks_and_the_end(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.start()
    for analysis in analyses(6):
        frozen = replace(analysis.reading, reason=Reason.FROZEN, verdict=None)
        stopped = replace(analysis, reading=frozen, heatmap=None)
        keeper.write(stopped if analysis.frame.index in (2, 3) else analysis)
        if analysis.frame.index == 4:
            keeper.bookmark("here")
    keeper.close()
    (folder,) = tmp_path.iterdir()
    events = read_session(folder).events
    assert [(event["kind"], event["frame"]) for event in events] == [
        ("start", -1),
        ("verdict", 0),
        ("freeze", 2),
        ("signal_back", 4),
        ("bookmark", 4),
        ("stop", 5),
    ]
    assert events[4]["text"] == "here"


def test_a_snapshot_is_the_sector_alone(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.start()
    for analysis in analyses(3):
        keeper.write(analysis)
    keeper.snapshot()
    keeper.close()
    (png,) = tmp_path.glob("run_*/snapshots/*.png")
    assert png.name == "frame_000002.png"
    picture = cv2.imread(str(png), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    np.testing.assert_array_equal(picture[40:60, 40:60], frame(2).pixels[40:60, 40:60])
    assert picture[:20].max() == 0


def test_recording_can_begin_in_the_past(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, past_s=2.0, codec="ffv1")
    source = list(analyses(100))
    for analysis in source[:75]:
        keeper.write(analysis)
    keeper.start(past_s=1.0)
    for analysis in source[75:]:
        keeper.write(analysis)
    keeper.stop()
    assert keeper.flush()
    (folder,) = tmp_path.iterdir()
    recording = SessionRecording(folder)
    numbers = recording.content.table.numbers("source_frame")
    assert numbers.tolist() == list(range(49, 100))  # 1 s at 25 Hz before frame 75, and all since
    np.testing.assert_array_equal(
        next(recording.frames_from(3)).pixels[40:60, 40:60], source[52].frame.pixels[40:60, 40:60]
    )
    recording.close()
    keeper.close()


def test_a_recording_that_begins_with_a_picture_never_analysed_has_its_region(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, past_s=2.0, codec="ffv1")
    score = analyzer()
    for picture in frames(50):
        keeper.capture(picture)
        if picture.index % 2:  # every other one was replaced by a newer one
            keeper.write(score.analyze(picture))
    keeper.start(past_s=0.3)
    keeper.close()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert content.table.texts("reason")[0] == "dropped"
    assert content.table.texts("pixels")[0] == "stored"
    assert content.region(0) == content.region(1)
    assert content.region(0) is not None


def test_the_past_in_h264_begins_with_a_picture_that_can_be_decoded(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, past_s=3.0)
    source = list(analyses(80))
    for analysis in source:
        keeper.write(analysis)
    keeper.start(past_s=1.5)
    keeper.close()
    (folder,) = tmp_path.iterdir()
    recording = SessionRecording(folder)
    # keys are every 30 frames: 60 is the first within the last 1.5 s (frames 42 to 79)
    assert recording.content.table.numbers("source_frame").tolist() == list(range(60, 80))
    stored = [picture.pixels[40:60, 40:60].astype(float) for picture in recording]
    wanted = [analysis.frame.pixels[40:60, 40:60] for analysis in source[60:]]
    assert max(float(np.abs(a - b).mean()) for a, b in zip(stored, wanted, strict=True)) < 2
    recording.close()


def test_each_start_gives_a_folder_and_another_size_too(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    score = analyzer()
    keeper.start()
    keeper.write(score.analyze(frame(0)))
    keeper.stop()
    keeper.start()
    keeper.write(score.analyze(frame(1)))
    keeper.write(score.analyze(frame(2, size=(120, 160))))
    keeper.close()
    sizes = [
        (about["height"], about["width"], about["pictures"])
        for folder in sorted(tmp_path.iterdir())
        for about in [json.loads((folder / layout.ABOUT).read_text())]
    ]
    assert sorted(sizes) == [(91, 121, 1), (91, 121, 1), (120, 160, 1)]


def test_nothing_is_written_before_start(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    for analysis in analyses(5):
        keeper.write(analysis)
    keeper.close()
    assert list(tmp_path.iterdir()) == []


def test_a_nearly_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, free_bytes=10**18)
    keeper.start()
    keeper.flush()
    assert keeper.status().state == "failed"
    with pytest.raises(SinkError, match="MB are free"):
        keeper.close()
    assert list(tmp_path.iterdir()) == []
    keeper.close()


def test_names_never_reach_a_session(tmp_path: Path) -> None:
    folder = record(tmp_path, 5)
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"JANE" not in path.read_bytes(), path.name
    assert {read_session(folder).table.record(row)["source"] for row in range(5)} == {"video"}


def test_a_slow_disk_holds_nobody_up_and_costs_pictures_but_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = threading.Event()
    encode = Encoder.encode

    def slow(self: Encoder, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        disk.wait(30.0)
        return encode(self, pixels, time_s)

    monkeypatch.setattr(Encoder, "encode", slow)
    keeper = recorder(tmp_path, wait=False, queue_bytes=10 * 91 * 121)
    keeper.start()
    for analysis in analyses(200):
        keeper.capture(analysis.frame)
        keeper.write(analysis)
    lost = keeper.status().not_stored
    assert lost >= 180  # ten wait in the queue, and a few may have been taken before
    disk.set()
    keeper.close()
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert len(content.table) == 200
    assert content.table.texts("pixels").count("lost") == lost
    assert np.isfinite(content.table.numbers("score")).all()
    assert json.loads((folder / layout.ABOUT).read_text())["not_stored"] == lost


def test_stored_material_waits_for_a_slow_disk(tmp_path: Path) -> None:
    folder = record(tmp_path, 100, queue_bytes=91 * 121, codec="ffv1")
    assert json.loads((folder / layout.ABOUT).read_text())["pictures"] == 100


def test_a_session_in_a_folder_of_material_is_one_cine_loop(tmp_path: Path) -> None:
    folder = record(tmp_path / "archive", 5)
    cv2.imwrite(str(tmp_path / "archive" / "picture.png"), np.zeros((64, 64), np.uint8))
    assert list(material_in(tmp_path / "archive")) == [tmp_path / "archive" / "picture.png", folder]
    assert list(material_in(folder)) == [folder]
