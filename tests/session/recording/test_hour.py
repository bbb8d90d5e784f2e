"""An hour of recording, as fast as it can be written: memory must not grow with it, nor nothing be lost."""

import gc
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.values import Analysis, Box, Frame, Reading, Region
from scanmon.lab.bench.pictures import pictures
from scanmon.session.recorder import Options, Recorder
from scanmon.sources.session import SessionRecording
from tests.doubles.sessions import ABOUT, PROVENANCE, give, only

STATM = Path("/proc/self/statm")
RATE_HZ = 30
HOUR = 3600 * RATE_HZ  # frames
TENTH = HOUR // 10
WIDTH, HEIGHT = 320, 240


def resident_mib() -> float:
    """Memory of this process now."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize() / 2**20


def hour() -> Iterator[Analysis]:
    """Frames with a result of both metrics and a heatmap, each another one."""
    stored = pictures(WIDTH, HEIGHT)
    region = Region(Box(0, 0, WIDTH, HEIGHT))
    heatmaps = np.random.default_rng(5).uniform(0, 100, (97, 30, 40)).astype(np.float32)
    for index in range(HOUR):
        time_s = index / RATE_HZ
        frame = Frame(stored[index % len(stored)].copy(), index, time_s, time_s)
        quality = 50 + 40 * float(np.sin(time_s))
        reading = Reading(
            index, time_s, "map", score=quality / 7, quality=quality, steady=quality, region=region.box
        )
        second = Reading(index, time_s, "nrq", score=-quality, quality=quality, steady=quality)
        yield Analysis(frame, region, (reading, second), heatmaps[index % len(heatmaps)], PROVENANCE)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not STATM.exists(), reason="reads the memory of the process from /proc")
def test_an_hour_is_whole_and_takes_no_more_memory_than_its_first_minutes(tmp_path, record_property) -> None:
    keeper = Recorder(tmp_path, ABOUT, Options(past_s=30.0, wait=True, free_bytes=0))
    keeper.start()
    memory = []
    for number, analysis in enumerate(hour(), start=1):
        give(keeper, analysis)
        if number % TENTH == 0:
            assert keeper.flush(3600.0)
            gc.collect()
            memory.append(resident_mib())
    keeper.close()
    memory.append(resident_mib())
    record_property("memory_mib", [*memory, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])
    assert memory[9] - memory[0] < 8, memory

    folder = only(tmp_path)
    session = SessionRecording(folder)
    content = session.content
    assert content.complete
    assert (content.about["not_stored"], content.about["withheld"]) == (0, 0)
    np.testing.assert_array_equal(content.table.numbers("source_frame"), np.arange(HOUR))
    np.testing.assert_array_equal(content.pictures, np.arange(HOUR))
    assert np.isfinite(content.table.numbers("second_quality")).all()
    assert content.heatmap(HOUR - 1) is not None
    last = next(iter(session.frames_from(HOUR - 1)))
    assert last.time_s == pytest.approx((HOUR - 1) / RATE_HZ)
    session.close()
