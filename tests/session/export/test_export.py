"""Exports open in other programs, with the numbers of the session in them."""

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from scanmon.app.sessions import export_session
from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.schema import BOOKMARK, SESSION
from scanmon.session.content import RecordedScores
from scanmon.session.export import ENDINGS, Material, export
from scanmon.session.reader import read_session
from scanmon.session.summary import SHARES, summary
from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import SECTOR, changed, record

FRAMES = 60


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("sessions"), FRAMES, codec="ffv1")


@pytest.fixture
def material(session: Path) -> Iterator[Material]:
    recording = SessionRecording(session)
    yield Material(recording.content, recording)
    recording.close()


def test_tables_have_a_row_for_each_frame_and_every_column(material: Material, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas comes with the test extra")
    for ending in ("csv", "parquet", "jsonl"):
        export(material, tmp_path / f"out.{ending}")
    frame = pandas.read_parquet(tmp_path / "out.parquet")
    assert list(frame.columns) == [column.name for column in (*SESSION, BOOKMARK)]
    np.testing.assert_allclose(frame["time_s"], np.arange(FRAMES) / 25, atol=1e-9)
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["score"]) for row in rows] == frame["score"].tolist()
    again = pandas.read_csv(tmp_path / "out.csv")
    assert list(again.columns) == list(frame.columns)
    np.testing.assert_array_equal(again["quality"], frame["quality"])
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["quality"] for line in lines] == frame["quality"].tolist()


