"""Regions of interest in the rows of a session and in what is exported of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.roi import MEASURES, Rois, measured
from scanmon.core.values import Box, Region
from scanmon.session.content import RecordedScores
from scanmon.session.export import Material, export
from scanmon.session.reader import read_session
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import analyses, written

ROIS = Rois(Region(Box(30, 30, 20, 18)), Region(Box(60, 30, 20, 18)))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measured from picture 5 on."""
    given = [
        replace(one, roi=measured(one.frame.pixels, ROIS) if one.frame.index >= 5 else None)
        for one in analyses(10)
    ]
    return written(tmp_path_factory.mktemp("sessions"), given, codec="ffv1")


def test_rows_hold_what_was_measured_and_nothing_before_a_region_was_drawn(session: Path) -> None:
    content = read_session(session)
    given = list(analyses(10))
    for name in MEASURES:
        column = content.table.numbers(f"roi_{name}")
        assert np.isnan(column[:5]).all()
        expected = [getattr(measured(one.frame.pixels, ROIS), name) for one in given[5:]]
        np.testing.assert_allclose(column[5:], np.array(expected, float))
    assert content.table.record(5)["roi"] == [30, 30, 20, 18]
    assert content.table.record(4)["roi_background"] is None


def test_a_replay_gives_back_what_was_measured(session: Path) -> None:
    recording = SessionRecording(session)
    scores = RecordedScores(recording.content)
    frames = list(recording.frames_from(4))
    assert scores.analyze(frames[0]).roi is None
    assert scores.analyze(frames[1]).roi == measured(list(analyses(6))[5].frame.pixels, ROIS)
    recording.close()


def test_the_structured_report_holds_the_measures_of_each_picture(session: Path, tmp_path: Path) -> None:
    hd = pytest.importorskip("highdicom", reason="highdicom comes with the extra `dicom`")
    recording = SessionRecording(session)
    export(Material(recording.content, recording), tmp_path / "out.dcm")
    recording.close()
    groups = hd.sr.srread(tmp_path / "out.dcm").content.get_image_measurement_groups()

    def values(number: int) -> dict[str, tuple[float, str]]:
        return {
            one.name.value: (float(one.value), one.unit.value) for one in groups[number].get_measurements()
        }

    assert not any(name.startswith("roi-") for name in values(4))
    expected = measured(list(analyses(6))[5].frame.pixels, ROIS)
    found = values(5)
    assert found["roi-gcnr"] == (pytest.approx(expected.gcnr, abs=1e-5), "1")
    assert found["roi-contrast-db"] == (pytest.approx(expected.contrast_db, abs=1e-5), "dB")
    assert found["roi-axial-px"][1] == "{pixels}"
