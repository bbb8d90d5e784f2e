"""When a recording begins and ends, and what a slow disk costs it."""

import errno
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis
from scanmon.session.reader import read_session
from scanmon.session.recorder import Recorder
from scanmon.session.store import SessionStore
from scanmon.session.video import Encoder, Packet
from scanmon.sources.session import SessionRecording
from tests.doubles.scenes import PATIENCE_S
from tests.doubles.sessions import analyses, analyzer, frame, frames, give, only, record, recorder, recording


def test_recording_can_begin_in_the_past(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, past_s=2.0, codec="ffv1")
    source = list(analyses(100))
    for analysis in source[:75]:
        give(keeper, analysis)
    keeper.start(past_s=1.0)
    for analysis in source[75:]:
        give(keeper, analysis)
    keeper.stop()
    assert keeper.flush(PATIENCE_S)
    folder = only(tmp_path)
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
    content = read_session(only(tmp_path))
    assert content.table.texts("reason")[0] == "dropped"
    assert content.table.texts("pixels")[0] == "stored"
    assert content.region(0) == content.region(1)
    assert content.region(0) is not None


def test_the_past_in_h264_begins_with_a_picture_that_can_be_decoded(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, past_s=3.0)
    source = list(analyses(80))
    for analysis in source:
        give(keeper, analysis)
    keeper.start(past_s=1.5)
    keeper.close()
    folder = only(tmp_path)
    recording = SessionRecording(folder)
    # keys are every 30 frames: 60 is the first within the last 1.5 s (frames 42 to 79)
    assert recording.content.table.numbers("source_frame").tolist() == list(range(60, 80))
    stored = [picture.pixels[40:60, 40:60].astype(float) for picture in recording]
    wanted = [analysis.frame.pixels[40:60, 40:60] for analysis in source[60:]]
    assert max(float(np.abs(a - b).mean()) for a, b in zip(stored, wanted, strict=True)) < 2
    recording.close()


def test_each_start_gives_a_folder_and_another_size_too(tmp_path: Path) -> None:
    score = analyzer()
    with recording(tmp_path) as keeper:
        give(keeper, score.analyze(frame(0)))
        keeper.stop()
        keeper.start()
        give(keeper, score.analyze(frame(1)))
        give(keeper, score.analyze(frame(2, size=(120, 160))))
    sizes = [
        (about["height"], about["width"], about["pictures"])
        for folder in sorted(tmp_path.iterdir())
        for about in [read_session(folder).about]
    ]
    assert sorted(sizes) == [(91, 121, 1), (91, 121, 1), (120, 160, 1)]


@pytest.mark.parametrize("key", ["scoring", "continues"])
def test_a_part_that_cannot_be_begun_is_let_go_of(tmp_path, monkeypatch, key) -> None:
    """The first write of the next part fails, as on a disk that has just filled up."""
    closed: list[str] = []
    write, leave = SessionStore.set_values, SessionStore.abandon

    def set_values(store: SessionStore, **values: Any) -> None:
        if key in values and len(list(tmp_path.iterdir())) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(store, **values)

    def abandon(store: SessionStore, why: str) -> None:
        closed.append(store.path.name)
        leave(store, why)

    monkeypatch.setattr(SessionStore, "set_values", set_values)
    monkeypatch.setattr(SessionStore, "abandon", abandon)
    score = analyzer()
    with pytest.raises(SinkError, match="No space left"), recording(tmp_path) as keeper:
        give(keeper, score.analyze(frame(0)))
        give(keeper, score.analyze(frame(1, size=(120, 160))))
    assert sorted(closed) == sorted(path.name for path in tmp_path.iterdir())


def test_nothing_is_written_before_start(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    for analysis in analyses(5):
        give(keeper, analysis)
    keeper.close()
    assert list(tmp_path.iterdir()) == []


def test_a_nearly_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, free_bytes=10**18)
    keeper.start()
    keeper.flush(PATIENCE_S)
    assert keeper.status().state == "failed"
    with pytest.raises(SinkError, match="MB are free"):
        keeper.close()
    assert list(tmp_path.iterdir()) == []
    keeper.close()


def test_a_slow_disk_holds_nobody_up_and_costs_pictures_but_no_rows(tmp_path, monkeypatch) -> None:
    disk = threading.Event()
    encode = Encoder.encode

    def slow(self: Encoder, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        disk.wait(PATIENCE_S)
        return encode(self, pixels, time_s)

    monkeypatch.setattr(Encoder, "encode", slow)
    keeper = recorder(tmp_path, wait=False, queue_bytes=10 * 91 * 121)
    keeper.start()
    for analysis in analyses(200):
        give(keeper, analysis)
    lost = keeper.status().not_stored
    assert lost >= 180  # ten wait in the queue, and a few may have been taken before
    disk.set()
    keeper.close()
    content = read_session(only(tmp_path))
    assert len(content.table) == 200
    assert content.table.texts("pixels").count("lost") == lost
    assert np.isfinite(content.table.numbers("score")).all()
    assert content.about["not_stored"] == lost


def test_stored_material_waits_for_a_slow_disk(tmp_path: Path) -> None:
    folder = record(tmp_path, 100, queue_bytes=91 * 121, codec="ffv1")
    assert read_session(folder).about["pictures"] == 100


def stopped_before_its_scores(root: Path) -> tuple[Recorder, list[Analysis]]:
    """Ten pictures were captured, five of them analysed, when the stop is asked for."""
    keeper, source = recorder(root, codec="ffv1"), list(analyses(12))
    keeper.start()
    for analysis in source[:10]:
        keeper.capture(analysis.frame)
    for analysis in source[:5]:
        keeper.write(analysis)
    keeper.stop()
    assert keeper.flush(PATIENCE_S)
    return keeper, source


def test_the_last_pictures_are_kept_once_a_score_has_come_after_them(tmp_path: Path) -> None:
    keeper, source = stopped_before_its_scores(tmp_path)
    assert keeper.status().state == "recording"
    keeper.capture(source[10].frame)
    keeper.write(source[10])  # the engine was slow: of 5 to 9 none was scored
    assert keeper.flush(PATIENCE_S)
    assert keeper.status().state == "idle"
    content = read_session(next(tmp_path.iterdir()))
    assert content.complete
    assert content.table.numbers("source_frame")[content.pictures].tolist() == list(range(11))
    keeper.close()


def test_a_stop_does_not_wait_for_ever_and_a_new_start_not_at_all(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("scanmon.session.recorder.STOP_S", 0.0)
    keeper, source = stopped_before_its_scores(tmp_path / "one")
    assert keeper.flush(PATIENCE_S)
    assert keeper.status().state == "idle"
    keeper.close()
    monkeypatch.setattr("scanmon.session.recorder.STOP_S", 1000.0)
    keeper, source = stopped_before_its_scores(tmp_path / "two")
    keeper.start()
    keeper.write(source[11])
    keeper.close()
    sessions = [read_session(folder) for folder in (tmp_path / "two").iterdir()]
    assert sorted(len(content.pictures) for content in sessions) == [0, 5]
    assert all(content.complete for content in sessions)
