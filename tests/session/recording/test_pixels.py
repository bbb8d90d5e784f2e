"""Pixels outside the sector never reach the disk; those inside are what was seen."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.values import Frame, Region
from scanmon.session.entries import WAITING_BYTES, FrameMatcher
from scanmon.session.reader import read_session
from scanmon.sources.session import RecordedRegions, SessionRecording
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.sessions import (
    SECTOR,
    analyses,
    analyzer,
    begun,
    frame,
    frames,
    only,
    record,
    recorder,
    sector,
)


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


def test_frames_that_were_never_analysed_have_rows_and_pixels_between_two_regions(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, codec="ffv1")
    keeper.start()
    score = analyzer()
    for picture in frames(12):
        keeper.capture(picture)
        if picture.index % 4 == 3:  # the three before it were replaced by newer ones
            keeper.write(score.analyze(picture))
    keeper.close()
    folder = only(tmp_path)
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
    folder = only(tmp_path)
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
        keeper.flush(PATIENCE_S)
        assert keeper.status().withheld == 5 - pictures
        assert keeper.status().whole_screen is whole
        keeper.close()
        content = read_session(only(tmp_path / name))
        assert content.about["pictures"] == pictures
        assert content.about["stored"] == ("whole screen" if whole else "sector")
        assert len(content.table) == 5


def test_a_snapshot_is_the_sector_alone(tmp_path: Path) -> None:
    keeper, _ = begun(tmp_path, 3)
    keeper.snapshot()
    keeper.close()
    (png,) = tmp_path.glob("run_*/snapshots/*.png")
    assert png.name == "frame_000002.png"
    picture = cv2.imread(str(png), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(picture[40:60, 40:60], frame(2).pixels[40:60, 40:60])
    assert picture[:20].max() == 0


def test_names_never_reach_a_session(tmp_path: Path) -> None:
    folder = record(tmp_path, 5)
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"JANE" not in path.read_bytes(), path.name
    assert {read_session(folder).table.record(row)["source"] for row in range(5)} == {"video"}


def test_a_frame_larger_than_all_that_may_wait_waits_for_its_analysis() -> None:
    matcher = FrameMatcher(lambda pixels, time_s: pytest.fail("nothing is stored yet"), whole_screen=True)
    assert not list(matcher.captured(Frame(np.zeros((1, WAITING_BYTES + 1), np.uint8), 0, 0.0, 0.0)))
    assert matcher.newest == 0
