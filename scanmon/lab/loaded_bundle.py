"""What every command of the laboratory needs: the bundle with its engines, and views of pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import load_judge
from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.ports import Engine
from scanmon.core.values import Metric, View
from scanmon.inference.choice import open_engine
from scanmon.lab.pictures import Regions, Skipped
from scanmon.scoring.analyzer import Judge
from scanmon.scoring.bundle import Bundle, height_of, open_named_bundle
from scanmon.scoring.view import Viewer

METRICS: tuple[Metric, ...] = ("map", "nrq")


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
        self._engine.close()


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """A bundle with some of its metrics loaded."""

    settings: Settings
    bundle: Bundle
    judges: dict[Metric, Judge]
    working_height_px: int
    region: str
    skipped: Skipped = field(default_factory=Skipped)

    def views(self, paths: Sequence[Path], frames_per_file: int) -> Iterator[View]:
        """What a scorer gets to see of every file, each with arrays of its own.

        A file that cannot be read goes to `skipped`.
        """
        regions = Regions(self.region)
        for path in paths:
            try:
                for frame, region in regions.of_stills(path, frames_per_file):
                    yield Viewer(self.working_height_px).view(frame, region)
            except SourceError as error:
                self.skipped.add(str(path), error)

    def with_head(self, head: str) -> Judge:
        """nrq of this bundle with another head, on the same engine and without a calibration.

        Raises `BundleError` for a head that is unknown, or that the organ models do not suffice for.
        """
        assert self.bundle.nrq is not None  # nrq is loaded
        part = replace(self.bundle.nrq, head=head, calibration=None)
        engine = self.judges["nrq"].engine
        return load_judge(replace(self.bundle, nrq=part), "nrq", self.settings.scoring, engine)

    def identity(self, metric: Metric) -> str:
        """What the numbers of a metric depend on."""
        engine = self.judges[metric].engine_name
        scoring = self.settings.scoring
        choice = [scoring.organ, scoring.topk_frac, scoring.stride, scoring.max_patches, scoring.seed]
        return f"{self.bundle.sha256} {engine} {choice}"


@contextmanager
def load_bundle(settings: Settings, metrics: Sequence[Metric] | None = None) -> Iterator[LoadedBundle]:
    """The bundle of the settings with its engines, closed at the end.

    `metrics` None: what `--metric` names, with `auto` every one of the bundle. Raises `ScanmonError`.
    """
    scoring = settings.scoring
    bundle, height_px = open_named_bundle(scoring.bundle), height_of(scoring.scale)
    if metrics is None:
        present = [metric for metric in METRICS if metric in bundle.parts]
        metrics = present if scoring.metric == "auto" else [bundle.metric(scoring.metric)]
    judges: dict[Metric, Judge] = {}
    try:
        for metric in metrics:
            if metric not in bundle.parts:
                raise SettingsError(f"this bundle has no {metric}", bundle.folder, "use another --bundle")
            part = bundle.parts[metric]
            engine = Remembering(open_engine(bundle, part, scoring.backend, scoring.device, strict=True))
            judge = load_judge(bundle, metric, scoring, engine)
            own = judge.calibration.shifted(scoring.threshold_shift) if judge.calibration else None
            judges[metric] = replace(judge, calibration=own)
        yield LoadedBundle(
            settings,
            bundle,
            judges,
            bundle.working_height_px if height_px is None else height_px,
            scoring.region or bundle.region(metrics[0] if metrics else "nrq", still=True),
        )
    finally:
        for one in judges.values():
            one.close()


def with_backend(settings: Settings, backend: str) -> Settings:
    return replace(settings, scoring=replace(settings.scoring, backend=backend))


Counted = Callable[[str, int, int], None]  # what is being done, done, in all
