"""A picture of the window after a whole recording was scored, for machines without a display."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from scanmon.core.ports import Recording
from scanmon.core.values import Analysis
from scanmon.runtime.snapshot import Counts, PlaybackState, Snapshot
from scanmon.runtime.trace import RecordingTrace
from scanmon.scoring.best import BestFrames
from scanmon.ui.app import render_png


def portrait(analyses: Sequence[Analysis], recording: Recording, path: Path) -> None:
    """Paint the window at its worst frame, with the best ones, into a PNG file. Raises `SinkError`."""
    best = BestFrames()
    for analysis in analyses:
        best.offer(analysis)
    render_png(worst_moment(analyses, recording), path, best=best.kept)


def worst_moment(analyses: Sequence[Analysis], recording: Recording) -> Snapshot:
    """The recording paused at its lowest quality; at its first frame where nothing was scored."""
    trace = RecordingTrace(recording.times_s)
    for analysis in analyses:
        trace.add(analysis)
    scored = [analysis for analysis in analyses if analysis.reading.scored]
    worst = min(scored or analyses, key=_own_quality)
    times_s = recording.times_s
    return Snapshot(
        state="running",
        scoring="ready",
        info=recording.info,
        frame=worst.frame,
        analysis=worst,
        trace=trace.view(),
        counts=Counts(captured=len(analyses), shown=1, scored=len(scored)),
        provenance=worst.provenance,
        playback=PlaybackState(
            index=worst.frame.index,
            frames=len(times_s),
            time_s=worst.frame.time_s,
            duration_s=float(times_s[-1]),
            playing=False,
            speed=1.0,
        ),
        now_s=time.monotonic(),
    )


def _own_quality(analysis: Analysis) -> float:
    """Of the frame alone: the smoothed quality is lowest some frames later, maybe on a clean picture."""
    reading = analysis.reading
    if reading.quality is not None:
        return reading.quality
    return reading.score if reading.score is not None else 0.0
