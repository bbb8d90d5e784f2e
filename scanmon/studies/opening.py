"""What every study needs: the files of a data set, the bundle with its engines, views of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.compose import (
    LoadedScorer,
    choose_metric,
    find_bundle,
    load_scorer,
    region_option,
    working_height,
)
from scanmon.core.bundle import Bundle, open_bundle
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.ports import Engine
from scanmon.core.region import parse_region
from scanmon.core.values import Frame, Metric, Region, View
from scanmon.core.view import Viewer
from scanmon.inference.choice import open_engine
from scanmon.settings import Settings
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

METRICS: tuple[Metric, ...] = ("map", "nrq")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of a data set laid out as DATA/<organ>/*."""

    path: Path
    organ: str

    @property
    def name(self) -> str:
        """Organ and file name: unique in a data set without folders below the organs'."""
        return f"{self.organ}/{self.path.name}"


def samples(root: Path, leave_out: Sequence[str] = ()) -> dict[str, list[Sample]]:
    """Files of every organ, sorted; those whose `organ/file` matches a pattern of `leave_out` are not there.

    A folder without folders in it counts as one organ of its own name. Raises `SourceError`.
    """
    if not root.is_dir():
        raise SourceError("is not a folder", root, "name a folder with one folder for each organ")
    folders = sorted(
        folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )
    found: dict[str, list[Sample]] = {}
    for folder in folders or [root]:
        every = [Sample(path, folder.name) for path in material_in(folder)]
        kept = [sample for sample in every if not any(fnmatch(sample.name, pattern) for pattern in leave_out)]
        if kept:
            found[folder.name] = kept
    if not found:
        raise SourceError("every file is left out", root, "give other patterns")
    return found


def stills(path: Path, limit: int) -> Iterator[Frame]:
    """At most `limit` frames of a file, evenly spread: the one of a picture, some of a cine loop."""
    if limit < 1:
        raise SettingsError("no frames of a cine loop", f"{limit}", "give a number above 0")
    recording = open_recording(str(path))
    with closing(recording):
        count = len(recording.times_s)
        taken = min(limit, count)
        for part in range(taken):  # the middle of each of as many equal parts
            yield next(iter(recording.frames_from((2 * part + 1) * count // (2 * taken))))


class Regions:
    """The region of unrelated pictures, one at a time."""

    def __init__(self, option: str) -> None:
        self.option = option
        self._finder = parse_region(option)

    def of(self, frame: Frame) -> Region:
        """The region of `frame`, whatever came before."""
        self._finder.reset()
        return self._finder.find(frame)


class Remembering:
    """An engine that keeps its last answer: several heads ask for the features of the same windows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.backend, self.precision = engine.backend, engine.precision
        self._last: tuple[NDArray[np.uint8], NDArray[np.float32]] | None = None

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As the engine; the same pixels as before are not run again."""
        if self._last is None or not np.array_equal(self._last[0], pixels):
            self._last = (pixels.copy(), self._engine.run(pixels))  # the caller may write to its own again
        return self._last[1].copy()

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


@dataclass(frozen=True, slots=True)
class Study:
    """A bundle with some of its metrics loaded."""

    settings: Settings
    bundle: Bundle
    loaded: dict[Metric, LoadedScorer]
    working_height_px: int
    region: str

    def views(self, paths: Sequence[Path], frames_per_file: int) -> Iterator[View]:
        """What a scorer gets to see of every file, each with arrays of its own."""
        regions = Regions(self.region)
        for path in paths:
            for frame in stills(path, frames_per_file):
                yield Viewer(self.working_height_px).view(frame, regions.of(frame))

    def with_head(self, head: str) -> LoadedScorer:
        """nrq of this bundle with another head, on the same engine and without a calibration.

        Raises `BundleError` for a head that is unknown, or that the organ models do not suffice for.
        """
        assert self.bundle.nrq is not None  # nrq is loaded
        part = replace(self.bundle.nrq, head=head, calibration=None)
        engine = self.loaded["nrq"].engine
        return load_scorer(replace(self.bundle, nrq=part), "nrq", self.settings.scoring, engine)

    def identity(self, metric: Metric) -> str:
        """What the numbers of a metric depend on."""
        engine = self.loaded[metric].engine
        scoring = self.settings.scoring
        choice = [scoring.organ, scoring.topk_frac, scoring.stride, scoring.max_patches, scoring.seed]
        return f"{self.bundle.sha256} {engine.backend} {engine.precision} {choice}"


@contextmanager
def open_study(settings: Settings, metrics: Sequence[Metric] | None = None) -> Iterator[Study]:
    """The bundle of the settings with its engines, closed at the end.

    `metrics` None: what `--metric` names, with `auto` every one of the bundle. Raises `ScanmonError`.
    """
    scoring = settings.scoring
    bundle = open_bundle(find_bundle(scoring.bundle))
    if metrics is None:
        present = [metric for metric in METRICS if getattr(bundle, metric) is not None]
        metrics = present if scoring.metric == "auto" else [choose_metric(scoring, bundle)]
    loaded: dict[Metric, LoadedScorer] = {}
    try:
        for metric in metrics:
            if getattr(bundle, metric) is None:
                raise SettingsError(f"this bundle has no {metric}", bundle.folder, "use another --bundle")
            part = getattr(bundle, metric)
            engine = Remembering(open_engine(bundle, part, scoring.backend, scoring.device))
            loaded[metric] = load_scorer(bundle, metric, scoring, engine)
        yield Study(
            settings,
            bundle,
            loaded,
            working_height(scoring.scale, bundle),
            region_option(scoring, bundle, metrics[0] if metrics else "nrq", "still"),
        )
    finally:
        for one in loaded.values():
            one.engine.close()


def with_backend(settings: Settings, backend: str) -> Settings:
    """The same settings on another runtime."""
    return replace(settings, scoring=replace(settings.scoring, backend=backend))


Counted = Callable[[str, int, int], None]  # what is being done, done, in all
