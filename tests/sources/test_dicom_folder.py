"""A cine loop that was stored as one DICOM file a picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import SourceError
from scanmon.core.values import Box
from scanmon.sources.dicom_folder import dicom_files_in
from scanmon.sources.dicom_header import since_midnight_s
from scanmon.sources.opening import open_recording
from tests.doubles.recordings import moving_gray, ultrasound_region, write_dicom, write_report


def write_series(folder: Path, names: list[str], **elements: list[object]) -> Path:
    """File number i holds `moving_gray(i)` and the i-th value of each element."""
    folder.mkdir()
    for index, name in enumerate(names):
        values = {element: given[index] for element, given in elements.items() if given[index] is not None}
        write_dicom(folder / name, moving_gray(index)[None], **values)
    return folder


def order(folder: Path) -> list[int]:
    """The numbers of the pictures, in the order of the frames."""
    means = [moving_gray(index).mean() for index in range(20)]
    return [int(np.argmin(np.abs(means - frame.pixels.mean()))) for frame in open_recording(str(folder))]


def test_files_are_frames_in_the_order_of_their_instance_numbers(tmp_path: Path) -> None:
    names = ["c.dcm", "a.dcm", "b.dcm"]
    assert order(write_series(tmp_path / "x", names, InstanceNumber=[30, 2, 11])) == [1, 2, 0]


def test_without_numbers_of_their_own_the_acquisition_time_orders_them_and_gives_the_intervals(tmp_path):
    times = ["235959.900000", "235959.700000", "235959.800000"]
    folder = write_series(
        tmp_path / "x", ["a.dcm", "b.dcm", "c.dcm"], InstanceNumber=[1, 1, 1], AcquisitionTime=times
    )
    assert order(folder) == [1, 2, 0]
    recording = open_recording(str(folder))
    assert recording.times_s == pytest.approx([0.0, 0.1, 0.2])
    assert recording.info.rate_hz == pytest.approx(10.0)


def test_a_loop_over_midnight_goes_on(tmp_path: Path) -> None:
    times = ["235959.950", "000000.050", "000000.150"]
    folder = write_series(tmp_path / "x", ["1", "2", "3"], InstanceNumber=[1, 2, 3], AcquisitionTime=times)
    assert open_recording(str(folder)).times_s == pytest.approx([0.0, 0.1, 0.2])


@pytest.mark.parametrize("times", [["100000", "100000", "100001"], ["100000", "101500", "103000"]])
def test_coarse_times_and_stills_of_an_examination_are_shown_at_25_a_second(tmp_path, times) -> None:
    folder = write_series(tmp_path / "x", ["1", "2", "3"], InstanceNumber=[1, 2, 3], AcquisitionTime=times)
    assert open_recording(str(folder)).times_s == pytest.approx([0.0, 0.04, 0.08])


def test_files_that_state_nothing_come_in_the_order_that_people_count_in(tmp_path: Path) -> None:
    assert order(write_series(tmp_path / "x", ["IM_10", "IM_2", "IM_1"])) == [2, 1, 0]


def test_a_region_counts_where_all_files_agree(tmp_path: Path) -> None:
    same = [[ultrasound_region(5, 5, 90, 80)]] * 2
    other = [[ultrasound_region(5, 5, 90, 80)], [ultrasound_region(6, 5, 90, 80)]]
    agreed = open_recording(str(write_series(tmp_path / "a", ["1", "2"], SequenceOfUltrasoundRegions=same)))
    assert {frame.declared for frame in agreed} == {Box(5, 5, 86, 76)}
    unlike = open_recording(str(write_series(tmp_path / "b", ["1", "2"], SequenceOfUltrasoundRegions=other)))
    assert {frame.declared for frame in unlike} == {None}


def test_reports_and_cine_loops_among_stills_are_passed_over_and_said(tmp_path, caplog) -> None:
    folder = write_series(tmp_path / "x", ["1.dcm", "2.dcm"])
    write_dicom(folder / "3.dcm", np.stack([moving_gray(0), moving_gray(1)]))
    write_report(folder / "4.dcm")
    assert open_recording(str(folder)).info.frames == 2
    assert "1 files without a picture are passed over" in caplog.text
    assert "to be opened one by one: 3.dcm" in caplog.text


def test_a_folder_with_one_cine_loop_and_nothing_else_is_that_loop(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    write_dicom(tmp_path / "x" / "3.dcm", np.stack([moving_gray(0), moving_gray(1)]))
    assert open_recording(str(tmp_path / "x")).info.frames == 2


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "x", ["1.dcm", "2.dcm"])
    (folder / "3.dcm").write_bytes(b"junk" * 100)
    with pytest.raises(SourceError, match=r"3\.dcm"):
        open_recording(str(folder))


def test_a_whole_archive_is_refused_before_it_is_read(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "x", ["1.dcm", "2.dcm", "3.dcm", "4.dcm"])
    with pytest.raises(SourceError, match="more than 3 DICOM files"):
        dicom_files_in(folder, most=3)


def test_pictures_win_over_dicom_files(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "x", ["1.dcm", "2.dcm"])
    cv2.imwrite(str(folder / "preview.png"), moving_gray(7))
    assert order(folder) == [7]


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("101530.25", 36930.25),
        ("10:15:30", 36930.0),
        ("1015", 36900.0),
        ("10", 36000.0),
        ("250000", None),
        ("", None),
        ("noon", None),
        (None, None),
    ],
)
def test_a_dicom_time_is_read_in_each_of_its_forms(stated: object, seconds: float | None) -> None:
    assert since_midnight_s(stated) == seconds
