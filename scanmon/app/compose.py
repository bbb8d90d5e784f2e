"""Composition root: settings -> bundle, engine, scorer, region, signal -> Scoring; source -> Monitor."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from scanmon.app.demo import DemoCine, cine_path
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SettingsError
from scanmon.core.ports import Engine, Recording, RegionFinder, Scorer, SignalPort
from scanmon.core.values import Metric, Provenance, Verdict
from scanmon.inference.choice import open_engine
from scanmon.inference.onnx import threads_beside_a_video
from scanmon.picture.region import parse_region
from scanmon.picture.signal import SignalWatch
from scanmon.runtime.monitor import Monitor, Scoring
from scanmon.runtime.playback import Playback
from scanmon.runtime.snapshot import Trace
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import Bundle, default_bundle, open_bundle
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.heads import parse_head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.organ_file import parse_organ
from scanmon.scoring.schedule import Budget
from scanmon.scoring.severity import MapScorer
from scanmon.session.content import BesideRecorded, RecordedScores, SessionContent
from scanmon.sources.opening import open_live, open_recording, scheme_of
from scanmon.sources.session import RecordedRegions, RecordedSignal, SessionRecording

Material = Literal["still", "moving"]  # stored pictures have no freeze and no signal to lose; the rest does

MAX_WORKING_HEIGHT_PX = 2160
# shares of the time for nrq: as the only metric, with the map second, and beside the map
ALONE, FIRST, BESIDE = 0.85, 0.6, 0.3
DEMO = "demo"  # the name of the demo's recording wherever a SOURCE is asked for


@dataclass(frozen=True, slots=True)
class LoadedScorer:
    """A scorer with the engine that it runs on."""

    judge: Judge
    engine: Engine


def find_bundle(name: str) -> Path:
    """Folder of a bundle: `default`, or a folder. Raises `SettingsError`."""
    if name == "default":
        return default_bundle()
    folder = Path(name)
    if not folder.is_dir():
        raise SettingsError("no such bundle", name, "name a folder with bundle.toml, or default")
    return folder


def open_recorded(source: str) -> Recording:
    """A recording by its path, or the demo. Raises `SourceError`."""
    if source == DEMO:
        return DemoCine(open_recording(str(cine_path())), parse_region("auto"))
    return open_recording(source)


def open_monitor(
    source: str, settings: Settings, *, live: bool | None = None, score_again: bool = False
) -> Monitor:
    """A monitor of any SOURCE, ready to be started; what it scores with is loaded once it runs.

    Recordings play at their own rate and only the newest frame is scored, so that video never waits for a
    score; live sources likewise. `live` None: what the form of `source` says. A recorded session shows the
    scores that it was recorded with; with `score_again` new ones, and the recorded ones as the second trace.
    Raises `SourceError`.
    """
    if live is None:
        live = source != DEMO and scheme_of(source) is not None and not Path(source).exists()
    if live:
        return Monitor(open_live(source), lambda: make_scoring(settings, source, both=True, paced=True))
    recording = open_recorded(source)
    name, material = recording.info.name, material_of(recording)
    if isinstance(recording, SessionRecording):
        content = recording.content
        known = recorded_trace(content, as_second=score_again)
        if not score_again:
            return Monitor(Playback(recording), lambda: recorded_scoring(content), known=known)
        return Monitor(Playback(recording), lambda: scoring_again(settings, content), known=known)
    return Monitor(Playback(recording), lambda: make_scoring(settings, name, material, both=True, paced=True))


def material_of(recording: Recording) -> Material:
    """Whether the frames of a recording belong together in time."""
    return "still" if recording.info.rate_hz is None else "moving"


def scoring_for(
    recording: Recording, settings: Settings, name: str, *, again: bool = False, both: bool = False
) -> Scoring:
    """Scores for a recording: those that a session was recorded with unless it is to be scored `again`.

    `both` as for `make_scoring`; of a session the recorded reading comes second. Raises as `make_scoring`.
    """
    if not isinstance(recording, SessionRecording):
        return make_scoring(settings, name, material_of(recording), both=both)
    if again:
        return scoring_again(settings, recording.content)
    return recorded_scoring(recording.content)


def recorded_trace(content: SessionContent, *, as_second: bool) -> Trace:
    """The trace of a whole session, for the line itself or, `as_second`, to be drawn beside a new one."""
    rows, table = content.pictures, content.table
    words = {word.value: number for number, word in enumerate(Verdict)}
    verdicts = np.array([words.get(word or "", -1) for word in table.texts("verdict")], np.int8)[rows]
    steady = table.numbers("steady")[rows].astype(np.float32)
    none = np.full(len(rows), np.nan, np.float32)
    if as_second:
        return Trace(table.numbers("time_s")[rows], none, none, np.full(len(rows), -1, np.int8), steady)
    quality = table.numbers("quality")[rows].astype(np.float32)
    second = table.numbers("second_steady")[rows].astype(np.float32)
    return Trace(table.numbers("time_s")[rows], quality, steady, verdicts, second)


def recorded_scoring(content: SessionContent) -> Scoring:
    """The scores that a session was recorded with, in place of an engine."""
    scores = RecordedScores(content)
    return Scoring(scores, scores.provenance, lambda: None)


def scoring_again(settings: Settings, content: SessionContent, *, beside: bool = True) -> Scoring:
    """Scores the pictures of a session anew, over the regions and signal states of its recording.

    `beside`: the recorded readings come along as the second ones. Raises as `make_scoring`.
    """
    scoring = make_scoring(
        settings, content.name, region=RecordedRegions(content), signal=RecordedSignal(content)
    )
    if not beside:
        return scoring
    both = BesideRecorded(scoring.analyzer, content)
    return replace(scoring, analyzer=both, whence=lambda: both.provenance(scoring.provenance))


def make_scoring(
    settings: Settings,
    source_name: str,
    material: Material = "moving",
    *,
    both: bool = False,
    paced: bool = False,
    region: RegionFinder | None = None,
    signal: SignalPort | None = None,
) -> Scoring:
    """Everything that turns frames of one source into readings. Loads the engines: takes a second or more.

    `both`: where the bundle has both metrics, the other one runs beside the chosen one. `region`, `signal`:
    instead of those that settings and material ask for. Raises `BundleError`, `EngineError`, `SettingsError`.
    """
    scoring = settings.scoring
    bundle = open_bundle(find_bundle(scoring.bundle))
    metric = choose_metric(scoring, bundle)
    with ExitStack() as opened:
        second = None
        other: Metric = "map" if metric == "nrq" else "nrq"
        two = both and getattr(bundle, other) is not None
        share = (FIRST if two else ALONE) if paced else None
        first = load_scorer(bundle, metric, scoring, share=share)
        opened.callback(first.engine.close)
        if two:
            share = BESIDE if paced else None
            second = load_scorer(bundle, other, replace(scoring, organ="auto"), share=share, beside=True)
            opened.callback(second.engine.close)
        analyzer = Analyzer(
            first.judge,
            region or parse_region(region_option(scoring, bundle, metric, material)),
            signal=signal or (SignalWatch() if material == "moving" else None),
            working_height_px=working_height(scoring.scale, bundle),
            steadiness=settings.steadiness,
            second=second.judge if second else None,
        )

        def whence() -> Provenance:
            made = provenance(bundle, replace(first, judge=analyzer.judge), source_name)
            if second is None:
                return made
            engine = second.engine
            return replace(made, second_backend=engine.backend, second_precision=engine.precision)

        def shift(points: float) -> None:
            moved = replace(scoring, threshold_shift=points)
            parts = getattr(bundle, metric), getattr(bundle, other)
            analyzer.recalibrate(*(_shifted(part.calibration, moved) if part else None for part in parts))

        return Scoring(analyzer, whence, opened.pop_all().close, shift)
    raise AssertionError("unreachable: ExitStack does not swallow errors")


def choose_metric(scoring: ScoringSettings, bundle: Bundle) -> Metric:
    """The metric that makes the number. `auto`: the map where the bundle has one, else nrq.

    Raises `SettingsError` where the bundle lacks the metric that was asked for.
    """
    if scoring.metric == "auto":
        return "map" if bundle.map else "nrq"
    if getattr(bundle, scoring.metric) is None:
        has = "nrq" if bundle.nrq else "map"
        raise SettingsError(f"this bundle has no {scoring.metric}", bundle.folder, f"use --metric {has}")
    return scoring.metric


def load_scorer(
    bundle: Bundle,
    metric: Metric,
    scoring: ScoringSettings,
    engine: Engine | None = None,
    *,
    share: float | None = None,
    beside: bool = False,
) -> LoadedScorer:
    """One metric of a bundle, ready to run, on `engine` where one is open already. The caller closes it.

    `share` of the time that nrq may take against a clock; None: no clock, always every window. `beside`
    another metric nrq takes no more than that for a first view either.
    """
    threads = threads_beside_a_video() if share is not None else 0
    if metric == "map":
        part = bundle.map
        assert part is not None  # choose_metric saw to it
        if scoring.topk_frac is not None:
            part = replace(part, topk_frac=scoring.topk_frac)
        engine = engine or open_engine(bundle, part, scoring.backend, scoring.device, threads)
        calibration = _shifted(part.calibration, scoring)
        return LoadedScorer(Judge(MapScorer(engine, part), calibration), engine)
    nrq = bundle.nrq
    assert nrq is not None  # choose_metric saw to it
    manifolds = Manifolds(
        [parse_organ(bundle.read(name), Path(name).stem, bundle.path(name)) for name in nrq.organs]
    )
    parameters = NrqParameters(
        patch=scoring.patch or nrq.patch,
        stride=scoring.stride or nrq.stride,
        topk_frac=scoring.topk_frac or nrq.topk_frac,
        organ=None if scoring.organ == "auto" else scoring.organ,
        max_patches=scoring.max_patches or 0,
        seed=scoring.seed,
        head=parse_head(nrq.head),
    )
    if parameters.patch != nrq.patch:
        raise SettingsError(
            f"--patch {parameters.patch}: the network of this bundle takes {nrq.patch}", bundle.folder
        )
    if parameters.organ is not None:
        manifolds.index(parameters.organ)  # an unknown organ is refused before the network is loaded
    engine = engine or open_engine(bundle, nrq, scoring.backend, scoring.device, threads)
    budget = None
    if share is not None and scoring.budget != 0:
        budget = Budget(scoring.budget or 0, share, beside=beside)
    scorer: Scorer = NrqScorer(engine, manifolds, parameters, budget)
    return LoadedScorer(Judge(scorer, _shifted(nrq.calibration, scoring)), engine)


def _shifted(calibration: Calibration | None, scoring: ScoringSettings) -> Calibration | None:
    """The calibration of a bundle with the thresholds that the user made stricter or milder."""
    return calibration.shifted(scoring.threshold_shift) if calibration else None


def region_option(scoring: ScoringSettings, bundle: Bundle, metric: Metric, material: Material) -> str:
    """What `--region` means where it was not given: `auto`; the whole picture for the published metric.

    The published metric scores stored pictures whole and at native scale; so does a bundle of that scale.
    """
    if scoring.region is not None:
        return scoring.region
    published = metric == "nrq" and bundle.working_height_px == 0 and material == "still"
    return "full" if published else "auto"


def working_height(scale: str, bundle: Bundle) -> int:
    """Pixels to which the region is brought; 0: as it is. Raises `SettingsError`."""
    if scale == "auto":
        return bundle.working_height_px
    if scale == "native":
        return 0
    if not scale.isdecimal() or not 64 <= int(scale) <= MAX_WORKING_HEIGHT_PX:
        raise SettingsError(
            f"--scale {scale}", remedy=f"use native, auto or a height of 64 to {MAX_WORKING_HEIGHT_PX} px"
        )
    return int(scale)


def provenance(bundle: Bundle, loaded: LoadedScorer, source_name: str) -> Provenance:
    """What a record that is made now says of where its score comes from."""
    calibration = loaded.judge.calibration
    return Provenance(
        source=source_name,
        bundle=f"{bundle.name} {bundle.version}",
        backend=loaded.engine.backend,
        precision=loaded.engine.precision,
        details={
            "bundle_sha256": bundle.sha256,
            "calibration": "provisional" if calibration and calibration.provisional else "",
        },
        thresholds=(calibration.marginal, calibration.adequate) if calibration else None,
    )
