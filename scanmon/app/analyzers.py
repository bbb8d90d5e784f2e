"""Settings and what is to be scored -> an analyzer with its engines open."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from scanmon.app.judges import ALONE, BESIDE, FIRST, load_judge
from scanmon.app.sector import new_looker, region_finder
from scanmon.app.settings import Settings
from scanmon.core.ports import FrameAnalyzer, Recording, RegionFinder, SignalPort
from scanmon.core.values import Metric, Provenance
from scanmon.picture.signal import SignalWatch
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import height_of, open_named_bundle
from scanmon.scoring.own import OwnScorer
from scanmon.session.content import BesideRecorded, RecordedScores, SessionContent
from scanmon.sources.session import RecordedRegions, RecordedSignal, SessionRecording


@dataclass(frozen=True, slots=True)
class Plan:
    """How the frames of one source are scored."""

    source: str = ""  # its name in the records
    still: bool = False  # stored pictures: no freeze, no signal to lose, nothing to smooth
    both: bool = False  # where the bundle has both metrics, the other one runs beside the chosen one
    paced: bool = False  # against a clock: nrq takes the windows that there is time for
    region: RegionFinder | None = None  # None: as the settings say
    signal: SignalPort | None = None  # None: as the material asks for
    own: OwnScorer | None = None  # a metric of the caller's own, in place of the bundle's


def open_analyzer(settings: Settings, plan: Plan) -> Analyzer:
    """Loads the engines: takes a second or more. Raises `BundleError`, `EngineError`, `SettingsError`."""
    scoring = settings.scoring
    if plan.own is not None:
        return _own_analyzer(settings, plan, plan.own)
    bundle = open_named_bundle(scoring.bundle)
    metric = bundle.metric(scoring.metric)
    metrics: list[Metric] = [metric]
    metrics += [other for other in bundle.parts if plan.both and other != metric]
    shares = (FIRST if len(metrics) > 1 else ALONE, BESIDE) if plan.paced else (None, None)
    height_px = bundle.height_px(scoring.scale)
    looker = new_looker()  # region and signal share its looks
    region = plan.region or region_finder(scoring.region or bundle.region(metric, still=plan.still), looker)
    judges: list[Judge] = []
    with ExitStack() as opened:
        for place, one in enumerate(metrics):
            own = replace(scoring, organ="auto") if place else scoring
            judges.append(load_judge(bundle, one, own, share=shares[place], beside=place > 0))
            opened.callback(judges[-1].close)
        opened.pop_all()  # nothing failed: the analyzer closes them
    calibration = judges[0].calibration
    provisional = calibration is not None and calibration.provisional
    return Analyzer(
        judges,
        region,
        signal=plan.signal or (None if plan.still else SignalWatch(looker)),
        still=plan.still,
        working_height_px=height_px,
        steadiness=settings.steadiness,
        paced=plan.paced,
        threshold_shift=scoring.threshold_shift,
        provenance=Provenance(
            source=plan.source,
            bundle=f"{bundle.name} {bundle.version}",
            details={
                "bundle_sha256": bundle.sha256,
                "calibration": "provisional" if provisional else "",
            },
        ),
    )


def _own_analyzer(settings: Settings, plan: Plan, own: OwnScorer) -> Analyzer:
    scale = settings.scoring.scale
    looker = new_looker()  # region and signal share its looks
    return Analyzer(
        [own.judge()],
        plan.region or region_finder(settings.scoring.region or "auto", looker),
        signal=plan.signal or (None if plan.still else SignalWatch(looker)),
        still=plan.still,
        working_height_px=height_of(scale, 0),
        steadiness=settings.steadiness,
        threshold_shift=settings.scoring.threshold_shift,
        provenance=Provenance(source=plan.source, bundle=own.name),
    )


def analyzer_of(
    recording: Recording | None, settings: Settings, plan: Plan, *, again: bool = False
) -> FrameAnalyzer:
    """For a recording, or for a live source (None).

    Of a session the scores that it was recorded with; where it is to be scored `again` they come second.
    Raises as `open_analyzer`.
    """
    content = recording.content if isinstance(recording, SessionRecording) else None
    if content is not None and not again:
        return RecordedScores(content)
    if content is not None:
        plan = plan_of_session(content)
    elif recording is not None:
        plan = replace(plan, still=is_still(recording))
    analyzer = open_analyzer(settings, plan)
    return analyzer if content is None else BesideRecorded(analyzer, content)


def plan_of_session(content: SessionContent) -> Plan:
    """Its pictures are scored anew over the regions and signal states of its recording."""
    region, signal = RecordedRegions(content), RecordedSignal(content)
    return Plan(content.name, still=not content.smoothed, region=region, signal=signal)


def is_still(recording: Recording) -> bool:
    """Whether the frames of a recording have nothing to do with each other in time."""
    return recording.info.rate_hz is None
