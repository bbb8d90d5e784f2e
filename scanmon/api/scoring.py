"""Pictures, cine loops, archives and recorded sessions in; readings and tables out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeAlias, TypedDict, Unpack

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import is_still
from scanmon.app.archive import Analyzers, files_in, score_on
from scanmon.app.sessions import open_recorded_scores
from scanmon.app.settings import Settings, load_settings, with_options
from scanmon.core import records, values
from scanmon.core.documents import checked
from scanmon.core.errors import SettingsError
from scanmon.core.ports import Recording
from scanmon.core.schema import SESSION, TABLE
from scanmon.core.text import label
from scanmon.core.values import Analysis, GrayImage, Mask
from scanmon.runtime.workers import open_workers
from scanmon.scoring.analyzer import Analyzer
from scanmon.scoring.overlay import with_heat
from scanmon.scoring.own import OwnScorer
from scanmon.session.content import RecordedScores, SessionContent
from scanmon.session.journal import lines_of
from scanmon.sources.arrays import open_array
from scanmon.sources.opening import open_recording
from scanmon.sources.session import SessionRecording

Place: TypeAlias = str | os.PathLike[str]
OwnMetric: TypeAlias = Callable[[GrayImage], NDArray[Any]]
"""(h, w) gray picture of the region, black outside the sector -> (gh, gw) local quality, 0 to 100."""


Table: TypeAlias = dict[str, list[Any]]
RATE_HZ = 30.0  # of an array


class BundleOptions(TypedDict, total=False):
    """The settings of `docs/settings.md`, table `[scoring]`, and `config`: a settings file beneath them.

    `metric` may also be a function of your own.
    """

    metric: str | OwnMetric
    organ: str
    region: str
    scale: str
    backend: str
    device: str
    budget: int
    threshold_shift: float
    topk_frac: float
    patch: int
    stride: int
    max_patches: int
    seed: int
    config: Place


class Options(BundleOptions, total=False):
    """The same where the bundle is an option too."""

    bundle: Place


def settings_of(options: Options) -> tuple[Settings, OwnScorer | None]:
    """Checked settings, and the scorer where the metric is the caller's own.

    Raises `SettingsError` that names the argument and what is allowed.
    """
    given: dict[str, Any] = {**options}
    config = given.pop("config", None)
    own = None
    if callable(given.get("metric")):
        own = OwnScorer(given.pop("metric"), given.get("topk_frac"))
    if isinstance(given.get("bundle"), os.PathLike):
        given["bundle"] = os.fspath(given["bundle"])
    scoring = checked(Settings, {"scoring": given}, "the arguments").scoring
    settings = load_settings(None if config is None else Path(config))
    return with_options(settings, {name: getattr(scoring, name) for name in given}), own


def text_of(source: object) -> str:
    """A path or URI. Raises `SettingsError` for anything else."""
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    raise SettingsError(
        f"{type(source).__name__} is no source", remedy="give a path, a URI or an array of numpy"
    )


@dataclass(frozen=True, slots=True)
class Reading(values.Reading):
    """What scanmon says of one picture. Boxes are in pixels of that picture.

    `quality` is None while `reason` says why there is no score, and for a bundle that is not calibrated.
    """

    _analysis: Analysis = field(kw_only=True, repr=False, compare=False)

    @property
    def pixels(self) -> GrayImage:
        """(H, W) uint8, read-only: the whole picture, as it was scored."""
        return self._analysis.frame.pixels

    @property
    def mask(self) -> Mask | None:
        """(region.height, region.width), True inside the sector; None: the whole region."""
        return self._analysis.region.mask

    @property
    def heatmap(self) -> NDArray[np.float32] | None:
        """(gh, gw) local quality 0..100 on a coarse grid over `region`, read-only; None without a score."""
        return self._analysis.heatmap

    def picture(self, heat: float = 0.8) -> NDArray[np.uint8]:
        """(h, w, 3) red, green, blue: the region, tinted where it is poor, its worst place framed.

        `heat` is the strength of the tint, 0 to 1.
        """
        return np.ascontiguousarray(with_heat(self._analysis, heat)[..., ::-1])

    def row(self) -> records.Row:
        """The columns of `docs/formats.md`, as a JSON line has them."""
        return records.row(self._analysis)

    def _repr_png_(self) -> bytes:
        """For a notebook."""
        return cv2.imencode(".png", with_heat(self._analysis, 0.8))[1].tobytes()


def reading_of(analysis: Analysis) -> Reading:
    known = {entry.name: getattr(analysis.reading, entry.name) for entry in fields(values.Reading)}
    return Reading(**known, _analysis=analysis)


def open_bundle(bundle: Place = "default", **options: Unpack[BundleOptions]) -> OpenBundle:
    """Load a bundle by its folder; `default` is the one that comes with scanmon. Takes about a second.

    `options` are those of the commands. Raises `ScanmonError`.
    """
    return OpenBundle(Analyzers(*settings_of(Options(**options, bundle=bundle))))


class OpenBundle:
    """Made by `open_bundle`. For one thread at a time; close it, or use it in a `with` statement."""

    def __init__(self, analyzers: Analyzers) -> None:
        self._analyzers = analyzers
        self._closed = False
        self._cine: object = None  # the loop that is being scored

    def score(self, picture: NDArray[Any] | Place) -> Reading:
        """One picture: a file, or an array (H, W) gray or (H, W, 3) red, green, blue; 8 or 16 bit or float.

        Raises `ScanmonError` for what cannot be read, and for a cine loop.
        """
        with closing(_opened(picture, None)) as recording:
            count = len(recording.times_s)
            if count != 1:
                raise SettingsError(f"holds {count} frames", recording.info.name, "use score_cine")
            frame = next(iter(recording))
        return reading_of(self._analyzer(still=True).analyze(frame))

    def score_cine(self, cine: NDArray[Any] | Place, *, rate_hz: float = RATE_HZ) -> Iterator[Reading]:
        """Each frame in turn, when it is asked for: a file, a folder, a session, or an array (T, H, W).

        `rate_hz` is that of an array; a file has its own. Quality is smoothed over time as in the window, but
        for a folder of pictures. One loop at a time: another call ends this one with `SettingsError`.
        """
        recording = _opened(cine, rate_hz)
        return self._readings(recording)

    def close(self) -> None:
        """Let go of the engines. More calls do nothing."""
        self._closed = True
        self._analyzers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _analyzer(self, *, still: bool) -> Analyzer:
        if self._closed:
            raise SettingsError("this bundle is closed", remedy="open it again")
        return self._analyzers.get(still=still)

    def _readings(self, recording: Recording) -> Iterator[Reading]:
        with closing(recording):
            mine = self._cine = object()
            analyzer = self._analyzer(still=is_still(recording))
            for frame in recording:
                if self._cine is not mine:
                    name = recording.info.name
                    raise SettingsError("another loop was begun", name, "finish one, or open two bundles")
                yield reading_of(analyzer.analyze(frame))


def _opened(material: NDArray[Any] | Place, rate_hz: float | None) -> Recording:
    if isinstance(material, np.ndarray):
        return open_array(material, rate_hz=rate_hz)
    return open_recording(text_of(material))


def score(
    paths: Place | Iterable[Place], *, jobs: int = 1, cluster: str | None = None, **options: Unpack[Options]
) -> Table:
    """Score every picture and frame of files and folders: columns that pandas, polars and pyarrow take.

        pandas.DataFrame(scanmon.score("archive"))

    The columns are those of `docs/formats.md`; in `error` stands why a file could not be read. With `jobs`
    above 1 files are scored in processes of their own, with `cluster` on a Dask scheduler
    (`tcp://host:port`). Raises `ScanmonError` where nothing can be scored at all.
    """
    settings, own = settings_of(options)
    given = [paths] if isinstance(paths, str) or not isinstance(paths, Iterable) else paths
    files = files_in([Path(text_of(path)) for path in given], [])
    if jobs < 1:
        raise SettingsError(f"jobs = {jobs}", remedy="give 1 or more")
    workers = open_workers(jobs, cluster)
    if workers is None:
        with closing(Analyzers(settings, own)) as analyzers:
            return _columns(row for file in files for row in analyzers.results(file, label(file)))
    with closing(workers):
        if own is not None:
            raise SettingsError("a metric of your own runs in this process", own.name, "leave out jobs")
        scored = {file: scores.data for file, scores in score_on(workers, settings, files)}
    return _columns(row for file in files for row in lines_of(scored[file]))


def _columns(rows: Iterator[records.Row]) -> Table:
    table: Table = {column.name: [] for column in TABLE}
    for row in rows:
        found = records.flat(row)
        for name, column in table.items():
            column.append(found.get(name))
    return table


def open_session(folder: Place) -> Session:
    """A recorded session, ended or still being recorded. Raises `ScanmonError`."""
    path = Path(text_of(folder))
    return Session(path, open_recorded_scores(path))


class Session:
    """Made by `open_session`. It holds no file open between two calls."""

    def __init__(self, folder: Path, content: SessionContent) -> None:
        self._folder = folder
        self._content = content

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self._content.name

    @property
    def about(self) -> dict[str, Any]:
        """What was recorded with which software, bundle, settings and region."""
        return dict(self._content.about)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Start, freeze, signal lost, bookmarks and so on: `kind`, `time_s`, `frame` and more."""
        return [dict(event) for event in self._content.events]

    def __len__(self) -> int:
        """Captured frames: the rows of `table`."""
        return len(self._content.table)

    def table(self) -> dict[str, list[Any]]:
        """A row for each captured frame, in columns that pandas takes; None where nothing is known."""
        return {column.name: self._content.table.values(column.name) for column in SESSION}

    def frames(self) -> Iterator[Reading]:
        """Each stored picture with what was recorded of it. Raises `ScanmonError` where none was stored."""
        with closing(SessionRecording(self._folder)) as recording:
            scores = RecordedScores(recording.content)
            for frame in recording:
                yield reading_of(scores.analyze(frame))
