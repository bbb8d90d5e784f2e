"""Row 5 of an evaluation: cine loops, scored frame by frame as the window scores a live picture."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

from scanmon.app.analyzers import new_looker, region_finder
from scanmon.core.errors import SourceError
from scanmon.core.ports import RegionFinder
from scanmon.core.values import Metric
from scanmon.lab.evaluate.stability import Series, watch
from scanmon.lab.opening import Counted, Study
from scanmon.picture.signal import SignalWatch
from scanmon.scoring.analyzer import Analyzer
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

_log = logging.getLogger(__name__)


def clips_in(paths: Sequence[Path]) -> list[Path]:
    """The cine loops of files and folders. A folder of single pictures is one loop. Raises `SourceError`."""
    return list(chain.from_iterable(_loops(path) for path in paths))


def _loops(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    cines = [file for file in material_in(path) if _frames(file) > 1]
    return cines or [path]


def _frames(path: Path) -> int:
    try:
        recording = open_recording(str(path))
    except SourceError as error:
        _log.warning("%s is passed over: %s", path.name, error.what)
        return 0
    with closing(recording):
        return len(recording.times_s)


def clip_series(study: Study, clips: Sequence[Path], frames: int, progress: Counted) -> Iterator[Series]:
    """Every metric on every clip, at most `frames` of each: region and signal state are found on the way."""
    for path in clips:
        for metric in study.loaded:
            recording = open_recording(str(path))
            with closing(recording):
                total = min(frames, len(recording.times_s))
                yield watch(
                    path.stem,
                    metric,
                    islice(recording, frames),
                    lambda region, metric=metric: _analyzer(study, metric, region),  # type: ignore[misc]
                    lambda done, what=f"clip {path.stem}, {metric}", total=total: progress(what, done, total),  # type: ignore[misc]
                )


def _analyzer(study: Study, metric: Metric, region: RegionFinder | None) -> Analyzer:
    return Analyzer(
        [study.loaded[metric]],
        region or region_finder(study.settings.scoring.region or "auto"),
        signal=None if region else SignalWatch(new_looker()),
        working_height_px=study.working_height_px,
        steadiness=study.settings.steadiness,
    )
