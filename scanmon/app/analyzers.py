"""Settings and what is to be scored -> an analyzer with its engines open."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from scanmon.app.judges import ALONE, BESIDE, FIRST, load_judge
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SettingsError
from scanmon.core.ports import FrameAnalyzer, Recording, RegionFinder, SignalPort
from scanmon.core.values import Metric, Provenance
from scanmon.picture.region import parse_region
from scanmon.picture.signal import SignalWatch
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import Bundle, find_bundle, open_bundle
from scanmon.session.content import BesideRecorded, RecordedScores, SessionContent
from scanmon.sources.session import RecordedRegions, RecordedSignal, SessionRecording

MAX_WORKING_HEIGHT_PX = 2160


@dataclass(frozen=True, slots=True)
class Plan:
    """How the frames of one source are scored."""

    source: str = ""  # its name in the records
    still: bool = False  # stored pictures: no freeze, no signal to lose
    both: bool = False  # where the bundle has both metrics, the other one runs beside the chosen one
    paced: bool = False  # against a clock: nrq takes the windows that there is time for
    region: RegionFinder | None = None  # None: as the settings say
    signal: SignalPort | None = None  # None: as the material asks for


def open_analyzer(settings: Settings, plan: Plan) -> Analyzer:
    """Loads the engines: takes a second or more. Raises `BundleError`, `EngineError`, `SettingsError`."""
    scoring = settings.scoring
    bundle = open_bundle(find_bundle(scoring.bundle))
    metric = choose_metric(scoring, bundle)
    region = plan.region or parse_region(region_option(scoring, bundle, metric, still=plan.still))
    height_px = working_height(scoring.scale, bundle)
    judges = _load_judges(bundle, metric, scoring, plan)
    return Analyzer(
        judges,
        region,
        signal=plan.signal or (None if plan.still else SignalWatch()),
        working_height_px=height_px,
        steadiness=settings.steadiness,
        threshold_shift=scoring.threshold_shift,
        provenance=_provenance(bundle, judges[0], plan.source),
    )


def analyzer_of_recording(
    recording: Recording, settings: Settings, plan: Plan, *, again: bool = False
) -> FrameAnalyzer:
    """For a recording: the scores that a session was recorded with unless it is to be scored `again`.

    The recorded readings then come second. Raises as `open_analyzer`.
    """
    if not isinstance(recording, SessionRecording):
        return open_analyzer(settings, replace(plan, still=is_still(recording)))
    if again:
        return BesideRecorded(analyzer_of_session(recording.content, settings), recording.content)
    return RecordedScores(recording.content)


def analyzer_of_session(content: SessionContent, settings: Settings) -> Analyzer:
    """Scores the pictures of a session anew, over the regions and signal states of its recording."""
    plan = Plan(content.name, region=RecordedRegions(content), signal=RecordedSignal(content))
    return open_analyzer(settings, plan)


def is_still(recording: Recording) -> bool:
    """Whether the frames of a recording have nothing to do with each other in time."""
    return recording.info.rate_hz is None


def choose_metric(scoring: ScoringSettings, bundle: Bundle) -> Metric:
    """The metric that makes the number. `auto`: the map where the bundle has one, else nrq.

    Raises `SettingsError` where the bundle lacks the metric that was asked for.
    """
    if scoring.metric == "auto":
        return "map" if "map" in bundle.parts else "nrq"
    if scoring.metric not in bundle.parts:
        (has,) = bundle.parts
        raise SettingsError(f"this bundle has no {scoring.metric}", bundle.folder, f"use --metric {has}")
    return scoring.metric


def region_option(scoring: ScoringSettings, bundle: Bundle, metric: Metric, *, still: bool) -> str:
    """What `--region` means where it was not given: `auto`; the whole picture for the published metric.

    The published metric scores stored pictures whole and at native scale; so does a bundle of that scale.
    """
    if scoring.region is not None:
        return scoring.region
    return "full" if metric == "nrq" and bundle.working_height_px == 0 and still else "auto"


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


def _load_judges(bundle: Bundle, metric: Metric, scoring: ScoringSettings, plan: Plan) -> list[Judge]:
    other: Metric = "map" if metric == "nrq" else "nrq"
    two = plan.both and other in bundle.parts
    shares = (FIRST if two else ALONE, BESIDE) if plan.paced else (None, None)
    judges: list[Judge] = []
    with ExitStack() as opened:
        for place, one in enumerate((metric, other) if two else (metric,)):
            own = replace(scoring, organ="auto") if place else scoring
            judges.append(load_judge(bundle, one, own, share=shares[place], beside=place > 0))
            opened.callback(judges[-1].close)
        opened.pop_all()  # nothing failed: the analyzer closes them
    return judges


def _provenance(bundle: Bundle, judge: Judge, source: str) -> Provenance:
    provisional = judge.calibration is not None and judge.calibration.provisional
    return Provenance(
        source=source,
        bundle=f"{bundle.name} {bundle.version}",
        details={
            "bundle_sha256": bundle.sha256,
            "calibration": "provisional" if provisional else "",
        },
    )
