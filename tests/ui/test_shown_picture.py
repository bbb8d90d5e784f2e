import numpy as np

from scanmon.core.values import Analysis, Box, Frame, Reading, Region
from scanmon.ui.monitor.recording_controller import ShownPicture

SIDE = Region(Box(0, 0, 8, 8))
OTHER = Region(Box(2, 0, 6, 8))


def frame(index: int) -> Frame:
    return Frame(np.zeros((8, 10), np.uint8), index, index / 10, captured_s=float(index))


def analysed(picture: Frame, region: Region = SIDE) -> Analysis:
    reading = Reading(picture.index, picture.time_s, "map", worst=Box(0, 0, 4, 4))
    return Analysis(picture, region, (reading,), np.zeros((2, 2), np.float32))


def test_an_older_analysis_is_waited_out():
    old, shown = frame(0), frame(5)
    asked = ShownPicture(shown, analysed(old), 0.0)
    assert asked.analysis(asked.before) is None
    assert asked.analysis(analysed(frame(3))) is None
    right = analysed(shown)
    assert asked.analysis(right) is right


def test_a_skipped_picture_is_kept_without_a_heatmap_that_belongs_to_another():
    asked = ShownPicture(frame(5), analysed(frame(4)), 0.0)
    kept = asked.analysis(analysed(frame(6)))
    assert kept.frame is asked.frame
    assert kept.heatmap is None
    assert kept.reading.worst is None


def test_where_the_region_changed_meanwhile_the_picture_with_a_known_region_is_kept():
    asked = ShownPicture(frame(5), analysed(frame(4)), 0.0)
    after = analysed(frame(6), OTHER)
    assert asked.analysis(after) is after
    assert ShownPicture(frame(5), None, 0.0).analysis(after) is after
