"""How steady a score is: from frame to frame of a clip, on the same frame again, with other engines."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import new_looker, region_finder
from scanmon.app.settings import Settings
from scanmon.core.errors import BundleError, EngineError, SettingsError, SourceError
from scanmon.core.ports import RegionFinder
from scanmon.core.values import Frame, Metric, Region
from scanmon.inference.engines import backends
from scanmon.lab.evaluate.figures import Figure
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure
from scanmon.lab.evaluate.plan import CLEAN, Case, Picture, Plan
from scanmon.lab.loaded_bundle import Counted, LoadedBundle, load_bundle, with_backend
from scanmon.picture.signal.watch import SignalWatch
from scanmon.scoring.analyzer import Analyzer
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

AGAIN_EVERY = 25  # every so many frames one is kept and scored again at the end
WINDOW_S = 1.0  # of the running mean that jitter is measured against
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Qualities over a clip, (n,) each: of every scored frame, and smoothed; and the repeated frames."""

    clip: str
    metric: str
    times_s: NDArray[np.float64]
    quality: NDArray[np.float64]
    steady: NDArray[np.float64]
    verdict_changes: int
    suspended: int  # frames without a score
    repeat_difference: float  # largest difference in score when frames were scored again


class Held:
    """A region finder that always gives the region of one earlier analysis."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def find(self, frame: Frame) -> Region:
        return self._region

    def reset(self) -> None:
        """Nothing is remembered but the region."""


MakeAnalyzer = Callable[[RegionFinder | None], Analyzer]  # None: the region is found as the monitor does


def watch(
    clip: str, metric: str, frames: Iterable[Frame], analyzer: MakeAnalyzer, progress: Callable[[int], None]
) -> Series:
    """Score a clip as the monitor would.

    A fresh analyzer scores every 25th frame once more, on its own and in the same region: the difference has
    to be 0.
    `progress` gets the number of frames done.
    """
    live = analyzer(None)
    live.reset()
    found: list[tuple[float, float, float]] = []
    kept: list[tuple[Frame, Region, float]] = []
    verdicts: list[str] = []
    suspended = 0
    for number, frame in enumerate(frames):
        analysis = live.analyze(frame)
        reading = analysis.reading
        if reading.quality is None or reading.steady is None or reading.score is None:
            suspended += 1
        else:
            found.append((reading.time_s, reading.quality, reading.steady))
            verdicts.append(str(reading.verdict))
            if number % AGAIN_EVERY == 0:
                kept.append((frame, analysis.region, reading.score))
        progress(number + 1)
    table = np.asarray(found, np.float64).reshape(-1, 3)
    changes = sum(a != b for a, b in pairwise(verdicts))
    repeat = max((_again(frame, score, analyzer(Held(region))) for frame, region, score in kept), default=0.0)
    return Series(clip, metric, table[:, 0], table[:, 1], table[:, 2], changes, suspended, repeat)


def _again(frame: Frame, score: float, analyzer: Analyzer) -> float:
    analyzer.reset()
    again = analyzer.analyze(frame).reading.score
    return float("inf") if again is None else abs(again - score)


def jitter(times_s: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Root mean square deviation from a centred running mean of one second, in the units of `values`."""
    low = np.searchsorted(times_s, times_s - WINDOW_S / 2, side="left")
    high = np.searchsorted(times_s, times_s + WINDOW_S / 2, side="right")
    around = values - values[0]  # keeps the running sum small, and a constant series exact
    total = np.concatenate([[0.0], np.cumsum(around)])
    mean = (total[high] - total[low]) / (high - low)
    return float(np.sqrt(np.mean((around - mean) ** 2)))


def stability(series: Sequence[Series]) -> Iterator[Figure]:
    """Figures of each clip; the clip stands in the place of the organ.

    A clip with fewer than two scored frames (no B-mode, frozen) says only how many were not scored.
    """
    for one in series:
        count = one.quality.size
        yield Figure(one.metric, "frames_suspended", float(one.suspended), count, organ=one.clip)
        if count < 2:
            continue
        numbers = {
            "jitter_raw": jitter(one.times_s, one.quality),
            "jitter_smoothed": jitter(one.times_s, one.steady),
            "step_raw_p95": float(np.percentile(np.abs(np.diff(one.quality)), 95)),
            "step_smoothed_p95": float(np.percentile(np.abs(np.diff(one.steady)), 95)),
            "verdict_changes": float(one.verdict_changes),
            "same_frame_difference": one.repeat_difference,
        }
        for quantity, value in numbers.items():
            yield Figure(one.metric, quantity, value, count, organ=one.clip)


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


