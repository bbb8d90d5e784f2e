"""Once under way, no stage of a frame makes another array of the size of a picture.

The picture itself is new with every frame: sinks and window keep it for as long as they like. The state of
the signal looks at the content every 0.15 s and makes what it needs for that; the frames here lie closer.
"""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from scanmon.app.analyzers import ALONE, load_judge, new_looker, region_finder
from scanmon.app.settings import ScoringSettings
from scanmon.core.values import Frame, GrayImage
from scanmon.lab.bench.pictures import pictures
from scanmon.picture.signal.watch import SignalWatch
from scanmon.runtime.mailbox import Mailbox
from scanmon.runtime.snapshot import Trace
from scanmon.runtime.trace import LiveTrace
from scanmon.scoring.analyzer import Analyzer
from scanmon.scoring.bundle import open_bundle

WIDTH, HEIGHT = 1280, 720
SMALL = 100_000  # bytes; the picture has 921,600, the view 284,400, all windows of this bundle 946,176
FEATURES = 500_000  # of which features and likelihoods of all windows in float64 take up to 340,000
STEP_S = 0.001


class Highest:
    """The most that was allocated at once, over what was there before."""

    bytes_over = 0


@contextmanager
def allocating() -> Iterator[Highest]:
    found = Highest()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    yield found
    found.bytes_over = tracemalloc.get_traced_memory()[1] - before


@pytest.fixture(scope="module")
def stored() -> list[GrayImage]:
    return pictures(WIDTH, HEIGHT)


@pytest.fixture()
def traced(stored: list[GrayImage]) -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("region", ["auto", "full"])
@pytest.mark.parametrize(
    ("metric", "budget", "limit"),
    [("map", None, SMALL), ("nrq", 0, FEATURES), ("nrq", 150, FEATURES)],
    ids=["map", "nrq", "nrq in a budget"],
)
def test_scoring_a_frame_allocates_nothing_of_the_size_of_a_picture(
    metric, budget, limit, region, tiny_bundle: Path, stored, traced
) -> None:
    bundle = open_bundle(tiny_bundle)
    loaded = load_judge(bundle, metric, ScoringSettings(budget=budget), share=ALONE if budget else None)
    analyzer = Analyzer(
        [loaded], region_finder(region), signal=SignalWatch(new_looker()), working_height_px=400
    )
    peaks = []
    for index in range(60):
        frame = Frame(stored[index % len(stored)], index, index * STEP_S, index * STEP_S)
        with allocating() as found:
            analysis = analyzer.analyze(frame)
        assert analysis.reading.scored
        peaks.append(found.bytes_over)
    loaded.close()
    assert max(peaks) > limit  # the first frames make the buffers: the measurement sees arrays
    assert max(peaks[30:]) < limit


def test_the_way_of_a_frame_to_the_window_copies_no_picture(stored, traced) -> None:
    mailbox: Mailbox[Frame] = Mailbox("newest")
    trace = LiveTrace()
    views: list[Trace] = []
    with allocating() as found:
        for index in range(30):
            mailbox.put(Frame(stored[index % len(stored)], index, index / 30, index / 30))
            taken = mailbox.get()
            assert taken is not None and np.shares_memory(taken.pixels, stored[index % len(stored)])
            views.append(trace.view())
    assert found.bytes_over < SMALL