def test_a_film_has_every_picture_with_its_time_and_the_sector_in_it(material, tmp_path) -> None:
    import av

    export(material, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as film:
        pictures = list(film.decode(video=0))
    assert len(pictures) == FRAMES
    assert [round(float(picture.time or 0.0), 3) for picture in pictures] == [n / 25 for n in range(FRAMES)]
    assert (pictures[0].width % 2, pictures[0].height % 2) == (0, 0)
    left = (pictures[0].width - 121) // 2
    shown = pictures[30].to_ndarray(format="gray")
    assert shown[40:60, left + 40 : left + 60].mean() > 30
    assert shown[2:18, : pictures[0].width].max() <= 24  # where the writing was


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_a_film_is_plain_h264_for_every_player(material: Material, tmp_path: Path) -> None:
    export(material, tmp_path / "out.mp4")
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,pix_fmt", "-of", "json"]
    told = subprocess.run(
        [*command, str(tmp_path / "out.mp4")], check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(told)["streams"] == [{"codec_name": "h264", "pix_fmt": "yuv420p"}]


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_the_video_of_a_session_is_whole_for_other_programs(session: Path) -> None:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames"]
    told = subprocess.run(
        [*command, "-of", "json", str(session / "video.mkv")], check=True, capture_output=True, text=True
    )
    assert json.loads(told.stdout)["streams"] == [{"codec_name": "ffv1", "nb_read_frames": str(FRAMES)}]
    assert told.stderr == ""


def test_the_summary_adds_up_and_its_moments_are_apart(material: Material) -> None:
    found = summary(material.content)
    assert sum(found.shares) == pytest.approx(1.0)
    quality = material.content.table.numbers("quality")
    assert found.median_quality == pytest.approx(np.median(quality))
    assert found.best[0] == int(np.argmax(quality))
    assert found.worst[0] == int(np.argmin(quality))
    times_s = material.content.table.numbers("time_s")
    assert all(abs(times_s[a] - times_s[b]) >= 1.0 for a in found.best for b in found.best if a != b)
    words = [word for word in material.content.table.texts("verdict") if word]
    for share, name in zip(found.shares, SHARES, strict=True):
        assert share == pytest.approx(words.count(name) / FRAMES, abs=0.02)
    assert found.shares[-1] == pytest.approx(0.0, abs=0.01)  # every frame was scored


def test_time_in_which_nothing_was_scored_is_a_share_of_its_own(session: Path, tmp_path: Path) -> None:
    """As on a slow machine: one frame in thirty was scored, and nothing is claimed of the others."""
    slow = changed(
        session,
        tmp_path,
        "UPDATE frames SET reason = 'dropped', state = 'suspended', quality = NULL, steady = NULL, "
        "score = NULL, verdict = NULL WHERE frame % 30 != 0",
    )
    found = summary(read_session(slow))
    assert sum(found.shares) == pytest.approx(1.0)
    assert found.shares[SHARES.index("not scored")] > 0.7
    export_session(slow, tmp_path / "out.mp4")


def test_pictures_that_got_a_number_and_no_word_are_a_share_of_their_own(session, tmp_path) -> None:
    no_word = "UPDATE frames SET verdict = NULL WHERE frame >= 30"
    no_score = "UPDATE frames SET score = NULL, quality = NULL WHERE frame >= 45"
    found = summary(read_session(changed(session, tmp_path, no_word, no_score)))
    shares = dict(zip(SHARES, found.shares, strict=True))
    assert (shares["no word"], shares["no score"]) == pytest.approx((0.25, 0.25), abs=0.02)


def test_a_sequence_opens_in_a_reader_of_nrrd_with_its_times(material: Material, tmp_path: Path) -> None:
    nrrd = pytest.importorskip("nrrd", reason="pynrrd comes with the test extra")
    export(material, tmp_path / "out.seq.nrrd")
    data, header = nrrd.read(str(tmp_path / "out.seq.nrrd"))
    assert data.shape == (121, 91, 1, FRAMES)
    assert header["kinds"] == ["domain", "domain", "domain", "list"]
    assert header["labels"] == ["", "", "", "time"]
    assert header["units"] == ["", "", "", "s"]
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_array_equal(header["space directions"][:3], np.eye(3))
    assert header["space directions"][3] is None or np.isnan(header["space directions"][3]).all()
    np.testing.assert_array_equal(header["measurement frame"], np.eye(3))
    np.testing.assert_array_equal(header["space origin"], np.zeros(3))
    assert header["axis 3 index type"] == "numeric"
    assert header["DataNodeClassName"] == "vtkMRMLScalarVolumeNode"
    assert len(header["scanmon quality"].split()) == FRAMES
    times = [float(value) for value in header["axis 3 index values"].split()]
    np.testing.assert_allclose(times, np.arange(FRAMES) / 25, atol=1e-6)
    recording = material.recording
    picture = next(iter(recording.frames_from(17)))
    np.testing.assert_array_equal(data[:, :, 0, 17].T, picture.pixels)
    with closing(open_recording(str(tmp_path / "out.seq.nrrd"))) as again:  # and here, with the same pictures
        np.testing.assert_allclose(again.times_s, material.recording.times_s, atol=1e-6)
        for before, after in zip(material.recording, again, strict=True):
            np.testing.assert_array_equal(before.pixels, after.pixels)


def test_dicom_has_a_quality_for_each_picture_and_opens_again(material: Material, tmp_path: Path) -> None:
    hd = pytest.importorskip("highdicom", reason="highdicom comes with the extra `dicom`")
    import pydicom

    export(material, tmp_path / "out.dcm")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "out.dcm",
        "out_overlay.dcm",
        "out_pictures.dcm",
    ]
    report = hd.sr.srread(tmp_path / "out.dcm")
    pictures = pydicom.dcmread(tmp_path / "out_pictures.dcm")
    groups = report.content.get_image_measurement_groups()
    assert len(groups) == FRAMES == pictures.NumberOfFrames
    quality = material.content.table.numbers("quality")
    for number in (0, 31, FRAMES - 1):
        (value,) = [
            measurement.value
            for measurement in groups[number].get_measurements()
            if measurement.name.value == "111029"
        ]
        assert value == pytest.approx(quality[number], abs=1e-3)
        (source,) = groups[number].source_images
        assert source.referenced_sop_instance_uid == pictures.SOPInstanceUID
        assert source.referenced_frame_numbers == [number + 1]
    stored = pictures.pixel_array
    assert stored.shape == (FRAMES, SECTOR.height, SECTOR.width)
    recording = material.recording
    frame = next(iter(recording.frames_from(9)))
    np.testing.assert_array_equal(stored[9], frame.pixels[SECTOR.rows, SECTOR.columns])
    overlay = pydicom.dcmread(tmp_path / "out_overlay.dcm")
    assert overlay.pixel_array.shape == (SECTOR.height, SECTOR.width, 3)
    for dataset in (report, pictures, overlay):
        assert dataset.PatientName == dataset.PatientID == dataset.PatientBirthDate == ""
    assert report.StudyInstanceUID == pictures.StudyInstanceUID == overlay.StudyInstanceUID


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
def test_dicom_files_pass_dciodvfy(material: Material, tmp_path: Path) -> None:
    pytest.importorskip("highdicom", reason="highdicom comes with the extra `dicom`")
    export(material, tmp_path / "out.dcm")
    for path in tmp_path.iterdir():
        told = subprocess.run(["dciodvfy", str(path)], check=False, capture_output=True, text=True).stderr
        assert [line for line in told.splitlines() if line.startswith("Error")] == [], path.name


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending != ".jsonl"])
def test_a_cancelled_export_leaves_nothing_behind(material: Material, tmp_path: Path, ending: str) -> None:
    def cancel(done: int, everything: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(material, tmp_path / f"out{ending}", cancel)
    assert list(tmp_path.iterdir()) == []


def test_progress_grows_to_the_end(material: Material, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    export(material, tmp_path / "out.mp4", lambda done, everything: seen.append((done, everything)))
    assert seen == [(n, FRAMES) for n in range(1, FRAMES + 1)]


def test_a_session_without_pictures_still_gives_its_table(session: Path, tmp_path: Path) -> None:
    shutil.copytree(session, tmp_path / "run")
    (tmp_path / "run" / "video.mkv").unlink()
    export_session(tmp_path / "run", tmp_path / "out.csv")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == FRAMES + 1
    with pytest.raises(SinkError, match="holds no pictures"):
        export_session(tmp_path / "run", tmp_path / "out.mp4")


def test_an_unknown_ending_names_the_known_ones(material: Material, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.seq\.nrrd"):
        export(material, tmp_path / "out.xyz")


def test_a_folder_that_is_not_there_is_one_line(material: Material, tmp_path: Path) -> None:
    for ending in (".mp4", ".seq.nrrd", ".csv"):
        with pytest.raises(SinkError, match="cannot be written"):
            export(material, tmp_path / "nowhere" / f"out{ending}")


def test_recorded_scores_stand_in_for_an_analyzer(material: Material) -> None:
    recording = material.recording
    scores = RecordedScores(material.content)
    analysis = scores.analyze(next(iter(recording.frames_from(5))))
    assert analysis.reading.quality == material.content.table.record(5)["quality"]
    assert analysis.heatmap is not None
    assert analysis.region.mask is not None
