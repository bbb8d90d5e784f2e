"""Archives and sessions as tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import scanmon
from scanmon.core.schema import SESSION, TABLE
from scanmon.session.reader import read_session
from tests.doubles.recordings import write_images, write_video
from tests.doubles.sessions import record


def test_a_folder_becomes_a_table_that_pandas_takes(tiny_bundle: Path, tmp_path: Path) -> None:
    write_images(tmp_path / "pictures", 3)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    table = pd.DataFrame(scanmon.score(tmp_path, bundle=tiny_bundle, region="full"))
    assert list(table.columns) == [column.name for column in TABLE]
    assert len(table) == 4
    assert table["error"].notna().sum() == 1
    scored = table[table["error"].isna()]
    assert scored["quality"].between(0, 100).all()
    assert set(scored["metric"]) == {"map"}


def test_some_paths_make_one_table_in_their_order(tiny_bundle: Path, tmp_path: Path) -> None:
    video = write_video(tmp_path / "loop.mp4", 5)
    pictures = write_images(tmp_path / "pictures", 2)
    table = scanmon.score([video, pictures / "frame_1.png"], bundle=tiny_bundle, region="full")
    assert table["source"] == [str(video)] * 5 + [str(pictures / "frame_1.png")]
    assert scanmon.score([], bundle=tiny_bundle)["source"] == []


def test_worker_processes_give_the_same_table(tiny_bundle: Path, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pictures", 3)
    one = scanmon.score(folder, bundle=tiny_bundle, region="full")
    two = scanmon.score(folder, bundle=tiny_bundle, region="full", jobs=2)
    assert two["source"] == one["source"]
    assert two["score"] == one["score"]


def test_jobs_that_cannot_be_are_refused(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "pictures", 1)
    with pytest.raises(scanmon.ScanmonError, match="jobs = 0; give 1 or more"):
        scanmon.score(folder, jobs=0)
    with pytest.raises(scanmon.ScanmonError, match="runs in this process"):
        scanmon.score(folder, jobs=2, metric=lambda image: image)
    with pytest.raises(scanmon.ScanmonError, match="no Dask scheduler answers"):
        scanmon.score(folder, cluster="nonsense://")


def test_a_session_is_its_frames_and_its_table(tmp_path: Path) -> None:
    session = scanmon.open_session(record(tmp_path, 8, codec="ffv1"))
    assert session.name.startswith("run_")
    assert len(session) == 8
    assert session.about["complete"]
    assert session.events[0]["kind"] == "start"
    table = pd.DataFrame(session.table())
    assert list(table.columns) == [column.name for column in SESSION]
    rows = [read_session(Path(tmp_path, session.name)).table.record(row) for row in range(8)]
    assert session.table() == {name: [row[name] for row in rows] for name in table.columns}
    readings = list(session.frames())
    assert [reading.quality for reading in readings] == pytest.approx(table["quality"].tolist())
    assert readings[0].heatmap is not None
    assert readings[0].mask is not None
    assert not np.array_equal(readings[0].pixels, readings[1].pixels)


def test_what_is_no_session_is_refused(tmp_path: Path) -> None:
    with pytest.raises(scanmon.ScanmonError, match="is no recorded session"):
        scanmon.open_session(tmp_path)
