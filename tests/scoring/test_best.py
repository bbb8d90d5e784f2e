from dataclasses import replace

import cv2
import numpy as np

from scanmon.core.values import Analysis, Box, Frame, Reading, Region, Verdict
from scanmon.scoring.best import BestFrames

PICTURE = np.random.default_rng(0).integers(0, 200, (120, 160), dtype=np.uint8)


def analysis(time_s: float, quality: float, verdict: Verdict = Verdict.ADEQUATE, image=PICTURE) -> Analysis:
    frame = Frame(image, round(time_s * 30), time_s, time_s)
    reading = Reading(frame.index, time_s, "map", score=1.0, quality=quality, steady=quality, verdict=verdict)
    return Analysis(frame, Region(Box(0, 0, 160, 120)), (reading,))


def qualities(best: BestFrames) -> list[float]:
    return [one.quality for one in best.kept]


def test_the_best_come_first_and_only_so_many_are_kept():
    best = BestFrames(count=3, apart_s=1.0)
    for second, quality in enumerate((80, 95, 72, 90, 85)):
        best.offer(analysis(2.0 * second, quality))
    assert qualities(best) == [95, 90, 85]


def test_only_adequate_frames_count():
    best = BestFrames()
    assert not best.offer(analysis(0.0, 99, Verdict.MARGINAL))
    late = analysis(1.0, 99)
    reading = replace(late.reading, coverage=0.5, oldest_s=2.5)  # of pictures that are no longer there
    assert not best.offer(replace(late, readings=(reading,)))
    assert best.kept == ()


def test_frames_close_in_time_compete_for_one_place():
    best = BestFrames(apart_s=2.0)
    for time_s, quality in ((0.0, 80), (0.5, 90), (1.0, 85), (1.5, 88)):
        best.offer(analysis(time_s, quality))
    assert qualities(best) == [90]
    assert best.offer(analysis(4.0, 71))
    assert qualities(best) == [90, 71]


def test_a_frame_blurred_by_motion_is_left_out():
    best = BestFrames(apart_s=0.1)
    best.offer(analysis(0.0, 80))
    blurred = cv2.GaussianBlur(PICTURE, (0, 0), 3.0)
    assert not best.offer(analysis(5.0, 99, image=blurred))
    assert best.offer(analysis(6.0, 85))


def test_stored_pictures_count_each_for_itself_however_near_their_files_stand():
    best = BestFrames(still=True)
    blurred = cv2.GaussianBlur(PICTURE, (0, 0), 3.0)
    for index, (quality, image) in enumerate(((80, PICTURE), (90, blurred), (85, PICTURE))):
        best.offer(analysis(index / 30, quality, image=image))
    best.offer(analysis(0.0, 80))  # seen once more
    assert qualities(best) == [90, 85, 80]


def test_old_frames_leave_when_something_newer_comes():
    best = BestFrames(horizon_s=60.0)
    best.offer(analysis(0.0, 99))
    best.offer(analysis(100.0, 75))
    assert qualities(best) == [75]


def test_the_same_tuple_is_given_until_something_changes():
    best = BestFrames()
    best.offer(analysis(0.0, 80))
    kept = best.kept
    assert not best.offer(analysis(0.5, 70))
    assert best.kept is kept