def clip_series(
    loaded: LoadedBundle, clips: Sequence[Path], frames: int, progress: Counted
) -> Iterator[Series]:
    """Every metric on every clip, at most `frames` of each: region and signal state are found on the way."""
    for path in clips:
        for metric in loaded.judges:
            recording = open_recording(str(path))
            with closing(recording):
                total = min(frames, len(recording.times_s))
                yield watch(
                    path.stem,
                    metric,
                    islice(recording, frames),
                    lambda region, metric=metric: _analyzer(loaded, metric, region),  # type: ignore[misc]
                    lambda done, what=f"clip {path.stem}, {metric}", total=total: progress(what, done, total),  # type: ignore[misc]
                )


def _analyzer(loaded: LoadedBundle, metric: Metric, region: RegionFinder | None) -> Analyzer:
    return Analyzer(
        [loaded.judges[metric]],
        region or region_finder(loaded.settings.scoring.region or "auto"),
        signal=None if region else SignalWatch(new_looker()),
        working_height_px=loaded.working_height_px,
        steadiness=loaded.settings.steadiness,
    )


_FAMILIES = 4  # that every picture is degraded by, besides the clean one: scores from good to bad
_SEVERITY = 3


def check_names(against: Sequence[str]) -> None:
    """Raise `SettingsError` for what is neither a back end nor a folder: before hours of work, not behind."""
    known = {name.partition(":")[0] for name in backends()} | {"onnx"}
    for name in against:
        if not Path(name).is_dir() and name.partition(":")[0] not in known:
            raise SettingsError(
                "is no back end and no folder", f"--against {name}", "use one of " + ", ".join(backends())
            )


def other_backends(
    settings: Settings,
    loaded: LoadedBundle,
    plan: Plan,
    pictures: Sequence[Picture],
    against: Sequence[str],
    progress: Counted,
) -> Iterator[Figure]:
    """Every metric of this bundle against the same one on each of `against`.

    A runtime that is not installed, or that this bundle has no network for, is named in the log.
    """
    cases = [Case(CLEAN, 0), *(Case(family, _SEVERITY) for family in plan.families[:_FAMILIES])]
    versions = [plan.version(picture, case)[0] for picture in pictures for case in cases] if against else []
    with ExitStack() as opened:
        for metric, judge in loaded.judges.items():
            reference = ScorerMeasure(metric, "", judge.scorer, judge.calibration)
            others = [
                other
                for name in against
                if (other := _other(opened, settings, loaded, metric, name)) is not None
            ]
            if others:
                yield from agreement(
                    reference,
                    others,
                    versions,
                    working_height_px=loaded.working_height_px,
                    progress=lambda done, m=metric: progress(f"agreement of {m}", done, len(versions)),  # type: ignore[misc]
                )


def _other(
    opened: ExitStack, settings: Settings, loaded: LoadedBundle, metric: Metric, name: str
) -> Measure | None:
    folder = Path(name)
    if folder.is_dir():
        elsewhere = replace(settings, scoring=replace(settings.scoring, bundle=name))
    else:
        elsewhere = with_backend(settings, name)
    try:
        other = opened.enter_context(load_bundle(elsewhere, [metric])).judges[metric]
    except (EngineError, SettingsError, BundleError) as error:
        _log.warning("%s is not compared with %s: %s", metric, name, error)
        return None
    label = str(other.engine_name)
    if folder.is_dir():
        label = f"{folder.name}, {label}"
    return ScorerMeasure(label, "", other.scorer, loaded.judges[metric].calibration)


def agreement(
    reference: Measure,
    others: Sequence[Measure],
    pictures: Iterable[Picture],
    *,
    working_height_px: int,
    progress: Callable[[int], None],
) -> Iterator[Figure]:
    """Largest and mean difference of score and quality to `reference`, and the share of other verdicts.

    The name of the other metric stands in the place of the organ, for instance `map openvino bf16`.
    """
    expected: list[float] = []
    found: list[list[float]] = [[] for _ in others]
    for number, picture in enumerate(pictures):
        view = picture.view(working_height_px)
        expected.append(reference.measure(view, local=False).score)
        for other, scores in zip(others, found, strict=True):
            scores.append(other.measure(view, local=False).score)
        progress(number + 1)
    metric, calibration, count = reference.name, reference.calibration, len(expected)
    for other, scores in zip(others if count else (), found, strict=False):
        apart = max(abs(one - two) for one, two in zip(expected, scores, strict=True))
        yield Figure(metric, "largest_score_difference", apart, count, other.name)
        if calibration:
            pairs = list(
                zip(map(calibration.quality, expected), map(calibration.quality, scores), strict=True)
            )
            changed = sum(calibration.verdict(one) != calibration.verdict(two) for one, two in pairs)
            apart = max(abs(one - two) for one, two in pairs)
            yield Figure(metric, "largest_quality_difference", apart, count, other.name)
            yield Figure(metric, "changed_verdicts", changed / count, count, other.name)
